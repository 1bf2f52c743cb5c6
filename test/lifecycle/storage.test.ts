/** Storage that is missing, full, slow, forbidden or full of garbage: it is told once, and nobody is signed out. */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { indexedDbStore } from '../../adapters/store/indexed-db';
import { memoryStore } from '../../adapters/store/memory';
import type { SharedRecord, TokenCache } from '../../machines/ports';
import { faults, faultyCache, faultyCookie, faultyStore, full, garbageCookie, type Switch } from '../support/faulty';
import { jwt } from '../support/jwt';
import { createTab, createUnnamedTab, type Tab } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;

/** One of the three, wrapped; `state.fault` switches the fault. */
const adapters = {
  cache: (state: Switch) => ({ cache: faultyCache(memoryCache(), state) }),
  store: (state: Switch) => ({ store: faultyStore(memoryStore(), state) }),
  cookie: (state: Switch) => ({ cookie: faultyCookie(memoryCookie(), state) }),
} as const;
const kinds = Object.keys(adapters) as (keyof typeof adapters)[];

/** Every kind of failure is told once per operation, not once per call. */
function toldOnce(tab: Tab): string[] {
  const told = tab.of('adapter.failed').map(({ adapter, operation }) => `${adapter}.${operation}`);
  expect(told).toEqual([...new Set(told)]);
  return told;
}

describe('Storage that fails, with a session that is known', () => {
  for (const kind of kinds) {
    for (const fault of faults) {
      it(`T4 R8.5 J01 the ${kind} ${fault.name}: a token within 2 s, told once, nobody is signed out`, async () => {
        const tab = createTab(adapters[kind]({ fault }));
        tab.tokens.start();
        const read = tab.watch(tab.tokens.getToken());
        await tab.clock.advance(2_100);
        expect(read.token).toBe(tab.server.issued[0]);
        expect(tab.server.instants).toEqual([fault.name === 'hangs' ? 2_000 : 0]);
        expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', serving: true, error: null });
        // Long enough for three more tokens: the same trouble is not told again.
        await tab.clock.advance(150_000);
        expect(tab.server.requests.length).toBeGreaterThan(3);
        const told = toldOnce(tab);
        expect(told.length).toBeGreaterThan(0);
        expect(told.every((one) => one.startsWith(`${kind}.`))).toBe(true);
        expect(new Set(tab.of('adapter.failed').map(({ reason }) => reason))).toEqual(new Set([fault.reason]));
        expect(tab.of('session.signedOut')).toEqual([]);
        expect(tab.of('token.updated')).toHaveLength(tab.server.issued.length);
        expect(tab.tokens.peek()).toBe(tab.server.issued.at(-1));
      });

      it(`T1 the ${kind} ${fault.name}: a token that came with the page serves at once`, async () => {
        const token = jwt({ iat: start, exp: start + 60 });
        const tab = createTab({ ...adapters[kind]({ fault }), initialToken: token });
        tab.tokens.start();
        expect(await tab.tokens.getToken()).toBe(token);
        await tab.clock.advance(5_000);
        expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
        expect(tab.server.requests).toHaveLength(0);
      });
    }

    it(`R7.16 J02 a ${kind} that is full: the token is held and served, the failure told once`, async () => {
      const state: Switch = { fault: full, only: ['set', 'update', 'write'] };
      const tab = createTab(adapters[kind](state));
      await tab.startFresh();
      expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
      await tab.clock.advance(60_000);
      expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
      expect(toldOnce(tab)).toHaveLength(1);
      expect(tab.of('adapter.failed')[0]).toMatchObject({ adapter: kind, reason: 'QuotaExceededError' });
      expect(tab.of('session.signedOut')).toEqual([]);
    });

    it(`R7.16 a ${kind} that works again is used again, and told about anew when it fails again`, async () => {
      const state: Switch = { fault: full, only: ['set', 'update', 'write'] };
      const tab = createTab(adapters[kind](state));
      await tab.startFresh();
      expect(tab.of('adapter.failed')).toHaveLength(1);
      state.fault = null;
      await tab.clock.advance(43_000);
      expect(tab.of('adapter.failed')).toHaveLength(1);
      state.fault = full;
      await tab.clock.advance(43_100);
      expect(tab.of('adapter.failed')).toHaveLength(2);
    });
  }

  it('J01 there is no IndexedDB: it works alone, and says so', async () => {
    const tab = createTab({ store: indexedDbStore() });
    await tab.startFresh();
    expect(tab.tokens.getState().state).toBe('fresh');
    expect(toldOnce(tab)).toContain('store.read');
  });

  it('R8.5 everything hangs at once: start-up still ends after 2 s, not after 2 s each', async () => {
    const hangs: Switch = { fault: faults.find(({ name }) => name === 'hangs') ?? full };
    const tab = createTab({ ...adapters.cache(hangs), ...adapters.store(hangs), ...adapters.cookie(hangs) });
    tab.tokens.start();
    await tab.clock.advance(1_999);
    expect(tab.server.requests).toHaveLength(0);
    await tab.clock.advance(101);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
  });
});

