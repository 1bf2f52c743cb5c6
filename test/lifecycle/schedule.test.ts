/** When a token is refreshed, and from when on readers wait. Jitter off, right clock, 100 ms of latency. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createTab } from '../support/tab';

const seconds = (instants: readonly number[]) => instants.map((at) => at / 1_000);

describe('the stale point', () => {
  it.each([
    [60, 43],
    [120, 103],
    [200, 183],
    [300, 283],
  ])(
    'T5 T6 a token of %i s is refreshed at %i s, to the millisecond, without anybody reading',
    async (ttlSeconds, due) => {
      const tab = createTab({ server: { ttlSeconds } });
      await tab.startFresh();
      await tab.clock.advance(due * 1_000 - 101);
      expect(tab.server.instants).toEqual([0]);
      expect(tab.tokens.getState().state).toBe('fresh');
      await tab.clock.advance(1);
      expect(seconds(tab.server.instants)).toEqual([0, due]);
      expect(tab.server.requests.at(-1)?.request.cause).toBe('proactive');
    },
  );

  it('T5 the state is stale from the stale point on where nothing may start a refresh', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.tokens.getToken({ template: 'api' });
    await tab.clock.advance(100);
    const key = { template: 'api' };
    // Minted at 0.1 s, so issued at 0 s.
    await tab.clock.advance(42_799);
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'fresh', serving: true });
    await tab.clock.advance(1);
    expect(tab.elapsed()).toBe(43_000);
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'stale', serving: true });
    expect(tab.server.requests.filter(({ request }) => request.key.template === 'api')).toHaveLength(1);
  });

  it('T5 T7 the cadence stays at 43 s over ten minutes', async () => {
    const tab = createTab();
    await tab.startFresh();
    await tab.clock.advance(600_000 - 100);
    expect(seconds(tab.server.instants)).toEqual(Array.from({ length: 14 }, (_, cycle) => cycle * 43));
  });

  it('T5 getState tells the stale point and the end in server time', async () => {
    const tab = createTab({ server: { ttlSeconds: 120 } });
    const start = tab.clock.now();
    await tab.startFresh();
    expect(tab.tokens.getState()).toMatchObject({ staleAt: start + 103_000, expiresAt: start + 120_000 });
  });

  it('T6 leeway and margin of the policy move the stale point, and half the lifetime bounds them', async () => {
    const late = createTab({ policy: { leewayMs: 5_000, leadMarginMs: 1_000 } });
    await late.startFresh();
    await late.clock.advance(53_999 - 100);
    expect(late.server.instants).toEqual([0]);
    await late.clock.advance(1);
    expect(late.server.instants).toEqual([0, 54_000]);

    const early = createTab({ policy: { leewayMs: 100_000 } });
    await early.startFresh();
    await early.clock.advance(29_999 - 100);
    expect(early.server.instants).toEqual([0]);
    await early.clock.advance(1);
    expect(early.server.instants).toEqual([0, 30_000]);
  });
});

describe('the cutoff', () => {
  /** A key that nobody refreshes ahead of time: only a read asks for it. */
  async function unrefreshed(ttlSeconds = 60) {
    const tab = createTab({ server: { ttlSeconds } });
    await tab.startFresh();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await tab.clock.advance(100);
    const mints = () => tab.server.requests.filter(({ request }) => request.key.template === 'api').length;
    return { tab, key, mints, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
  }

  it('T30 R4.3 a read with more than 5 s left is answered at once; it starts the refresh', async () => {
    const { tab, key, mints, until } = await unrefreshed();
    const held = tab.tokens.peek(key);
    await until(54_999);
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'stale', serving: true });
    const read = tab.watch(tab.tokens.getToken(key));
    await tab.clock.settle();
    expect(read.at).toBe(54_999);
    expect(read.token === held).toBe(true);
    expect(mints()).toBe(2);
  });

  it('T30 R4.6 a read with 5 s left waits for the mint, although `peek` still has the token', async () => {
    const { tab, key, mints, until } = await unrefreshed();
    const held = tab.tokens.peek(key);
    await until(55_000);
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'stale', serving: false });
    expect(tab.tokens.peek(key) === held).toBe(true);
    const read = tab.watch(tab.tokens.getToken(key));
    await tab.clock.advance(99);
    expect(read).toEqual({});
    await tab.clock.advance(1);
    expect(read.at).toBe(55_100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(read.token === held).toBe(false);
    expect(mints()).toBe(2);
  });

  it('T30 R4.1 `peek` has the token to its last millisecond and not beyond', async () => {
    const { tab, key, mints, until } = await unrefreshed();
    const held = tab.tokens.peek(key);
    await until(59_999);
    expect(tab.tokens.peek(key) === held).toBe(true);
    await until(60_000);
    expect(tab.tokens.peek(key)).toBeNull();
    expect(mints()).toBe(1);
  });

  it('T30 of a token of 8 s the last 4 s are kept back, not 5', async () => {
    const { tab, key, until } = await unrefreshed(8);
    await until(3_999);
    expect(tab.tokens.getState(key).serving).toBe(true);
    await until(4_000);
    expect(tab.tokens.getState(key).serving).toBe(false);
  });
});

describe('a token that runs out while something else goes on', () => {
  it('T30 a mint that takes 30 s is left running while the token turns expiring and expires', async () => {
    const tab = createTab({ policy: { requestTimeoutMs: 60_000 } });
    await tab.startFresh();
    tab.server.respondWith({ do: 'hang' });
    await tab.clock.advance(54_999 - 100);
    const minting = { state: 'refreshing', substate: 'minting' };
    expect(tab.tokens.getState()).toMatchObject({ ...minting, serving: true });
    let told = 0;
    tab.tokens.subscribe(() => {
      told += 1;
    });
    await tab.clock.advance(1);
    expect(tab.tokens.getState()).toMatchObject({ ...minting, serving: false });
    expect(told).toBe(1);
    await tab.clock.advance(5_000);
    expect(tab.tokens.peek()).toBeNull();
    await tab.clock.advance(13_000);
    expect(tab.tokens.getState()).toMatchObject({ ...minting, serving: false });
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.server.requests[1]?.request.signal.aborted).toBe(false);
  });

  it('T30 in an outage the token serves to its very end, and the backoff goes on as it was', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503, retryAfterMs: 60_000 });
    await tab.clock.advance(59_999 - 100);
    const before = tab.tokens.getState();
    expect(before).toMatchObject({ state: 'outage-fallback', substate: 'backing-off', serving: true });
    await tab.clock.advance(1);
    expect(tab.tokens.getState()).toEqual({ ...before, serving: false });
  });

  it('T30 offline the token serves to its very end, and waiting goes on as it was', async () => {
    const tab = createTab();
    await tab.startFresh();
    await tab.clock.advance(30_000);
    tab.connectivity.set(false);
    await tab.clock.advance(29_899);
    const before = tab.tokens.getState();
    expect(before).toMatchObject({ state: 'offline-retrying', serving: true });
    await tab.clock.advance(1);
    expect(tab.elapsed()).toBe(60_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', serving: false });
    expect(tab.server.instants).toEqual([0]);
  });
});

describe('without a page', () => {
  it('T5 R9.18 the stale point is met by its own timer where there is no heartbeat', async () => {
    const tab = createTab({ presence: memoryPresence({ visibility: 'unknown', focus: 'unknown' }) });
    await tab.startFresh();
    await tab.clock.advance(300_000 - 100);
    expect(seconds(tab.server.instants)).toEqual([0, 43, 86, 129, 172, 215, 258]);
  });
});
