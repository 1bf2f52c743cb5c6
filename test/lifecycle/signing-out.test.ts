/** Signing out: local first, complete at once, and nothing of the old epoch afterwards. */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { documentCookie } from '../../adapters/cookie/document';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { TokenCache } from '../../machines/ports';
import { createCookieJar } from '../adapters/support/cookie-jar';
import { createTab, createUnnamedTab, type TabOptions } from '../support/tab';

/** A cache that can be looked into. */
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

describe('Signing out', () => {
  it('T27 R8.1 R8.6 R8.8 local first: signed out in the same step, timers gone, the mint aborted', async () => {
    const tab = createTab({ source: { revoke: undefined } as unknown as NonNullable<TabOptions['source']> });
    await tab.startFresh();
    tab.server.respondWith({ do: 'hang' });
    void tab.tokens.refresh().catch(() => {});
    void tab.tokens.getToken({ template: 'api' }).catch(() => {});
    await tab.clock.advance(1_000);
    const signals = tab.server.requests.slice(1).map(({ request }) => request.signal);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    void tab.tokens.signOut();
    expect(tab.tokens.getState()).toMatchObject({ state: 'signed-out', status: 'ok', serving: false, sessionId: null });
    expect(tab.tokens.getState()).toMatchObject({
      expiresAt: null,
      fingerprint: null,
      error: null,
      nextAttemptAt: null,
    });
    expect(tab.tokens.peek()).toBeNull();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(tab.cookie?.read()).toEqual([]);
    expect(await tab.tokens.getToken()).toBeNull();
    await tab.clock.settle();
    expect(tab.clock.pending).toBe(0);
    await tab.clock.advance(600_000);
    expect(tab.server.requests).toHaveLength(3);
  });

  it('T27 L1 whoever waits gets null: plain, forced, of a template, and in the offline and outage states', async () => {
    for (const trouble of ['hang', 'offline', 'outage'] as const) {
      const tab = createTab();
      if (trouble === 'hang') tab.server.respondWith({ do: 'hang' });
      if (trouble === 'offline') tab.connectivity.set(false);
      if (trouble === 'outage') tab.server.respondWith({ do: 'status', status: 503 });
      tab.tokens.start();
      const reads = [{}, { skipCache: true }, { template: 'api' }].map((options) =>
        tab.watch(tab.tokens.getToken(options)),
      );
      await tab.clock.advance(1_000);
      expect(reads).toEqual([{}, {}, {}]);
      void tab.tokens.signOut();
      await tab.clock.settle();
      expect(reads.map(({ token }) => token)).toEqual([null, null, null]);
    }
  });

  it('R8.9 the cache of the session goes under every key, those of another tab included, and no other session’s', async () => {
    const { values, cache } = openCache();
    const store = memoryStore();
    const [here, there] = [createTab({ cache, store }), createTab({ cache, store })];
    const stranger = createTab({ cache, store: memoryStore(), session: { id: 'sess_2' } });
    await here.startFresh();
    await there.startFresh();
    void there.tokens.getToken({ template: 'theirs', organizationId: 'org_9', params: { audience: 'x' } });
    stranger.tokens.start();
    void stranger.tokens.getToken({ template: 'other' });
    await there.clock.advance(100);
    await stranger.clock.advance(100);
    const before = values.size;
    // The stranger's session pointer is the browser's; its two keys are its own.
    expect(before).toBe(5);
    await here.tokens.signOut();
    expect([...values.values()].every((token) => stranger.server.issued.includes(token))).toBe(true);
    expect(values.size).toBe(2);
  });

  it('R8.10 R10.18 the cookie goes in every variant that was ever written', async () => {
    const tabClock = { now: () => Date.UTC(2026, 0, 1) };
    const jar = createCookieJar({ now: tabClock.now });
    const url = 'https://app.shop.test/';
    jar.setByServer(url, '__Host-__session=old; Path=/; Secure');
    jar.setByServer(url, '__session=older; Path=/; Domain=shop.test; Secure');
    const cookie = documentCookie({
      document: jar.page({ url }),
      clock: tabClock,
      formerly: [{ name: '__session', domain: 'shop.test' }],
    });
    const tab = createTab({ cookie });
    await tab.startFresh();
    expect(jar.page({ url }).cookie).toContain(tab.server.issued[0]);
    await tab.tokens.signOut();
    await tab.clock.settle();
    expect(jar.page({ url }).cookie).not.toMatch(/(?:__Host-)?__session=/);
  });

  it('R8.11 a tombstone names the epoch in the shared store and in the cookie’s companion', async () => {
    const tab = createTab({ namespace: 'app' });
    await tab.startFresh();
    await tab.clock.advance(400);
    const { stored } = await tab.tokens.signOut();
    await stored;
    const { epoch } = tab.tokens.getState();
    expect(epoch).toBe(1);
    expect(await tab.store?.read('app')).toMatchObject({
      epoch,
      tombstone: { at: tab.clock.now(), reason: 'user' },
    });
    expect(await tab.store?.read('app')).not.toHaveProperty('fingerprint');
    expect(tab.cookie?.readContext?.()).toMatch(new RegExp(`^1\\.${epoch}\\.out\\.`));
  });

  it('R8.13 session.signedOut comes after the rest, with a reason, once', async () => {
    const { values, cache } = openCache();
    const tab = createTab({ cache });
    await tab.startFresh();
    const seen: unknown[] = [];
    tab.tokens.on('session.signedOut', ({ reason, session, epoch, explanation }) => {
      const { state } = tab.tokens.getState();
      const { size } = values;
      const cookie = tab.cookie?.read();
      const companion = tab.cookie?.readContext?.();
      seen.push({ reason, session, epoch, state, size, cookie, companion, peek: tab.tokens.peek() });
      expect(explanation).toContain('signed-out');
    });
    void tab.tokens.signOut();
    expect(seen).toEqual([
      {
        reason: 'user',
        session: { id: 'sess_1' },
        epoch: 1,
        state: 'signed-out',
        size: 0,
        cookie: [],
        companion: expect.stringMatching(/^1\.1\.out\.1\./),
        peek: null,
      },
    ]);
  });

  it('R8.7 twice is the same as once', async () => {
    const store = memoryStore();
    const tab = createTab({ store, namespace: 'app' });
    await tab.startFresh();
    const remove = vi.spyOn(tab.cookie ?? memoryCookie(), 'remove');
    const first = await tab.tokens.signOut();
    await first.stored;
    const [before, state] = [await store.read('app'), tab.tokens.getState()];
    await tab.clock.advance(5_000);
    const second = await tab.tokens.signOut();
    await second.stored;
    expect(await second.remote).toBe('skipped');
    expect(await store.read('app')).toEqual(before);
    expect(tab.tokens.getState()).toBe(state);
    expect(tab.of('session.signedOut')).toHaveLength(1);
    expect(tab.server.revoked).toEqual(['sess_1']);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('R8.6 offline: complete at once, the server is not asked', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.connectivity.set(false);
    const { remote, stored } = await tab.tokens.signOut();
    await stored;
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.cookie?.read()).toEqual([]);
    expect(await remote).toBe('skipped');
    expect(tab.server.revoked).toEqual([]);
    await tab.clock.advance(1_000);
    tab.connectivity.set(true);
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.server.instants).toEqual([0]);
  });

  it('R8.6 the best-effort part: revoked, failed, timed out, or skipped where the source has none', async () => {
    const answers: readonly [string, (() => Promise<void>) | undefined][] = [
      ['revoked', async () => {}],
      ['failed', () => Promise.reject(Object.assign(new Error('no such session'), { status: 404 }))],
      ['failed', () => new Promise(() => {})],
      [
        'failed',
        () => {
          throw new TypeError('Failed to fetch');
        },
      ],
      ['skipped', undefined],
    ];
    for (const [expected, revoke] of answers) {
      const tab = createTab({ source: { revoke } as unknown as NonNullable<TabOptions['source']> });
      await tab.startFresh();
      const { remote } = await tab.tokens.signOut();
      expect(tab.tokens.getState().state).toBe('signed-out');
      const outcome = vi.fn();
      void remote.then(outcome);
      await tab.clock.advance(10_000);
      expect(outcome).toHaveBeenCalledExactlyOnceWith(expected);
      expect(tab.clock.pending).toBe(0);
      expect(tab.tokens.getState().state).toBe('signed-out');
    }
  });

  it('T27 R8.1 while restoring: nothing that is read afterwards brings the session back', async () => {
    let answer: (token: string | undefined) => void = () => {};
    const cache: TokenCache = {
      ...memoryCache(),
      get: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    };
    const donor = createTab();
    await donor.startFresh();
    const tab = createUnnamedTab({ cache, cookie: memoryCookie() });
    tab.tokens.start();
    await tab.clock.settle();
    expect(tab.tokens.getState().state).toBe('restoring');
    const read = tab.watch(tab.tokens.getToken());
    const { stored } = await tab.tokens.signOut();
    expect(tab.tokens.getState().state).toBe('signed-out');
    answer(donor.tokens.peek() ?? undefined);
    await stored;
    await tab.clock.advance(10_000);
    expect(read.token).toBeNull();
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.of('session.signedOut')).toMatchObject([{ session: null, reason: 'user' }]);
    expect(tab.of('token.updated')).toEqual([]);
    expect(tab.server.requests).toHaveLength(0);
  });

  it('T27 R8.6 before start: what is stored goes, readers get null, and the start finds nobody', async () => {
    const { values, cache } = openCache();
    const [store, cookie] = [memoryStore(), memoryCookie()];
    const earlier = createTab({ cache, store, cookie, namespace: 'app' });
    await earlier.startFresh();
    earlier.tokens.stop();
    expect([values.size, cookie.read()]).toEqual([2, [{ value: earlier.server.issued[0] }]]);
    const tab = createTab({ cache, store, cookie, namespace: 'app' });
    const read = tab.watch(tab.tokens.getToken());
    const { stored } = await tab.tokens.signOut();
    await stored;
    expect([values.size, cookie.read()]).toEqual([0, []]);
    expect(await store.read('app')).toHaveProperty('tombstone');
    expect(tab.of('session.signedOut')).toHaveLength(1);
    tab.tokens.start();
    await tab.tokens.ready;
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(read.token).toBeNull();
    expect(tab.server.requests).toHaveLength(0);
  });

  it('T27 L4 after stop: what is stored goes, nothing is left running, and the next start finds nobody', async () => {
    const { values, cache } = openCache();
    const tab = createTab({ cache });
    await tab.startFresh();
    tab.tokens.stop();
    const { stored, remote } = await tab.tokens.signOut();
    await stored;
    await tab.clock.advance(100);
    expect(await remote).toBe('revoked');
    expect([values.size, tab.cookie?.read()]).toEqual([0, []]);
    expect(tab.clock.pending).toBe(0);
    await expect(tab.tokens.getToken()).rejects.toMatchObject({ code: 'stopped' });
    tab.tokens.start();
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.server.requests).toHaveLength(1);
  });

  it('T27 all keys in one step: no key mints or is held afterwards', async () => {
    const tab = createTab();
    await tab.startFresh();
    for (const template of ['a', 'b', 'c']) void tab.tokens.getToken({ template });
    await tab.clock.advance(100);
    expect(tab.tokens.peek({ template: 'b' })).not.toBeNull();
    void tab.tokens.signOut();
    for (const template of ['a', 'b', 'c']) {
      expect(tab.tokens.peek({ template })).toBeNull();
      expect(tab.tokens.getState({ template }).state).toBe('signed-out');
      expect(await tab.tokens.getToken({ template, skipCache: true })).toBeNull();
    }
    expect(tab.server.requests).toHaveLength(4);
  });
});

