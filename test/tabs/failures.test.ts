/** Failures are shared: one schedule for the whole browser (R5.8, R5.28, S9, S10). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import { TokenRequestError } from '../../machines/errors';
import type { TokenSource } from '../../machines/ports';
import { busiest } from '../support/audit';
import { type BrowserOptions, createBrowser } from '../support/browser';
import { faults, faultyStore, type Switch } from '../support/faulty';
import type { Behaviour } from '../support/token-server';

const five = (options: BrowserOptions = {}) => {
  const browser = createBrowser(options);
  return {
    ...browser,
    instants: () => browser.server.instants,
    open5: () => Array.from({ length: 5 }, () => browser.open()),
  };
};
/** 3 s · 1.55ⁿ, each cut to whole milliseconds. */
const schedule = [0, 3_000, 7_650, 14_857, 26_028, 43_344, 70_183, 111_784, 161_784];
const refused = (status: number, retryAfterMs?: number): Behaviour => ({
  do: 'status',
  status,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe('Five tabs while the origin fails', () => {
  it('R5.28 33 503: one schedule in all', async () => {
    const { server, clock, open5, instants } = five();
    server.respondWith(refused(503));
    const tabs = open5();
    await clock.advance(200_000);
    expect(instants()).toEqual(schedule);
    expect(tabs.map(({ tokens }) => tokens.getState().status)).toEqual(Array(5).fill('degraded'));
  });

  it('R5.28 45 the same with every tab reading twice a second', async () => {
    const { server, read, open5, instants } = five();
    server.respondWith(refused(503));
    open5();
    await read(200_000, { everyMs: 500 });
    expect(instants()).toEqual(schedule);
  });

  it('R5.28 S9 the same without a channel, and the same without a lock', async () => {
    for (const without of [['channel'], ['lock'], ['channel', 'lock']] as const) {
      const { server, clock, open5, instants } = five({ without });
      server.respondWith(refused(503));
      open5();
      await clock.advance(200_000);
      expect(instants()).toEqual(schedule);
    }
  });

  it('R5.28 a tab that opens in the middle joins the schedule, and does not begin anew', async () => {
    const { server, clock, open, instants } = five();
    server.respondWith(refused(503));
    open();
    await clock.advance(10_000);
    const late = open();
    await clock.advance(30_000);
    expect(instants()).toEqual(schedule.slice(0, 5));
    expect(late.tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded' });
    server.respondWith({ do: 'mint' });
    await clock.advance(10_000);
    expect(instants()).toEqual(schedule.slice(0, 6));
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0 });
  });

  it('R5.28 L3 the origin recovers: one mint, and every tab is well', async () => {
    const { server, clock, open5, instants, tabs } = five();
    server.respondWith(refused(503));
    open5();
    await clock.advance(10_000);
    server.respondWith({ do: 'mint' });
    await clock.advance(6_000);
    expect(instants()).toEqual(schedule.slice(0, 4));
    for (const { tokens } of tabs) {
      expect(tokens.peek()).toBe(server.issued[0]);
      expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0, error: null });
    }
    // What failed before says nothing about the next time.
    await clock.advance(40_000);
    server.respondWith(refused(503));
    await clock.advance(6_500);
    expect(instants().slice(4)).toEqual([57_000, 60_000]);
  });

  it('T25 R5.28 a forced refresh hastens nothing, whichever tab has failed', async () => {
    for (const who of [0, 1]) {
      const { server, clock, open, instants } = five();
      const tabs = [open(), open()];
      await clock.advance(42_000);
      server.respondWith(refused(503));
      await clock.advance(2_000);
      tabs[who]?.tokens.refresh().catch(() => {});
      await clock.advance(2_500);
      expect(instants()).toEqual([0, 43_000, 46_000]);
    }
  });

  it('R5.28 T18 readers of every tab get the error when the budget of the browser is spent', async () => {
    const { server, clock, open5 } = five();
    server.respondWith(refused(503));
    const tabs = open5();
    const readers = tabs.map((tab) => tab.watch(tab.tokens.getToken()));
    await clock.advance(161_000);
    expect(readers.filter(({ error }) => error !== undefined)).toEqual([]);
    await clock.advance(60_000);
    expect(readers.map(({ error }) => (error as { status?: number } | undefined)?.status)).toEqual(Array(5).fill(503));
  });

  it('R5.8 S10 F15 429 with `Retry-After`: no tab sends anything before it is over, whatever anybody calls', async () => {
    const { server, clock, open5, open, instants, tabs } = five();
    open5();
    await clock.advance(10_000);
    server.script([refused(429, 120_000)]);
    tabs[1]?.tokens.refresh().catch(() => {});
    await clock.advance(1_000);
    for (let second = 0; second < 110; second += 1) {
      for (const { tokens } of tabs) tokens.getToken().catch(() => {});
      tabs[second % tabs.length]?.tokens.refresh().catch(() => {});
      if (second === 30) open();
      await clock.advance(1_000);
    }
    expect(instants()).toEqual([0, 10_000]);
    await clock.advance(20_000);
    expect(instants()).toEqual([0, 10_000, 130_100]);
    expect(new Set(tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([server.issued[1]]));
  });

  it('R5.8 S10 the same without a channel and with every tab stopped and started in between', async () => {
    const { server, clock, open5, instants, tabs } = five({ without: ['channel'] });
    server.respondWith(refused(429, 120_000));
    open5();
    await clock.advance(1_000);
    for (const { tokens } of tabs) tokens.stop();
    for (const { tokens } of tabs) tokens.start();
    await clock.advance(119_000);
    expect(instants()).toEqual([0]);
    server.respondWith({ do: 'mint' });
    await clock.advance(2_000);
    expect(instants()).toEqual([0, 120_100]);
  });

  it('R5.8 S10 somebody signs in again in another tab, and less is asked of it: that shortens no wait that this one was asked for', async () => {
    const { server, clock, open, instants } = five({ without: ['channel'] });
    const [tab, other] = [open(), open()];
    await clock.advance(10_000);
    server.respondWith(refused(429, 120_000));
    tab.tokens.refresh().catch(() => {});
    await clock.advance(1_000);
    server.respondWith(refused(429, 10_000));
    other.tokens.signIn({ session: { id: 'sess_1' } });
    other.tokens.refresh().catch(() => {});
    await clock.advance(5_000);
    expect(instants()).toHaveLength(3);
    // What the other one was told is heard from the record.
    tab.presence.emit('focus');
    await clock.advance(1_000);
    other.tokens.stop();
    server.respondWith({ do: 'mint' });
    const before = instants().length;
    tab.tokens.getToken({ template: 'one' }).catch(() => {});
    await clock.advance(113_000);
    expect(instants().slice(before)).toEqual([]);
    await clock.advance(1_000);
    expect(typeof tab.tokens.peek({ template: 'one' })).toBe('string');
  });

  it('T13 T15 R5.8 S10 a 401 that was slow to come is not asked about where another tab was asked to wait meanwhile', async () => {
    const { server, clock, open } = five({ without: ['channel', 'lock'] });
    const slow: TokenSource['mint'] = async (request) => {
      if (request.key.template === undefined) return server.source.mint(request);
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 5_000));
      throw new TokenRequestError('refused', { status: 401 });
    };
    const [tab, other] = [open({ source: { mint: slow } }), open()];
    server.checkAnswers('gone');
    await clock.advance(10_000);
    tab.tokens.getToken({ template: 'one' }).catch(() => {});
    await clock.advance(1_000);
    server.script([refused(429, 120_000)]);
    other.tokens.getToken({ template: 'two' }).catch(() => {});
    await clock.advance(119_000);
    expect(server.checks).toEqual([]);
    await clock.advance(7_000);
    expect(server.checks).toEqual(['sess_1']);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R5.8 T4 S10 a tab whose store failed more than a minute ago waits for it again, and sees what was asked of the others', async () => {
    const { server, clock, open, store } = createBrowser({ server: { ttlSeconds: 300 } });
    const failing: Switch = { fault: faults.find(({ name }) => name === 'hangs') ?? null };
    open({ store: faultyStore(store, failing) });
    await clock.advance(20_000);
    failing.fault = null;
    server.script([refused(429, 120_000)]);
    const other = open();
    await clock.advance(250_000);
    other.tokens.refresh().catch(() => {});
    await clock.advance(100_000);
    expect(server.instants).toEqual([2_500, 270_000]);
  });

  it('R5.28 T12 44 404: the refusal of one is the refusal of all, and decays', async () => {
    const { server, clock, open5, open, instants } = five();
    server.respondWith(refused(404));
    const readers = open5().map((tab) => tab.watch(tab.tokens.getToken()));
    await clock.advance(1_000);
    expect(instants()).toEqual([0]);
    expect(readers.map(({ error }) => (error as { status?: number } | undefined)?.status)).toEqual(Array(5).fill(404));
    const late = open();
    const reader = late.watch(late.tokens.getToken());
    await clock.settle();
    expect(reader.error).toMatchObject({ status: 404 });
    await clock.advance(300_000);
    // Nobody reads: one try per 50 s in the whole browser.
    expect(instants()).toEqual([0, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000]);
  });

  it('S9 F23 404 with every tab reading and forcing: no minute sees more than 7 requests', async () => {
    const { server, clock, open5, instants, tabs } = five();
    server.respondWith(refused(404));
    open5();
    for (let second = 0; second < 300; second += 1) {
      for (const { tokens } of tabs) {
        tokens.getToken().catch(() => {});
        tokens.refresh().catch(() => {});
      }
      await clock.advance(1_000);
    }
    expect(busiest(instants(), 60_000)).toBeLessThanOrEqual(7);
  });

  for (const without of [[], ['lock'], ['channel']] as const) {
    it(`S9 503 after a token was held, every tab forcing once a second${without.length ? `, without a ${without[0]}` : ''}: 7 a minute in all`, async () => {
      const { server, clock, open5, instants, tabs } = five({ without });
      open5();
      await clock.advance(5_000);
      server.respondWith(refused(503));
      for (let second = 0; second < 200; second += 1) {
        for (const { tokens } of tabs) tokens.refresh().catch(() => {});
        await clock.advance(1_000);
      }
      expect(
        busiest(
          instants().filter((at) => at > 0),
          60_000,
        ),
      ).toBeLessThanOrEqual(7);
      server.respondWith({ do: 'mint' });
      await clock.advance(60_000);
      expect(tabs.map(({ tokens }) => tokens.getState().state)).toEqual(Array(5).fill('fresh'));
    });
  }

  it('S9 R5.28 a store that takes some ms, as real ones do: each try counts once', async () => {
    const store = memoryStore();
    const browser = createBrowser({
      store: {
        ...store,
        update: async (key, change) => {
          const written = await store.update(key, change);
          await new Promise<void>((resolve) => void browser.clock.setTimeout(resolve, 3));
          return written;
        },
      },
    });
    browser.server.respondWith(refused(503));
    const tab = browser.open();
    for (let second = 0; second < 60; second += 1) {
      tab.tokens.refresh().catch(() => {});
      await browser.clock.advance(1_000);
    }
    const due = schedule.filter((ms) => ms < 60_000).length;
    expect(browser.server.instants).toHaveLength(due);
    const [key] = Object.values((await browser.store.read('app'))?.keys ?? {});
    expect(key?.failedAt).toHaveLength(due);
  });

  it('S9 tabs that open and close all the time while the origin fails: 7 a minute in all', async () => {
    const { server, clock, open, instants } = five();
    server.respondWith(refused(503));
    for (let round = 0; round < 60; round += 1) {
      const tab = open();
      tab.tokens.getToken().catch(() => {});
      await clock.advance(2_000);
      tab.tokens.stop();
    }
    expect(busiest(instants(), 60_000)).toBeLessThanOrEqual(7);
  });

  it('S9 the same while nothing is answered at all', async () => {
    const { server, clock, open, instants } = five();
    server.respondWith({ do: 'hang' });
    for (let round = 0; round < 60; round += 1) {
      const tab = open();
      tab.tokens.getToken().catch(() => {});
      await clock.advance(2_000);
      tab.tokens.stop();
    }
    expect(busiest(instants(), 60_000)).toBeLessThanOrEqual(7);
  });

  it('T13 C22 401: one question to the source, and whoever hears `gone` signs all of them out', async () => {
    const { server, clock, open5, instants, cookie } = five();
    const tabs = open5();
    await clock.advance(10_000);
    server.respondWith(refused(401));
    server.checkAnswers('gone');
    await clock.advance(40_000);
    expect(instants()).toEqual([0, 43_000]);
    expect(server.checks).toEqual(['sess_1']);
    expect(tabs.map(({ tokens }) => tokens.getState().state)).toEqual(Array(5).fill('signed-out'));
    expect(tabs.map((tab) => tab.of('session.signedOut').map(({ reason }) => reason))).toEqual([
      ['session_gone'],
      ['peer'],
      ['peer'],
      ['peer'],
      ['peer'],
    ]);
    expect(cookie.read()).toEqual([]);
  });

  it('S9 R5.28 nothing is answered any more, and five tabs read: tries that overlap count as well, 7 a minute in all', async () => {
    const browser = createBrowser();
    for (let tab = 0; tab < 5; tab += 1) browser.open();
    await browser.clock.advance(10_000);
    browser.server.respondWith({ do: 'hang' });
    await browser.read(300_000);
    expect(busiest(browser.instants, 60_000)).toBeLessThanOrEqual(7);
  });

  it('S9 R9.8 the clock jumps an hour ahead, and twenty tabs take their token for expired: a handful of requests in all', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 20 }, () => browser.open());
    await browser.clock.advance(10_000);
    browser.clock.skew(3_600_000);
    expect(await browser.read(30_000)).toEqual([]);
    // Seven, and one more for each that was asked for once more: twenty tabs cost no more than two handfuls.
    expect(busiest(browser.instants, 30_000)).toBeLessThanOrEqual(10);
    expect(new Set(tabs.map(({ tokens }) => tokens.peek())).size).toBe(1);
  });
});

