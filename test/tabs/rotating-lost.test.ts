/** The answer to a single-use credential was lost: what later answers tell of it, and to whom (S6, R5.14 to R5.16). */
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../adapters/testing/world/create';
import { createRotating } from './support/rotating';

/**
 * One tab whose forced mint at 10 s is lost on its way back, and an edge that answers from then on: at 60 s, with the token to
 * its end, it mints from the last one.
 */
async function createLost() {
  const browser = await createRotating();
  const tab = browser.open();
  await browser.clock.advance(10_000);
  browser.lose((index) => (index === 0 ? 'no' : index === 1 ? 'dropped' : 'edge'));
  tab.tokens.refresh().catch(() => {});
  await browser.clock.advance(52_000);
  expect(browser.spent.slice(1).map(({ credential }) => credential)).toEqual(['c1', 'c1', 'c1']);
  expect(tab.tokens.peek()).not.toBeNull();
  return { browser, tab };
}

it('L1 R5.16 the token that everybody waits for the end of is refused by an API: it is no longer waited for', async () => {
  const browser = await createRotating({ ttlSeconds: 43_200, without: ['channel'] });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(10_000);
  browser.lose((index) => (index === 1 ? 'dropped' : 'no'));
  first.tokens.refresh().catch(() => {});
  await browser.clock.advance(1_000);
  expect(first.of('refresh.failed')).toMatchObject([{ reason: 'ambiguous' }]);
  second.tokens.reportRejected(second.tokens.peek() ?? '');
  const reader = second.watch(second.tokens.getToken());
  await browser.clock.advance(40_000);
  expect(browser.spent).toHaveLength(2);
  await browser.clock.advance(20_000);
  expect(browser.spent.length).toBeGreaterThan(2);
  expect(reader.at).toBeLessThan(71_000);
});

describe('An answer by somebody who did not look at the credential', () => {
  it('S6 R5.16 a token that an edge mints from the last one: the next time waits for the end of that', async () => {
    const { browser, tab } = await createLost();
    const held = tab.tokens.peek();
    await browser.clock.advance(57_500);
    expect(browser.spent).toHaveLength(4);
    expect(tab.tokens.peek()).toBe(held);
    await browser.clock.advance(3_000);
    expect(browser.spent.length).toBeGreaterThan(4);
    expect(tab.tokens.peek()).not.toBeNull();
  });

  for (const who of ['the same', 'another'] as const) {
    it(`S6 R5.16 a refusal to another key, in ${who} tab: the session token’s own waits for its end all the same`, async () => {
      const { browser, tab } = await createLost();
      const other = who === 'another' ? browser.open() : tab;
      other.tokens.getToken({ template: 'db' }).catch(() => {});
      await browser.clock.advance(5_000);
      expect(browser.spent).toHaveLength(5);
      other.tokens.refresh().catch(() => {});
      tab.tokens.refresh().catch(() => {});
      await browser.clock.advance(40_000);
      expect(browser.spent).toHaveLength(5);
    });
  }

  for (const [why, then] of [
    ['a repetition at once', 'dropped'],
    ['the last token that an edge asks for', 'edge'],
  ] as const) {
    it(`S6 R5.15 R5.16 ${why}: not once the grace is over that the first time began`, async () => {
      const browser = await createRotating({ graceMs: 10_000 });
      const [first, second] = [null, 'org_1'].map((organizationId) =>
        browser.open({ session: { id: 'sess_1', organizationId } }),
      );
      await browser.clock.advance(10_000);
      const before = browser.spent.length;
      browser.lose((index) => (index < before + 2 ? 'dropped' : then));
      first?.tokens.refresh().catch(() => {});
      await browser.clock.advance(9_950);
      second?.tokens.refresh().catch(() => {});
      await browser.clock.advance(30_000);
      // At 10 s, repeated at once; at 19.95 s, and what would follow comes after 20 s.
      expect(browser.instants.slice(before)).toEqual([10_000, 10_100, 19_950]);
      expect(browser.reuses).toEqual([]);
      expect(second?.tokens.peek()).not.toBeNull();
    });
  }

  it('R5.14 R5.15 a successor ends the doubt', async () => {
    const browser = await createRotating({ graceMs: 30_000 });
    const tab = browser.open();
    await browser.clock.advance(10_000);
    browser.lose((index) => (index === 1 ? 'dropped' : index === 2 ? 'edge' : 'no'));
    tab.tokens.refresh().catch(() => {});
    await browser.clock.advance(10_000);
    expect(browser.spent.map(({ credential }) => credential)).toEqual(['c0', 'c1', 'c1', 'c1']);
    expect(await browser.store.read('app')).not.toHaveProperty('inFlight');
    expect(browser.reuses).toEqual([]);
  });
});

describe('Two sessions in one browser', () => {
  /** A tab of each, 20 s old. */
  async function createTwo(reuseGraceMs = 0) {
    const server = { credential: 'rotating', reuseGraceMs } as const;
    const world = createWorld({ tabs: 2, server, latencyMs: 1_000, policy: { jitter: 0 } });
    world.tab(1).signIn('sess_2');
    await world.advance(20_000);
    const failures = () => world.trace.filter((entry) => entry.is === 'event' && entry.type === 'refresh.failed');
    const requests = (tab: number) => world.trace.filter((entry) => entry.is === 'request' && entry.tab === tab);
    return { world, failures, requests };
  }

  it('S6 R5.14 their requests at once: each has a mark of its own, and each successor is kept', async () => {
    const { world, failures } = await createTwo(10_000);
    for (let round = 0; round < 4; round += 1) {
      for (const tab of world.tabs) tab.read({ skipCache: true });
      await world.advance(5_000);
    }
    expect(world.server.reuses).toBe(0);
    expect(failures()).toEqual([]);
    expect(world.tabs.map((tab) => tab.tokens.getState().state)).toEqual(['fresh', 'fresh']);
  });

  it('S6 R5.16 a lost answer of the one is not forgotten over the other’s', async () => {
    const { world, requests } = await createTwo();
    world.server.script([{ do: 'drop' }]);
    world.tab(0).read({ skipCache: true });
    await world.advance(3_000);
    const before = requests(0).length;
    world.tab(1).read({ skipCache: true });
    await world.advance(3_000);
    world.tab(0).read({ skipCache: true });
    await world.advance(20_000);
    expect(requests(0)).toHaveLength(before);
    expect(world.tab(0).peek()).not.toBeNull();
    expect(requests(1).length).toBeGreaterThan(1);
  });

  for (const [leaving, staying] of [
    [0, 1],
    [1, 0],
  ] as const) {
    it(`S6 S7 tab ${leaving} signs out of its own while the other’s is on its way: that successor is kept`, async () => {
      const { world, failures } = await createTwo();
      world.tab(staying).read({ skipCache: true });
      await world.advance(500);
      world.tab(leaving).signOut();
      await world.advance(5_000);
      world.tab(staying).read({ skipCache: true });
      await world.advance(5_000);
      expect(failures()).toEqual([]);
      expect(world.server.reuses).toBe(0);
      expect(world.tab(staying).tokens.getState().state).toBe('fresh');
    });
  }
});
