/** L4: after stop() nothing is left, and start() goes on. */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryConnectivity } from '../../adapters/connectivity/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryPresence } from '../../adapters/presence/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createTab, type Tab, type TabOptions } from '../support/tab';

/** Counts what is subscribed, and keeps what `dispose` was asked of. */
function counting() {
  const counts = { connectivity: 0, presence: 0 };
  const disposed: string[] = [];
  const count = <Listener>(kind: 'connectivity' | 'presence', subscribe: (listener: Listener) => () => void) => {
    return (listener: Listener) => {
      counts[kind] += 1;
      const leave = subscribe(listener);
      let left = false;
      return () => {
        if (!left) counts[kind] -= 1;
        left = true;
        leave();
      };
    };
  };
  const connectivity = memoryConnectivity();
  const presence = memoryPresence();
  const dispose = (name: string) => ({ dispose: () => void disposed.push(name) });
  const options = {
    connectivity: {
      ...connectivity,
      subscribe: count('connectivity', connectivity.subscribe),
      ...dispose('connectivity'),
    },
    presence: { ...presence, subscribe: count('presence', presence.subscribe), ...dispose('presence') },
    cache: { ...memoryCache(), ...dispose('cache') },
    store: { ...memoryStore(), ...dispose('store') },
    cookie: { ...memoryCookie(), ...dispose('cookie') },
  };
  return { counts, disposed, options, presence, connectivity };
}

/** What the lifecycle may be doing when it is stopped. */
const moments: readonly [string, TabOptions, (tab: Tab) => Promise<unknown>][] = [
  ['before it started', {}, async () => {}],
  [
    'while a store hangs at start',
    { store: { ...memoryStore(), read: () => new Promise(() => {}) } },
    async (tab) => {
      tab.tokens.start();
      await tab.clock.advance(500);
    },
  ],
  [
    'while nothing can be read',
    {
      session: undefined,
      cache: {
        ...memoryCache(),
        get: () => {
          throw new Error('locked');
        },
      },
    } as unknown as TabOptions,
    async (tab) => {
      tab.tokens.start();
      await tab.clock.advance(60_000);
    },
  ],
  ['fresh', {}, (tab) => tab.startFresh()],
  [
    'minting',
    {},
    async (tab) => {
      tab.server.respondWith({ do: 'hang' });
      tab.tokens.start();
      await tab.clock.advance(1_000);
    },
  ],
  [
    'before the floor',
    {},
    async (tab) => {
      await tab.startFresh();
      void tab.tokens.refresh().catch(() => {});
    },
  ],
  [
    'offline',
    {},
    async (tab) => {
      tab.connectivity.set(false);
      tab.tokens.start();
      await tab.clock.advance(60_000);
    },
  ],
  [
    'backing off',
    {},
    async (tab) => {
      tab.server.respondWith({ do: 'status', status: 503 });
      tab.tokens.start();
      await tab.clock.advance(10_000);
    },
  ],
  [
    'asking about the session',
    { source: { checkSession: () => new Promise(() => {}) } },
    async (tab) => {
      tab.server.respondWith({ do: 'status', status: 401 });
      tab.tokens.start();
      await tab.clock.advance(1_000);
    },
  ],
  [
    'with a cache write pending',
    { cache: { ...memoryCache(), set: () => new Promise(() => {}) } },
    (tab) => tab.startFresh(),
  ],
  [
    'signed out, the server not yet told',
    { source: { revoke: () => new Promise(() => {}) } },
    async (tab) => {
      await tab.startFresh();
      await tab.tokens.signOut();
    },
  ],
  [
    'with several keys',
    {},
    async (tab) => {
      await tab.startFresh();
      for (const template of ['a', 'b']) void tab.tokens.getToken({ template }).catch(() => {});
      await tab.clock.advance(50);
    },
  ],
];

