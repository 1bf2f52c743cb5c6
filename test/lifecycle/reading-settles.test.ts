/** Every read settles, with one of three kinds of result (R4.7 to R4.10, R4.15, L1). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryPresence } from '../../adapters/presence/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { TokenLifecycleError } from '../../machines/errors';
import { createTab, type Tab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const status = (code: number, more: Partial<Extract<Behaviour, { do: 'status' }>> = {}): Behaviour => ({
  do: 'status',
  status: code,
  ...more,
});
const never = () => new Promise<never>(() => {});

type World = {
  readonly options?: TabOptions;
  readonly behaviour?: Behaviour;
  readonly arrange?: (tab: Tab) => void;
};

const worlds: [title: string, world: World][] = [
  ['R4.15 all is well', {}],
  ['R4.15 503', { behaviour: status(503) }],
  ['R4.15 404', { behaviour: status(404) }],
  ['R4.15 401, active', { behaviour: status(401) }],
  ['R4.15 401, gone', { behaviour: status(401), arrange: (tab) => tab.server.checkAnswers('gone') }],
  ['R4.15 401, unknown', { behaviour: status(401), arrange: (tab) => tab.server.checkAnswers('unknown') }],
  ['R4.15 401, and the question hangs', { behaviour: status(401), options: { source: { checkSession: never } } }],
  ['R4.15 422', { behaviour: status(422, { code: 'missing_expired_token' }) }],
  ['R4.15 429 with 2 min', { behaviour: status(429, { retryAfterMs: 120_000 }) }],
  ['R4.15 no answer', { behaviour: { do: 'drop' } }],
  ['R4.15 a mint that hangs', { behaviour: { do: 'hang' } }],
  ['R4.15 empty tokens', { behaviour: { do: 'answer', result: { token: '' } } }],
  ['R4.15 expired tokens', { behaviour: { do: 'mint', ageSeconds: 600 } }],
  ['R4.15 offline', { arrange: (tab) => tab.connectivity.set(false) }],
  ['R4.15 a store that hangs', { options: { store: { ...memoryStore(), read: never, update: never } } }],
  ['R4.15 a cache that hangs', { options: { cache: { ...memoryCache(), get: never, set: never } } }],
  [
    'R4.15 a source that throws at once',
    {
      options: {
        source: {
          mint: () => {
            throw new Error('boom');
          },
        },
      },
    },
  ],
  ['R4.15 a source that ignores its signal', { options: { source: { mint: never } } }],
  [
    'R4.15 a lost rotating credential',
    {
      behaviour: { do: 'drop' },
      options: { source: { credential: 'rotating' } },
    },
  ],
];

describe('every read settles', () => {
  it.each(worlds)('%s', async (_, { options = {}, behaviour, arrange }) => {
    const presence = memoryPresence({ visibility: 'unknown', focus: 'unknown' });
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), presence, ...options });
    if (behaviour) tab.server.respondWith(behaviour);
    arrange?.(tab);
    const reads: ReturnType<typeof tab.watch>[] = [];
    const read = (): void => {
      reads.push(
        ...[tab.tokens.getToken(), tab.tokens.refresh(), tab.tokens.getToken({ template: 'api' })].map(tab.watch),
      );
    };
    read();
    tab.tokens.start();
    for (let at = 0; at < 180_000; at += 11_000) {
      read();
      await tab.clock.advance(11_000);
    }
    await tab.clock.advance(1_200_000);
    for (const { at, token, error } of reads) {
      expect(at).toBeDefined();
      if (error !== undefined) expect(TokenLifecycleError.is(error)).toBe(true);
      else expect(token === null || (typeof token === 'string' && token !== '')).toBe(true);
      // R4.7: null if and only if signed out.
      if (token === null) expect(tab.of('session.signedOut').length).toBe(1);
    }
  });
});

describe('a wrong wall clock', () => {
  it('R4.10 `peek` at `exp`: a timer covers what the wall clock gets wrong', async () => {
    const tab = createTab({ presence: memoryPresence({ visibility: 'unknown', focus: 'unknown' }) });
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503, retryAfterMs: 600_000 });
    await tab.clock.advance(50_000 - 100);
    tab.clock.skew(-3_600_000);
    await tab.clock.advance(9_999);
    expect(typeof tab.tokens.peek()).toBe('string');
    await tab.clock.advance(1);
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.tokens.getState().serving).toBe(false);
  });
});