describe('An outage, in all tabs', () => {
  it('T16 R5.28 the mark of one is the mark of all: the tab that mints next presents from the start', async () => {
    const { server, clock, open, instants, focus } = five();
    const first = open();
    const second = open();
    await clock.advance(1_000);
    server.respondWith({ do: 'outage' });
    await clock.advance(43_000);
    expect(instants()).toEqual([0, 43_000, 43_100]);
    await clock.advance(1_000);
    first.tokens.stop();
    focus(second);
    await clock.advance(50_000);
    // 43.15 s: the edge's token has `iat` 43; its stale point is 86 s.
    expect(instants()).toEqual([0, 43_000, 43_100, 86_000]);
    expect(server.requests[3]?.request.lastToken).toBe(server.issued[1]);
    expect(second.tokens.getState()).toMatchObject({ outage: true, status: 'degraded' });
  });

  it('T16 R5.28 L3 73 the mark of one is the mark of all, and when it is over for one it is over for all', async () => {
    const { server, clock, open } = five();
    const tabs = [open(), open(), open()];
    await clock.advance(1_000);
    server.respondWith({ do: 'outage' });
    await clock.advance(50_000);
    tabs.push(open());
    await clock.advance(1_000);
    for (const { tokens } of tabs) expect(tokens.getState()).toMatchObject({ outage: true, status: 'degraded' });
    server.respondWith({ do: 'mint' });
    await clock.advance(200_000);
    for (const { tokens } of tabs)
      expect(tokens.getState()).toMatchObject({ state: 'fresh', outage: false, status: 'ok' });
  });
});

describe('Offline', () => {
  it('S10 L3 five tabs come back online: one mint, no request before', async () => {
    const { clock, open5, instants, tabs } = five({ cache: memoryCache() });
    open5();
    await clock.advance(20_000);
    for (const { connectivity } of tabs) connectivity.set(false);
    await clock.advance(100_000);
    expect(instants()).toEqual([0]);
    for (const { connectivity } of tabs) connectivity.set(true);
    await clock.advance(1_000);
    expect(instants()).toEqual([0, 120_000]);
    expect(tabs.map(({ tokens }) => tokens.getState().state)).toEqual(Array(5).fill('fresh'));
  });

  it('A06 a tab that is offline alone is served by its peers', async () => {
    const { clock, open, server } = five();
    const [first, second] = [open(), open()];
    await clock.advance(1_000);
    second.connectivity.set(false);
    await clock.advance(60_000);
    expect(second.tokens.peek()).toBe(first.tokens.peek());
    expect(second.tokens.peek()).toBe(server.issued[1]);
    expect(second.of('refresh.started')).toEqual([]);
  });
});
