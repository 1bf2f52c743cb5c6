/** Turns: the lock and what becomes of it, forced refreshes of several tabs, and tabs that come and go (R10.4 to R10.7). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { createNames } from '../../adapters/host/names';
import type { MemoryLock } from '../../adapters/lock/memory';
import { keyOf } from '../../machines/key';
import type { Lease, LockOutcome, RefreshLock } from '../../machines/ports';
import { createBrowser } from '../support/browser';
import { jwt } from '../support/jwt';
import { start } from './support/peer';
import { slowStore } from './support/slow-store';

type Task<T> = (lease: Lease) => Promise<T>;
const lockThat = (run: <T>(task: Task<T>) => Promise<LockOutcome<T>>): RefreshLock => ({
  run: (_name, _options, task) => run(task),
});
const never = () => new Promise<never>(() => {});
const fiveMinutes = 300_000;
const lives = [0, 43_000, 86_000, 129_000, 172_000, 215_000, 258_000];

describe('A lock that does not work', () => {
  it('D02 R10.4 that never answers: each waits 5 s for it and goes on, one mint per life over the ordered store', async () => {
    const browser = createBrowser({ lock: lockThat(never) });
    const tabs = Array.from({ length: 5 }, () => browser.open());
    const reader = tabs[2]?.watch(tabs[2].tokens.getToken());
    await browser.clock.advance(100_000);
    expect(browser.instants).toEqual([5_000, 53_000]);
    expect(reader).toMatchObject({ token: browser.server.issued[0], at: 5_100 });
    expect(tabs.flatMap((tab) => tab.of('adapter.failed'))).toEqual([]);
  });

  for (const [name, lock, reason] of [
    ['rejects', lockThat(() => Promise.reject(new TypeError('no locks'))), 'TypeError'],
    [
      'throws',
      lockThat(() => {
        throw new TypeError('no locks');
      }),
      'TypeError',
    ],
    [
      'says that it is unavailable',
      lockThat(async () => ({ status: 'unavailable', cause: 'SecurityError' })),
      'SecurityError',
    ],
  ] as const) {
    it(`D05 R10.7 that ${name}: it goes on at once, says so once, and mints once per life over the ordered store`, async () => {
      const browser = createBrowser({ lock });
      const tabs = Array.from({ length: 5 }, () => browser.open());
      await browser.clock.advance(fiveMinutes);
      expect(browser.instants).toEqual(lives);
      for (const tab of tabs) {
        expect(tab.of('adapter.failed')).toMatchObject([{ adapter: 'lock', operation: 'run', reason }]);
      }
    });
  }

  it('D05 that is lost before it is granted: no failure, it goes on', async () => {
    const browser = createBrowser({ lock: lockThat(async () => ({ status: 'lost' })) });
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(fiveMinutes);
    expect(browser.instants).toEqual(lives);
    expect(tabs.flatMap((tab) => tab.of('adapter.failed'))).toEqual([]);
  });

  it('R10.4 granted after nobody waits any more: it is given back, and no mint comes of it', async () => {
    const tasks: Task<unknown>[] = [];
    const lock: RefreshLock = {
      run: (_name, _options, task) => {
        tasks.push(task);
        return never();
      },
    };
    const browser = createBrowser({ lock });
    browser.open();
    await browser.clock.advance(6_000);
    expect(browser.instants).toEqual([5_000]);
    const lease = { signal: new AbortController().signal, fence: 1, contended: true };
    // Held until this settles; nothing may keep it.
    await tasks[0]?.(lease);
    await browser.clock.advance(10_000);
    expect(browser.instants).toEqual([5_000]);
  });

  it('D08 the lock is free as soon as a mint has failed', async () => {
    const browser = createBrowser();
    browser.server.respondWith({ do: 'status', status: 503 });
    browser.open();
    await browser.clock.advance(1_000);
    expect(await isFree(browser)).toBe(true);
  });

  it('D09 R10.4 it is held over the mint and what is written after it, and not while a token is held', async () => {
    const browser = createBrowser();
    browser.open();
    await browser.clock.advance(50);
    expect(await isFree(browser)).toBe(false);
    await browser.clock.advance(50);
    expect(await isFree(browser)).toBe(true);
  });
});

const lockName = createNames('app').sessionPrefix('sess_1');
const steal = ({ lock }: ReturnType<typeof createBrowser>): void => (lock as MemoryLock).steal(lockName);

/** Whether the lock of the session is free. */
async function isFree({ lock, clock }: ReturnType<typeof createBrowser>): Promise<boolean> {
  const options = { waitMs: 0, leaseMs: 1, signal: new AbortController().signal };
  const asked = lock.run(lockName, options, async () => 'mine');
  await clock.settle();
  return (await asked).status === 'done';
}

