/** Tombstones: what one tab signed out, neither another tab nor the next start brings back. */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { MintRequest, SessionCookie, TokenCache } from '../../machines/ports';
import { faultyCookie, type Switch } from '../support/faulty';
import { jwt } from '../support/jwt';
import { createTab, createUnnamedTab, type TabOptions } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;

/** What the tabs of one browser share. */
function createBrowser() {
  const shared = {
    clock: createVirtualClock(),
    cache: memoryCache(),
    store: memoryStore(),
    cookie: memoryCookie(),
    namespace: 'app',
  };
  const tab = (options: TabOptions = {}) => createTab({ ...shared, ...options });
  /** A tab that is told nothing about the session. */
  const newTab = (options: TabOptions = {}) => createUnnamedTab({ ...shared, ...options });
  return { ...shared, tab, newTab };
}

describe('Two tabs, of which one has not heard of the sign-out', () => {
  it('R8.16 S1 a late mint of the other tab does not bring the cookie back', async () => {
    const browser = createBrowser();
    const [here, there] = [browser.tab(), browser.tab()];
    here.tokens.start();
    await there.startFresh();
    await (await here.tokens.signOut()).stored;
    expect(browser.cookie.read()).toEqual([]);
    const write = vi.spyOn(browser.cookie, 'write');
    const before = there.server.requests.length;
    void there.tokens.refresh();
    await browser.clock.advance(100_000);
    // It hears before it mints: the record says so.
    expect(there.tokens.getState().state).toBe('signed-out');
    expect(there.of('session.signedOut')).toMatchObject([{ reason: 'peer' }]);
    expect(there.server.requests).toHaveLength(before);
    expect(write).not.toHaveBeenCalled();
    expect(browser.cookie.read()).toEqual([]);
    expect(browser.cookie.readContext?.()).toMatch(/^1\.\d+\.out\./);
  });

  it('R8.16 nor where that tab has reached a later epoch by switching: the companion stops it before it writes', async () => {
    const browser = createBrowser();
    const [here, there] = [browser.tab({ store: memoryStore() }), browser.tab({ store: memoryStore() })];
    here.tokens.start();
    await there.startFresh();
    there.tokens.setActive({ organizationId: 'org_1' });
    await browser.clock.advance(2_000);
    expect([here.tokens.getState().epoch, there.tokens.getState().epoch]).toEqual([0, 1]);
    await (await here.tokens.signOut()).stored;
    const write = vi.spyOn(browser.cookie, 'write');
    void there.tokens.refresh();
    await browser.clock.advance(3_000);
    expect(there.server.issued).toHaveLength(3);
    expect(there.tokens.getState().state).toBe('signed-out');
    expect(write).not.toHaveBeenCalled();
    expect(browser.cookie.read()).toEqual([]);
  });

  it('R8.16 without a companion the store’s tombstone is looked at after the write, which is taken back', async () => {
    const browser = createBrowser();
    const { readContext: _, writeContext: __, ...cookie } = browser.cookie;
    const here = browser.tab({ cookie });
    // Signs out while the answer is on its way, and nobody tells the tab that waits for it.
    const source = {
      mint: async (request: MintRequest) => {
        const answer = await there.server.source.mint(request);
        if (armed) await (await here.tokens.signOut()).stored;
        return answer;
      },
    };
    let armed = false;
    const there = browser.tab({ cookie, source, cache: memoryCache() });
    here.tokens.start();
    await there.startFresh();
    await browser.clock.advance(1_000);
    armed = true;
    there.tokens.refresh().catch(() => {});
    await browser.clock.advance(2_000);
    expect(there.server.issued).toHaveLength(1);
    expect(cookie.read()).toEqual([]);
    expect(there.tokens.getState().state).toBe('signed-out');
  });

  it('R8.16 a sign-out between the two looks: the write takes itself back', async () => {
    const browser = createBrowser();
    const here = browser.tab();
    const cookie: SessionCookie = {
      ...browser.cookie,
      write: (...given) => {
        const written = browser.cookie.write(...given);
        // At this very moment the other tab signs out; its removal has come before.
        if (armed) void here.tokens.signOut();
        if (armed) browser.cookie.write(...given);
        return written;
      },
    };
    let armed = false;
    const there = browser.tab({ cookie, cache: memoryCache() });
    here.tokens.start();
    await there.startFresh();
    await browser.clock.advance(1_000);
    armed = true;
    void there.tokens.refresh();
    await browser.clock.advance(3_000);
    expect(there.server.issued).toHaveLength(1);
    expect(browser.cookie.read()).toEqual([]);
  });

  it('R8.16 R8.17 a new sign-in lifts it: the cookie of the new session stays', async () => {
    for (const id of ['sess_1', 'sess_2']) {
      const browser = createBrowser();
      const [here, there] = [browser.tab(), browser.tab()];
      here.tokens.start();
      await there.startFresh();
      await (await here.tokens.signOut()).stored;
      there.tokens.signIn({ session: { id } });
      await browser.clock.advance(100);
      const first = there.server.issued.at(-1);
      expect(browser.cookie.read()).toEqual([{ value: first }]);
      await browser.clock.advance(60_000);
      expect(browser.cookie.read()).toEqual([{ value: there.server.issued.at(-1) }]);
      expect(there.server.issued.at(-1)).not.toBe(first);
      expect(await browser.store.read('app')).not.toHaveProperty('tombstone');
    }
  });

  it('S7 I04 what the tab that has not heard keeps minting does not sign the next tab in', async () => {
    const browser = createBrowser();
    const [here, there] = [browser.tab(), browser.tab()];
    here.tokens.start();
    await there.startFresh();
    await (await here.tokens.signOut()).stored;
    // As soon as it would mint, it hears as well.
    await browser.clock.advance(50_000);
    expect(there.tokens.getState().state).toBe('signed-out');
    const next = browser.newTab();
    next.tokens.start();
    await browser.clock.settle();
    expect(next.tokens.getState().state).toBe('signed-out');
  });
});

