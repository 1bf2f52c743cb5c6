/** One tab, and beside it whoever else is on the channel: a peer that says what the test tells it to say. */
import { memoryChannel } from '../../../adapters/channel/memory';
import { createNames } from '../../../adapters/host/names';
import { keyOf } from '../../../machines/key';
import { type JwtOptions, jwt } from '../../support/jwt';
import { createTab, type TabOptions } from '../../support/tab';

export const start = Date.UTC(2026, 0, 1) / 1_000;

type Said = { readonly at: number; readonly is: string; readonly [field: string]: unknown };

/** A token that some tab minted `atSeconds` after the start; 60 s long. */
export const peerJwt = (atSeconds: number, more: Partial<JwtOptions> = {}): string =>
  jwt({ iat: start + atSeconds, exp: start + atSeconds + 60, ...more });

export function createPeered(options: TabOptions = {}) {
  const channel = memoryChannel();
  const tab = createTab({ channel, namespace: 'app', ...options });
  const names = createNames('app');
  const said: Said[] = [];
  channel.subscribe((message) => {
    const { from, ...rest } = message as { from: string; is: string };
    if (from !== 'peer') said.push({ at: tab.elapsed(), ...rest });
  });
  const keyName = (template?: string): string =>
    names.token(keyOf({ id: 'sess_1' }, template === undefined ? {} : { template }));
  return {
    ...tab,
    channel,
    names,
    keyName,
    /** What the tab said, and when. */
    said,
    /** A message as it is, from nobody in particular. */
    post: (message: unknown): Promise<void> => {
      channel.post(message);
      return tab.clock.settle();
    },
    /** A token message in good order; `fields` change it. */
    send: (token: string, fields: Readonly<Record<string, unknown>> = {}): Promise<void> => {
      channel.post({ v: 1, from: 'peer', is: 'token', key: keyName(), epoch: 0, token, ...fields });
      return tab.clock.settle();
    },
  };
}

export type Peered = ReturnType<typeof createPeered>;
