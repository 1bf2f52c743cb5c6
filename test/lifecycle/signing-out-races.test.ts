/** S7: once signed out, the old epoch writes, emits and sends nothing any more, whatever was on its way. */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { MintResult, TokenCache } from '../../machines/ports';
import { createGates, gatedCache, gatedCookie, gatedStore } from '../support/faulty';
import { jwt } from '../support/jwt';
import { createTab, type Tab, type TabOptions } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;

function openCache() {
  const values = new Map<string, string>();
  const cache: TokenCache = {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.set(key, value);
    },
    deleteAll: (prefix) => {
      for (const key of values.keys()) if (key.startsWith(prefix)) values.delete(key);
    },
  };
  return { values, cache };
}

/** A source that does not care for its signal, and answers when the test says so. */
function stubbornSource() {
  const answers: ((outcome: { result: MintResult } | { error: unknown }) => void)[] = [];
  return {
    answers,
    mint: () =>
      new Promise<MintResult>((resolve, reject) => {
        answers.push((outcome) => ('result' in outcome ? resolve(outcome.result) : reject(outcome.error)));
      }),
  };
}

const eventsAfterSignOut = (tab: Tab) => {
  const at = tab.events.findIndex(({ type }) => type === 'session.signedOut');
  return tab.events.slice(at + 1).map(({ type }) => type);
};

const outcomes: readonly [string, () => { result: MintResult } | { error: unknown }][] = [
  ['succeeds', () => ({ result: { token: jwt({ iat: start, exp: start + 60 }) } })],
  ['fails', () => ({ error: Object.assign(new Error('no'), { status: 503, retryAfterMs: 60_000 }) })],
  ['is told 401', () => ({ error: Object.assign(new Error('no'), { status: 401 }) })],
  ['asks for the last token', () => ({ error: { status: 422, serverCode: 'missing_expired_token' } })],
];

