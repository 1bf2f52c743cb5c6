/** What a failing origin does to a token that still lives, and how soon readers notice that it is back. */
import { expect, it } from 'vitest';
import { auditReads, busiest } from '../support/audit';
import { createTab } from '../support/tab';

async function failingFrom43() {
  const tab = createTab();
  await tab.startFresh();
  tab.server.respondWith({ do: 'status', status: 503 });
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

it('T30 R4.6 a held token is served to its last millisecond once a mint has failed', async () => {
  const { tab, until } = await failingFrom43();
  const held = tab.tokens.peek();
  // Between 43.1 s and 60 s, whenever no mint is out, somebody who asks is served at once.
  for (let at = 44_500; at < 60_000; at += 500) {
    await until(at - 1);
    if (tab.tokens.getState().substate === 'minting') continue;
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read.token === held, `served at ${at - 1} ms`).toBe(true);
  }
});

it('R5.23 background tries come closer together before the cutoff, and never closer than the floor', async () => {
  const { tab, until } = await failingFrom43();
  await until(55_000);
  const tries = tab.server.instants.slice(1);
  expect(tries.slice(0, 3)).toEqual([43_000, 46_000, 50_450]);
  expect(tries.length).toBeGreaterThanOrEqual(4);
  tries.slice(1).forEach((at, before) => {
    expect(at - (tries[before] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });
});

it('L2 an outage of 14 s is over for readers within 20 s of its end', async () => {
  const { tab, until } = await failingFrom43();
  await until(57_000);
  tab.server.respondWith({ do: 'mint' });
  await until(61_000);
  const read = tab.watch(tab.tokens.getToken());
  await until(77_000);
  expect(read.token === tab.server.issued.at(-1)).toBe(true);
  expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
});

it('S9 seven attempts in any minute, however long the origin fails and however often callers ask', async () => {
  const { tab } = await failingFrom43();
  const audit = auditReads(tab, { everyMs: 100 });
  await audit.run(900_000);
  expect(busiest(tab.server.instants.slice(1), 60_000)).toBeLessThanOrEqual(7);
  // It has not given up either.
  expect(tab.server.instants.filter((at) => at > 800_000).length).toBeGreaterThanOrEqual(1);
  expect(audit.expired).toEqual([]);
  expect(audit.empty).toBe(0);
  expect(audit.errors.length).toBeGreaterThan(0);
});

it('S9 forced reads in an outage get no more than the others', async () => {
  const { tab } = await failingFrom43();
  for (let at = 0; at < 1_200; at += 1) {
    tab.tokens.refresh().catch(() => {});
    await tab.clock.advance(250);
  }
  expect(busiest(tab.server.instants.slice(1), 60_000)).toBeLessThanOrEqual(7);
});

it('S9 forced reads while all is well: one mint per second at most', async () => {
  const tab = createTab();
  await tab.startFresh();
  const before = tab.server.instants.length;
  for (let at = 0; at < 400; at += 1) {
    tab.tokens.refresh().catch(() => {});
    await tab.clock.advance(50);
  }
  const forced = tab.server.instants.slice(before);
  expect(forced.length).toBeGreaterThanOrEqual(15);
  forced.slice(1).forEach((at, index) => {
    expect(at - (forced[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });
});
