import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureLack } from '../support/tabs-degraded';
import { shortLives } from '../support/tabs-lives';

let world: Tabs;

const untroubled = { expired: 0, failed: 0, uncaught: 0, signedOut: 0, states: ['ok', 'ok'] };
const both = (reports: readonly string[]) => [reports, reports];

describeInChromium('browsers that lack something', () => {
  beforeEach(async () => {
    world = await startTabs(shortLives);
  });

  afterEach(() => world.close());

  it('R10.7 J03 no BroadcastChannel: each tab for itself', async () => {
    const seen = await measureLack(world, 'channel', 3);
    expect(seen).toMatchObject({ ...untroubled, reports: both([]) });
  });

  it('R10.7 an insecure context, hence no Web Locks: said once, and still one mint for both', async () => {
    const seen = await measureLack(world, 'locks', 3);
    expect(seen).toMatchObject({ ...untroubled, reports: both(['lock.run locks_missing']) });
    expect(seen.mints).toBeLessThanOrEqual(5);
  });

  it('R9.17 R10.7 no workers, by Content-Security-Policy: said once, the page keeps the time', async () => {
    const seen = await measureLack(world, 'workers', 3);
    expect(seen).toMatchObject({ ...untroubled, reports: both(['clock.worker worker_failed']) });
  });

  it('R8.5 R10.7 J01 a sandbox where all storage throws: each adapter says so once, nobody is signed out', async () => {
    const seen = await measureLack(world, 'storage', 3);
    expect(seen).toMatchObject(untroubled);
    for (const reports of seen.reports) {
      expect(new Set(reports).size).toBe(reports.length);
      expect(reports).toEqual(expect.arrayContaining(['store.read SecurityError', 'lock.run SecurityError']));
      expect(reports.every((report) => report.endsWith(' SecurityError'))).toBe(true);
    }
  });
});