describe('A lease that is lost', () => {
  it('R10.6 stolen in the middle of a mint: what came late is not held, written or told', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    browser.server.script([{ do: 'mint', oiat: start + 1 }]);
    await browser.clock.advance(50);
    steal(browser);
    await browser.clock.advance(5_000);
    const [lost, kept] = browser.server.issued;
    expect(browser.server.issued).toHaveLength(2);
    // Whoever got the lock minted; the first one's token would be fresher, but nobody has it.
    expect([first.tokens.peek(), second.tokens.peek()]).toEqual([kept, kept]);
    expect(browser.cookie.read()).toEqual([{ value: kept }]);
    expect(lost).not.toBe(kept);
    expect(first.of('token.updated')).toMatchObject([{ from: 'peer' }]);
  });
});

describe('Forced by several tabs', () => {
  it('S9 T25 at once: one mint per floor, each gets one of its own, and they are fresher and fresher', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    await browser.clock.advance(10_000);
    const reads = tabs.map((tab) => tab.watch(tab.tokens.refresh()));
    await browser.clock.advance(6_000);
    expect(browser.instants).toEqual([0, 10_000, 11_000, 12_000, 13_000]);
    expect(new Set(reads.map(({ token }) => token))).toEqual(new Set(browser.server.issued.slice(1)));
    expect(new Set(tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued.at(-1)]));
  });

  it('S9 the same without a lock', async () => {
    const browser = createBrowser({ without: ['lock'] });
    const tabs = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.advance(10_000);
    const reads = tabs.map((tab) => tab.watch(tab.tokens.refresh()));
    await browser.clock.advance(6_000);
    expect(browser.instants).toEqual([0, 10_000, 11_000, 12_000]);
    expect(reads.every(({ token }) => typeof token === 'string')).toBe(true);
  });

  it('S9 by ten tabs ten times a second: at most one request per floor', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 10 }, () => browser.open());
    await browser.clock.advance(1_000);
    for (let tenth = 0; tenth < 50; tenth += 1) {
      for (const { tokens } of tabs) tokens.refresh().catch(() => {});
      await browser.clock.advance(100);
    }
    const gaps = browser.instants.slice(1).map((at, index) => at - (browser.instants[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('T24 a forced refresh never takes a token from the cache or a peer instead', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(500);
    expect(forced).toMatchObject({ token: browser.server.issued[1], at: 10_100 });
    expect(first.tokens.peek()).toBe(browser.server.issued[1]);
  });
});

describe('A forced refresh', () => {
  it('T24 R10.5 asks nobody, and takes nothing from anybody: it is sent at once', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    browser.open();
    let hears = true;
    const subscribe = (listener: (message: unknown) => void) =>
      browser.channel.subscribe((message) => hears && listener(message));
    const deaf = browser.open({ channel: { ...browser.channel, subscribe } });
    await browser.clock.advance(1_000);
    hears = false;
    // The first tab has a fresher token since 43 s, and the record says so.
    await browser.clock.advance(43_000);
    const said: unknown[] = [];
    browser.channel.subscribe((message) => said.push((message as { is: string }).is));
    const forced = deaf.watch(deaf.tokens.refresh());
    await browser.clock.advance(200);
    expect(browser.instants).toEqual([0, 43_000, 44_000]);
    expect(forced).toMatchObject({ token: browser.server.issued[2], at: 44_100 });
    expect(said).toEqual(['token']);
  });
});

describe('Tabs that go in the middle of a mint', () => {
  it('D03 R10.4 closed: the next one mints at once', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(50);
    first.tokens.stop();
    await browser.clock.advance(200);
    expect(browser.instants).toEqual([0, 50]);
    expect(second.tokens.peek()).toBe(browser.server.issued[1]);
  });

  it('D03 crashed with the lock: whoever waits for it goes on after 5 s, one of them', async () => {
    const browser = createBrowser();
    // Its clock never moves again, so neither does its request nor anything else of it.
    const dead = browser.open({ source: { mint: never } });
    const others = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.settle();
    dead.tokens.on('refresh.failed', () => {});
    await browser.clock.advance(8_000);
    expect(browser.instants).toEqual([5_000]);
    expect(new Set(others.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued[0]]));
  });

  it('D03 crashed, and the browser gives its lock away: the next one mints at once, whatever the record says of the dead', async () => {
    const browser = createBrowser();
    const { tokens } = browser.open({ source: { mint: never } });
    await browser.clock.settle();
    // Everything of it is gone but the lock and what it wrote down.
    void tokens;
    const second = browser.open();
    await browser.clock.advance(1_000);
    steal(browser);
    await browser.clock.advance(200);
    expect(browser.instants).toEqual([1_000]);
    expect(second.tokens.peek()).toBe(browser.server.issued[0]);
  });

  it('D03 crashed without a lock: its claim is left alone for 5 s, not for ever', async () => {
    const browser = createBrowser({ without: ['lock'] });
    const dead = browser.open({ source: { mint: never } });
    await browser.clock.settle();
    const second = browser.open();
    await browser.clock.advance(8_000);
    expect(browser.instants).toEqual([5_000]);
    expect(second.tokens.peek()).toBe(browser.server.issued[0]);
    expect(dead.tokens.peek()).toBe(browser.server.issued[0]);
  });
});

