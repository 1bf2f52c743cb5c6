import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureHandover } from '../support/tabs-handover';
import { shortLives } from '../support/tabs-lives';
import { measureOffline } from '../support/tabs-offline';

let world: Tabs;

const untroubled = { expired: 0, uncaught: 0, signedOut: 0 };

describeInChromium('tabs that lose the network, or one another', () => {
  beforeEach(async () => {
    world = await startTabs(shortLives);
  });

  afterEach(() => world.close());

  it('T9 T20 S10 five tabs offline across an expiry, then online: one mint in all, each fresh within 2 s', async () => {
    const seen = await measureOffline(world, 5);
    expect(seen).toMatchObject({ ...untroubled, mintsOffline: 0, mints: 1, different: 1 });
    expect(seen.freshAfterMs).toBeLessThan(2_000);
  });

  for (const ending of ['closed', 'crashed'] as const) {
    it(`C04 R10.4 the tab whose turn it is is ${ending} mid-mint: another finishes the job within the lock's bound`, async () => {
      const seen = await measureHandover(world, ending);
      expect(seen).toMatchObject({ ...untroubled, failed: 0, answered: 1, different: 1 });
      // The wait for the lock is 2 s.
      expect(seen.afterMs).toBeLessThan(2_000);
    });
  }

  it('D02 T23 a mint that never ends: the others wait for the lock as long as they may, and share what they get', async () => {
    const seen = await measureHandover(world, 'stuck');
    expect(seen).toMatchObject({ ...untroubled, failed: 0, helped: true, answered: 1, different: 1 });
    expect(seen.afterMs).toBeGreaterThan(1_900);
    expect(seen.afterMs).toBeLessThan(4_500);
  });
});
