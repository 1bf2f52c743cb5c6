/** A link that flaps: it earns no mint, costs no token, and keeps nobody waiting for ever (T19, T20, S9). */
import { describe, expect, it } from 'vitest';
import { createTab } from '../support/tab';

async function createHolding() {
  const tab = createTab();
  await tab.startFresh();
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('flapping', () => {
  it('T20 S9 A31 a link that flaps every second, with a server behind it that never answers: 7 requests a minute at most', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'drop' });
    await until(42_000);
    for (let at = 42_500; at < 300_000; at += 500) {
      tab.connectivity.set(at % 1_000 === 0);
      tab.tokens.getToken().catch(() => {});
      await until(at);
    }
    const instants = tab.server.instants.slice(1);
    for (const from of instants) {
      expect(instants.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(7);
    }
    expect(instants.length).toBeGreaterThan(10);
  });

  it('L2 T20 a link that flapped for 15 s and is good now: a token within 20 s', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'drop' });
    await until(43_000);
    for (let at = 43_500; at <= 58_000; at += 500) {
      tab.connectivity.set(at % 1_000 === 0);
      await until(at);
    }
    tab.connectivity.set(true);
    tab.server.respondWith({ do: 'mint' });
    await until(78_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it.each([700, 2_000, 5_000, 11_000, 30_000])(
    'L1 R4.15 a link that flaps every %i ms, and answers nothing: every read settles within ten minutes',
    async (periodMs) => {
      const { tab, until } = await createHolding();
      tab.server.respondWith({ do: 'drop' });
      const reads: ReturnType<typeof tab.watch>[] = [];
      for (let at = 42_000; at < 900_000; at += periodMs) {
        tab.connectivity.set(!tab.connectivity.isOnline());
        await until(at);
        if (at < 300_000) reads.push(tab.watch(tab.tokens.getToken()), tab.watch(tab.tokens.refresh()));
      }
      expect(reads.filter(({ at }) => at === undefined)).toEqual([]);
    },
  );

  it('T20 T19 in an outage the link that flaps earns no additional mint', async () => {
    const instants = await Promise.all(
      [true, false].map(async (flapping) => {
        const { tab, until } = await createHolding();
        tab.server.respondWith({ do: 'status', status: 503 });
        await until(61_000);
        for (let at = 61_000; at < 161_000; at += 1_000) {
          if (flapping && !tab.tokens.getState().substate?.includes('minting')) {
            tab.connectivity.set(false);
            await until(at + 300);
            tab.connectivity.set(true);
          }
          await until(at + 1_000);
        }
        return tab.server.instants.length;
      }),
    );
    expect(instants[0]).toBeLessThanOrEqual(instants[1] ?? 0);
  });

  it('T19 R5.22 the network goes while it backs off, and comes back: the rest of the backoff, not more and not less', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    const read = tab.tokens.getToken({ template: 'api' }).catch(() => {});
    // Tries at 0.1, 3.1 and 7.75 s; the next is due at 14.957 s.
    await until(8_000);
    tab.connectivity.set(false);
    await until(9_000);
    expect(tab.tokens.getState({ template: 'api' })).toMatchObject({ state: 'offline-retrying', status: 'offline' });
    tab.connectivity.set(true);
    await tab.clock.settle();
    expect(tab.tokens.getState({ template: 'api' })).toMatchObject({ state: 'outage-fallback', status: 'degraded' });
    await until(14_956);
    const asked = () => tab.server.requests.filter(({ request }) => request.key.template === 'api').map(({ at }) => at);
    expect(asked()).toEqual([100, 3_100, 7_750]);
    await until(14_957);
    await tab.clock.settle();
    expect(asked()).toEqual([100, 3_100, 7_750, 14_957]);
    tab.tokens.stop();
    await read;
  });
});
