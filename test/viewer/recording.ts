/** What a viewer receives, made by real actors and the library's own inspector. */
import { createInspector } from '@statelyai/inspect';
import type { InspectionEvent, Observer } from 'xstate';
import type { Received } from '../../docs/viewer/trace/types';

export type Recording = {
  readonly inspect: Observer<InspectionEvent>;
  readonly received: Received[];
};

/** Records what is sent from one page. As JSON, since that is how it travels. */
export function createRecording(source: string): Recording {
  const received: Received[] = [];
  const { inspect } = createInspector({
    send: (event) => received.push({ source, data: JSON.parse(JSON.stringify(event)) }),
  });
  return { inspect, received };
}

/** The library waits until the page is idle: in Node, for the next turn. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setTimeout(done));
};
