/** A single-use credential where the storage fails for a while (S6, R5.14; H06). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { TokenCache } from '../../machines/ports';
import { createGates, gatedStore } from '../support/faulty';
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

describe('A store that fails for a while', () => {
  it('R5.14 H06 the mark was not written, the store is well when the answer comes: the successor is kept', async () => {
    const store = memoryStore();
    let isFull = false;
    const update: typeof store.update = (key, change) =>
      isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : store.update(key, change);
    const browser = await createRotating({ store: { ...store, update } });
    const tab = browser.open();
    await browser.clock.advance(42_000);
    isFull = true;
    await browser.clock.advance(1_060);
    expect(browser.spent).toHaveLength(2);
    isFull = false;
    await browser.clock.advance(1_000);
    expect(await browser.cache.get(credentialName)).toBe('c2');
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    await browser.clock.advance(120_000);
    expect(browser.reuses).toEqual([]);
  });

  it('S6 R10.3 the mark cannot be written, and there is no lock either: nothing is spent, since every tab would', async () => {
    const store = memoryStore();
    let isFull = true;
    const update: typeof store.update = (key, change) =>
      isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : store.update(key, change);
    const browser = await createRotating({ store: { ...store, update }, without: ['lock'] });
    const tabs = [browser.open(), browser.open()];
    await browser.clock.advance(20_000);
    expect(browser.spent).toEqual([]);
    isFull = false;
    await browser.clock.advance(20_000);
    expect(browser.reuses).toEqual([]);
    expect(browser.spent[0]?.credential).toBe('c0');
    expect(tabs.map(({ tokens }) => tokens.getState().state)).toEqual(['fresh', 'fresh']);
  });

  it('S10 T9 the network goes away while the mark is written, slowly: nothing is sent, and nothing is spent', async () => {
    const store = memoryStore();
    const gates = createGates();
    const browser = await createRotating({ store: gatedStore(store, gates) });
    const tab = browser.open();
    const reader = tab.watch(tab.tokens.getToken());
    const step = async () => {
      gates.open();
      await browser.clock.settle();
    };
    for (let write = 0; write < 20 && tab.of('refresh.started').length === 0; write += 1) await step();
    tab.connectivity.set(false);
    for (let write = 0; write < 5; write += 1) await step();
    expect(browser.spent).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
    expect(reader).toEqual({});
    tab.connectivity.set(true);
    for (let write = 0; write < 20; write += 1) {
      await step();
      await browser.clock.advance(100);
    }
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });
});

describe('A store that is slow', () => {
  it('R5.14 S6 once the successor is on record: its mark is gone in the same step, and keeps nobody from going on', async () => {
    const store = memoryStore();
    const browser = await createRotating({ store });
    const { clock } = browser;
    const isOnRecord = async () => (await store.read('app'))?.keys?.[credentialName]?.fingerprint !== undefined;
    const slow: typeof store = {
      ...store,
      update: async (...given) => {
        if (await isOnRecord()) await new Promise<void>((resolve) => void clock.setTimeout(resolve, 9_000));
        return store.update(...given);
      },
    };
    browser.open({ store: slow });
    await clock.advance(1_000);
    const second = browser.open();
    await clock.advance(2_000);
    const forced = second.watch(second.tokens.refresh());
    await clock.advance(2_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1']);
    expect(forced.token).toEqual(expect.any(String));
  });

  /** What is written while it is held waits, and what comes later overtakes it. */
  function createHeld() {
    const store = memoryStore();
    let isHeld = true;
    let arrive = (): void => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const update: typeof store.update = async (...given) => {
      if (isHeld) await late;
      return store.update(...given);
    };
    return {
      store: { ...store, update },
      free: () => {
        isHeld = false;
      },
      arrive: () => arrive(),
    };
  }

  it('S6 R5.14 the mark of a mint that was given up comes late: it takes nothing from the one that came after it', async () => {
    const held = createHeld();
    const browser = await createRotating({ store: held.store, latencyMs: 2_000, without: ['lock'] });
    const tab = browser.open();
    await browser.clock.advance(6_000);
    expect(browser.spent).toEqual([]);
    held.free();
    while (browser.spent.length === 0) await browser.clock.advance(1_000);
    held.arrive();
    await browser.clock.advance(60_000);
    expect(browser.spent.slice(0, 2).map(({ credential }) => credential)).toEqual(['c0', 'c1']);
    expect(browser.reuses).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('S6 R5.14 nor does the mark of one whose answer was lost, which is repeated at once', async () => {
    const held = createHeld();
    const browser = await createRotating({ store: held.store, latencyMs: 2_000, graceMs: 30_000 });
    const tab = browser.open();
    browser.lose((index) => (index === 0 ? 'dropped' : 'no'));
    while (browser.spent.length === 0) await browser.clock.advance(1_000);
    held.free();
    while (browser.spent.length === 1) await browser.clock.advance(1_000);
    held.arrive();
    await browser.clock.advance(60_000);
    expect(browser.spent.slice(0, 3).map(({ credential }) => credential)).toEqual(['c0', 'c0', 'c1']);
    expect(browser.reuses).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('L1 R5.14 the mark comes when its request has been answered: it is not written any more, and nothing waits for it', async () => {
    const held = createHeld();
    const browser = await createRotating({ store: held.store });
    const tab = browser.open();
    while (browser.spent.length === 0) await browser.clock.advance(1_000);
    held.free();
    await browser.clock.advance(1_000);
    held.arrive();
    await browser.clock.advance(1_000);
    expect((await held.store.read('app'))?.inFlight).toBeUndefined();
    const forced = tab.watch(tab.tokens.refresh());
    await browser.clock.advance(1_000);
    expect(forced.token).toEqual(expect.any(String));
    expect(browser.reuses).toEqual([]);
  });

  it('L1 R5.14 a mark that nothing was sent under does not stay, though it came late', async () => {
    const held = createHeld();
    const browser = await createRotating({ store: held.store, without: ['lock'] });
    const tab = browser.open();
    while (tab.of('refresh.failed').length === 0) await browser.clock.advance(100);
    held.free();
    held.arrive();
    await browser.clock.advance(100);
    expect(browser.spent).toEqual([]);
    expect((await held.store.read('app'))?.inFlight).toBeUndefined();
  });
});

it('L1 R5.14 a mint that is given up right under its mark, while the cache is looked at again, takes the mark with it', async () => {
  const shared = memoryCache();
  let looks = 0;
  const cache: typeof shared = {
    ...shared,
    get: async (name) => {
      looks += name === credentialName ? 1 : 0;
      // The second look is the one under the mark.
      if (looks === 2) await new Promise<void>((resolve) => void browser.clock.setTimeout(resolve, 500));
      return shared.get(name);
    },
  };
  const browser = await createRotating({ cache });
  await shared.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
  const tab = browser.open();
  await browser.clock.advance(200);
  expect((await browser.store.read('app'))?.inFlight).toBeDefined();
  tab.tokens.stop();
  await browser.clock.advance(1_000);
  expect(browser.spent).toEqual([]);
  expect((await browser.store.read('app'))?.inFlight).toBeUndefined();
});
