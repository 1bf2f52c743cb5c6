/** What the source asked for is not forgotten where it could not be written when it happened (S10, R5.8). */
import { expect, it } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { createBrowser } from '../support/browser';
import { fullStore } from './support/full-store';

/** The source asks one tab to wait 120 s; its storage is full from then on, for `fullMs`. */
async function askedWhileFull(fullMs: number) {
  const store = memoryStore();
  const isFull = { now: false };
  const browser = createBrowser({ store, without: ['channel'] });
  const [first, second] = [browser.open({ store: fullStore(store, isFull) }), browser.open()];
  await browser.clock.advance(10_000);
  isFull.now = true;
  browser.server.script([{ do: 'status', status: 429, retryAfterMs: 120_000 }]);
  first.tokens.refresh().catch(() => {});
  await browser.clock.advance(fullMs);
  isFull.now = false;
  return Object.assign(browser, { store, first, second });
}

it('S10 R5.8 what the source asked for while the storage was full is written with the next thing that is, as long as it lasts', async () => {
  const browser = await askedWhileFull(20_000);
  const { clock, first, second, store } = browser;
  first.tokens.setActive({ organizationId: 'org_1' });
  await clock.settle();
  const { floorSince = 0, floorUntil = 0 } = (await store.read('app')) ?? {};
  expect([floorSince - clock.now(), floorUntil - floorSince]).toEqual([0, 100_100]);
  second.tokens.refresh().catch(() => {});
  await clock.advance(100_000);
  expect(browser.instants).toEqual([0, 10_000]);
  await clock.advance(20_000);
  expect(browser.instants[2]).toBeGreaterThanOrEqual(130_100);
});

it('S10 R5.8 not where it is over, or less than what another tab was asked for since', async () => {
  const over = await askedWhileFull(130_000);
  await over.clock.advance(10_000);
  expect((await over.store.read('app'))?.floorUntil).toBeUndefined();
  const { clock, first, store } = await askedWhileFull(20_000);
  const longer = { floorSince: clock.now(), floorUntil: clock.now() + 300_000 };
  await store.update('app', (now) => ({ ...now, v: 1, generation: 9, epoch: 0, ...longer }));
  first.tokens.setActive({ organizationId: 'org_1' });
  await clock.settle();
  expect(await store.read('app')).toMatchObject(longer);
});

it('S10 T28 nor where this tab has signed in again', async () => {
  const { clock, first, store } = await askedWhileFull(20_000);
  first.tokens.signIn({ session: { id: 'sess_1' } });
  await clock.settle();
  expect((await store.read('app'))?.signInEpoch).toBeGreaterThan(0);
  expect((await store.read('app'))?.floorUntil).toBeUndefined();
});

it('S10 R5.8 what is on record of it stays where a tab goes on after a stop, though somebody else has signed out of another session', async () => {
  const store = memoryStore();
  const browser = createBrowser({ store, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(10_000);
  second.tokens.signOut();
  await browser.clock.settle();
  expect((await store.read('app'))?.tombstone).toBeDefined();
  browser.server.script([{ do: 'status', status: 429, retryAfterMs: 120_000 }]);
  first.tokens.refresh().catch(() => {});
  await browser.clock.advance(1_000);
  const { floorUntil } = (await store.read('app')) ?? {};
  expect(floorUntil).toBeGreaterThan(browser.clock.now());
  first.tokens.stop();
  first.tokens.start();
  await browser.clock.advance(1_000);
  expect((await store.read('app'))?.floorUntil).toBe(floorUntil);
});
