import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureLives, measureLonely, shortLives } from '../support/tabs-lives';

let world: Tabs;

/** No reader got an expired token or an error, and nobody was signed out. */
const untroubled = { expired: 0, failed: 0, uncaught: 0, signedOut: 0 };
const quiet = Array(10).fill([]);

describeInChromium('ten tabs', () => {
  beforeEach(async () => {
    world = await startTabs(shortLives);
  });

  afterEach(() => world.close());

  it('R10.4 R10.8 L3 ten tabs for ten lives of a token, idle: one mint per life', async () => {
    const { whileOpening, perLife, ...seen } = await measureLives(world, { tabs: 10, lives: 10 });
    // The focus moves from tab to tab while they open.
    expect(Math.max(...whileOpening)).toBeLessThanOrEqual(2);
    expect(perLife).toEqual(Array(10).fill(1));
    expect(seen).toMatchObject({ ...untroubled, reports: quiet });
  });

  it('R10.4 R4.5 C06 every tab calls getToken() once a second: one mint per life all the same', async () => {
    const { whileOpening, perLife, ...seen } = await measureLives(world, { tabs: 10, lives: 10, readEveryMs: 1_000 });
    // The focus moves from tab to tab while they open.
    expect(Math.max(...whileOpening)).toBeLessThanOrEqual(2);
    expect(perLife).toEqual(Array(10).fill(1));
    expect(seen).toMatchObject({ ...untroubled, reports: quiet });
    // Ten tabs, forty seconds, peek and getToken: less would mean that the readers slept.
    expect(seen.served).toBeGreaterThan(500);
  });

  it('R10.4 C01 all hidden, all want to mint in the same instant: the lock and the record leave one of them to it', async () => {
    const { perLife, ...seen } = await measureLives(world, { tabs: 10, lives: 5, race: true });
    expect(perLife).toEqual(Array(5).fill(1));
    expect(seen).toMatchObject({ ...untroubled, reports: quiet });
  });

  for (const [carrier, config] of [
    ['cookie', { cookie: true }],
    ['shared cache', { cache: 'web-storage' }],
  ] as const) {
    it(`R10.4 J03 without BroadcastChannel, a ${carrier} carries the token: at most two mints per life`, async () => {
      const without = ['BroadcastChannel'] as const;
      const { perLife, ...seen } = await measureLives(world, {
        tabs: 10,
        lives: 5,
        readEveryMs: 1_000,
        without,
        ...config,
      });
      expect(perLife).toHaveLength(5);
      expect(Math.max(...perLife)).toBeLessThanOrEqual(2);
      expect(seen).toMatchObject(untroubled);
    });
  }

  it('R10.7 J03 without BroadcastChannel and with nothing to carry it, each tab for itself, and not all at once', async () => {
    const without = ['BroadcastChannel'] as const;
    const seen = await measureLonely(world, { tabs: 10, lives: 4, readEveryMs: 1_000, without });
    expect(Math.max(...seen.perTab)).toBeLessThanOrEqual(seen.livesAtMost);
    // Ten at most; they take turns by the lock.
    expect(seen.peak).toBeLessThanOrEqual(5);
    expect(seen).toMatchObject(untroubled);
  });

  it('R10.7 without Web Locks: said once by each tab, and the shared record keeps them apart even where all want to mint in the same instant', async () => {
    const { perLife, ...seen } = await measureLives(world, {
      tabs: 10,
      lives: 5,
      race: true,
      without: ['locks'],
    });
    expect(perLife).toHaveLength(5);
    expect(Math.max(...perLife)).toBeLessThanOrEqual(2);
    expect(seen).toMatchObject({ ...untroubled, reports: Array(10).fill(['lock.run locks_missing']) });
  });
});
