/** Single-use credentials: a lost answer may have spent one (R5.14 to R5.17). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { SharedRecord } from '../../machines/ports';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const rotating = (reuseGraceMs = 0, more: TabOptions['source'] = {}): TabOptions => ({
  namespace: 'app',
  source: { credential: 'rotating', reuseGraceMs, ...more },
});

/** A token is held; from then on the server behaves as told. */
async function createRotating(reuseGraceMs: number, behaviour: Behaviour, more: TabOptions = {}) {
  const tab = createTab({ ...rotating(reuseGraceMs), ...more });
  await tab.startFresh();
  tab.server.respondWith(behaviour);
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('the in-flight mark', () => {
  it('R5.14 is committed to the store before the credential is sent, and taken away by the answer', async () => {
    const store = memoryStore();
    const marks: unknown[] = [];
    const tab = createTab({ store, ...rotating() });
    const { mint } = tab.server.source;
    const watched = createTab({
      store,
      clock: tab.clock,
      ...rotating(0, {
        mint: async (request) => {
          marks.push((await store.read('app'))?.inFlight);
          return mint(request);
        },
      }),
    });
    const now = tab.clock.now();
    watched.tokens.start();
    await watched.clock.advance(99);
    expect(marks).toMatchObject([{ startedAt: now, deadline: now + 10_000 }]);
    expect((await store.read('app'))?.inFlight).toBeDefined();
    await watched.clock.advance(1);
    expect(watched.tokens.getState().state).toBe('fresh');
    expect((await store.read('app'))?.inFlight).toBeUndefined();
  });

  it('R5.14 stays where no answer comes, and goes where one does, even a refusal', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(44_000);
    expect((await tab.store.read('app'))?.inFlight).toBeDefined();

    const refused = await createRotating(0, { do: 'status', status: 404 });
    await refused.until(44_000);
    expect((await refused.tab.store.read('app'))?.inFlight).toBeUndefined();
  });

  it('R5.14 S6 stays for an earlier request that was never answered, until an answer shows that the credential is still good', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(44_000);
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(61_000);
    expect(tab.server.instants.length).toBeGreaterThan(2);
    expect((await tab.store.read('app'))?.inFlight).toBeDefined();
    tab.server.respondWith({ do: 'mint' });
    await until(70_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh' });
    expect((await tab.store.read('app'))?.inFlight).toBeUndefined();
  });

  it('R5.14 S6 stays for one that was sent before a stop, and is sent again after it', async () => {
    const tab = createTab(rotating());
    tab.server.respondWith({ do: 'drop' });
    tab.tokens.start();
    await tab.clock.advance(1_000);
    tab.tokens.stop();
    tab.server.respondWith({ do: 'status', status: 503 });
    tab.tokens.start();
    await tab.clock.advance(60_000);
    expect(tab.server.instants.length).toBeGreaterThan(1);
    expect((await tab.store.read('app'))?.inFlight).toBeDefined();
  });

  it('R5.14 R6.3 goes, where the last token always goes along, with any token: an edge gives no sign there', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' }, { policy: { presentHeldToken: 'always' } });
    await until(44_000);
    tab.server.respondWith({ do: 'mint' });
    await until(70_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh' });
    expect((await tab.store.read('app'))?.inFlight).toBeUndefined();
  });

  it('R5.14 names the credential by its fingerprint only', async () => {
    const cache = memoryCache();
    const seen: (string | undefined)[] = [];
    const store = memoryStore();
    const records: (SharedRecord | undefined)[] = [];
    const tab = createTab({
      store,
      cache,
      ...rotating(0, {
        mint: async ({ credential }) => {
          seen.push(await credential?.read());
          records.push(await store.read('app'));
          await credential?.commit(`secret-${seen.length}`);
          throw new TypeError('Failed to fetch');
        },
      }),
      policy: { retries: 0 },
    });
    tab.tokens.start();
    await tab.clock.advance(200_000);
    expect(seen.slice(0, 2)).toEqual([undefined, 'secret-1']);
    records.push(await store.read('app'));
    expect(records[1]?.inFlight?.credential).toMatch(/^[0-9a-f]{8,}$/);
    expect(JSON.stringify(records)).not.toContain('secret');
  });

  it('R5.14 a reusable credential is not marked', async () => {
    const tab = createTab({ namespace: 'app', source: { credential: 'reusable' } });
    tab.server.respondWith({ do: 'hang' });
    tab.tokens.start();
    await tab.clock.advance(100);
    expect((await tab.store.read('app'))?.inFlight).toBeUndefined();
    expect(tab.server.requests[0]?.request.credential).toBeUndefined();
  });
});

