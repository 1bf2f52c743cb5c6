import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureBfcache, measureFrozen, measureHidden } from '../support/tabs-asleep';
import { shortLives } from '../support/tabs-lives';

let world: Tabs;

const untroubled = { expired: 0, failed: 0, uncaught: 0, signedOut: 0 };

describeInChromium('pages that nobody looks at', () => {
  beforeEach(async () => {
    world = await startTabs(shortLives);
  });

  afterEach(() => world.close());

  it('R9.17 R9.21 B07 hidden until timers run once a minute: a worker keeps the token alive, without one nobody gets an expired one', async () => {
    const seen = await measureHidden(world);
    expect(seen).toMatchObject(untroubled);
    // One for each life, which takes 3 to 4 s, and up to 2 s of grace: a hidden tab leaves it to a focused one first (R10.8).
    expect(seen.mints.worker).toBeGreaterThan(seen.hiddenMs / 6_000);
    expect(seen.mints.worker).toBeLessThan(seen.hiddenMs / 2_900);
    // Slowed down, some lives end unseen: never more than one mint for each.
    expect(seen.mints.none).toBeLessThan(seen.hiddenMs / 2_900);
    expect(Math.min(...seen.gaps)).toBeGreaterThan(20_000);
    expect(Math.max(...seen.shown)).toBeLessThan(2_000);
    expect(seen.reports).toEqual([[], ['clock.worker worker_failed']]);
  }, 240_000);

  it('T26 R9.15 frozen for longer than its token lives, then resumed: nothing expired is read, one mint', async () => {
    const seen = await measureFrozen(world, false);
    expect(seen).toMatchObject({
      ...untroubled,
      mintsWhileFrozen: 0,
      servedWhileFrozen: false,
      hasToken: true,
      mintsAfter: 1,
    });
    expect(seen.servedAfterMs).toBeLessThan(2_000);
  });

  it('T23 R10.4 frozen beside a tab that is awake: resumed, it has the token of the other, and mints nothing', async () => {
    const seen = await measureFrozen(world, true);
    expect(seen).toMatchObject({ ...untroubled, mintsWhileFrozen: 0, hasToken: true, mintsAfter: 0 });
    expect(seen.servedAfterMs).toBeLessThan(2_000);
  });

  it('R10.11 T26 back from the back/forward cache after its token has expired: one mint, and it did come from there', async () => {
    const seen = await measureBfcache(world, false);
    expect(seen).toMatchObject({ ...untroubled, persisted: true, mintsAway: 0, hasToken: true, mintsAfter: 1 });
    expect(seen.servedAfterMs).toBeLessThan(2_000);
  });

  it('R10.11 R10.5 the same with another tab that minted and talked meanwhile: still from the cache, and no mint', async () => {
    const seen = await measureBfcache(world, true);
    expect(seen).toMatchObject({ ...untroubled, persisted: true, mintsAway: 0, hasToken: true, mintsAfter: 0 });
    expect(seen.servedAfterMs).toBeLessThan(2_000);
  });
});