describe('A tab that opens', () => {
  it('R10.5 90 while another holds a token: it asks, and has it without a request', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    browser.open();
    await browser.clock.advance(20_000);
    const asked: unknown[] = [];
    browser.channel.subscribe((message) => asked.push((message as { is: string }).is));
    const late = browser.open();
    const reader = late.watch(late.tokens.getToken());
    await browser.clock.settle();
    expect(reader).toMatchObject({ token: browser.server.issued[0], at: 0 });
    expect(asked).toEqual(['ask', 'token']);
    expect(late.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    await browser.clock.advance(60_000);
    expect(browser.instants).toEqual([0, 43_000]);
  });

  it('R10.5 nobody answers: it mints after 500 ms', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    const first = browser.open();
    await browser.clock.advance(20_000);
    first.tokens.stop();
    browser.open();
    await browser.clock.advance(1_000);
    expect(browser.instants).toEqual([0, 20_500]);
  });

  it('R10.5 nothing is on record: nobody is asked, and it mints at once', async () => {
    const browser = createBrowser();
    const said: unknown[] = [];
    browser.channel.subscribe((message) => said.push((message as { is: string }).is));
    browser.open();
    await browser.clock.advance(200);
    expect(browser.instants).toEqual([0]);
    expect(said).toEqual(['token']);
  });

  it('R10.5 the token on record is past its use: it mints at once', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    const first = browser.open();
    await browser.clock.advance(20_000);
    first.tokens.stop();
    await browser.clock.advance(36_000);
    browser.open();
    await browser.clock.advance(1_000);
    expect(browser.instants).toEqual([0, 56_000]);
  });

  it('R10.5 the store names a fresher token than the one held: asked for, and taken over', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    const first = browser.open();
    await browser.clock.advance(10_000);
    // Holds an older token, as a server rendered it.
    const initialToken = jwt({ iat: start - 50, exp: start + 10 + 10 });
    const late = browser.open({ initialToken });
    await browser.clock.settle();
    expect(late.tokens.peek()).toBe(initialToken);
    // It is hidden: the focused tab would go first.
    await browser.clock.advance(2_000);
    expect(late.tokens.peek()).toBe(first.tokens.peek());
    expect(browser.instants).toEqual([0]);
  });

  it('R10.5 an expired one is not handed out, whoever asks', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    const first = browser.open();
    await browser.clock.advance(1_000);
    first.connectivity.set(false);
    await browser.clock.advance(60_000);
    const said: unknown[] = [];
    browser.channel.subscribe((message) => said.push((message as { is: string }).is));
    browser.channel.post({ v: 1, from: 'somebody', is: 'ask', key: createNames('app').token(keyOf({ id: 'sess_1' })) });
    await browser.clock.settle();
    expect(said).toEqual(['ask']);
  });

  it('R10.4 over a shared cache: it starts with what is there, without a word', async () => {
    const browser = createBrowser({ cache: memoryCache(), without: ['cookie'] });
    browser.open();
    await browser.clock.advance(20_000);
    const said: unknown[] = [];
    browser.channel.subscribe((message) => said.push(message));
    const late = browser.open();
    await browser.clock.settle();
    expect(late.tokens.peek()).toBe(browser.server.issued[0]);
    expect(said).toEqual([]);
  });

  it('S8 a page that opens with a fresh token does not bury a fresher one in the cache or on record', async () => {
    const cache = memoryCache();
    const browser = createBrowser({ cache, without: ['cookie'] });
    const first = browser.open();
    await browser.clock.advance(9_900);
    const forced = first.watch(first.tokens.refresh());
    await browser.clock.advance(600);
    const entry = async () => Object.values((await browser.store.read('app'))?.keys ?? {})[0]?.issuedAt;
    const before = await entry();
    const late = browser.open({ initialToken: jwt({ iat: start + 5, exp: start + 65 }) });
    await browser.clock.advance(1_000);
    expect(await entry()).toBe(before);
    first.tokens.stop();
    late.tokens.stop();
    const third = browser.open();
    await browser.clock.settle();
    expect(third.tokens.peek()).toBe(forced.token);
  });
});

describe('Told to wait while its turn is written down', () => {
  it('S10 R5.8 over another session, in another tab: nothing is sent', async () => {
    const browser = createBrowser();
    const { clock, store, server } = browser;
    const slow = slowStore(store, clock, 'update', { ms: 200 });
    const [first, second] = [browser.open({ session: { id: 'sess_2' } }), browser.open({ store: slow })];
    await clock.advance(10_000);
    const before = browser.instants.length;
    server.respondWith({ do: 'status', status: 429, retryAfterMs: 20_000 });
    second.tokens.refresh().catch(() => {});
    first.tokens.refresh().catch(() => {});
    await clock.advance(1_000);
    expect(first.of('refresh.failed')).toMatchObject([{ reason: 'rate-limited' }]);
    expect(browser.instants).toHaveLength(before + 1);
    server.respondWith({ do: 'mint' });
    await clock.advance(19_000);
    expect(browser.instants).toHaveLength(before + 1);
    await clock.advance(30_000);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', error: null });
  });
});
