/** The wall clock is set back an hour: what other tabs wrote before it lasts no longer than it would have (R5.26, L2). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { createNames } from '../../adapters/host/names';
import { createBrowser } from '../support/browser';
import { jwt } from '../support/jwt';
import { createRotating } from './support/rotating';

const never = () => new Promise<never>(() => {});
const hour = 3_600_000;

describe('A tab that opens after the wall clock was set back an hour', () => {
  it('R5.26 R5.28 L2 under another tab’s backoff: it waits for it once, and no longer than the longest backoff', async () => {
    const { server, clock, open } = createBrowser();
    server.respondWith({ do: 'status', status: 503 });
    const first = open();
    await clock.advance(10_000);
    first.tokens.stop();
    clock.skew(-hour);
    server.respondWith({ do: 'mint' });
    const late = open();
    await clock.advance(51_000);
    expect(server.instants.length).toBeGreaterThan(3);
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  for (const without of [[], ['channel']] as const) {
    it(`R5.8 R5.26 L2 under a \`Retry-After\`${without.length ? ', without a channel' : ''}: it waits as long as was asked for, once`, async () => {
      const { server, clock, open } = createBrowser({ without });
      server.script([{ do: 'status', status: 429, retryAfterMs: 60_000 }]);
      const first = open();
      await clock.advance(1_000);
      first.tokens.stop();
      clock.skew(-hour);
      const late = open();
      await clock.advance(62_000);
      expect(server.instants).toHaveLength(2);
      expect(server.instants[1]).toBeGreaterThanOrEqual(60_100);
      expect(late.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    });
  }

  it('R10.4 D03 L2 beside the claim of a tab that is gone, without a lock: it leaves it alone for 5 s at most', async () => {
    const { server, clock, open } = createBrowser({ without: ['lock'] });
    open({ source: { mint: never } });
    await clock.advance(1_000);
    clock.skew(-hour);
    const late = open();
    await clock.advance(7_000);
    expect(server.instants).toHaveLength(1);
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh' });
  });

  it('S6 R5.16 L2 beside a single-use credential in flight, without a lock: it leaves it alone for the time of a request', async () => {
    const cache = memoryCache();
    await cache.set(createNames('app').credential('sess_1'), 'one', { expiresAt: Number.MAX_SAFE_INTEGER });
    const { server, clock, open } = createBrowser({ without: ['lock'], cache, source: { credential: 'rotating' } });
    const dead = open({ source: { credential: 'rotating', mint: never } });
    await clock.advance(1_000);
    dead.tokens.stop();
    clock.skew(-hour);
    open();
    await clock.advance(20_000);
    expect(server.instants).toHaveLength(1);
  });

  it('S1 T28 after a sign-out that seems to be still to come: it is signed in', async () => {
    const { clock, open } = createBrowser();
    const first = open();
    await clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.stop();
    clock.skew(-hour);
    const late = open();
    await clock.advance(100_000);
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(late.of('session.signedOut')).toEqual([]);
  });

  it('S6 R5.16 L2 beside one in flight, without a lock or a token: it waits until the request cannot be open any more', async () => {
    const browser = await createRotating({ without: ['lock'] });
    browser.lose(() => 'never');
    const first = browser.open();
    await browser.clock.advance(1_000);
    browser.clock.skew(-hour);
    const second = browser.open();
    await browser.clock.advance(9_000);
    expect(browser.instants).toEqual([0]);
    browser.lose(() => 'no');
    first.tokens.stop();
    await browser.clock.advance(20_000);
    expect(browser.instants.length).toBeGreaterThan(1);
    expect(second.of('refresh.started').length).toBeGreaterThan(0);
  });

  it('S6 R5.16 L2 beside one in flight, without a lock, when the clock is set forward: the request is as open as before', async () => {
    const cache = memoryCache();
    await cache.set(createNames('app').credential('sess_1'), 'one', { expiresAt: Number.MAX_SAFE_INTEGER });
    const { server, clock, open } = createBrowser({ without: ['lock'], cache, source: { credential: 'rotating' } });
    const dead = open({ source: { credential: 'rotating', mint: never } });
    await clock.advance(500);
    open();
    await clock.advance(500);
    dead.tokens.stop();
    clock.skew(hour);
    await clock.advance(8_500);
    expect(server.instants).toEqual([]);
    await clock.advance(5_000);
    expect(server.instants[0]).toBe(10_000);
  });

  it('S9 L2 beside seven failures from before that: nobody knows how old they are, and they hold up nobody', async () => {
    const { server, clock, open, store } = createBrowser();
    server.respondWith({ do: 'status', status: 503 });
    const first = open();
    await clock.advance(72_000);
    expect(server.instants).toHaveLength(7);
    first.tokens.stop();
    const name = Object.keys((await store.read('app'))?.keys ?? {})[0] ?? '';
    const now = clock.now();
    // All within the last minute, and nothing else that would hold it off.
    await store.update('app', (record) => ({
      v: 1,
      generation: 1,
      epoch: 0,
      ...record,
      keys: { [name]: { failedAt: [1, 2, 3, 4, 5, 6, 7].map((second) => now - second * 1_000) } },
    }));
    clock.skew(-hour);
    server.respondWith({ do: 'mint' });
    const late = open();
    await clock.advance(1_000);
    expect(server.instants).toHaveLength(8);
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });
});

describe('An offset that another tab wrote down before the wall clock was set back', () => {
  /** What the tabs wrote since is lost, as may happen in a store that only hints: on record is `clockOffsetMs` of two hours ago. */
  const loseWrites = ({ server, store }: ReturnType<typeof createBrowser>, clockOffsetMs: number) =>
    store.update('app', (record) => ({
      ...record,
      v: 1,
      generation: 1,
      epoch: 0,
      clockOffsetMs,
      issuedAt: server.now() - 2 * hour,
    }));

  /** A tab whose token has expired, its source failing; then it is seen, and reads what is on record. */
  async function expired(options: Parameters<ReturnType<typeof createBrowser>['open']>[0], issuedAgoMs?: number) {
    const { server, clock, store, open, focus } = createBrowser();
    const tab = open(options);
    await clock.advance(1_000);
    server.respondWith({ do: 'status', status: 503 });
    await clock.advance(70_000);
    const issuedAt = issuedAgoMs === undefined ? undefined : server.now() - issuedAgoMs;
    await store.update('app', ({ issuedAt: _, ...record } = { v: 1, generation: 0, epoch: 0 }) => ({
      ...record,
      clockOffsetMs: -hour,
      ...(issuedAt !== undefined && { issuedAt }),
    }));
    focus(tab);
    await clock.settle();
    return tab;
  }

  it('S4 R9.3 R9.12 does not revive a token of a tab whose own mint has proven more', async () => {
    const { tokens } = await expired({});
    expect(tokens.getState().clockOffsetMs).toBeGreaterThan(-1_000);
    expect(tokens.peek()).toBeNull();
    expect(tokens.getState().serving).toBe(false);
  });

  it('S4 R9.11 R9.14 is none where the token that was recorded with it would be from the future', async () => {
    const iat = Math.floor(createBrowser().server.now() / 1_000);
    const initialToken = jwt({ iat, exp: iat + 60, sid: 'sess_1' });
    const { tokens } = await expired({ initialToken }, 2_000);
    expect(tokens.getState().clockOffsetMs).toBe(0);
    expect(tokens.peek()).toBeNull();
  });

  it('S4 R9.11 R9.14 is none after a sign-out either, where the token that was recorded with it would be from the future', async () => {
    const { clock, server, open } = createBrowser();
    clock.skew(hour);
    const first = open();
    await clock.advance(10_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.stop();
    clock.skew(-hour);
    server.respondWith({ do: 'status', status: 503 });
    const late = open();
    await clock.advance(1_000);
    expect(late.tokens.getState()).toMatchObject({ sessionId: 'sess_1', clockOffsetMs: 0 });
  });

  it('S4 R9.11 R9.14 is put right by the next mint, of whatever key', async () => {
    const { clock, open } = createBrowser({ without: ['channel'], server: { ttlSeconds: 600 } });
    clock.skew(3 * hour);
    const first = open();
    await clock.advance(10_000);
    const ahead = first.tokens.getState().clockOffsetMs;
    expect(Math.abs(ahead + 3 * hour)).toBeLessThanOrEqual(1_000);
    clock.skew(-hour);
    await clock.advance(100_000);
    first.tokens.getToken({ template: 'api' });
    await clock.advance(1_000);
    expect(first.tokens.getState().clockOffsetMs).toBe(ahead + hour);
    first.tokens.stop();
    const late = open();
    await clock.settle();
    expect(late.tokens.getState().clockOffsetMs).toBe(ahead + hour);
  });

  it('S4 R9.11 R9.14 is put right by a tab that saw it happen, once, however many did', async () => {
    const { clock, store, open } = createBrowser({ server: { ttlSeconds: 7_200 } });
    clock.skew(3 * hour);
    const tabs = [open(), open()];
    await clock.advance(10_000);
    const ahead = tabs[0]?.tokens.getState().clockOffsetMs ?? 0;
    expect((await store.read('app'))?.clockOffsetMs).toBe(ahead);
    clock.skew(-hour);
    await clock.advance(10_000);
    expect((await store.read('app'))?.clockOffsetMs).toBe(ahead + hour);
    for (const { tokens } of tabs) tokens.stop();
    await clock.advance(hour);
    // More has passed than was set back: nothing else tells that the old offset is wrong.
    const late = open();
    await clock.settle();
    expect(late.tokens.getState().clockOffsetMs).toBe(ahead + hour);
  });

  it('S4 R9.12 counts for no key of a tab that has proven by one of them what it was told', async () => {
    const browser = createBrowser();
    const { clock, server, store, open, focus } = browser;
    clock.skew(3 * hour);
    open();
    await clock.advance(10_000);
    const told = open();
    await clock.settle();
    const { clockOffsetMs: ahead = 0 } = (await store.read('app')) ?? {};
    const api = told.watch(told.tokens.getToken({ template: 'api' }));
    await clock.advance(1_000);
    expect(server.issued).toContain(api.token);
    clock.skew(-hour);
    await clock.advance(10_000);
    await loseWrites(browser, ahead);
    server.respondWith({ do: 'status', status: 503 });
    focus(told);
    await clock.advance(60_000);
    expect(told.tokens.getState().clockOffsetMs).toBe(ahead + hour);
    expect(told.tokens.peek()).toBeNull();
  });

  it('S4 R9.12 counts for nothing beside what another tab said since, with a later token', async () => {
    const browser = createBrowser();
    const { clock, server, store, open, focus } = browser;
    clock.skew(3 * hour);
    open();
    await clock.advance(10_000);
    const told = open();
    await clock.settle();
    const { clockOffsetMs: ahead = 0 } = (await store.read('app')) ?? {};
    clock.skew(-hour);
    await clock.advance(10_000);
    await loseWrites(browser, ahead);
    server.respondWith({ do: 'status', status: 503 });
    focus(told);
    await clock.advance(60_000);
    expect(told.of('refresh.succeeded')).toEqual([]);
    expect(told.tokens.getState().clockOffsetMs).toBe(ahead + hour);
    expect(told.tokens.peek()).toBeNull();
  });

  it('S4 R9.12 is put right by the word of another tab, where nobody saw it happen', async () => {
    const { clock, server, store, open } = createBrowser({ server: { ttlSeconds: 7_200 } });
    clock.skew(3 * hour);
    const first = open();
    await clock.advance(10_000);
    first.tokens.stop();
    const { clockOffsetMs: ahead = 0 } = (await store.read('app')) ?? {};
    clock.skew(-hour);
    await clock.advance(2 * hour - 60_000);
    const [one, other] = [open(), open()];
    await clock.settle();
    // Both take the old offset for the right one.
    for (const { tokens } of [one, other]) expect(tokens.getState().clockOffsetMs).toBe(ahead);
    one.tokens.refresh().catch(() => {});
    await clock.advance(2_000);
    const token = one.tokens.peek();
    expect(server.issued).toContain(token);
    expect(other.tokens.peek()).toBe(token);
    expect(Math.abs(other.tokens.getState().clockOffsetMs - ahead - hour)).toBeLessThanOrEqual(1_000);
  });
});
