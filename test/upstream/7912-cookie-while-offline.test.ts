/** An empty token used to be emitted when the network was away, and whoever kept the cookie took that for a sign-out. */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { decodeToken } from '../../adapters/token/decode';
import { sleepFor } from '../support/audit';
import { createTab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

/** A tab whose cookie and cache tell whenever something is taken out of them. */
function keptTab() {
  const cookie = memoryCookie();
  const cache = memoryCache();
  const removals: string[] = [];
  const written: string[] = [];
  const tab = createTab({
    cookie: {
      ...cookie,
      write: (token, meta) => {
        written.push(token);
        return cookie.write(token, meta);
      },
      remove: () => {
        removals.push('cookie');
        return cookie.remove();
      },
    },
    cache: {
      ...cache,
      set: (key, value, options) => {
        written.push(value);
        return cache.set(key, value, options);
      },
      deleteAll: (prefix) => {
        removals.push('cache');
        return cache.deleteAll(prefix);
      },
    },
  });
  const cookieNow = (): string | undefined => (cookie.read() as readonly { value: string }[])[0]?.value;
  return { tab, removals, written, cookieNow };
}

const empty = (values: readonly (string | null | undefined)[]) => values.filter((value) => !value);

describe('clerk/javascript#7912: no network does not delete the session cookie', () => {
  it('A01 S1 S2 T9 offline across the refresh and the expiry: the cookie keeps its value and nothing empty is emitted', async () => {
    const { tab, removals, written, cookieNow } = keptTab();
    await tab.startFresh();
    const value = cookieNow();
    await tab.clock.advance(30_000);
    tab.connectivity.set(false);
    for (let second = 0; second < 600; second += 1) {
      await tab.clock.advance(1_000);
      expect(cookieNow() === value, `the cookie is as it was at ${tab.elapsed()} ms`).toBe(true);
    }
    expect(removals).toEqual([]);
    expect(empty(written)).toEqual([]);
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(tab.of('session.signedOut')).toEqual([]);
    tab.connectivity.set(true);
    await tab.clock.advance(1_000);
    expect(cookieNow() === tab.server.issued.at(-1)).toBe(true);
    expect(cookieNow() === value).toBe(false);
  });

  it('S1 the network goes in the middle of the refresh: the same', async () => {
    const { tab, removals, cookieNow } = keptTab();
    await tab.startFresh();
    const value = cookieNow();
    tab.server.respondWith({ do: 'drop' });
    await tab.clock.advance(43_000 - 50);
    tab.connectivity.set(false);
    await tab.clock.advance(100_000);
    expect(tab.tokens.getState().state).toBe('offline-retrying');
    expect(cookieNow() === value).toBe(true);
    expect(removals).toEqual([]);
  });

  it('R8.3 offline from the start, with a cookie from before: it is not touched, and nobody is signed out', async () => {
    const before = keptTab();
    await before.tab.startFresh();
    const value = before.cookieNow();
    before.tab.tokens.stop();

    const removals: string[] = [];
    const { cookie } = before.tab;
    const tab = createTab({
      clock: before.tab.clock,
      cookie: {
        ...cookie,
        remove: () => {
          removals.push('cookie');
          return cookie.remove();
        },
      },
    });
    tab.connectivity.set(false);
    tab.tokens.start();
    await tab.clock.advance(600_000);
    expect(before.cookieNow() === value).toBe(true);
    expect(removals).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', sessionId: 'sess_1' });
  });

  it('S1 S2 S8 two hours of everything at once: at no instant is the cookie gone, empty or older than it was', async () => {
    const { tab, removals, written, cookieNow } = keptTab();
    await tab.startFresh();
    const troubles: readonly Behaviour[] = [
      { do: 'status', status: 503 },
      { do: 'mint' },
      { do: 'drop' },
      { do: 'outage' },
      { do: 'status', status: 429, retryAfterMs: 30_000 },
      { do: 'mint' },
      { do: 'answer', result: { token: '' } },
      { do: 'answer', result: null },
      { do: 'mint', ageSeconds: 300 },
      { do: 'mint', sid: 'sess_other' },
      { do: 'hang' },
      { do: 'status', status: 401 },
      { do: 'status', status: 404 },
    ];
    const issuedAt = () => decodeToken(cookieNow() ?? '').issuedAt ?? 0;
    let latest = issuedAt();
    for (let turn = 0; turn < 360; turn += 1) {
      tab.server.respondWith(troubles[turn % troubles.length] as Behaviour);
      tab.connectivity.set(turn % 7 < 4);
      if (turn % 5 === 0) tab.presence.set({ visibility: turn % 2 ? 'visible' : 'hidden' });
      if (turn % 60 === 59) await sleepFor(tab, 600_000);
      if (turn % 11 === 0) tab.tokens.refresh().catch(() => {});
      tab.tokens.getToken().catch(() => {});
      for (let step = 0; step < 20; step += 1) {
        await tab.clock.advance(1_000);
        const now = issuedAt();
        expect(now, `issued at, seen at ${tab.elapsed()} ms`).toBeGreaterThanOrEqual(latest);
        latest = now;
      }
    }
    expect(removals).toEqual([]);
    expect(empty(written)).toEqual([]);
    expect(tab.of('session.signedOut')).toEqual([]);
    expect(tab.of('token.updated').length).toBeGreaterThan(20);
    expect(tab.of('token.updated').every(({ fingerprint, expiresAt }) => fingerprint !== '' && expiresAt > 0)).toBe(
      true,
    );

    // And when somebody does sign out, it goes.
    const { stored } = await tab.tokens.signOut();
    await stored;
    expect(cookieNow()).toBeUndefined();
    expect(removals).toContain('cookie');
  });
});
