/** The mark of a single-use credential on its way, where the store fails or is slow (S6, L1, R5.14). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import { fingerprint, hashName } from '../../adapters/token/fingerprint';
import type { SharedStore } from '../../machines/ports';
import { createGates, faultyStore, full, gatedStore, type Switch } from '../support/faulty';
import { createRotating, credentialName } from './support/rotating';

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

  /** Another tab was at it a second ago, and is gone. */
  const leaveMark = (store: SharedStore, { wallMs, openMs }: { readonly wallMs: number; readonly openMs: number }) =>
    store.update('app', () => ({
      v: 1,
      generation: 1,
      epoch: 0,
      inFlight: {
        owner: 'gone.1',
        startedAt: wallMs + openMs - 10_000,
        deadline: wallMs + openMs,
        credential: fingerprint('c0'),
        sessionHash: hashName('sess_1'),
      },
    }));

  it('S6 R5.14 a tab is at it, as far as is known, when the store fails: nothing is spent before its time is over', async () => {
    const store = memoryStore();
    const state: Switch = { fault: full, only: ['update'] };
    const browser = await createRotating({ store: faultyStore(store, state) });
    await leaveMark(store, { wallMs: browser.clock.now(), openMs: 9_000 });
    const tab = browser.open();
    await browser.clock.advance(8_900);
    expect(browser.spent).toEqual([]);
    await browser.clock.advance(10_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('S6 R5.14 a mark that was there before is no thief’s, where the store failed as one’s own was to be written', async () => {
    const store = memoryStore();
    const state: Switch = { fault: full };
    const browser = await createRotating({ store: faultyStore(store, state) });
    await leaveMark(store, { wallMs: browser.clock.now(), openMs: 9_000 });
    const tab = browser.open();
    await browser.clock.settle();
    while (browser.spent.length === 0) await browser.clock.advance(10);
    state.fault = null;
    await browser.clock.advance(1_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(await browser.cache.get(credentialName)).toBe('c1');
    await browser.clock.advance(60_000);
    expect(browser.reuses).toEqual([]);
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

it('S6 R5.15 whoever gets the lock takes over a credential that another tab, without one, is slow to look at: that one does not send it', async () => {
  const shared = memoryCache();
  let slowMs = 0;
  const wait = (name: string, ms: number) =>
    new Promise<void>((resolve) => void browser.clock.setTimeout(resolve, name === credentialName ? ms : 0));
  const slow: typeof shared = { ...shared, get: (name) => wait(name, slowMs).then(() => shared.get(name)) };
  const slower: typeof shared = {
    ...shared,
    set: (name, ...given) => wait(name, 2 * slowMs).then(() => shared.set(name, ...given)),
  };
  const browser = await createRotating({ cache: shared, graceMs: 30_000 });
  await shared.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
  const first = browser.open({ cache: slow, lock: { run: () => Promise.reject(new TypeError('no locks')) } });
  await browser.clock.advance(2_000);
  const second = browser.open({ cache: slower });
  await browser.clock.advance(1_000);
  const before = browser.spent.length;
  slowMs = 1_000;
  first.tokens.refresh().catch(() => {});
  // The look before the mark is over, the one under it is not.
  for (let look = 0; look < 100 && !(await browser.store.read('app'))?.inFlight; look += 1)
    await browser.clock.advance(50);
  expect((await browser.store.read('app'))?.inFlight).toBeDefined();
  second.tokens.getToken({ template: 'db' }).catch(() => {});
  await browser.clock.advance(5_000);
  const sent = browser.spent.slice(before).map(({ credential }) => credential);
  expect(sent.length).toBeGreaterThan(0);
  expect(new Set(sent).size).toBe(sent.length);
});
