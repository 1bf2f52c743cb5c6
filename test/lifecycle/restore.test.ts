/** Start-up: whose session is it, and is there a token left (T1 to T4)? */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { SessionCookie, TokenCache } from '../../machines/ports';
import { type JwtOptions, jwt } from '../support/jwt';
import { createTab, createUnnamedTab, type TabOptions } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;
/** A token of 60 s that is `age` seconds old when the clock starts. */
const aged = (age: number, more: JwtOptions = {}) => jwt({ iat: start - age, exp: start - age + 60, ...more });

const cookieWith = (...values: string[]): SessionCookie => ({
  ...memoryCookie(),
  read: () => values.map((value) => ({ value })),
  write: vi.fn(() => ({ status: 'written' as const })),
  remove: vi.fn(),
  writeContext: vi.fn(),
});
const cacheWith = (token: string): TokenCache => ({ ...memoryCache(), get: () => token });

describe('Restore: who is signed in', () => {
  const places: readonly [string, (token: string) => TabOptions][] = [
    ['the cookie', (token) => ({ cookie: cookieWith(token) })],
    ['the cache', (token) => ({ cache: cacheWith(token) })],
    ['initialToken', (token) => ({ initialToken: token })],
  ];

  for (const [place, keep] of places) {
    it(`T1 a fresh token in ${place}, session omitted: fresh without a request`, async () => {
      const token = aged(10);
      const tab = createUnnamedTab(keep(token));
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.getState()).toMatchObject({
        state: 'fresh',
        sessionId: 'sess_1',
        serving: true,
        expiresAt: (start + 50) * 1_000,
        staleAt: (start + 33) * 1_000,
      });
      expect(await tab.tokens.getToken()).toBe(token);
      expect(tab.of('session.signedIn')).toMatchObject([{ session: { id: 'sess_1' }, from: 'restored' }]);
      await tab.clock.advance(32_999);
      expect(tab.server.requests).toHaveLength(0);
      await tab.clock.advance(1);
      expect(tab.server.instants).toEqual([33_000]);
    });

    it(`T2 a token in ${place} that is stale but usable serves while it is replaced`, async () => {
      const token = aged(50);
      const tab = createUnnamedTab(keep(token));
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', serving: true });
      expect(await tab.tokens.getToken()).toBe(token);
      expect(tab.server.instants).toEqual([0]);
      await tab.clock.advance(100);
      expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    });

    it(`T3 T11 an expired token in ${place} names the session, and is kept for an outage`, async () => {
      const token = aged(100);
      const tab = createUnnamedTab(keep(token));
      tab.server.respondWith({ do: 'outage' });
      tab.tokens.start();
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.settle();
      expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', serving: false, sessionId: 'sess_1' });
      expect(tab.server.requests[0]?.request).toMatchObject({ cause: 'restore', key: { sessionId: 'sess_1' } });
      await tab.clock.advance(200);
      expect(tab.server.requests.map(({ request }) => request.lastToken)).toEqual([undefined, token]);
      expect(read.token).toBe(tab.server.issued[0]);
    });

    it(`T1 a token in ${place} brings its organization along`, async () => {
      const tab = createUnnamedTab(keep(aged(10, { claims: { org_id: 'org_1' } })));
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', organizationId: 'org_1', state: 'fresh' });
    });

    it(`R7.2 a token in ${place} of another session than the one given is not taken`, async () => {
      const foreign = aged(10, { sid: 'sess_2' });
      if (place === 'initialToken') {
        expect(() => createTab(keep(foreign))).toThrow(expect.objectContaining({ code: 'invalid_token' }));
        return;
      }
      const tab = createTab(keep(foreign));
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.peek()).toBeNull();
      expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', sessionId: 'sess_1' });
    });
  }

  it('T1 with session and fresh initialToken it serves synchronously, before any store answers', () => {
    const token = aged(0);
    const tab = createTab({ initialToken: token });
    tab.tokens.start();
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(tab.tokens.peek()).toBe(token);
  });

  it('T3 a session is given and nothing is stored: one mint, for `restore`', async () => {
    const tab = createTab({ session: { id: 'sess_7', organizationId: 'org_7' } });
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(tab.server.requests.map(({ request }) => [request.key, request.cause, request.attempt])).toEqual([
      [{ sessionId: 'sess_7', organizationId: 'org_7' }, 'restore', 1],
    ]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_7', organizationId: 'org_7' });
  });

  it('T4 nothing is stored, and every store has answered: signed-out, and nothing of section 8 happens', async () => {
    const cookie = cookieWith();
    const cache = { ...memoryCache(), deleteAll: vi.fn() };
    const store = memoryStore();
    const tab = createUnnamedTab({ cookie, cache, store, namespace: 'app' });
    tab.tokens.start();
    expect(tab.tokens.getState().state).toBe('restoring');
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({ state: 'signed-out', sessionId: null });
    expect(read.token).toBeNull();
    expect(cookie.remove).not.toHaveBeenCalled();
    expect(cookie.writeContext).not.toHaveBeenCalled();
    expect(cache.deleteAll).not.toHaveBeenCalled();
    expect(await store.read('app')).toBeUndefined();
    expect(tab.events).toEqual([]);
    expect(tab.clock.pending).toBe(0);
  });

  it('T4 session null is believed at once: nothing is read, and a cookie that is there stays', async () => {
    const cookie = { ...cookieWith(aged(10)), read: vi.fn(() => []) };
    const tab = createTab({ session: null, cookie });
    tab.tokens.start();
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(await tab.tokens.getToken()).toBeNull();
    await tab.clock.advance(60_000);
    expect(cookie.read).not.toHaveBeenCalled();
    expect(cookie.remove).not.toHaveBeenCalled();
    expect(tab.server.requests).toHaveLength(0);
  });

  it('T1 the freshest of cookie and cache is taken', async () => {
    const [older, newer] = [aged(20), aged(5)];
    for (const [inCookie, inCache] of [
      [older, newer],
      [newer, older],
    ] as const) {
      const tab = createUnnamedTab({ cookie: cookieWith(inCookie), cache: cacheWith(inCache) });
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.peek()).toBe(newer);
    }
  });

  it('R10.20 stored tokens of two sessions: nobody guesses, the ambiguity is told', async () => {
    const tab = createUnnamedTab({ cookie: cookieWith(aged(10), aged(5, { sid: 'sess_2' })) });
    tab.tokens.start();
    await tab.clock.settle();
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.of('adapter.failed')).toMatchObject([{ adapter: 'cookie', operation: 'read' }]);
  });

  it('T3 a reload: the second start of a browser goes on with the first one’s token', async () => {
    const [clock, cache, store] = [createVirtualClock(), memoryCache(), memoryStore()];
    const first = createTab({ clock, cache, store });
    await first.startFresh();
    const token = first.tokens.peek();
    first.tokens.stop();
    const second = createUnnamedTab({ clock, cache, store });
    second.tokens.start();
    await clock.settle();
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(second.tokens.peek()).toBe(token);
    expect(second.server.requests).toHaveLength(0);
  });
});