describe('Sign-out while something is on its way', () => {
  for (const [how, outcome] of outcomes) {
    for (const ending of ['signs out', 'signs in as somebody else', 'signs in again'] as const) {
      it(`S7 R8.14 R7.1 a mint that ${how} after the user ${ending} changes nothing`, async () => {
        const { values, cache } = openCache();
        const store = memoryStore();
        const source = stubbornSource();
        const checkSession = vi.fn(async () => 'gone' as const);
        const revoke = vi.fn(async () => {});
        const tab = createTab({ cache, store, namespace: 'app', source: { ...source, checkSession, revoke } });
        tab.tokens.start();
        await tab.clock.advance(500);
        expect(source.answers).toHaveLength(1);
        const next = jwt({ iat: start, exp: start + 60, sid: 'sess_2' });
        const again = jwt({ iat: start, exp: start + 60 });
        if (ending === 'signs out') await (await tab.tokens.signOut()).stored;
        if (ending === 'signs in as somebody else') tab.tokens.signIn({ session: { id: 'sess_2' }, token: next });
        if (ending === 'signs in again') tab.tokens.signIn({ session: { id: 'sess_1' }, token: again });
        await tab.clock.settle();
        const look = async () =>
          JSON.stringify([
            [...values],
            tab.cookie?.read(),
            tab.cookie?.readContext?.(),
            await store.read('app'),
            tab.tokens.getState(),
            tab.tokens.peek(),
            tab.events,
            source.answers.length,
            checkSession.mock.calls.length,
          ]);
        const before = await look();
        source.answers[0]?.(outcome());
        await tab.clock.advance(1_000);
        expect(await look()).toBe(before);
      });
    }
  }

  it('S7 a cache write that is pending at sign-out leaves nothing behind', async () => {
    for (const late of ['soon', 'after the adapter was given up on'] as const) {
      const { values, cache } = openCache();
      const gates = createGates();
      const tab = createTab({ cache: gatedCache(cache, gates) });
      await tab.startFresh();
      expect(gates.pending).toContain('set');
      const { stored } = await tab.tokens.signOut();
      await stored;
      if (late !== 'soon') await tab.clock.advance(10_000);
      gates.open();
      await tab.clock.advance(10_000);
      expect([late, values.size]).toEqual([late, 0]);
    }
  });

  it('S7 a cache that was slow to say what it has is not written to after the sign-out', async () => {
    const { values, cache } = openCache();
    const set = vi.fn(cache.set);
    let answer = (): void => {};
    const slow = new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined);
    });
    let starting = true;
    const get = (name: string) => (starting ? cache.get(name) : slow);
    const tab = createTab({ cache: { ...cache, get, set } });
    tab.tokens.start();
    await tab.clock.settle();
    starting = false;
    await tab.clock.advance(100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    await tab.tokens.signOut();
    answer();
    await tab.clock.advance(10_000);
    expect(set).not.toHaveBeenCalled();
    expect(values.size).toBe(0);
  });

  it('S7 S8 a cache write of the old epoch that lands after a new sign-in does not stay', async () => {
    for (const next of ['sess_1', 'sess_2']) {
      const { values, cache } = openCache();
      const gates = createGates();
      const tab = createTab({ cache: gatedCache(cache, gates) });
      await tab.startFresh();
      const old = tab.tokens.peek() ?? '';
      await tab.tokens.signOut();
      tab.tokens.signIn({ session: { id: next } });
      await tab.clock.advance(100);
      const fresh = tab.tokens.peek() ?? '';
      expect(fresh).toBe(tab.server.issued[1]);
      // Whatever is pending by now lands, the new epoch's first.
      while (gates.pending.length > 0) {
        gates.open();
        await tab.clock.settle();
      }
      await tab.clock.advance(5_000);
      expect([...values.values()]).not.toContain(old);
      expect([...values.values()]).toContain(fresh);
    }
  });

  it('S7 R8.10 an asynchronous cookie write that is pending at sign-out is taken back', async () => {
    for (const late of ['soon', 'after the adapter was given up on'] as const) {
      const cookie = memoryCookie();
      const gates = createGates();
      const tab = createTab({ cookie: gatedCookie(cookie, gates) });
      await tab.startFresh();
      expect(gates.pending).toEqual(['write']);
      const { stored } = await tab.tokens.signOut();
      if (late !== 'soon') await tab.clock.advance(10_000);
      gates.open();
      await stored;
      await tab.clock.advance(10_000);
      expect([late, cookie.read()]).toEqual([late, []]);
      expect(cookie.readContext?.()).toMatch(/^1\.1\.out\.1\./);
    }
  });

  it('S7 a pending cookie write of the old epoch neither survives nor takes the new session’s cookie along', async () => {
    const cookie = memoryCookie();
    const gates = createGates();
    const tab = createTab({ cookie: gatedCookie(cookie, gates) });
    await tab.startFresh();
    await tab.tokens.signOut();
    tab.tokens.signIn({ session: { id: 'sess_2' } });
    await tab.clock.advance(100);
    for (let round = 0; round < 5; round += 1) {
      gates.open();
      await tab.clock.settle();
    }
    await tab.clock.advance(3_000);
    expect(cookie.read()).toEqual([{ value: tab.server.issued[1] }]);
  });

  it('S7 a sign-out between two looks of an asynchronous cookie: nothing is written', async () => {
    const cookie = memoryCookie();
    const gates = createGates();
    const write = vi.fn(cookie.write);
    const tab = createTab({
      cookie: { ...cookie, sync: false, write, read: () => gates.pass('read', () => cookie.read()) },
    });
    tab.tokens.start();
    gates.open();
    await tab.clock.advance(100);
    expect(gates.pending).toEqual(['read']);
    await tab.tokens.signOut();
    gates.open();
    await tab.clock.advance(5_000);
    expect(write).not.toHaveBeenCalled();
  });

  it('S7 R8.11 a store update that is pending at sign-out does not come after the tombstone', async () => {
    const store = memoryStore();
    const gates = createGates();
    const tab = createTab({ store: gatedStore(store, gates), namespace: 'app' });
    await tab.startFresh();
    expect(gates.pending).toEqual(['update']);
    await tab.tokens.signOut();
    await tab.clock.advance(10_000);
    for (let round = 0; round < 5; round += 1) {
      gates.open();
      await tab.clock.settle();
    }
    await tab.clock.advance(10_000);
    gates.open();
    await tab.clock.settle();
    const record = await store.read('app');
    expect(record).toMatchObject({ tombstone: { reason: 'user' } });
    expect(record).not.toHaveProperty('fingerprint');
    expect(record).not.toHaveProperty('expiresAt');
  });

  it('S7 a listener that signs out on token.updated: nothing of that token stays', async () => {
    const { values, cache } = openCache();
    const tab = createTab({ cache });
    tab.tokens.on('token.updated', () => void tab.tokens.signOut());
    const read = tab.watch(tab.tokens.getToken());
    await tab.startFresh();
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.cookie?.read()).toEqual([]);
    expect(values.size).toBe(0);
    expect(eventsAfterSignOut(tab)).toEqual([]);
    expect(read).toHaveProperty('token');
    expect(tab.server.instants).toEqual([0]);
    expect(tab.clock.pending).toBe(0);
  });

  it('S7 a sign-out inside the mint itself: its token goes nowhere', async () => {
    const { values, cache } = openCache();
    const token = jwt({ iat: start, exp: start + 60 });
    const tab = createTab({
      cache,
      source: {
        mint: async () => {
          await tab.tokens.signOut();
          return { token };
        },
      },
    } satisfies TabOptions);
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(60_000);
    expect(read.token).toBeNull();
    expect([values.size, tab.cookie?.read(), tab.of('token.updated')]).toEqual([0, [], []]);
  });
});

describe('Two mints, and adapters that answer out of order', () => {
  it('S8 a slow cache write does not bury the fresher token that came after it', async () => {
    const { values, cache } = openCache();
    const gates = createGates();
    let calls = 0;
    const tab = createTab({
      cache: {
        ...memoryCache(),
        set: (...given) => {
          calls += 1;
          // The first token's writes wait; the second's are done at once.
          return calls <= 2 ? gates.pass('set', () => cache.set(...given)) : cache.set(...given);
        },
      },
    });
    await tab.startFresh();
    await tab.clock.advance(1_500);
    void tab.tokens.refresh();
    await tab.clock.advance(100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    gates.open();
    await tab.clock.advance(3_000);
    expect(new Set(values.values())).toEqual(new Set([tab.server.issued[1]]));
  });

  it('S8 a slow cookie write does not bury the fresher token that came after it', async () => {
    const cookie = memoryCookie();
    const gates = createGates();
    let calls = 0;
    const tab = createTab({
      cookie: {
        ...cookie,
        sync: false,
        write: async (...given) => {
          calls += 1;
          return calls === 1 ? gates.pass('write', () => cookie.write(...given)) : cookie.write(...given);
        },
      },
    });
    await tab.startFresh();
    await tab.clock.advance(1_500);
    void tab.tokens.refresh();
    await tab.clock.advance(100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    gates.open();
    await tab.clock.advance(3_000);
    expect(cookie.read()).toEqual([{ value: tab.server.issued[1] }]);
  });
});
