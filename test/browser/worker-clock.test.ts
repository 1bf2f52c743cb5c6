import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { workerClock } from '../../adapters/clock/worker';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { type LeafPages, serveLeaves } from './support/leaf-page';

/** What the page's script finds. */
declare const leaves: { workerClock: typeof workerClock };

let pages: LeafPages;
let browser: TestBrowser;
let page: Page;

/** Sets a few timers, and waits for them and for what is said of the worker. */
const run = (delays: readonly number[]) =>
  page.evaluate(async (each) => {
    const causes: string[] = [];
    const order: number[] = [];
    const clock = leaves.workerClock({ onFallback: (cause) => causes.push(cause) });
    const from = performance.now();
    const late = await Promise.all(
      each.map(
        (delay) =>
          new Promise<number>((fired) => {
            clock.setTimeout(() => {
              order.push(delay);
              fired(performance.now() - from - delay);
            }, delay);
          }),
      ),
    );
    clock.dispose?.();
    return { causes, order, early: late.filter((ms) => ms < -1) };
  }, delays);

describeInChromium('workerClock in Chromium', () => {
  beforeEach(async () => {
    pages = await serveLeaves("export { workerClock } from './adapters/clock/worker'");
    browser = await openBrowser();
    page = await browser.context.newPage();
  });

  afterEach(async () => {
    await browser.close();
    await pages.close();
  });

  it('R9.17 fires in order, from a worker, which ends with the clock', async () => {
    await page.goto(pages.url('app.shop.localhost'));
    const started = page.waitForEvent('worker');
    expect(await run([300, 20, 150])).toEqual({ causes: [], order: [20, 150, 300], early: [] });
    const worker = await started;
    expect(worker.url()).toMatch(/^blob:/);
    await expect.poll(() => page.workers().length).toBe(0);
  });

  it.each([
    ['script-src without blob:', "script-src 'self'", 'worker_failed'],
    ['no workers at all', "worker-src 'none'", 'worker_failed'],
    ['trusted types', "require-trusted-types-for 'script'", 'worker_refused'],
  ])('R10.7 %s: the page’s timers do, and it is said once', async (_, csp, cause) => {
    await page.goto(pages.url('app.shop.localhost', { csp }));
    expect(await run([20, 300, 600])).toEqual({ causes: [cause], order: [20, 300, 600], early: [] });
  });

  it('R9.17 in a page hidden for over a minute the page’s timers stop for a minute, the worker’s keep to 200 ms', async () => {
    await page.goto(pages.url('app.shop.localhost'));
    // One that is hidden before it has settled, with something painted, counts as still loading and is spared for minutes.
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    await new Promise((settled) => setTimeout(settled, 4000));
    await page.evaluate(() => {
      const clock = leaves.workerClock();
      const tick = (arm: (run: () => void) => void) => {
        const side = { ticks: 0, longest: 0, last: performance.now() };
        const again = (): void => {
          side.ticks += 1;
          side.longest = Math.max(side.longest, performance.now() - side.last);
          side.last = performance.now();
          arm(again);
        };
        arm(again);
        return side;
      };
      const sides = {
        page: tick((again) => setTimeout(again, 200)),
        worker: tick((again) => void clock.setTimeout(again, 200)),
      };
      Object.assign(globalThis, { look: () => ({ ...sides, now: performance.now() }) });
    });
    await (await browser.context.newPage()).bringToFront();
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');

    type Side = { readonly ticks: number; readonly longest: number; readonly last: number };
    type Look = () => { readonly page: Side; readonly worker: Side; readonly now: number };
    const look = () => page.evaluate(() => (globalThis as unknown as { look: Look }).look());
    /** Chromium needs a minute to get this strict. */
    const pageStoodStill = async () => {
      const seen = await look();
      return seen.now - seen.page.last > 15_000;
    };
    await expect.poll(pageStoodStill, { timeout: 140_000, interval: 1000 }).toBe(true);
    const { worker, now } = await look();
    expect(worker.longest).toBeLessThan(2000);
    expect(now - worker.last).toBeLessThan(2000);
    expect(worker.ticks).toBeGreaterThan(now / 400);
  }, 180_000);
});
