/** However many call, and however often: the origin hears of one client (S9, R4.5). */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { busiest } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const unavailable: Behaviour = { do: 'status', status: 503 };

type Load = { readonly readers: number; readonly forced?: number; readonly everyMs?: number; readonly runMs: number };

/** Runs under load and gives the instants of the mints. `readers`: how many ask each `everyMs`. */
async function underLoad(behaviour: Behaviour, load: Load, holding: boolean, options: TabOptions = {}) {
  const { readers, forced = 0, everyMs = 1_000, runMs } = load;
  const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), ...options });
  if (holding) await tab.startFresh();
  tab.server.respondWith(behaviour);
  tab.tokens.start();
  let unsettled = 0;
  const settle = (): void => {
    unsettled -= 1;
  };
  while (tab.elapsed() < runMs) {
    unsettled += readers + forced;
    for (let one = 0; one < readers; one += 1) tab.tokens.getToken().then(settle, settle);
    for (let one = 0; one < forced; one += 1) tab.tokens.refresh().then(settle, settle);
    await tab.clock.advance(Math.min(everyMs, runMs - tab.elapsed()));
  }
  return {
    tab,
    instants: tab.server.instants.slice(holding ? 1 : 0),
    /** Ends the run; how many reads are still open then. */
    end: async () => {
      tab.tokens.stop();
      await tab.clock.settle();
      return unsettled;
    },
  };
}

describe('a 503 for ten minutes', () => {
  it('45 S9 R4.5 R4.15 a thousand readers a second cause exactly the mints of one reader a second', async () => {
    const runMs = 600_000;
    const few = await underLoad(unavailable, { readers: 1, runMs }, false);
    const many = await underLoad(unavailable, { readers: 1_000, runMs }, false);
    expect(many.instants).toEqual(few.instants);
    expect(few.instants.length).toBeGreaterThan(9);
    expect(busiest(many.instants, 60_000)).toBeLessThanOrEqual(7);
    expect(await many.end()).toBe(0);
  });

  it('45 S9 the same with a token that serves at first', async () => {
    const runMs = 300_000;
    const few = await underLoad(unavailable, { readers: 1, runMs }, true);
    const many = await underLoad(unavailable, { readers: 200, runMs }, true);
    expect(many.instants).toEqual(few.instants);
    expect(busiest(many.instants, 60_000)).toBeLessThanOrEqual(7);
  });

  it('45 S9 readers that come ten times a second, unevenly, change nothing', async () => {
    const runMs = 200_000;
    const few = await underLoad(unavailable, { readers: 1, everyMs: 1_000, runMs }, false);
    const many = await underLoad(unavailable, { readers: 10, everyMs: 97, runMs }, false);
    expect(many.instants).toEqual(few.instants);
  });
});

describe('S9: seven failed tries in any 60 s', () => {
  const failing: [title: string, behaviour: Behaviour][] = [
    ['S9 a 503', unavailable],
    ['S9 no answer', { do: 'drop' }],
    ['S9 a 429 without Retry-After', { do: 'status', status: 429 }],
    ['S9 a 429 with 1 s', { do: 'status', status: 429, retryAfterMs: 1_000 }],
    ['S9 a 404', { do: 'status', status: 404 }],
    ['S9 a 401 while the session is active', { do: 'status', status: 401 }],
    ['S9 a 422 for want of a token', { do: 'status', status: 422, code: 'missing_expired_token' }],
    ['S9 a token that is none', { do: 'answer', result: { token: '' } }],
    ['S9 a token of another session', { do: 'mint', sid: 'sess_2' }],
  ];

  for (const holding of [false, true]) {
    describe(holding ? 'with a token in hand' : 'without a token', () => {
      it.each(failing)('%s, readers of both kinds all the time', async (_, behaviour) => {
        const load = { readers: 2, forced: 2, everyMs: 1_000, runMs: 150_000 };
        const { tab, instants, end } = await underLoad(behaviour, load, holding);
        // The second request of T11 is exempt.
        const handedIn = tab.server.requests.filter(({ request }) => request.lastToken !== undefined);
        const counted = instants.filter((at) => !handedIn.some((one) => one.at === at));
        expect(busiest(counted, 60_000)).toBeLessThanOrEqual(7);
        expect(handedIn.length).toBeLessThanOrEqual(counted.length);
        expect(counted.length).toBeGreaterThanOrEqual(4);
        expect(await end()).toBe(0);
      });
    });
  }

  it('S9 failures that alternate with successes for those who force: a mint per floor, and no more', async () => {
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }) });
    await tab.startFresh();
    let count = 0;
    tab.server.respondWith(() => {
      count += 1;
      return count % 2 === 0 ? { do: 'mint' } : unavailable;
    });
    while (tab.elapsed() < 120_000) {
      tab.tokens.refresh().catch(() => {});
      await tab.clock.advance(200);
    }
    for (const [index, at] of tab.server.instants.slice(1).entries()) {
      expect(at - (tab.server.instants[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('S9 T8 F10 an edge that repeats one token, while readers force: seven tries a minute', async () => {
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }) });
    await tab.startFresh();
    tab.server.respondWith({ do: 'answer', result: { token: tab.tokens.peek() } });
    while (tab.elapsed() < 200_000) {
      tab.tokens.refresh().catch(() => {});
      await tab.clock.advance(400);
    }
    expect(busiest(tab.server.instants.slice(1), 60_000)).toBeLessThanOrEqual(7);
    expect(tab.server.instants.length).toBeGreaterThan(10);
  });

  it('S9 T20 A31 a link that flaps under readers of both kinds', async () => {
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }) });
    await tab.startFresh();
    tab.server.respondWith({ do: 'drop' });
    for (let at = 40_000; at < 240_000; at += 250) {
      tab.connectivity.set(Math.floor(at / 250) % 3 !== 0);
      tab.tokens.getToken().catch(() => {});
      tab.tokens.refresh().catch(() => {});
      await tab.clock.advance(at - tab.elapsed());
    }
    expect(busiest(tab.server.instants.slice(1), 60_000)).toBeLessThanOrEqual(7);
  });

  it('S9 wakes all the time', async () => {
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }) });
    await tab.startFresh();
    tab.server.respondWith(unavailable);
    for (let at = 40_000; at < 240_000; at += 250) {
      tab.presence.emit('focus');
      tab.presence.emit('pageshow');
      await tab.clock.advance(at - tab.elapsed());
    }
    expect(busiest(tab.server.instants.slice(1), 60_000)).toBeLessThanOrEqual(7);
  });
});

describe('in the background', () => {
  it('L10 A15 failures of refreshes that nobody asked for are no unhandled rejections', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }) });
      await tab.startFresh();
      for (const status of [503, 404, 401, 429, 422]) {
        tab.server.respondWith({ do: 'status', status });
        await tab.clock.advance(120_000);
      }
      tab.tokens.stop();
      await tab.clock.settle();
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });
});