describe('Stopping', () => {
  for (const [when, options, bring] of moments) {
    it(`L4 ${when}: no timer, no listener, no request is left`, async () => {
      const { counts, disposed, options: adapters } = counting();
      const tab = createTab({ ...adapters, ...options } as TabOptions);
      await bring(tab);
      const signals = tab.server.requests.map(({ request }) => request.signal);
      const inFlight = signals.at(-1);
      tab.tokens.stop();
      await tab.clock.settle();
      expect(counts).toEqual({ connectivity: 0, presence: 0 });
      expect(tab.clock.pending).toBe(0);
      if (when === 'minting') expect(inFlight?.aborted).toBe(true);
      const before = [tab.events.length, tab.server.requests.length, tab.server.checks.length];
      await tab.clock.advance(300_000);
      tab.connectivity.set(false);
      tab.connectivity.set(true);
      tab.presence.set({ visibility: 'hidden' });
      await tab.clock.advance(1_000);
      expect([tab.events.length, tab.server.requests.length, tab.server.checks.length]).toEqual(before);
      // What was passed in stays the caller's.
      expect(disposed).toEqual([]);
    });

    it(`R4.12 L1 ${when}: readers are rejected with StoppedError`, async () => {
      const tab = createTab(options);
      await bring(tab);
      const served = tab.tokens.peek();
      const isOut = tab.tokens.getState().state === 'signed-out';
      const reads = [{ skipCache: true }, { template: 'new' }, { timeoutMs: 60_000, skipCache: true }].map((asked) =>
        tab.watch(tab.tokens.getToken(asked)),
      );
      tab.tokens.stop();
      await tab.clock.settle();
      for (const read of reads) {
        if (isOut) expect(read.token).toBeNull();
        else expect(read.error).toMatchObject({ library: 'token-lifecycle' });
      }
      await expect(tab.tokens.getToken()).rejects.toMatchObject({ code: 'stopped' });
      await expect(tab.tokens.refresh()).rejects.toMatchObject({ code: 'stopped' });
      expect(tab.tokens.peek()).toBeNull();
      expect(typeof served === 'string' || served === null).toBe(true);
      expect(tab.clock.pending).toBe(0);
    });
  }

  it('L4 stopping twice, and with nothing started, is the same as once', async () => {
    const tab = createTab();
    tab.tokens.stop();
    tab.tokens.stop();
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(tab.tokens.getState().state).toBe('fresh');
    tab.tokens.stop();
    tab.tokens.stop();
    await tab.clock.settle();
    expect(tab.clock.pending).toBe(0);
  });

  it('L4 starting twice is the same as once', async () => {
    const { counts, options } = counting();
    const tab = createTab(options as TabOptions);
    expect(tab.tokens.start()).toBe(tab.tokens);
    expect(tab.tokens.start()).toBe(tab.tokens);
    await tab.clock.advance(100);
    expect(counts.presence).toBe(1);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('L4 start goes on with the same session and token, without a request', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    const token = tab.tokens.peek();
    for (let round = 0; round < 5; round += 1) {
      tab.tokens.stop();
      await tab.clock.advance(1_000);
      tab.tokens.start();
      expect(tab.tokens.peek()).toBe(token);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1', organizationId: 'org_1' });
      expect(await tab.tokens.getToken()).toBe(token);
    }
    expect(tab.server.requests).toHaveLength(1);
    expect(tab.of('session.signedOut')).toEqual([]);
    // R7.15: the held token did not change.
    expect(tab.of('token.updated')).toHaveLength(1);
    await tab.clock.advance(43_100 - tab.elapsed());
    expect(tab.server.instants.slice(1)).toEqual([43_000]);
  });

  it('L4 no start makes machines of its own: making them takes longer than a refresh', () => {
    const [one, other] = [createTab(), createTab()];
    expect(one.tokens.actor.logic).toBe(other.tokens.actor.logic);
    const { actor } = one.tokens;
    one.tokens.start();
    one.tokens.stop();
    expect(one.tokens.actor).not.toBe(actor);
    expect(one.tokens.actor.logic).toBe(actor.logic);
    expect(one.tokens.actor).toBe(one.tokens.actor);
  });

  it('L4 with a session that was signed in or switched to meanwhile, too', async () => {
    const tab = createTab({ session: null });
    tab.tokens.start();
    tab.tokens.signIn({ session: { id: 'sess_5' } });
    await tab.clock.advance(100);
    tab.tokens.setActive({ organizationId: 'org_5' });
    await tab.clock.advance(100);
    const token = tab.tokens.peek();
    tab.tokens.stop();
    tab.tokens.start();
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_5', organizationId: 'org_5' });
    expect(tab.tokens.peek()).toBe(token);
  });

  it('L4 an epoch that was reached is not forgotten by a restart', async () => {
    const tab = createTab();
    await tab.startFresh();
    await (await tab.tokens.signOut()).stored;
    tab.tokens.signIn({ session: { id: 'sess_1' } });
    await tab.clock.advance(100);
    const { epoch } = tab.tokens.getState();
    expect(epoch).toBe(2);
    tab.tokens.stop();
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(tab.tokens.getState().epoch).toBe(epoch);
  });

  it('L4 signed out stays signed out over a restart; an expired token is replaced', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.tokens.stop();
    await tab.clock.advance(300_000);
    tab.tokens.start();
    expect(tab.tokens.peek()).toBeNull();
    await tab.clock.advance(100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    await tab.tokens.signOut();
    tab.tokens.stop();
    tab.tokens.start();
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.server.requests).toHaveLength(2);
  });

  it('L4 listeners and subscribers stay over a restart', async () => {
    const tab = createTab();
    const [subscriber, listener] = [vi.fn(), vi.fn()];
    tab.tokens.subscribe(subscriber);
    tab.tokens.on('refresh.started', listener);
    await tab.startFresh();
    tab.tokens.stop();
    const calls = subscriber.mock.calls.length;
    tab.tokens.start();
    await tab.clock.advance(50_000);
    expect(subscriber.mock.calls.length).toBeGreaterThan(calls);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('L4 a Retry-After outlives a restart', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'status', status: 429, retryAfterMs: 30_000 }]);
    await tab.startFresh();
    tab.tokens.stop();
    await tab.clock.advance(900);
    tab.tokens.start();
    await tab.clock.advance(29_000);
    expect(tab.server.requests).toHaveLength(1);
    await tab.clock.advance(3_000);
    expect(tab.server.requests).toHaveLength(2);
    expect(tab.server.instants[1]).toBeGreaterThanOrEqual(30_100);
  });

  it('Facade: ready is rejected by a stop that comes first, and settles after the next start', async () => {
    const tab = createTab();
    const first = expect(tab.tokens.ready).rejects.toMatchObject({ code: 'stopped' });
    tab.tokens.stop();
    await first;
    tab.tokens.start();
    await tab.clock.advance(100);
    await expect(tab.tokens.ready).resolves.toBeUndefined();
  });

  it('Facade: Symbol.dispose and Symbol.asyncDispose stop', async () => {
    for (const end of [Symbol.dispose, Symbol.asyncDispose] as const) {
      const tab = createTab();
      await tab.startFresh();
      await tab.tokens[end]();
      await tab.clock.settle();
      expect(tab.clock.pending).toBe(0);
      await expect(tab.tokens.getToken()).rejects.toMatchObject({ code: 'stopped' });
    }
  });

  it('R4.11 L1 a read before the start waits, whatever it asks for, and gets what it asked for', async () => {
    const tab = createTab();
    const [plain, template, forced] = [{}, { template: 'api' }, { skipCache: true }].map((options) =>
      tab.watch(tab.tokens.getToken(options)),
    );
    const timed = tab.watch(tab.tokens.getToken({ timeoutMs: 500 }));
    await tab.clock.advance(1_000);
    expect([plain, template, forced]).toEqual([{}, {}, {}]);
    expect(timed.error).toMatchObject({ code: 'read_timeout', timeoutMs: 500 });
    tab.tokens.start();
    await tab.clock.advance(2_000);
    expect(plain?.token).toBe(tab.server.issued[0]);
    expect(template?.token).toEqual(expect.any(String));
    expect(forced?.token).toEqual(expect.any(String));
  });

  it('L4 what it made itself is disposed of, and made to work again by the next start', async () => {
    const tab = createTab();
    const { clock, server } = tab;
    const { createTokenLifecycle } = await import('../../adapters/host/create');
    const tokens = createTokenLifecycle({ source: server.source, session: { id: 'sess_1' }, clock }).start();
    await clock.advance(100);
    tokens.stop();
    expect(clock.pending).toBe(0);
    tokens.start();
    expect(await tokens.getToken()).toBe(server.issued[0]);
    await clock.advance(43_100);
    expect(await tokens.getToken()).toBe(server.issued[1]);
    tokens.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('Writes that land after the stop', () => {
  it('R8.17 L4 a stop is no sign-out: a cache write that was pending keeps its token', async () => {
    const cache = memoryCache();
    let land = (): void => {};
    const slow = {
      ...cache,
      set: async (key: string, value: string, options: { expiresAt: number }) => {
        await new Promise<void>((resolve) => {
          land = resolve;
        });
        cache.set(key, value, options);
      },
    };
    const kept: string[] = [];
    const tab = createTab({ namespace: 'app', cache: { ...slow, deleteAll: (prefix) => void kept.push(prefix) } });
    await tab.startFresh();
    tab.tokens.stop();
    land();
    await tab.clock.settle();
    expect(kept).toEqual([]);
    expect(cache.get('app:active')).toBe(tab.server.issued[0]);
  });
});