describe('Storage that cannot be read, with no session known', () => {
  for (const kind of kinds) {
    for (const fault of faults) {
      // What hangs is given 2 s each time; the schedule of offline waits runs from the end of that.
      const wait = fault.name === 'hangs' ? 2_000 : 0;
      const budget = 14_857 + 4 * wait;

      it(`T4 B14 B15 the ${kind} ${fault.name}: restoring, not signed out; readers are told after the budget`, async () => {
        const tab = createUnnamedTab(adapters[kind]({ fault }));
        tab.tokens.start();
        const read = tab.watch(tab.tokens.getToken());
        await tab.clock.advance(budget - 1);
        expect(read).toEqual({});
        expect(tab.tokens.getState().state).toBe('restoring');
        await tab.clock.advance(20_000);
        expect(read.error).toMatchObject({ library: 'token-lifecycle', code: 'request_failed', failure: 'transient' });
        expect(tab.tokens.getState().state).toBe('restoring');
        await tab.clock.advance(600_000);
        expect(tab.tokens.getState().state).toBe('restoring');
        expect(tab.of('session.signedOut')).toEqual([]);
        expect(tab.server.requests).toHaveLength(0);
        toldOnce(tab);
      });

      it(`T4 R8.5 L2 the ${kind} ${fault.name}, then works: the session is found`, async () => {
        for (const healedAfterMs of [1_000, 120_000]) {
          const state: Switch = { fault };
          const stored = jwt({ iat: start + healedAfterMs / 1_000, exp: start + healedAfterMs / 1_000 + 60 });
          const cookie = memoryCookie();
          cookie.write(stored, { expiresAt: Number.MAX_SAFE_INTEGER });
          const tab = createUnnamedTab(
            kind === 'cookie'
              ? { cookie: faultyCookie(cookie, state) }
              : { ...adapters[kind](state), cookie: { ...cookie, read: () => (state.fault ? [] : cookie.read()) } },
          );
          tab.tokens.start();
          await tab.clock.advance(healedAfterMs);
          state.fault = null;
          const early = tab.watch(tab.tokens.getToken());
          await tab.clock.advance(52_000);
          expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', serving: true });
          if (healedAfterMs < budget) expect(early.token).toBe(stored);
        }
      });
    }
  }

  it('T4 the offline schedule: it reads again at 3, 7.65 and 14.86 s', async () => {
    const reads: number[] = [];
    const cache: TokenCache = {
      ...memoryCache(),
      get: () => {
        reads.push(tab.elapsed());
        throw new Error('locked');
      },
    };
    const tab = createUnnamedTab({ cache });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(14_856);
    expect(reads.filter((at, index) => at !== reads[index - 1])).toEqual([0, 3_000, 7_650]);
    expect(read).toEqual({});
    await tab.clock.advance(1);
    expect(read).toMatchObject({ at: 14_857, error: { code: 'request_failed' } });
  });

  it('T22 L1 once the budget is spent, a later reader is told at once instead of waiting for ever', async () => {
    const tab = createUnnamedTab(adapters.cache({ fault: faults[1] ?? full }));
    tab.tokens.start();
    await tab.clock.advance(200_000);
    const late = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(late.error).toMatchObject({ library: 'token-lifecycle', code: 'request_failed' });
  });

  it('T28 somebody who signs in while nothing can be read is signed in', async () => {
    const tab = createUnnamedTab(adapters.cache({ fault: faults[1] ?? full }));
    tab.tokens.start();
    await tab.clock.advance(1_000);
    tab.tokens.signIn({ session: { id: 'sess_2' } });
    await tab.clock.advance(100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
  });
});

describe('Storage that returns garbage', () => {
  const strange: readonly unknown[] = [null, 0, '', 'garbage', 'a.b.c', {}, [], [null], true, Number.NaN, () => 1];
  const described = (value: unknown) => {
    if (typeof value === 'function') return 'a function';
    return typeof value === 'number' ? String(value) : JSON.stringify(value);
  };

  for (const value of strange) {
    it(`R8.5 the cache answers ${described(value)}: a token is minted`, async () => {
      const tab = createTab({ cache: { ...memoryCache(), get: () => value as string } });
      await tab.startFresh();
      expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
      expect(tab.tokens.getState().state).toBe('fresh');
    });

    it(`R8.5 the cookie answers ${described(value)}: a token is minted`, async () => {
      for (const values of [value, [{ value }], [value]]) {
        const tab = createTab({ cookie: garbageCookie(memoryCookie(), values) });
        await tab.startFresh();
        expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
        expect(tab.tokens.getState().state).toBe('fresh');
      }
    });

    it(`R8.5 the store answers ${described(value)}: epochs stay numbers, and the cookie is written`, async () => {
      for (const record of [value, { v: 1, generation: value, epoch: value, clockOffsetMs: value, rejected: value }]) {
        const store = {
          ...memoryStore(),
          read: async () => record as SharedRecord,
          update: async (_: string, change: (now: SharedRecord | undefined) => SharedRecord | undefined) =>
            change(record as SharedRecord),
        };
        const tab = createTab({ store });
        await tab.startFresh();
        expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
        expect(tab.tokens.getState().epoch).toBe(0);
        expect(tab.cookie?.read()).toEqual([{ value: tab.server.issued[0] }]);
        expect(tab.tokens.getState().clockOffsetMs).toBe(0);
      }
    });
  }

  it('T4 garbage in a cookie, with no session known, is nobody: signed-out, and it stays where it is', async () => {
    const cookie = memoryCookie();
    cookie.write('garbage', { expiresAt: Number.MAX_SAFE_INTEGER });
    const tab = createUnnamedTab({ cookie });
    tab.tokens.start();
    await tab.clock.settle();
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(cookie.read()).toEqual([{ value: 'garbage' }]);
    expect(toldOnce(tab)).toEqual(['cookie.read']);
  });
});
