/** A single-use credential among tabs: never spent twice (S6, R5.14 to R5.17, R10.2, R10.3, R10.6; C01, H01 to H10). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import type { MemoryLock } from '../../adapters/lock/memory';
import { memoryStore } from '../../adapters/store/memory';
import type { TokenCache } from '../../machines/ports';
import { createRotating, credentialName, lockName } from './support/rotating';

/** So many lives of a token, one request each. */
const livesMs = (lives: number): number => (lives - 1) * 43_000 + 1_000;

describe('Five tabs', () => {
  for (const without of [[], ['channel'], ['lock'], ['channel', 'lock', 'cookie']] as const) {
    const lives = without.length < 2 ? 60 : 20;
    const lacking = without.length ? `, without ${without.join(', ')}` : '';
    it(`S6 C01 C09 H09 ${lives} expiries${lacking}: as many requests, each with its own credential, none reused`, async () => {
      const browser = await createRotating({ without });
      const tabs = Array.from({ length: 5 }, () => browser.open());
      await browser.clock.advance(livesMs(lives));
      expect(browser.reuses).toEqual([]);
      expect(browser.spent.map(({ credential }) => credential)).toEqual(
        Array.from({ length: lives }, (_, n) => `c${n}`),
      );
      expect(await browser.cache.get(credentialName)).toBe(`c${lives}`);
      expect(tabs[0]?.tokens.getState().state).toBe('fresh');
    });

    it(`S6 C10 C16 every tab reading and forcing all the time${lacking}: none reused, never signed out`, async () => {
      const browser = await createRotating({ without });
      const tabs = Array.from({ length: 5 }, () => browser.open());
      for (let round = 0; round < 40; round += 1) {
        tabs[round % 5]?.tokens.refresh().catch(() => {});
        tabs[(round + 2) % 5]?.tokens.refresh().catch(() => {});
        for (const { tokens } of tabs) tokens.getToken().catch(() => {});
        await browser.clock.advance(1_300);
      }
      expect(browser.reuses).toEqual([]);
      expect(browser.spent.length).toBeGreaterThan(30);
      expect(tabs.flatMap((tab) => tab.of('session.signedOut'))).toEqual([]);
    });
  }

  for (const without of [[], ['lock']] as const) {
    it(`S6 C16 a server that takes longer than anybody waits for his turn${without.length ? ', without a lock' : ''}: none reused`, async () => {
      const browser = await createRotating({ latencyMs: 8_000, without });
      const tabs = Array.from({ length: 3 }, () => browser.open());
      for (let round = 0; round < 30; round += 1) {
        tabs[round % 3]?.tokens.refresh().catch(() => {});
        await browser.clock.advance(7_000);
      }
      expect(browser.reuses).toEqual([]);
      expect(browser.spent.length).toBeGreaterThan(15);
    });
  }

  it('S6 H10 asleep for a night, all woken and read at once: one request', async () => {
    const browser = await createRotating();
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(10_000);
    await browser.clock.sleep(8 * 3_600_000);
    for (const { tokens, presence } of tabs) {
      presence.emit('visible');
      tokens.getToken().catch(() => {});
    }
    await browser.clock.advance(5_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1']);
    expect(browser.reuses).toEqual([]);
  });
});

describe('A tab that goes in the middle of it', () => {
  it('S6 H01 with grace: the next one sends the same credential, the server forgives, nobody is signed out; thirty times', async () => {
    const browser = await createRotating({ graceMs: 30_000 });
    browser.open();
    for (let round = 0; round < 30; round += 1) {
      const doomed = browser.open();
      await browser.clock.advance(1_500);
      doomed.tokens.refresh().catch(() => {});
      // Before or after the server has rotated.
      await browser.clock.advance(round % 2 ? 20 : 70);
      doomed.tokens.stop();
      browser.tabs[0]?.tokens.refresh().catch(() => {});
      await browser.clock.advance(15_000);
      expect(browser.reuses).toEqual([]);
    }
    expect(browser.tabs[0]?.tokens.getState()).toMatchObject({ state: 'fresh' });
    expect(browser.tabs.flatMap((tab) => tab.of('session.signedOut'))).toEqual([]);
  });

  it('R5.16 without grace: no tab sends anything before the held token is over, then one does', async () => {
    const browser = await createRotating();
    const [first, second, third] = [browser.open(), browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    browser.lose((index) => (index === 1 ? 'dropped' : 'no'));
    browser.server.checkAnswers('gone');
    second.tokens.refresh().catch(() => {});
    await browser.clock.advance(500);
    for (const { tokens } of [first, second, third]) tokens.refresh().catch(() => {});
    await browser.clock.advance(49_000);
    expect(browser.instants).toEqual([0, 10_000]);
    expect(first.tokens.peek()).not.toBeNull();
    await browser.clock.advance(30_000);
    expect(browser.instants).toHaveLength(3);
    // It was rotated: the server refuses, and everybody learns why.
    expect(browser.reuses).toEqual(['c1']);
    for (const tab of [first, second, third]) expect(tab.tokens.getState().state).toBe('signed-out');
    const reasons = [first, second, third].map((tab) => tab.of('session.signedOut')[0]?.reason).sort();
    expect(reasons).toEqual(['lost_response', 'peer', 'peer']);
  });

  for (const way of ['closed', 'crashed'] as const) {
    it(`R5.16 H02 ${way} in the middle, without grace: nobody sends the credential again before the held token is over`, async () => {
      const browser = await createRotating();
      const first = browser.open();
      const doomed = browser.open();
      await browser.clock.advance(10_000);
      browser.lose((index) => (index === 1 ? 'never' : 'no'));
      browser.server.checkAnswers('gone');
      doomed.tokens.refresh().catch(() => {});
      await browser.clock.advance(100);
      // Of a crashed one the browser takes the lock back; nothing else is told to anybody.
      if (way === 'closed') doomed.tokens.stop();
      else (browser.lock as MemoryLock).steal(lockName);
      first.tokens.refresh().catch(() => {});
      await browser.clock.advance(49_800);
      expect(browser.instants).toEqual([0, 10_000]);
      expect(first.tokens.peek()).not.toBeNull();
      await browser.clock.advance(30_000);
      expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c1']);
      expect(first.of('session.signedOut')).toMatchObject([{ reason: 'lost_response' }]);
    });
  }

  it('R5.15 H01 crashed in the middle, with grace: the next one sends the same credential at once', async () => {
    const browser = await createRotating({ graceMs: 30_000 });
    const first = browser.open();
    const doomed = browser.open();
    await browser.clock.advance(10_000);
    browser.lose((index) => (index === 1 ? 'never' : 'no'));
    doomed.tokens.refresh().catch(() => {});
    await browser.clock.advance(1_000);
    const forced = first.watch(first.tokens.refresh());
    (browser.lock as MemoryLock).steal(lockName);
    await browser.clock.advance(200);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c1']);
    expect(browser.reuses).toEqual([]);
    expect(forced.token).toBe(first.tokens.peek());
    expect(await browser.cache.get(credentialName)).toBe('c2');
  });

  it('R5.15 with grace: the same credential at once, inside the grace, by the tab that lost the answer', async () => {
    const browser = await createRotating({ graceMs: 10_000 });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    browser.lose((index) => (index === 1 ? 'dropped' : 'no'));
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(2_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c1']);
    expect(browser.reuses).toEqual([]);
    expect(forced.token).toBe(first.tokens.peek());
    expect(await browser.cache.get(credentialName)).toBe('c2');
  });

  it('R5.15 S6 the grace runs from the first time that a credential was sent, whichever keys send it again', async () => {
    const browser = await createRotating({ graceMs: 10_000 });
    const tabs = [null, 'org_1', 'org_2'].map((organizationId) =>
      browser.open({ session: { id: 'sess_1', organizationId } }),
    );
    await browser.clock.advance(10_000);
    const before = browser.spent.length;
    browser.lose(() => 'dropped');
    for (const { tokens } of tabs) {
      tokens.refresh().catch(() => {});
      await browser.clock.advance(7_000);
    }
    // At 10 s and at 17 s, each repeated at once; not at 24 s.
    expect(browser.instants.slice(before)).toEqual([10_000, 10_100, 17_000, 17_100]);
  });

  it('R5.14 the mark is on record before the request goes out, and gone when it is answered', async () => {
    const browser = await createRotating();
    browser.open();
    await browser.clock.advance(20);
    const { inFlight } = (await browser.store.read('app')) ?? {};
    expect(inFlight).toMatchObject({ deadline: (inFlight?.startedAt ?? 0) + 10_000 });
    expect(Object.values(inFlight ?? {})).not.toContain('c0');
    await browser.clock.advance(200);
    expect(await browser.store.read('app')).not.toHaveProperty('inFlight');
  });

  it('R5.14 a mark that cannot be written: nothing is refused, since the lock is held', async () => {
    const store = memoryStore();
    const broken = { ...store, update: () => Promise.reject(new Error('quota')) };
    const browser = await createRotating({ store: broken });
    browser.open();
    browser.open();
    await browser.clock.advance(60_000);
    expect(browser.reuses).toEqual([]);
    expect(browser.good()).toBe(`c${browser.spent.length}`);
  });
});

describe('A lock that is lost, or not had', () => {
  it('R10.6 S6 stolen in the middle: the successor of who lost it is never committed over the thief’s', async () => {
    const browser = await createRotating({ graceMs: 30_000, latencyMs: 2_000 });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_500);
    (browser.lock as MemoryLock).steal(lockName);
    await browser.clock.advance(20_000);
    expect(browser.reuses).toEqual([]);
    expect(await browser.cache.get(credentialName)).toBe(browser.good());
    expect(second.tokens.peek()).not.toBeNull();
    expect(first.tokens.peek()).toBe(second.tokens.peek());
  });

  it('S6 stolen in the middle, without grace: the thief waits for the request that may be open, not only for the token’s end', async () => {
    const browser = await createRotating({ latencyMs: 4_000 });
    browser.open();
    const thief = browser.open();
    browser.lose(() => 'never');
    await browser.clock.advance(1_000);
    (browser.lock as MemoryLock).steal(lockName);
    // Nobody has a token: only the mark of who lost the lock says that its request is on its way, for 10 s at most.
    await browser.clock.advance(8_900);
    expect(browser.instants).toEqual([0]);
    expect(thief.of('refresh.failed')).toEqual([]);
    await browser.clock.advance(20_000);
    expect(browser.instants.length).toBeGreaterThan(1);
    expect(browser.instants[1]).toBeGreaterThanOrEqual(10_000);
  });

  it('R10.6 R5.15 what is repeated at once is not marked by who has lost the lock: the thief commits what it got', async () => {
    const browser = await createRotating({ graceMs: 60_000, latencyMs: 2_000 });
    const [first] = [browser.open(), browser.open()];
    await browser.clock.advance(100);
    (browser.lock as MemoryLock).steal(lockName);
    // The thief's request is on its way when the answer of the other one comes, which may not be committed.
    await browser.clock.advance(4_900);
    expect(browser.instants).toEqual([0, 100]);
    expect(await browser.cache.get(credentialName)).toBe('c1');
    expect(first?.tokens.getState()).toMatchObject({ state: 'fresh' });
  });

  it('R10.6 S6 H07 what comes late to who lost it does not bury what others got since', async () => {
    const browser = await createRotating({ graceMs: 30_000 });
    browser.lose((index) => (index === 0 ? 'late' : 'no'));
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(500);
    (browser.lock as MemoryLock).steal(lockName);
    await browser.clock.advance(1_500);
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(1_000);
    expect(forced.token).toEqual(expect.any(String));
    expect(await browser.cache.get(credentialName)).toBe(browser.good());
    // The answer of the first request comes at 5.05 s, with c1, which has been spent by now.
    await browser.clock.advance(2_500);
    expect(await browser.cache.get(credentialName)).toBe('c2');
    await browser.clock.advance(7_500);
    expect(await browser.cache.get(credentialName)).toBe(browser.good());
    expect(first.tokens.peek()).toBe(second.tokens.peek());
    await browser.clock.advance(60_000);
    expect(browser.reuses).toEqual([]);
  });

  it('R10.4 C16 not granted within 5 s: nothing is spent, readers wait, and it tries again', async () => {
    const browser = await createRotating();
    const stuck = new AbortController();
    let end = (): void => {};
    void browser.lock.run(
      lockName,
      { waitMs: 1_000, leaseMs: 60_000, signal: stuck.signal },
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    await browser.clock.settle();
    const tab = browser.open();
    const reader = tab.watch(tab.tokens.getToken());
    await browser.clock.advance(6_000);
    expect(browser.spent).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback' });
    end();
    await browser.clock.advance(10_000);
    expect(browser.spent).toHaveLength(1);
    expect(reader.token).toEqual(expect.any(String));
  });
});

describe('A store that only hints', () => {
  const hinting = () => ({ ...memoryStore(), consistency: 'hint' as const });

  it('R10.3 one tab has the lock and keeps it: it alone spends, the others live from its tokens', async () => {
    const browser = await createRotating({ store: hinting() });
    const tabs = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.advance(300_000);
    expect(browser.reuses).toEqual([]);
    const minting = tabs.map((tab) => tab.of('refresh.started').length);
    expect(minting.filter((mints) => mints > 0)).toHaveLength(1);
    expect(new Set(tabs.map(({ tokens }) => tokens.peek())).size).toBe(1);
  });

  it('R10.3 it goes: another takes over, a second after it got the lock, so that what was written has arrived', async () => {
    const browser = await createRotating({ store: hinting() });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    const before = browser.spent.length;
    first.tokens.stop();
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(900);
    expect(browser.spent).toHaveLength(before);
    await browser.clock.advance(400);
    expect(browser.spent).toHaveLength(before + 1);
    expect(forced.token).toEqual(expect.any(String));
    expect(browser.reuses).toEqual([]);
  });

  it('L2 R10.3 another organization in another tab gets its turn, and none is reused', async () => {
    const browser = await createRotating({ store: hinting() });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    second.tokens.setActive({ organizationId: 'org_1' });
    await browser.clock.advance(5_000);
    for (const { tokens } of [first, second]) expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    await browser.clock.advance(300_000);
    for (const { tokens } of [first, second]) expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(browser.reuses).toEqual([]);
  });

  it('T23 R10.3 who may spend nothing, since the lock is not to be had, is served from the cache', async () => {
    const browser = await createRotating({ store: hinting(), without: ['channel'] });
    const first = browser.open();
    await browser.clock.advance(2_000);
    const stuck = { ...browser.lock, run: async () => ({ status: 'timeout' as const }) };
    const second = browser.open({ lock: stuck });
    await browser.clock.advance(10_000);
    expect(second.tokens.peek()).toBe(first.tokens.peek());
    await browser.clock.advance(43_000);
    expect(browser.spent).toHaveLength(2);
    expect(second.of('refresh.started')).toEqual([]);
    expect(second.tokens.peek()).toBe(first.tokens.peek());
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R10.3 S6 without a lock as well: nothing is spent at all, and readers are told in time', async () => {
    const browser = await createRotating({ store: hinting(), without: ['lock'] });
    const tabs = [browser.open(), browser.open()];
    const reader = tabs[0]?.watch(tabs[0].tokens.getToken());
    await browser.clock.advance(200_000);
    expect(browser.spent).toEqual([]);
    expect(reader?.error).toMatchObject({ code: 'request_failed' });
  });
});

describe('A cache that is behind', () => {
  /** Reads what was there a while ago. */
  const behind = (cache: TokenCache, by: () => number, now: () => number): TokenCache => {
    const log: { at: number; value: string }[] = [];
    return {
      ...cache,
      get: (name) =>
        name === credentialName ? (log.filter(({ at }) => at <= now() - by()).at(-1)?.value ?? 'c0') : cache.get(name),
      set: (name, value, options) => {
        if (name === credentialName) log.push({ at: now(), value });
        return cache.set(name, value, options);
      },
    };
  };

  it('R10.2 C05 E11 by 300 ms: it is looked at again until it has what the record calls good', async () => {
    let lag = 0;
    const shared = memoryCache();
    const clockOf = { now: () => 0 };
    const cache = behind(
      shared,
      () => lag,
      () => clockOf.now(),
    );
    const browser = await createRotating({ cache });
    clockOf.now = () => browser.clock.monotonicNow();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    lag = 300;
    first.tokens.refresh().catch(() => {});
    await browser.clock.advance(1_050);
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(2_000);
    expect(browser.reuses).toEqual([]);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
    expect(forced.token).toEqual(expect.any(String));
  });

  it('R10.2 C05 for good: what is known to be spent is not sent, and the tab backs off', async () => {
    const shared = memoryCache();
    await shared.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
    const browser = await createRotating({ cache: shared });
    const [, second] = [
      browser.open(),
      browser.open({ cache: { ...shared, get: (name) => (name === credentialName ? 'c0' : shared.get(name)) } }),
    ];
    await browser.clock.advance(10_000);
    const forced = second.watch(second.tokens.refresh());
    await browser.clock.advance(3_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0']);
    expect(forced.token).toBeUndefined();
    expect(second.tokens.peek()).not.toBeNull();
    expect(browser.reuses).toEqual([]);
  });

  it.each([[[]], [['stop', 'start']]] as const)(
    'H06 a successor that cannot be stored is not lost while the page lives, whatever it calls: %j',
    async (calls) => {
      const shared = memoryCache();
      let full = true;
      const cache: TokenCache = {
        ...shared,
        set: (name, value, options) => {
          if (full && name === credentialName) throw new DOMException('full', 'QuotaExceededError');
          return shared.set(name, value, options);
        },
      };
      const browser = await createRotating({ cache });
      const tab = browser.open();
      await shared.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
      await browser.clock.advance(10_000);
      for (const call of calls) tab.tokens[call]();
      await browser.clock.advance(90_000);
      expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
      expect(tab.of('adapter.failed')[0]).toMatchObject({
        adapter: 'cache',
        operation: 'set',
        reason: 'QuotaExceededError',
      });
      full = false;
      await browser.clock.advance(43_000);
      expect(await shared.get(credentialName)).toBe('c4');
    },
  );
});

describe('Signed out', () => {
  it('S7 R8.9 while a credential is on its way: its successor is kept nowhere, by no tab', async () => {
    const browser = await createRotating({ latencyMs: 1_000 });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(800);
    await (await second.tokens.signOut()).stored;
    await browser.clock.advance(20_000);
    expect(first.tokens.getState().state).toBe('signed-out');
    expect(await browser.cache.get(credentialName)).toBeUndefined();
    expect(browser.spent).toHaveLength(1);
  });

  it('S7 while a credential is on its way, at a source that heeds no signal: what it commits afterwards is kept nowhere', async () => {
    const browser = await createRotating();
    browser.lose(() => 'late');
    const tab = browser.open();
    await browser.clock.advance(500);
    await (await tab.tokens.signOut()).stored;
    await browser.clock.advance(20_000);
    expect(await browser.cache.get(credentialName)).toBeUndefined();
    expect(JSON.stringify(await browser.store.read('app'))).not.toContain('inFlight');
  });

  it('R10.13 S11 no credential is ever told to another tab, nor written into the record', async () => {
    const browser = await createRotating();
    const said: string[] = [];
    browser.channel.subscribe((message) => said.push(JSON.stringify(message)));
    browser.open();
    browser.open();
    await browser.clock.advance(200_000);
    expect(said.length).toBeGreaterThan(3);
    const record = JSON.stringify(await browser.store.read('app'));
    for (let n = 0; n < 6; n += 1) expect(said.join() + record).not.toContain(`"c${n}"`);
  });
});
