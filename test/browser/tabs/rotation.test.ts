import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureRotation, rotationLives } from '../support/tabs-rotation';

let world: Tabs;

const untroubled = { reuses: 0, expired: 0, signedOut: 0, uncaught: 0 };

describeInChromium('five tabs with one refresh token of single use', () => {
  beforeEach(async () => {
    world = await startTabs(rotationLives);
  });

  afterEach(() => world.close());

  it('S6 C01 sixty expiries, tabs closed and crashed in between: sixty mints, no reuse', async () => {
    const seen = await measureRotation(world, { tabs: 5, expiries: 60, endEvery: 6 });
    expect(seen).toMatchObject({ ...untroubled, mints: 60, answered: 60, closed: 5, crashed: 4 });
    // The credential went from tab to tab.
    expect(seen.byTabs).toBeGreaterThan(5);
    // A mint per token: they came no faster than tokens of 4 s are replaced.
    expect(seen.seconds).toBeGreaterThan(59);
  }, 240_000);

  it('S6 the same credential in a cache of IndexedDB: no reuse', async () => {
    const seen = await measureRotation(world, { tabs: 5, expiries: 12, endEvery: 4, cache: 'indexed-db' });
    expect(seen).toMatchObject({ ...untroubled, mints: 12, answered: 12, closed: 1, crashed: 1 });
  });

  it('R10.3 C05 with web storage for a store the lock is handed over slowly: no two spend side by side, and a tab that ends is no loss', async () => {
    const seen = await measureRotation(world, { tabs: 5, expiries: 20, endEvery: 7, store: 'web-storage' });
    expect(seen).toMatchObject({ ...untroubled, mints: 20, answered: 20, closed: 1, crashed: 1 });
    // The one that had minted last went twice.
    expect(seen.byTabs).toBeGreaterThanOrEqual(3);
  });
});