describe('What does not sign out', () => {
  const troubles: readonly [
    string,
    Parameters<ReturnType<typeof createTab>['server']['respondWith']>[0] | 'offline',
  ][] = [
    ['R8.3 S1 being offline', 'offline'],
    ['R8.4 S1 a 500', { do: 'status', status: 500 }],
    ['R8.4 S1 a 503 that names a terminal code', { do: 'status', status: 503, code: 'session_not_found' }],
    ['R8.4 S1 a 429', { do: 'status', status: 429, retryAfterMs: 30_000 }],
    ['R8.4 S1 a parse error', { do: 'throw', error: new SyntaxError('Unexpected token < in JSON') }],
    ['R8.4 S1 an answer without a token', { do: 'answer', result: {} }],
    ['R8.4 S1 no answer at all', { do: 'drop' }],
    ['R8.4 S1 a hanging origin', { do: 'hang' }],
    ['R8.4 S1 a 403', { do: 'status', status: 403 }],
    ['R8.4 S1 a 422 without a last token to show', { do: 'status', status: 422, code: 'missing_expired_token' }],
  ];
  for (const [name, behaviour] of troubles) {
    it(`R8.2 R8.17 ${name}, long past expiry: still signed in, the cookie never removed`, async () => {
      const cookie = memoryCookie();
      const remove = vi.spyOn(cookie, 'remove');
      const tab = createTab({ cookie });
      await tab.startFresh();
      if (behaviour === 'offline') tab.connectivity.set(false);
      else tab.server.respondWith(behaviour);
      await tab.clock.advance(3_600_000);
      expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', serving: false });
      expect(tab.tokens.getState().state).not.toBe('signed-out');
      expect(remove).not.toHaveBeenCalled();
      expect(cookie.read()).toEqual([{ value: tab.server.issued[0] }]);
      expect(tab.of('session.signedOut')).toEqual([]);
      // R4.7: null would mean signed out.
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.advance(200_000);
      expect(read.error).toMatchObject({ library: 'token-lifecycle' });
      // L2: and back, by itself.
      tab.server.respondWith({ do: 'mint' });
      tab.connectivity.set(true);
      await tab.clock.advance(110_000);
      expect(tab.tokens.getState().serving).toBe(true);
    });
  }
});