describe('The next start', () => {
  it('I04 R8.11 a token that sign-out could not remove does not sign in again', async () => {
    for (const place of ['cookie', 'cache'] as const) {
      const browser = createBrowser();
      const state: Switch = { fault: null };
      const broken: Switch['fault'] = {
        name: 'fails',
        reason: 'Error',
        act: () => {
          throw new Error('locked');
        },
      };
      const cache: TokenCache = {
        ...browser.cache,
        deleteAll: (prefix) => (state.fault ? state.fault.act() : browser.cache.deleteAll(prefix)),
      };
      const cookie = faultyCookie(browser.cookie, state);
      const first = browser.tab(place === 'cookie' ? { cookie } : { cache });
      await first.startFresh();
      const token = first.tokens.peek();
      state.fault = broken;
      await first.clock.advance(900);
      await (await first.tokens.signOut()).stored;
      expect(first.tokens.getState().state).toBe('signed-out');
      expect(first.of('adapter.failed').length).toBeGreaterThan(0);
      first.tokens.stop();
      state.fault = null;
      if (place === 'cookie') expect(browser.cookie.read()).toEqual([{ value: token }]);
      const second = browser.newTab();
      second.tokens.start();
      await browser.clock.settle();
      expect(second.tokens.getState().state).toBe('signed-out');
      expect(await second.tokens.getToken()).toBeNull();
      expect(second.server.requests).toHaveLength(0);
    }
  });

  it('I04 I03 signed out offline: after the restart still signed out, online again or not', async () => {
    const browser = createBrowser();
    const first = browser.tab();
    await first.startFresh();
    first.connectivity.set(false);
    await (await first.tokens.signOut()).stored;
    first.tokens.stop();
    const second = browser.newTab();
    second.tokens.start();
    await browser.clock.advance(60_000);
    expect(second.tokens.getState().state).toBe('signed-out');
    expect(second.server.requests).toHaveLength(0);
  });

  it('R8.11 where the server’s clock is ahead, an old token is no newer than the tombstone', async () => {
    const browser = createBrowser();
    const first = browser.tab({ server: { offsetMs: 600_000, withDate: true } });
    await first.startFresh();
    const token = first.tokens.peek() ?? '';
    expect(first.tokens.getState().clockOffsetMs).toBeGreaterThan(500_000);
    await (await first.tokens.signOut()).stored;
    browser.cookie.write(token, { expiresAt: Number.MAX_SAFE_INTEGER });
    const second = browser.newTab();
    second.tokens.start();
    await browser.clock.settle();
    expect(second.tokens.getState().state).toBe('signed-out');
  });

  it('T1 a token from after the sign-out does: the user signed in on the server since', async () => {
    const browser = createBrowser();
    const first = browser.tab();
    await first.startFresh();
    await (await first.tokens.signOut()).stored;
    first.tokens.stop();
    await browser.clock.advance(5_000);
    const token = jwt({ iat: start + 5, exp: start + 65 });
    browser.cookie.write(token, { expiresAt: Number.MAX_SAFE_INTEGER });
    const second = browser.newTab();
    second.tokens.start();
    await browser.clock.settle();
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    await browser.clock.advance(50_000);
    expect(browser.cookie.read()).toEqual([{ value: second.server.issued[0] }]);
  });

  for (const given of ['session and token', 'session'] as const) {
    it(`S1 R8.17 T28 a page rendered with the ${given} after an earlier sign-out gets and keeps its cookie`, async () => {
      const browser = createBrowser();
      const first = browser.tab();
      await first.startFresh();
      await (await first.tokens.signOut()).stored;
      first.tokens.stop();
      await browser.clock.advance(5_000);
      const token = jwt({ iat: start + 5, exp: start + 65 });
      const remove = vi.spyOn(browser.cookie, 'remove');
      const second = browser.tab(given === 'session' ? {} : { initialToken: token });
      second.tokens.start();
      await browser.clock.advance(3_000);
      expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
      expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
      expect(remove).not.toHaveBeenCalled();
      await browser.clock.advance(60_000);
      expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
    });
  }

  it('R8.15 T28 signing in to the same session again raises the epoch above the tombstone’s, in a new process too', async () => {
    const browser = createBrowser();
    const first = browser.tab();
    await first.startFresh();
    for (let round = 0; round < 3; round += 1) {
      await (await first.tokens.signOut()).stored;
      first.tokens.signIn({ session: { id: 'sess_1' } });
      await browser.clock.advance(1_000);
    }
    await (await first.tokens.signOut()).stored;
    const tombstone = (await browser.store.read('app'))?.epoch ?? 0;
    expect(tombstone).toBe(7);
    expect(first.tokens.getState().epoch).toBe(7);
    first.tokens.stop();

    const second = browser.tab({ session: null });
    second.tokens.start();
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(100);
    expect(second.tokens.getState().epoch).toBe(8);
    expect(await browser.store.read('app')).toMatchObject({ epoch: 8 });
    expect(await browser.store.read('app')).not.toHaveProperty('tombstone');
    expect(browser.cookie.read()).toEqual([{ value: second.server.issued[0] }]);
    // A tab that still lives in an older epoch is not listened to.
    expect(second.tokens.getState().state).toBe('fresh');
  });

  it('R8.11 R9.11 the tombstone keeps nothing of the session, but what was learned of the clock', async () => {
    const browser = createBrowser();
    const tab = browser.tab({ server: { offsetMs: 600_000, withDate: true } });
    await tab.startFresh();
    await browser.clock.settle();
    await (await tab.tokens.signOut()).stored;
    // The offset, and when that was by the server’s clock.
    expect(Object.keys((await browser.store.read('app')) ?? {}).sort()).toEqual([
      'clockOffsetMs',
      'epoch',
      'generation',
      'issuedAt',
      'signedOut',
      'tombstone',
      'v',
    ]);
  });
});
