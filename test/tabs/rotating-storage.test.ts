/** A single-use credential where the cache fails for a while or is slow (S6, R5.14; H06). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import type { TokenCache } from '../../machines/ports';
import { createRotating, credentialName } from './support/rotating';

/** Full, as far as credentials go. */
const refusing = (kept: TokenCache): TokenCache => ({
  ...kept,
  set: (name, value, options) => {
    if (name === credentialName) throw new DOMException('full', 'QuotaExceededError');
    return kept.set(name, value, options);
  },
});

describe('A cache that fails for a while', () => {
  it('H06 S6 a successor that was stored late is not kept in memory after another tab has spent it', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    let isSlow = true;
    const cache: TokenCache = {
      ...kept,
      set: async (name, value, options) => {
        await kept.set(name, value, options);
        if (isSlow && name === credentialName) throw new Error('too late');
      },
    };
    const browser = await createRotating({ cache });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    isSlow = false;
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(10_000);
    const forced = first.watch(first.tokens.refresh());
    await browser.clock.advance(10_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
    expect(forced.token).toEqual(expect.any(String));
  });
});

describe('A cache that is slow', () => {
  it('H06 S6 a successor that lands late buries none that came after it', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    let slowMs = 8_000;
    const cache: TokenCache = {
      ...kept,
      set: async (name, value, options) => {
        const ms = name === credentialName ? slowMs : 0;
        if (ms > 0) slowMs = 0;
        if (ms > 0) await new Promise((resolve) => browser.clock.setTimeout(() => resolve(undefined), ms));
        return kept.set(name, value, options);
      },
    };
    const browser = await createRotating({ cache });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(4_000);
    first.tokens.refresh().catch(() => {});
    await browser.clock.advance(10_000);
    first.tokens.stop();
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(10_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
  });

  it.each([1, 4])(
    'H06 one that never lands keeps none that come after it out of the cache, %d of them',
    async (times) => {
      const kept = memoryCache();
      await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
      let hangs = true;
      const cache: TokenCache = {
        ...kept,
        set: async (name, value, options) => {
          const isHung = hangs && name === credentialName;
          if (isHung) hangs = false;
          return isHung ? new Promise(() => {}) : kept.set(name, value, options);
        },
      };
      const browser = await createRotating({ cache });
      const [first, second] = [browser.open(), browser.open()];
      await browser.clock.advance(5_000);
      for (let time = 0; time < times; time += 1) {
        await browser.clock.advance(times > 1 ? 4_000 : 10_000);
        first.tokens.refresh().catch(() => {});
      }
      await browser.clock.advance(5_000);
      first.tokens.stop();
      second.tokens.refresh().catch(() => {});
      await browser.clock.advance(10_000);
      expect(browser.spent.at(-1)?.credential).toBe(`c${times + 1}`);
      expect(browser.reuses).toEqual([]);
    },
  );

  it('S6 R5.14 a mint that was given up while it was read takes no mark from the one that came after it', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    let isSlow = true;
    let arrive = (): void => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const cache: TokenCache = {
      ...kept,
      get: async (name) => {
        const waits = isSlow && name === credentialName;
        if (waits) isSlow = false;
        if (waits) await late;
        return kept.get(name);
      },
    };
    const browser = await createRotating({ cache, latencyMs: 2_000 });
    const tab = browser.open();
    while (browser.spent.length === 0) await browser.clock.advance(1_000);
    arrive();
    await browser.clock.advance(60_000);
    expect(browser.spent.slice(0, 2).map(({ credential }) => credential)).toEqual(['c0', 'c1']);
    expect(browser.reuses).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.5 R5.14 S6 what it takes under the mark is part of the time of the request, which ends no later than the mark', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    const cache: TokenCache = {
      ...kept,
      get: async (name) => {
        const isMarked = (await browser.store.read('app'))?.inFlight !== undefined;
        if (isMarked && name === credentialName)
          await new Promise<void>((resolve) => void browser.clock.setTimeout(resolve, 2_000));
        return kept.get(name);
      },
    };
    const browser = await createRotating({ cache });
    const tab = browser.open();
    browser.lose(() => 'never');
    await browser.clock.advance(9_900);
    expect(browser.instants).toEqual([2_000]);
    expect(tab.of('refresh.failed')).toEqual([]);
    const { inFlight } = (await browser.store.read('app')) ?? {};
    expect(inFlight).toMatchObject({ deadline: (inFlight?.startedAt ?? 0) + 10_000 });
    await browser.clock.advance((inFlight?.deadline ?? 0) - browser.clock.now());
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'ambiguous' }]);
  });
});

