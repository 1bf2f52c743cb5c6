/**
 * Viewers of one origin tell each other what they hear, so that each shows all tabs. A viewer that comes later is told what
 * was there before.
 */
import { isRecord } from '../protocol';
import type { Received } from '../trace/types';

const channelName = 'token-lifecycle.viewer';

export type Neighbours = {
  /** Something was heard first-hand. */
  share(batch: readonly Received[]): void;
};

const isBatch = (value: unknown): value is readonly Received[] =>
  Array.isArray(value) && value.every((one) => isRecord(one) && typeof one.source === 'string' && 'data' in one);

/** What this viewer calls a source ("This tab") is not what the others call it. */
const unnamed = (batch: readonly Received[]): readonly Received[] =>
  batch.map(({ source, data }) => ({ source, data }));

/**
 * @param name unique to this page
 * @param own what this viewer has heard first-hand so far
 * @param hear what another viewer has heard
 */
export function joinNeighbours(
  name: string,
  own: () => readonly Received[],
  hear: (batch: readonly Received[]) => void,
): Neighbours {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(channelName);
  } catch {
    // A sandboxed frame, or a browser without channels: each viewer for itself.
    return { share: () => {} };
  }
  const tell = (batch: readonly Received[], to?: unknown): void => {
    if (batch.length > 0)
      channel.postMessage({ is: 'heard', batch: unnamed(batch), ...(to === undefined ? {} : { to }) });
  };
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isRecord(data)) return;
    if (data.is === 'hello') tell(own(), data.from);
    const forMe = data.to === undefined || data.to === name;
    if (data.is === 'heard' && forMe && isBatch(data.batch)) hear(data.batch);
  });
  channel.postMessage({ is: 'hello', from: name });
  return { share: (batch) => tell(batch) };
}
