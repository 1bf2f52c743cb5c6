/** What could not be written when it happened is not forgotten (T28, S1, L1). */
import { expect, it } from 'vitest';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import { hashName } from '../../adapters/token/fingerprint';
import { createBrowser } from '../support/browser';
import { fullStore } from './support/full-store';
import { slowStore } from './support/slow-store';

it('T28 S1 R8.15 signed in while the storage is full: the sign-out before it is not taken for a later one', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const full = fullStore(store, isFull);
  const browser = createBrowser({ store: full });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  await (await first.tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  isFull.now = true;
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(10_000);
  isFull.now = false;
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toHaveLength(1);
  expect((await store.read('app'))?.signedOut ?? {}).toEqual({});
});

it('S1 T28 signed in while the storage is full, then stopped and started: what goes on has overtaken nothing', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const browser = createBrowser({ store: fullStore(store, isFull) });
  const { tokens, of } = browser.open();
  await browser.clock.advance(1_000);
  await (await tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  isFull.now = true;
  tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  tokens.stop();
  tokens.start();
  await browser.clock.advance(1_000);
  isFull.now = false;
  await browser.clock.advance(100_000);
  expect(tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(of('session.signedOut')).toHaveLength(1);
  expect((await store.read('app'))?.signedOut ?? {}).toEqual({});
});

it('L3 T27 signed out of one session and in to another while the storage is full: both are written once it is not', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const full = fullStore(store, isFull);
  const browser = createBrowser({ store: full, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  isFull.now = true;
  first.tokens.signOut();
  await browser.clock.advance(1_000);
  first.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  isFull.now = false;
  await browser.clock.advance(100_000);
  expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
  expect(second.of('session.signedOut')).toMatchObject([{ reason: 'peer' }]);
  expect(second.tokens.getState().state).toBe('signed-out');
});

it('S1 T28 a sign-out that is written late ends no later sign-in, also where the tab had counted further by itself', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const full = fullStore(store, isFull);
  const browser = createBrowser({ store, without: ['channel', 'cookie'] });
  const [first, second] = [browser.open({ store: full }), browser.open()];
  await browser.clock.advance(1_000);
  isFull.now = true;
  for (const id of ['sess_2', 'sess_1', 'sess_2', 'sess_1']) {
    first.tokens.signIn({ session: { id } });
    await browser.clock.advance(1_000);
  }
  await (await second.tokens.signOut()).stored;
  first.tokens.signOut();
  await browser.clock.advance(1_000);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  isFull.now = false;
  first.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toMatchObject([{ reason: 'user' }]);
});

it('L3 S7 signed out while nothing can be stored, in a tab that counts fewer sign-ins: the others hear of it all the same', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const full = fullStore(store, isFull);
  const browser = createBrowser({ store: full });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  isFull.now = true;
  for (const id of ['sess_2', 'sess_1', 'sess_2', 'sess_1']) {
    second.tokens.signIn({ session: { id } });
    await browser.clock.advance(1_000);
  }
  first.tokens.signOut();
  await browser.clock.advance(1_000);
  expect(second.tokens.getState().state).toBe('signed-out');
  expect(second.of('session.signedOut')).toMatchObject([{ reason: 'peer' }]);
});