describe('Restore: what a token from elsewhere has to pass', () => {
  const takes = async (token: string, place: 'cookie' | 'cache' | 'initialToken') => {
    const tab = createTab(
      place === 'initialToken'
        ? { initialToken: token }
        : { [place]: place === 'cookie' ? cookieWith(token) : cacheWith(token) },
    );
    tab.tokens.start();
    await tab.clock.settle();
    return tab.tokens.peek() === token;
  };

  for (const place of ['cookie', 'cache', 'initialToken'] as const) {
    it(`R7.18 a token from the ${place} may be 5 s ahead of us by iat and oiat, and no more`, async () => {
      const until = { exp: start + 60 };
      expect(await takes(jwt({ iat: start + 5, ...until }), place)).toBe(true);
      expect(await takes(jwt({ iat: start + 6, ...until }), place)).toBe(false);
      expect(await takes(jwt({ iat: start, oiat: start + 5, ...until }), place)).toBe(true);
      expect(await takes(jwt({ iat: start, oiat: start + 6, ...until }), place)).toBe(false);
    });
  }

  for (const place of ['cookie', 'cache'] as const) {
    it(`R7.20 a token from the ${place} is smaller than 16 KB`, async () => {
      const base = aged(0, { claims: { pad: '' } }).length;
      // Base64 makes 4 characters of 3.
      const sized = (bytes: number) => aged(0, { claims: { pad: 'x'.repeat(Math.floor(((bytes - base) * 3) / 4)) } });
      const [small, large] = [sized(16_370), sized(16_400)];
      expect([small.length < 16_384, large.length > 16_384]).toEqual([true, true]);
      expect(await takes(small, place)).toBe(true);
      expect(await takes(large, place)).toBe(false);
    });
  }

  it('R7.17 a cookie for another subject, issuer or audience does not replace the token that the page gave', async () => {
    for (const claims of [{ sub: 'user_2' }, { iss: 'https://evil.test' }, { aud: 'other' }]) {
      const given = aged(50);
      const tab = createTab({ initialToken: given, cookie: cookieWith(aged(1, { claims })) });
      tab.tokens.start();
      await tab.clock.settle();
      expect(tab.tokens.peek(), JSON.stringify(claims)).toBe(given);
    }
  });

  it('R7.17 one that agrees with it does', async () => {
    const fresher = aged(1);
    const tab = createTab({ initialToken: aged(50), cookie: cookieWith(fresher) });
    tab.tokens.start();
    await tab.clock.settle();
    expect(tab.tokens.peek()).toBe(fresher);
  });

  it('R7.19 a cached token may live twice as long as the longest minted here, and no longer', async () => {
    for (const [seconds, taken] of [
      [120, true],
      [121, false],
    ] as const) {
      const stored = jwt({ iat: start, exp: start + seconds, claims: { template: 'long' } });
      const cache = memoryCache();
      const tab = createTab({ cache });
      await tab.startFresh();
      cache.get = () => stored;
      const read = tab.watch(tab.tokens.getToken({ template: 'long' }));
      await tab.clock.advance(100);
      expect(read.token === stored, `${seconds} s`).toBe(taken);
    }
  });

  it('R7.18 R9.1 a cached token of another key is judged by the clock that was learned, not by the local one', async () => {
    const cache = memoryCache();
    const tab = createTab({ cache, server: { offsetMs: 3_600_000, withDate: true } });
    await tab.startFresh();
    const serverNow = Math.floor(tab.server.now() / 1_000);
    const stored = jwt({ iat: serverNow - 1, exp: serverNow + 59, claims: { template: 'api' } });
    cache.get = () => stored;
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(100);
    expect(read.token).toBe(stored);
  });

  it('R7.10 a token that an API refused does not serve after a reload either', async () => {
    const [clock, cache, store] = [createVirtualClock(), memoryCache(), memoryStore()];
    const first = createTab({ clock, cache, store });
    await first.startFresh();
    const refused = first.tokens.peek() ?? '';
    first.server.respondWith({ do: 'hang' });
    first.tokens.reportRejected(refused);
    await clock.settle();
    first.tokens.stop();
    const second = createTab({ clock, cache, store });
    second.tokens.start();
    const read = second.watch(second.tokens.getToken());
    await clock.advance(100);
    expect(read.token).toBe(second.server.issued[0]);
    expect(read.token).not.toBe(refused);
  });
});
