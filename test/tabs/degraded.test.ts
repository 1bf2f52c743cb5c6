/** What N tabs cost the server where something that they share is missing or broken (R10.4, R10.7). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { SharedRecord } from '../../machines/ports';
import { busiest } from '../support/audit';
import { type BrowserOptions, createBrowser } from '../support/browser';
import { faults, faultyStore, type Switch } from '../support/faulty';

const lives = [0, 43_000, 86_000, 129_000, 172_000, 215_000, 258_000];
const fiveMinutes = 300_000;

type Mode = {
  readonly name: string;
  readonly ids: string;
  readonly options: () => BrowserOptions;
  readonly seen: readonly number[];
};

const modes: readonly Mode[] = [
  { ids: '100', name: 'with everything', options: () => ({}), seen: lives },
  {
    ids: '95 R10.5',
    name: 'without a channel, over a shared cookie',
    options: () => ({ without: ['channel'] }),
    seen: lives,
  },
  {
    ids: '95 R10.5',
    name: 'without a channel or cookie, over a shared cache',
    options: () => ({ without: ['channel', 'cookie'], cache: memoryCache() }),
    seen: lives,
  },
  { ids: 'R10.4', name: 'without a lock, over the ordered store', options: () => ({ without: ['lock'] }), seen: lives },
  {
    ids: 'R10.4',
    name: 'without a store, over lock and channel',
    options: () => ({ without: ['store', 'cookie'] }),
    seen: lives,
  },
  {
    ids: 'R10.4 R10.7',
    name: 'without lock and store: all start at once, then the focused tab goes first',
    options: () => ({ without: ['lock', 'store'] }),
    seen: [0, 0, 0, 0, ...lives],
  },
  {
    ids: '95 R10.7',
    name: 'without a channel and without anything to read from, each for itself, one after the other',
    options: () => ({ without: ['channel', 'cookie'] }),
    seen: lives.flatMap((at) => [0, 100, 200, 300, 400].map((later) => at + later)),
  },
  {
    ids: '95 R10.7',
    name: 'without anything at all, each for itself',
    options: () => ({ without: ['channel', 'cookie', 'store', 'lock'] }),
    seen: lives.flatMap((at) => [at, at, at, at, at]),
  },
];

describe('Five tabs for five minutes', () => {
  for (const { name, ids, options, seen } of modes) {
    it(`${ids} idle, ${name}`, async () => {
      const browser = createBrowser(options());
      const tabs = Array.from({ length: 5 }, () => browser.open());
      await browser.clock.advance(fiveMinutes);
      expect(browser.instants).toEqual(seen);
      expect(tabs.map(({ tokens }) => tokens.getState().state)).toEqual(Array(5).fill('fresh'));
      expect(tabs.flatMap((tab) => tab.of('adapter.failed'))).toEqual([]);
    });

    it(`${ids} each reading every 700 ms, ${name}`, async () => {
      const browser = createBrowser(options());
      for (let tab = 0; tab < 5; tab += 1) browser.open();
      expect(await browser.read(fiveMinutes, { everyMs: 700 })).toEqual([]);
      expect(browser.instants).toEqual(seen);
    });
  }

  it('100 C06 with jitter on, and whatever the dice say, one mint per life', async () => {
    for (const roll of [0, 0.3, 0.999]) {
      const browser = createBrowser({ policy: { jitter: 0.5 }, random: () => roll });
      for (let tab = 0; tab < 5; tab += 1) browser.open();
      await browser.clock.advance(fiveMinutes);
      expect(browser.instants).toEqual(lives);
    }
  });

  it('100 with a server that takes longer than the others’ grace: they wait for the lock, and for the token', async () => {
    const browser = createBrowser({ server: { latencyMs: 4_000 } });
    for (let tab = 0; tab < 5; tab += 1) browser.open();
    await browser.clock.advance(100_000);
    expect(browser.instants).toEqual([0, 45_000, 90_000]);
  });

  it('100 D02 with a server that takes longer than anybody waits for the lock: two mints, not five', async () => {
    const browser = createBrowser({ server: { latencyMs: 8_000 } });
    for (let tab = 0; tab < 5; tab += 1) browser.open();
    const errors = await browser.read(60_000);
    expect(errors).toEqual([]);
    expect(busiest(browser.instants, 40_000)).toBeLessThanOrEqual(2);
  });
});

describe('A store that fails', () => {
  for (const fault of faults) {
    it(`R10.7 J01 that ${fault.name}: one mint per life over lock and channel, and each tab says so once`, async () => {
      const state: Switch = { fault };
      const browser = createBrowser({ store: faultyStore(memoryStore(), state) });
      const tabs = Array.from({ length: 5 }, () => browser.open());
      await browser.clock.advance(fiveMinutes);
      for (const tab of tabs) {
        expect(tab.of('adapter.failed').map(({ adapter, operation, reason }) => [adapter, operation, reason])).toEqual([
          ['store', 'read', fault.reason],
          ['store', 'update', fault.reason],
        ]);
        expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
      }
      expect(browser.instants.length).toBe(lives.length);
    });

    it(`R10.7 that ${fault.name}, and no lock: it still works, within what one failing minute allows`, async () => {
      const state: Switch = { fault };
      const browser = createBrowser({ store: faultyStore(memoryStore(), state), without: ['lock'] });
      for (let tab = 0; tab < 5; tab += 1) browser.open();
      expect(await browser.read(fiveMinutes)).toEqual([]);
      expect(
        busiest(
          browser.instants.filter((at) => at > 10_000),
          40_000,
        ),
      ).toBeLessThanOrEqual(5);
    });
  }

  it('R10.2 one that only hints, and is behind all the time: one mint per life over lock and channel', async () => {
    const store = memoryStore();
    const stale = { ...store, consistency: 'hint' as const, read: async () => undefined };
    const browser = createBrowser({ store: stale });
    for (let tab = 0; tab < 5; tab += 1) browser.open();
    await browser.clock.advance(fiveMinutes);
    expect(browser.instants.length).toBe(lives.length);
  });

  it('R10.7 one that comes back is used again', async () => {
    const state: Switch = { fault: faults[1] ?? null };
    const browser = createBrowser({ store: faultyStore(memoryStore(), state), without: ['lock', 'channel'] });
    for (let tab = 0; tab < 5; tab += 1) browser.open();
    await browser.clock.advance(60_000);
    expect(browser.instants).toHaveLength(10);
    state.fault = null;
    await browser.clock.advance(129_000);
    expect(browser.instants.slice(10)).toEqual([86_000, 129_000, 172_000]);
  });
});

describe('A channel that fails', () => {
  it('C13 J03 that cannot be subscribed to, nor posted on: reported once, one mint per life over lock, store and cookie', async () => {
    const act = () => {
      throw new Error('closed');
    };
    const channel = { carriesTokens: true, post: act, subscribe: act, suspend: act, resume: act };
    const browser = createBrowser({ channel });
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(fiveMinutes);
    expect(browser.instants.length).toBe(lives.length);
    for (const tab of tabs) {
      const told = tab.of('adapter.failed').map(({ adapter, operation }) => `${adapter}.${operation}`);
      expect(new Set(told).size).toBe(told.length);
      expect(told).toContain('channel.subscribe');
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    }
  });

  it('C13 whose post throws evicts nothing: the token is held, served, and in the cookie', async () => {
    const browser = createBrowser();
    const tab = browser.open({
      channel: {
        ...browser.channel,
        post: () => {
          throw new Error('DataCloneError');
        },
      },
    });
    await browser.clock.advance(1_000);
    expect(tab.tokens.peek()).toBe(browser.server.issued[0]);
    expect(browser.cookie.read()).toEqual([{ value: browser.server.issued[0] }]);
    expect(tab.of('adapter.failed')).toMatchObject([{ adapter: 'channel', operation: 'post', reason: 'Error' }]);
  });

  it('R10.13 that carries no tokens: notices only, and the token is found in the cookie', async () => {
    const browser = createBrowser();
    const said: string[] = [];
    const channel = { ...browser.channel, carriesTokens: false };
    browser.channel.subscribe((message) => said.push(JSON.stringify(message)));
    const [first, second] = [browser.open({ channel }), browser.open({ channel })];
    await browser.clock.advance(1_000);
    const [token] = browser.server.issued;
    expect(browser.instants).toEqual([0]);
    expect([first.tokens.peek(), second.tokens.peek()]).toEqual([token, token]);
    // The focused tab's mint at 43 s; the grace of the other is over at 45 s.
    await browser.clock.advance(44_100);
    expect(second.tokens.peek()).toBe(browser.server.issued[1]);
    expect(browser.instants).toEqual([0, 43_000]);
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((message) => message.includes(token ?? ''))).toEqual([]);
  });

  it('R10.13 T23 L3 a notice is enough also where the record that a tab can read is behind it', async () => {
    const store = memoryStore();
    let behind: SharedRecord | undefined;
    const lagging: typeof store = { ...store, consistency: 'hint', read: async () => behind };
    const browser = createBrowser({ store });
    const channel = { ...browser.channel, carriesTokens: false };
    const [first, second] = [browser.open({ channel }), browser.open({ channel, store: lagging })];
    await browser.clock.advance(10_000);
    behind = await store.read('app');
    await browser.clock.advance(33_100);
    expect(first.tokens.peek()).toBe(browser.server.issued[1]);
    expect(second.tokens.peek()).toBe(browser.server.issued[1]);
  });

  it('R10.13 T23 a notice is enough where the token is in the cookie: every tab holds it at once', async () => {
    const browser = createBrowser();
    const channel = { ...browser.channel, carriesTokens: false };
    const [first, second] = [browser.open({ channel }), browser.open({ channel })];
    await browser.clock.advance(43_100);
    expect(first.tokens.peek()).toBe(browser.server.issued[1]);
    expect(second.tokens.peek()).toBe(browser.server.issued[1]);
    expect(browser.instants).toEqual([0, 43_000]);
  });
});
