/** A token that is due for replacement is still a token: nobody who asks in that window waits for the replacement. */
import { describe, expect, it } from 'vitest';
import { createTab } from '../support/tab';

/** Issued at 0 s. The refresh of 43 s takes 5 s, so that there is a window to ask in. */
async function slowRefresh() {
  const tab = createTab({ server: { latencyMs: 5_000 } });
  tab.tokens.start();
  await tab.clock.advance(5_000);
  // Issued at 2.5 s, that is in second 2.
  const staleAt = 45_000;
  const held = tab.tokens.peek();
  return { tab, held, staleAt, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('clerk/javascript#7317: refreshed in the background while the old token is served', () => {
  it('R4.4 S5 three concurrent reads while the refresh runs get the old token at once, and cause no mint of their own', async () => {
    const { tab, held, staleAt, until } = await slowRefresh();
    await until(staleAt + 3_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'minting', serving: true });
    const at = tab.elapsed();
    const reads = [1, 2, 3].map(() => tab.watch(tab.tokens.getToken()));
    await tab.clock.settle();
    for (const read of reads) {
      expect(read.at).toBe(at);
      expect(read.token === held).toBe(true);
    }
    expect(tab.server.instants).toEqual([0, staleAt]);
    // Afterwards the new one is given.
    await until(staleAt + 5_000);
    expect(tab.tokens.peek() === tab.server.issued[1]).toBe(true);
    expect(tab.server.instants).toEqual([0, staleAt]);
  });

  it('R4.3 R4.4 three concurrent reads that find nothing running start one mint between them and wait for none', async () => {
    // A template is not refreshed unless read: stale, and nothing in flight.
    const tab = createTab({ server: { latencyMs: 5_000 } });
    await tab.startFresh();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await tab.clock.advance(50_000);
    const held = tab.tokens.peek(key);
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'stale', serving: true });
    const mints = () => tab.server.requests.filter(({ request }) => request.key.template === 'api').length;
    expect(mints()).toBe(1);
    const reads = [1, 2, 3].map(() => tab.watch(tab.tokens.getToken(key)));
    await tab.clock.settle();
    for (const read of reads) expect(read.token === held).toBe(true);
    expect(mints()).toBe(2);
  });

  it('R4.2 a read that is served settles in its own promise job: nothing is chained behind the mint', async () => {
    const { tab, staleAt, until } = await slowRefresh();
    await until(staleAt + 1_000);
    const order: string[] = [];
    const read = tab.tokens.getToken().then(() => order.push('read'));
    const job = Promise.resolve().then(() => order.push('job'));
    await Promise.all([read, job]);
    expect(order).toEqual(['read', 'job']);
    expect(tab.tokens.getState().substate).toBe('minting');
  });

  it('R5.24 S3 the refresh fails: the old token is served on, nobody hears of it in a read, and it is tried again', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.script([{ do: 'status', status: 500 }]);
    await tab.clock.advance(44_900);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read.token === held).toBe(true);
    await tab.clock.advance(5_000);
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
    expect(tab.tokens.peek() === tab.server.issued.at(-1)).toBe(true);
  });

  it('R5.5 S3 the refresh never answers: it is given up after 10 s, and the next try comes before readers have to wait', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'hang' }]);
    await tab.clock.advance(54_999 - 100);
    expect(tab.server.requests[1]?.request.signal.aborted).toBe(true);
    expect(tab.server.instants[2]).toBeGreaterThanOrEqual(53_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', serving: true });
  });

  it('C02 C14 the timers do not multiply: twenty cycles with reads in every window are twenty mints', async () => {
    const tab = createTab();
    await tab.startFresh();
    for (let cycle = 1; cycle <= 20; cycle += 1) {
      await tab.clock.advance(cycle * 43_000 + 50 - tab.elapsed());
      for (const read of [1, 2, 3].map(() => tab.watch(tab.tokens.getToken()))) {
        await tab.clock.settle();
        expect(typeof read.token).toBe('string');
      }
    }
    expect(tab.server.instants).toEqual(Array.from({ length: 21 }, (_, cycle) => cycle * 43_000));
    // The stale point and the heartbeat, and the answer that is on its way.
    expect(tab.clock.pending).toBeLessThanOrEqual(4);
  });
});