it('S1 T28 that it could not be written is told later than who signed in since, or began since: it ends neither', async () => {
  const store = memoryStore();
  const hangs = { now: false };
  const hanging: typeof store = {
    ...store,
    update: (...given) => (hangs.now ? new Promise<never>(() => {}) : store.update(...given)),
  };
  const browser = createBrowser({ store });
  const [first, second] = [browser.open({ store: hanging }), browser.open()];
  await browser.clock.advance(1_000);
  hangs.now = true;
  first.tokens.signOut();
  await browser.clock.advance(500);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(500);
  second.tokens.stop();
  second.tokens.start();
  const third = browser.open();
  await browser.clock.advance(5_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(third.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(third.of('session.signedOut')).toEqual([]);
});

it('S1 T28 nor does it where somebody set the clock back before it was told', async () => {
  const store = memoryStore();
  const hangs = { now: false };
  const hanging: typeof store = {
    ...store,
    update: (...given) => (hangs.now ? new Promise<never>(() => {}) : store.update(...given)),
  };
  const browser = createBrowser({ store, without: ['cookie'] });
  const [first, second] = [browser.open({ store: hanging }), browser.open({ store: hanging })];
  await browser.clock.advance(1_000);
  hangs.now = true;
  first.tokens.signOut();
  await browser.clock.advance(500);
  browser.clock.skew(-3_600_000);
  await browser.clock.advance(500);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(5_000);
  expect(second.tokens.getState()).toMatchObject({ sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toMatchObject([{ reason: 'peer' }]);
});

it('S1 R8.10 a sign-in that was slow to be written takes the cookie from nobody who signed in after it', async () => {
  const store = memoryStore();
  const broken = new Set<number>();
  const storeOf = (tab: number): typeof store => ({
    ...store,
    update: async (...given) => {
      if (broken.has(tab)) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
      return store.update(...given);
    },
  });
  const browser = createBrowser();
  const [first, second] = [browser.open({ store: storeOf(1) }), browser.open({ store: storeOf(2) })];
  await browser.clock.advance(1_000);
  broken.add(1).add(2);
  // The first one counts further: it has signed in more often.
  for (const id of ['sess_2', 'sess_1', 'sess_2']) {
    first.tokens.signIn({ session: { id } });
    await browser.clock.advance(1_000);
  }
  browser.focus(second);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  broken.delete(2);
  await browser.clock.advance(60_000);
  broken.delete(1);
  await browser.clock.advance(100_000);
  expect((await store.read('app'))?.active?.sessionHash).toBe(hashName('sess_1'));
  expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect((await browser.cookie.read()).map(({ value }) => value)).toEqual([second.tokens.peek()]);
});

it('S1 R8.10 a sign-in that is written late is later than one that it knew of, also behind a clock that was set back between them', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const browser = createBrowser({ store, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open({ store: fullStore(store, isFull) })];
  await browser.clock.advance(1_000);
  first.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(10_000);
  browser.clock.skew(-3_600_000);
  isFull.now = true;
  browser.focus(second);
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  browser.server.slept(2 * 3_600_000);
  await browser.clock.sleep(2 * 3_600_000);
  isFull.now = false;
  await browser.clock.advance(100_000);
  expect((await store.read('app'))?.active?.sessionHash).toBe(hashName('sess_2'));
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
  expect((await browser.cookie.read()).map(({ value }) => value)).toEqual([second.tokens.peek()]);
});

it.each([0, -60_000])(
  'S1 T28 signed in again in another tab while the sign-out before it is still being written: the sign-in stays, the clock set by %d ms',
  async (byMs) => {
    const store = memoryStore();
    let slowMs = 0;
    const slow: typeof store = {
      ...store,
      update: async (...given) => {
        const ms = slowMs;
        slowMs = 0;
        if (ms > 0) await new Promise((resolve) => browser.clock.setTimeout(() => resolve(undefined), ms));
        return store.update(...given);
      },
    };
    const browser = createBrowser({ store: slow, without: ['channel', 'cookie'] });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    slowMs = 1_500;
    first.tokens.signOut();
    await browser.clock.advance(500);
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(500);
    browser.clock.skew(byMs);
    await browser.clock.advance(100_000);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(second.of('session.signedOut')).toEqual([]);
    expect(first.tokens.getState().state).toBe('signed-out');
    expect((await store.read('app'))?.signedOut ?? {}).toEqual({});
  },
);

it('L3 S7 signed out in another tab while the sign-in before it is still being written: the sign-out stays', async () => {
  const store = memoryStore();
  let slowMs = 0;
  const slow: typeof store = {
    ...store,
    update: async (...given) => {
      const ms = slowMs;
      slowMs = 0;
      if (ms > 0) await new Promise((resolve) => browser.clock.setTimeout(() => resolve(undefined), ms));
      return store.update(...given);
    },
  };
  const browser = createBrowser({ store, without: ['channel', 'cookie'] });
  const [first, second] = [browser.open({ store: slow }), browser.open()];
  await browser.clock.advance(1_000);
  await (await first.tokens.signOut()).stored;
  slowMs = 1_500;
  first.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(500);
  await (await second.tokens.signOut()).stored;
  await browser.clock.advance(100_000);
  expect(first.tokens.getState().state).toBe('signed-out');
  expect(first.of('session.signedOut')).toMatchObject([{ reason: 'user' }, { reason: 'peer' }]);
  expect(Object.keys((await store.read('app'))?.signedOut ?? {})).toEqual([hashName('sess_1')]);
});

it('L3 S1 signed out by a tab that knows of no sign-in before it, behind a clock that was set back: the sign-out counts', async () => {
  const browser = createBrowser({ without: ['channel', 'cookie'] });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  await (await first.tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  first.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  browser.clock.skew(-60_000);
  await (await second.tokens.signOut()).stored;
  await browser.clock.advance(200_000);
  expect(first.tokens.getState().state).toBe('signed-out');
  expect(first.of('session.signedOut')).toMatchObject([{ reason: 'user' }, { reason: 'peer' }]);
});

it('S1 T28 signed in again while neither cookie nor store can be written: the companion of before does not end it', async () => {
  const store = memoryStore();
  let isDown = false;
  const down = async <T>(run: () => Promise<T>): Promise<T> => {
    if (isDown) throw Object.assign(new Error('down'), { name: 'SecurityError' });
    return run();
  };
  const jar = memoryCookie();
  const browser = createBrowser({
    store: {
      ...store,
      read: (...given) => down(() => store.read(...given)),
      update: (...given) => down(() => store.update(...given)),
    },
    cookie: {
      ...jar,
      writeContext: (value) => {
        if (isDown) throw Object.assign(new Error('down'), { name: 'SecurityError' });
        return jar.writeContext?.(value);
      },
    },
  });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  // Two sign-ins and sign-outs that the other tab does not follow: it knows of no such late epoch.
  for (let times = 0; times < 2; times += 1) {
    await (await first.tokens.signOut()).stored;
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(1_000);
  }
  await (await first.tokens.signOut()).stored;
  isDown = true;
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(5_000);
  expect(second.tokens.getState()).toMatchObject({ serving: true, sessionId: 'sess_1' });
  isDown = false;
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toHaveLength(1);
});

it('S10 R5.8 a sign-in that is written late takes back nothing that the source has asked for since', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const full = fullStore(store, isFull);
  const browser = createBrowser({ store, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open({ store: full })];
  await browser.clock.advance(1_000);
  isFull.now = true;
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(10_000);
  isFull.now = false;
  browser.server.respondWith({ do: 'status', status: 429, retryAfterMs: 120_000 });
  first.tokens.refresh().catch(() => {});
  await browser.clock.advance(1_000);
  const before = browser.instants.length;
  second.tokens.refresh().catch(() => {});
  await browser.clock.advance(100_000);
  expect(browser.instants.slice(before)).toEqual([]);
});

it('L1 R4.6 mints that bring the same old token again and again settle who waited for one', async () => {
  const browser = createBrowser({ without: ['channel'] });
  const issued = browser.server.now();
  // Hardly anything is left of it, and the next ones are no younger.
  browser.server.respondWith(() => ({
    do: 'mint',
    ageSeconds: 56 + Math.floor((browser.server.now() - issued) / 1_000),
  }));
  const tab = browser.open();
  const read = tab.watch(tab.tokens.getToken());
  await browser.clock.advance(1_200);
  expect(read.at).toBe(1_100);
  expect(read.token).toBe(browser.server.issued[1]);
});

it('S1 R10.14 a cookie that was taken for one’s own and given back is not removed by one’s sign-out', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const browser = createBrowser({ store, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open({ store: fullStore(store, isFull) })];
  await browser.clock.advance(1_000);
  first.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  browser.focus(second);
  isFull.now = true;
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  // The companion counts both the same, the record knows since which is the later one.
  isFull.now = false;
  second.tokens.getToken({ template: 'api' }).catch(() => {});
  await browser.clock.advance(500);
  const theirs = [{ value: second.tokens.peek() }];
  expect(browser.cookie.read()).toEqual(theirs);
  browser.focus(first);
  expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
  await browser.clock.settle();
  expect(browser.cookie.read()).toEqual(theirs);
  await (await first.tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  expect(browser.cookie.read()).toEqual(theirs);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
});

it('S1 T28 a sign-out that is written late ends no later sign-in, also where somebody else has signed in since', async () => {
  const store = memoryStore();
  const isFull = { now: false };
  const browser = createBrowser({ store, without: ['cookie'] });
  const first = browser.open({ store: fullStore(store, isFull) });
  const [second, third] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  isFull.now = true;
  await (await first.tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(1_000);
  third.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  isFull.now = false;
  first.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toHaveLength(1);
  expect((await store.read('app'))?.signedOut ?? {}).toEqual({});
});

it('S1 T28 R8.15 a page that opens while the storage is away is signed in anew, though the record still tells of a sign-out before', async () => {
  const store = memoryStore();
  const browser = createBrowser({ store });
  const first = browser.open();
  await browser.clock.advance(1_000);
  await (await first.tokens.signOut()).stored;
  first.tokens.stop();
  await browser.clock.advance(1_000);
  let isAway = true;
  const guarded = async <T>(run: () => Promise<T>): Promise<T> => {
    if (isAway) throw new DOMException('The operation is insecure.', 'SecurityError');
    return run();
  };
  const second = browser.open({
    store: {
      ...store,
      read: (name) => guarded(() => store.read(name)),
      update: (...given) => guarded(() => store.update(...given)),
    },
  });
  await browser.clock.advance(10_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  isAway = false;
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toEqual([]);
  expect((await store.read('app'))?.signedOut).toEqual({});
});

it('S1 T28 a sign-out that waits behind sign-ins which are slow to be written ends no later one in another tab', async () => {
  const store = memoryStore();
  const browser = createBrowser({ store, without: ['channel', 'cookie'] });
  const slow = { ms: 0 };
  const first = browser.open({ store: slowStore(store, browser.clock, 'update', slow) });
  const second = browser.open();
  await browser.clock.advance(1_000);
  slow.ms = 1_500;
  // They count higher than anybody else.
  for (const id of ['sess_2', 'sess_1', 'sess_2', 'sess_1']) first.tokens.signIn({ session: { id } });
  first.tokens.signOut();
  await browser.clock.advance(1_000);
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toEqual([]);
});