describe('no answer', () => {
  it('R5.15 within the server’s grace the same credential is sent once more, promptly', async () => {
    const { tab, until } = await createRotating(5_000, { do: 'drop' });
    await until(43_099);
    tab.server.respondWith({ do: 'mint' });
    await until(43_200);
    expect(tab.server.instants).toEqual([0, 43_000, 43_100]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'ambiguous' }]);
  });

  it('R5.15 once, and no more: then there is no retry before the held token’s expiry', async () => {
    const { tab, until } = await createRotating(5_000, { do: 'drop' });
    const held = tab.tokens.peek();
    await until(59_999);
    expect(tab.server.instants).toEqual([0, 43_000, 43_100]);
    expect(tab.tokens.peek()).toBe(held);
    await until(70_000);
    expect(tab.server.instants[3]).toBeGreaterThanOrEqual(60_000);
  });

  it('R5.15 not once the grace is over', async () => {
    const { tab, until } = await createRotating(2_000, { do: 'hang' });
    await until(59_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.of('refresh.failed')).toMatchObject([{ at: 53_000, reason: 'ambiguous' }]);
  });

  it('R5.15 R5.5 a time-out within the grace is repeated too', async () => {
    const { tab, until } = await createRotating(30_000, { do: 'hang' });
    await until(52_999);
    tab.server.respondWith({ do: 'mint' });
    await until(53_100);
    expect(tab.server.instants).toEqual([0, 43_000, 53_000]);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('R5.16 H03 with a grace of 0 nothing is sent before the held token’s expiry', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    const held = tab.tokens.peek();
    await until(59_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(await tab.tokens.getToken()).toBe(held);
    tab.server.respondWith({ do: 'mint' });
    await until(61_000);
    expect(tab.server.instants[2]).toBeGreaterThanOrEqual(60_000);
    expect(tab.server.instants).toHaveLength(3);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.16 T25 nor for a forced read, a wake, or a link that flaps', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(44_000);
    tab.tokens.refresh().catch(() => {});
    tab.presence.emit('focus');
    tab.connectivity.set(false);
    await tab.clock.settle();
    tab.connectivity.set(true);
    await until(59_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('R5.16 a lost answer while offline spends it as well', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(43_050);
    tab.connectivity.set(false);
    await until(45_000);
    tab.connectivity.set(true);
    await until(59_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('R5.3 a server that answers with 503 has spent nothing: ordinary backoff', async () => {
    const { tab, until } = await createRotating(0, { do: 'status', status: 503 });
    await until(46_000);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
  });
});

describe('the end', () => {
  it('R5.17 H02 invalid_grant after an ambiguous answer: signed out for `lost_response`', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(50_000);
    tab.server.respondWith({ do: 'status', status: 400, code: 'invalid_grant' });
    tab.server.checkAnswers('gone');
    await until(65_000);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'lost_response' }]);
    expect(tab.tokens.getState().state).toBe('signed-out');
  });

  it('R5.17 invalid_grant without one has another reason', async () => {
    const { tab, until } = await createRotating(0, { do: 'status', status: 400, code: 'invalid_grant' });
    tab.server.checkAnswers('gone');
    await until(44_000);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R5.17 with an outage in between it is still that answer which was lost', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(50_000);
    tab.server.script([{ do: 'status', status: 503 }]);
    tab.server.respondWith({ do: 'status', status: 400, code: 'invalid_grant' });
    tab.server.checkAnswers('gone');
    await until(80_000);
    expect(tab.of('refresh.failed').map(({ reason }) => reason)).toEqual(['ambiguous', 'transient']);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'lost_response' }]);
  });

  it('R5.17 gone by any other word after an ambiguous answer is not blamed on it', async () => {
    const { tab, until } = await createRotating(0, { do: 'drop' });
    await until(50_000);
    tab.server.respondWith({ do: 'status', status: 401, code: 'session_revoked' });
    tab.server.checkAnswers('gone');
    await until(65_000);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R5.17 a success in between wipes the slate', async () => {
    const { tab, until } = await createRotating(5_000, { do: 'mint' });
    tab.server.script([{ do: 'drop' }]);
    await until(44_000);
    expect(tab.tokens.getState().state).toBe('fresh');
    tab.server.respondWith({ do: 'status', status: 400, code: 'invalid_grant' });
    tab.server.checkAnswers('gone');
    await until(90_000);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R5.17 R5.14 the answer was lost before a restart: the mark tells', async () => {
    const [cache, store] = [memoryCache(), memoryStore()];
    const first = createTab({ cache, store, ...rotating() });
    first.server.respondWith({ do: 'hang' });
    first.tokens.start();
    await first.clock.advance(1_000);
    first.tokens.stop();
    const second = createTab({ cache, store, clock: first.clock, ...rotating() });
    second.server.respondWith({ do: 'status', status: 400, code: 'invalid_grant' });
    second.server.checkAnswers('gone');
    second.tokens.start();
    // Without a lock nobody knows whether that tab is still there: its time is waited for.
    await second.clock.advance(8_900);
    expect(second.server.requests).toHaveLength(0);
    await second.clock.advance(1_000);
    expect(second.of('session.signedOut')).toMatchObject([{ reason: 'lost_response' }]);
  });

  it('R5.18 what a sign-out aborts is no lost answer', async () => {
    const { tab, until } = await createRotating(0, { do: 'hang' });
    await until(44_000);
    await tab.tokens.signOut();
    await tab.clock.advance(20_000);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'user' }]);
  });
});

