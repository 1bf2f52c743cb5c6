/** Several keys of one session spend the same single-use credential: one after the other (S6). */
import { describe, expect, it } from 'vitest';
import type { MemoryLock } from '../../adapters/lock/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createRotating, lockName } from './support/rotating';
import { slowStore } from './support/slow-store';

const ways = [
  ['with everything', () => ({})],
  ['without a lock', () => ({ without: ['lock'] as const })],
  ['without a lock or channel', () => ({ without: ['lock', 'channel'] as const })],
  ['over a store that only hints', () => ({ store: { ...memoryStore(), consistency: 'hint' as const } })],
] as const;

describe('Session token and templates', () => {
  it('S6 R10.6 the lock is stolen from the one: the other waits, in the same tab, until its request has ended', async () => {
    const browser = await createRotating({ latencyMs: 4_000 });
    const tab = browser.open();
    await browser.clock.advance(1_000);
    (browser.lock as MemoryLock).steal(lockName);
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await browser.clock.advance(2_900);
    expect(browser.instants).toEqual([0]);
    await browser.clock.advance(20_000);
    expect(browser.reuses).toEqual([]);
    expect(read.token).toEqual(expect.any(String));
  });

  it('S6 R10.4 turns that are written down at once, since no lock can be had: one key waits until the other’s request has ended', async () => {
    const browser = await createRotating({
      lock: { run: () => Promise.reject(new TypeError('no locks')) },
      latencyMs: 1_000,
    });
    const { clock, store } = browser;
    const slow = { ms: 0 };
    const tab = browser.open({ store: slowStore(store, clock, 'read', slow) });
    tab.tokens.getToken({ template: 'api' }).catch(() => {});
    await clock.advance(10_000);
    const before = browser.spent.length;
    slow.ms = 200;
    const reads = [tab.watch(tab.tokens.refresh()), tab.watch(tab.tokens.refresh({ template: 'api' }))];
    await clock.advance(10_000);
    const [first, second] = browser.spent.slice(before);
    expect(second?.at).toBeGreaterThanOrEqual((first?.at ?? 0) + 1_000);
    expect(first?.credential).not.toBe(second?.credential);
    expect(browser.reuses).toEqual([]);
    expect(reads.map(({ token }) => typeof token)).toEqual(['string', 'string']);
  });

  it('L2 S6 a computer that slept under a request, without a lock: the key does not wait for itself', async () => {
    const browser = await createRotating({ without: ['lock'] });
    const tab = browser.open();
    browser.lose((index) => (index === 0 ? 'never' : 'no'));
    await browser.clock.advance(200);
    await browser.clock.sleep(8 * 3_600_000);
    tab.tokens.getToken().catch(() => {});
    await browser.clock.advance(30_000);
    expect(browser.instants.length).toBeGreaterThan(1);
  });

  for (const [name, options] of ways) {
    it(`S6 C01 read at once in one tab, ${name}: each with a credential of its own`, async () => {
      const browser = await createRotating(options());
      const tab = browser.open();
      const reads = [
        tab.watch(tab.tokens.getToken()),
        tab.watch(tab.tokens.getToken({ template: 'api' })),
        tab.watch(tab.tokens.getToken({ template: 'other' })),
      ];
      await browser.clock.advance(30_000);
      expect(browser.reuses).toEqual([]);
      expect(reads.map(({ token }) => typeof token)).toEqual(['string', 'string', 'string']);
      expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c2']);
    });

    it(`S6 C01 read at once in three tabs, ${name}: none reused`, async () => {
      const browser = await createRotating(options());
      const tabs = Array.from({ length: 3 }, () => browser.open());
      await browser.clock.advance(10_000);
      for (let round = 0; round < 10; round += 1) {
        for (const [index, { tokens }] of tabs.entries()) {
          tokens.refresh(index === 0 ? {} : { template: `t${index}` }).catch(() => {});
        }
        await browser.clock.advance(5_000);
      }
      expect(browser.reuses).toEqual([]);
      expect(browser.spent.length).toBeGreaterThan(9);
      expect(tabs.flatMap((tab) => tab.of('session.signedOut'))).toEqual([]);
    });
  }
});

it('S10 R5.8 another tab is told to wait while the credential is marked: nothing is sent before that is over', async () => {
  const browser = await createRotating();
  const { clock, store } = browser;
  const tab = browser.open({ store: slowStore(store, clock, 'update', { ms: 200 }) });
  await clock.advance(10_000);
  tab.tokens.refresh().catch(() => {});
  // The turn has been written down, the mark not yet.
  await clock.advance(300);
  const now = clock.now();
  await store.update('app', (record) => record && { ...record, floorSince: now, floorUntil: now + 20_000 });
  await clock.advance(19_999);
  expect(browser.instants).toHaveLength(1);
  expect((await store.read('app'))?.inFlight).toBeUndefined();
  await clock.advance(40_000);
  expect(browser.instants.length).toBeGreaterThan(1);
  expect(browser.reuses).toEqual([]);
  expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', error: null });
});