describe('A credential that could not be stored', () => {
  it('H06 R8.15 is forgotten with a new sign-in, which brings one of its own', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    let isFull = true;
    const cache: TokenCache = {
      ...kept,
      set: (name, value, options) => {
        if (isFull && name === credentialName) throw new DOMException('full', 'QuotaExceededError');
        return kept.set(name, value, options);
      },
    };
    const browser = await createRotating({ cache });
    const tab = browser.open();
    await browser.clock.advance(1_000);
    await tab.tokens.signOut();
    isFull = false;
    await cache.set(credentialName, 'of the new sign-in', { expiresAt: Number.MAX_SAFE_INTEGER });
    tab.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'of the new sign-in']);
  });

  /** The first of two tabs could not store the first successor; then somebody signs in to the session that is there already. */
  async function createSignedInAgain() {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    let isFull = true;
    const cache: TokenCache = {
      ...kept,
      set: (name, value, options) => {
        if (isFull && name === credentialName) throw new DOMException('full', 'QuotaExceededError');
        return kept.set(name, value, options);
      },
    };
    const browser = await createRotating({ cache });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(5_000);
    isFull = false;
    return { browser, first, second };
  }

  it('S6 is not sent again by another tab where a sign-in to the same session brings none', async () => {
    const { browser, second } = await createSignedInAgain();
    second.tokens.signIn({ session: { id: 'sess_1' } });
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
  });

  it('L2 H06 R5.28 keeps nobody from minting who has it: that others have none is no wait for all', async () => {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    const browser = await createRotating({ cache: kept, policy: { jitter: 0 } });
    const [first, second] = [browser.open(), browser.open({ cache: refusing(kept) })];
    await browser.clock.advance(5_000);
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.read(180_000);
    expect(browser.spent.slice(0, 3).map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
    expect(browser.spent[2]?.at).toBeLessThan(80_000);
  });

  for (const who of ['first', 'second'] as const)
    it(`S6 H06 is not lost where a sign-in to the same session, in the ${who} tab, brings none`, async () => {
      const { browser, first, ...tabs } = await createSignedInAgain();
      const { tokens } = { first, ...tabs }[who];
      tokens.signIn({ session: { id: 'sess_1' } });
      await browser.clock.advance(1_000);
      first.tokens.refresh().catch(() => {});
      await browser.clock.advance(90_000);
      expect(browser.spent.slice(0, 3).map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
      expect(browser.reuses).toEqual([]);
      expect(tabs.second.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    });
});

describe('A credential that is gone with the page that could not store it', () => {
  async function createLost() {
    const kept = memoryCache();
    await kept.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    // What a server says of a session may be what it says of a credential that is spent: no proof.
    const checked: string[] = [];
    const browser = await createRotating({
      cache: kept,
      policy: { jitter: 0 },
      source: {
        checkSession: async ({ sessionId }) => {
          checked.push(sessionId);
          return 'gone';
        },
      },
    });
    const first = browser.open({ cache: refusing(kept) });
    await browser.clock.advance(5_000);
    first.tokens.stop();
    const second = browser.open({ cache: kept });
    // Longer than the token lives, and until the tries for a reader are used up.
    await browser.read(600_000, { of: [second] });
    return { browser, second, checked };
  }

  it('S1 S6 H06 is not sent again by another tab, nor is anybody signed out: readers are told what is missing', async () => {
    const { browser, second, checked } = await createLost();
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
    expect(checked).toEqual([]);
    expect(second.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'probing',
      status: 'degraded',
    });
    const read = second.watch(second.tokens.getToken());
    await browser.clock.advance(0);
    expect(read.error).toMatchObject({
      code: 'request_failed',
      failure: 'transient',
      message: 'Another tab has the credential that is good now, or had it last.',
      cause: { code: 'credential_elsewhere' },
    });
  });

  it('L2 H06 R8.15 a sign-in that brings one ends it at once', async () => {
    const { browser, second } = await createLost();
    await browser.cache.set(credentialName, browser.good(), { expiresAt: Number.MAX_SAFE_INTEGER });
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1']);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('L2 H06 R8.15 after a sign-out nothing of it is left: the source is asked, which may have one of its own', async () => {
    const { browser, second } = await createLost();
    await second.tokens.signOut();
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    expect(browser.spent.slice(0, 2).map(({ credential }) => credential)).toEqual(['c0', undefined]);
  });
});

describe('A credential that the cache has lost again', () => {
  it('L2 H06 S6 is still with the tab that got it, which mints on: the record says that it is the one', async () => {
    const browser = await createRotating({ policy: { jitter: 0 } });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(5_000);
    // A page that froze as it signed out comes back, long after somebody has signed in again.
    await browser.cache.deleteAll('app');
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(3_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
    await browser.read(120_000);
    expect(browser.spent.slice(0, 3).map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
    expect(browser.reuses).toEqual([]);
    expect([first, second].map(({ tokens }) => tokens.getState().state)).toEqual(['fresh', 'fresh']);
  });

  it('S7 S6 is sent by nobody once somebody has signed out, nor after a sign-in that brings none', async () => {
    const browser = await createRotating();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(5_000);
    await second.tokens.signOut();
    await browser.clock.advance(1_000);
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(60_000);
    expect(browser.spent.length).toBeGreaterThan(1);
    expect(browser.spent.map(({ credential }) => credential)).not.toContain('c1');
  });
});