describe('the credential', () => {
  it('H06 H08 what is committed is read by the next mint; what is not replaced stays', async () => {
    const seen: (string | undefined)[] = [];
    const tab = createTab();
    const { mint } = tab.server.source;
    const rotated = createTab({
      clock: tab.clock,
      ...rotating(0, {
        mint: async (request) => {
          seen.push(await request.credential?.read());
          if (seen.length !== 2) await request.credential?.commit(`rt_${seen.length}`);
          return mint(request);
        },
      }),
    });
    rotated.tokens.start();
    await rotated.clock.advance(130_000);
    expect(seen).toEqual([undefined, 'rt_1', 'rt_1', 'rt_3']);
  });

  it('R5.15 E11 H07 before it is sent once more it is read anew: what another tab stored meanwhile is sent instead', async () => {
    const cache = memoryCache();
    const seen: (string | undefined)[] = [];
    const lasting = { expiresAt: Number.MAX_SAFE_INTEGER };
    const places = new Map<string, string>();
    const rotated = createTab({
      cache: {
        ...cache,
        set: (key, value, options) => {
          places.set(value, key);
          return cache.set(key, value, options);
        },
      },
      ...rotating(5_000, {
        mint: async ({ credential }) => {
          seen.push(await credential?.read());
          if (seen.length === 1) await credential?.commit('rt_1');
          if (seen.length === 2) await cache.set(places.get('rt_1') ?? '', 'rt_of_another_tab', lasting);
          throw new TypeError('Failed to fetch');
        },
      }),
      policy: { retries: 1_000 },
    });
    rotated.tokens.start();
    await rotated.clock.advance(60_000);
    expect(seen.slice(0, 3)).toEqual([undefined, 'rt_1', 'rt_of_another_tab']);
  });

  it('H06 a successor that cannot be stored is not lost while the page lives', async () => {
    const seen: (string | undefined)[] = [];
    const base = memoryCache();
    const tab = createTab();
    const { mint } = tab.server.source;
    const rotated = createTab({
      clock: tab.clock,
      cache: {
        ...base,
        set: (key, value, options) => {
          if (value.startsWith('rt_')) throw new Error('quota');
          return base.set(key, value, options);
        },
      },
      ...rotating(0, {
        mint: async (request) => {
          seen.push(await request.credential?.read());
          await request.credential?.commit(`rt_${seen.length}`);
          return mint(request);
        },
      }),
    });
    rotated.tokens.start();
    await rotated.clock.advance(100_000);
    expect(seen).toEqual([undefined, 'rt_1', 'rt_2']);
    expect(rotated.of('adapter.failed')[0]).toMatchObject({ at: 0, adapter: 'cache', operation: 'set' });
    expect(rotated.tokens.getState()).toMatchObject({ state: 'fresh' });
  });
});

describe('signing out meanwhile', () => {
  it('S7 a successor that is committed after the sign-out is kept nowhere', async () => {
    const cache = memoryCache();
    const written: string[] = [];
    const spied = {
      ...cache,
      set: (key: string, value: string, options: { expiresAt: number }) => {
        written.push(value);
        return cache.set(key, value, options);
      },
    };
    let commit = (): Promise<void> | undefined => undefined;
    const source = rotating(0, {
      mint: async ({ credential }) => {
        commit = () => credential?.commit('late-successor');
        return new Promise(() => {});
      },
    });
    const tab = createTab({ ...source, cache: spied });
    tab.tokens.start();
    await tab.clock.advance(100);
    const { stored } = await tab.tokens.signOut();
    await stored;
    await commit();
    await tab.clock.advance(10_000);
    expect(written).toEqual([]);
  });

  it('S7 a sign-out while the in-flight mark is written: the credential is not sent', async () => {
    const store = memoryStore();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let updates = 0;
    const slow: typeof store = {
      ...store,
      update: async (key, change) => {
        updates += 1;
        // The sign-in itself is written first; the mark is the second.
        if (updates === 2) await gate;
        return store.update(key, change);
      },
    };
    const tab = createTab({ ...rotating(), store: slow });
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(updates).toBe(2);
    await tab.tokens.signOut();
    release();
    await tab.clock.advance(60_000);
    expect(tab.server.requests).toEqual([]);
    expect((await store.read('app'))?.inFlight).toBeUndefined();
  });
});
