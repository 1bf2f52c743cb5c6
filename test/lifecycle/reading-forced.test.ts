/** Forced reads: an own mint, shared by those who force together (T24, T25). */
import { describe, expect, it } from 'vitest';
import { busiest } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';

async function createHolding(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return { tab, held: tab.tokens.peek(), until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('T24: with a token in hand', () => {
  it('T24 R7.15 a forced read in `fresh` mints; plain readers keep the held token meanwhile', async () => {
    const { tab, held, until } = await createHolding();
    await until(20_000);
    const forced = tab.watch(tab.tokens.getToken({ skipCache: true }));
    const plain = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(tab.server.requests.at(-1)?.request.cause).toBe('forced');
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', serving: true });
    expect(plain.token === held).toBe(true);
    expect(forced).toEqual({});
    await until(20_100);
    expect(forced.token === tab.server.issued[1]).toBe(true);
    expect(tab.tokens.peek() === forced.token).toBe(true);
    expect(tab.of('token.updated')).toHaveLength(2);
  });

  it('T24 in `stale` too', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    await until(50_000);
    expect(tab.tokens.getState(key).state).toBe('stale');
    const forced = tab.watch(tab.tokens.refresh(key));
    await until(50_100);
    expect(forced.at).toBe(50_100);
    expect(forced.token === tab.server.issued.at(-1)).toBe(true);
  });

  it('T24 A25 S3 it fails: plain readers still have the token, the forced one waits for the loop', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(10_000);
    const forced = tab.watch(tab.tokens.refresh());
    await until(10_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', serving: true });
    expect((await tab.tokens.getToken()) === held).toBe(true);
    expect(forced).toEqual({});
    tab.server.respondWith({ do: 'mint' });
    await until(20_000);
    expect(forced.token === tab.server.issued.at(-1)).toBe(true);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('T24 T18 R5.25 it keeps failing: the budget counts, since somebody waits, and then it is told', async () => {
    const { tab, until } = await createHolding({ server: { ttlSeconds: 3_600 } });
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(10_000);
    const forced = tab.watch(tab.tokens.refresh());
    while (forced.error === undefined && tab.elapsed() < 400_000) await until(tab.elapsed() + 500);
    expect(forced.error).toMatchObject({ status: 503 });
    expect(tab.server.requests.length - 1).toBe(9);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', serving: true });
  });

  it('T24 S9 the floor of 1 s holds between it and the mint before', async () => {
    const { tab, until } = await createHolding();
    await until(300);
    const forced = tab.watch(tab.tokens.refresh());
    await until(999);
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'spacing', serving: true });
    expect(tab.server.instants).toEqual([0]);
    await until(1_100);
    expect(tab.server.instants).toEqual([0, 1_000]);
    expect(forced.at).toBe(1_100);
  });
});

describe('T25: while a loop runs', () => {
  it('T25 who forces while a mint runs shares one follow-up with all others who do', async () => {
    const { tab, until } = await createHolding();
    await until(43_010);
    const forced: ReturnType<typeof tab.watch>[] = [];
    for (let at = 43_010; at < 43_100; at += 10) {
      await until(at);
      forced.push(tab.watch(tab.tokens.refresh()));
    }
    await until(43_999);
    // The mint that ran when they asked is not theirs, although it succeeded.
    expect(tab.tokens.getState().state).toBe('refreshing');
    for (const read of forced) expect(read).toEqual({});
    await until(44_100);
    expect(tab.server.instants).toEqual([0, 43_000, 44_000]);
    for (const read of forced) {
      expect(read.at).toBe(44_100);
      expect(read.token === tab.server.issued[2]).toBe(true);
    }
    await until(80_000);
    expect(tab.server.instants).toEqual([0, 43_000, 44_000]);
  });

  it('T25 who forces while the follow-up waits for the floor is answered by it', async () => {
    const { tab, until } = await createHolding();
    await until(43_050);
    const first = tab.watch(tab.tokens.refresh());
    await until(43_900);
    const second = tab.watch(tab.tokens.refresh());
    await until(44_100);
    expect([first.at, second.at]).toEqual([44_100, 44_100]);
    expect(first.token === second.token).toBe(true);
    expect(tab.server.instants).toEqual([0, 43_000, 44_000]);
  });

  it('T25 who forces while the follow-up runs gets another', async () => {
    const { tab, until } = await createHolding();
    await until(43_050);
    const first = tab.watch(tab.tokens.refresh());
    await until(44_050);
    const second = tab.watch(tab.tokens.refresh());
    await until(45_100);
    expect([first.at, second.at]).toEqual([44_100, 45_100]);
    expect(tab.server.instants).toEqual([0, 43_000, 44_000, 45_000]);
  });

  it('T25 the plain readers of the running mint do not wait for the follow-up', async () => {
    const tab = createTab();
    tab.tokens.start();
    await tab.clock.settle();
    const plain = tab.watch(tab.tokens.getToken());
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(plain).toEqual({ token: tab.server.issued[0], at: 100 });
    await tab.clock.advance(1_000);
    expect(forced).toEqual({ token: tab.server.issued[1], at: 1_100 });
  });

  it('T25 in a backoff it joins: no request of its own, and the next try answers it', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'status', status: 503 }]);
    tab.tokens.start();
    await tab.clock.advance(1_000);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(1_999);
    expect(tab.server.instants).toEqual([0]);
    await tab.clock.advance(101);
    expect(tab.server.instants).toEqual([0, 3_000]);
    expect(forced).toEqual({ token: tab.server.issued[0], at: 3_100 });
  });

  it('T25 S9 in a backoff with a token in hand it joins as well', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(44_500);
    const forced = tab.watch(tab.tokens.refresh());
    await until(45_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    tab.server.respondWith({ do: 'mint' });
    await until(46_100);
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
    expect(forced.token === tab.server.issued[1]).toBe(true);
  });

  it('T25 T8 after an answer without progress a forced read joins the wait as well', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.script([{ do: 'answer', result: { token: held } }]);
    await until(44_500);
    const forced = tab.watch(tab.tokens.refresh());
    await until(47_000);
    expect(typeof forced.token).toBe('string');
    expect(busiest(tab.server.instants, 1_000)).toBe(1);
  });

  it('T25 T12 in a decay the last error comes at once', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'status', status: 404 });
    tab.tokens.start();
    await tab.clock.advance(1_000);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(forced).toMatchObject({ at: 1_000, error: { status: 404 } });
    await tab.clock.advance(3_000);
    expect(tab.server.instants).toEqual([0]);
  });

  it('T25 a follow-up owed to a mint that is refused: the error, and no follow-up', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 404 });
    await until(43_050);
    const forced = tab.watch(tab.tokens.refresh());
    await until(46_000);
    expect(forced).toMatchObject({ at: 43_100, error: { status: 404 } });
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect((await tab.tokens.getToken()) === held).toBe(true);
  });

  it('T25 R4.13 the leaving of one who forced cancels neither the mint nor the follow-up that others wait for', async () => {
    const { tab, until } = await createHolding();
    await until(10_000);
    const leaving = new AbortController();
    const left = tab.watch(tab.tokens.refresh({ signal: leaving.signal }));
    await tab.clock.settle();
    const stayed = tab.watch(tab.tokens.refresh());
    await until(10_050);
    leaving.abort();
    await until(11_100);
    expect(left.error).toBeDefined();
    expect(tab.server.instants).toEqual([0, 10_000, 11_000]);
    expect(stayed.token === tab.server.issued[2]).toBe(true);
  });
});

describe('S9: forced reads are bounded', () => {
  it('S9 a forced read every 100 ms while all is well: one mint per floor', async () => {
    const { tab, until } = await createHolding();
    for (let at = 1_000; at < 60_000; at += 100) {
      tab.tokens.refresh().catch(() => {});
      await until(at);
    }
    for (const [index, at] of tab.server.instants.slice(1).entries()) {
      expect(at - (tab.server.instants[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('S9 the floor is the policy’s', async () => {
    const { tab, until } = await createHolding({ policy: { mintFloorMs: 4_000 } });
    for (let at = 100; at < 20_000; at += 100) {
      tab.tokens.refresh().catch(() => {});
      await until(at);
    }
    expect(tab.server.instants).toEqual([0, 4_000, 8_000, 12_000, 16_000]);
  });
});
