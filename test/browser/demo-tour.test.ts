/** The tour on the real page and server, and what the page promises about itself: still, quiet, narrow, named. */
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PageAssets } from '../../docs/demo/server/page';
import { describeInChromium } from './support/chromium';
import { buildStrictPage, type DemoPage, openDemo, patience } from './support/demo';

let assets: PageAssets;
let demo: DemoPage;

describeInChromium('the demo: tour and page', () => {
  beforeAll(async () => {
    assets = await buildStrictPage();
  });

  beforeEach(async () => {
    demo = await openDemo(assets, 10);
  });

  afterEach(async () => {
    const { complaints } = demo;
    await demo.close();
    expect(complaints).toEqual([]);
  });

  it('#7317 #7598 #7912 #6678 demo tour: plays to its end, and each step turns out as it should', async () => {
    const { page, url } = demo;
    await page.goto(`${url}/?brisk`);
    await demo.reaches('signed-out');
    await page.focus('#tour-play');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#tour:not([data-tour="playing"])', { timeout: 120_000 });
    const steps = await page.$$eval('.tour-step', (all) =>
      all.map((one) => `${one.getAttribute('data-is')}: ${one.querySelector('.tour-seen')?.textContent}`),
    );
    expect(steps.filter((step) => !step.startsWith('passed: '))).toEqual([]);
    expect(steps).toHaveLength(13);
    expect(await page.getAttribute('#tour', 'data-tour')).toBe('finished');
    expect(demo.server.settings.get().fault).toBe('none');
  }, 150_000);

  it('demo tour: a step that turns out otherwise is shown as that', async () => {
    const { page, url } = demo;
    await page.goto(`${url}/?brisk`);
    await demo.reaches('signed-out');
    await page.click('.tour-chapter >> nth=2');
    await page.click('#tour-step');
    await page.waitForSelector('#tour[data-tour="paused"]', patience);
    // What the upstream bug did.
    await page.evaluate(() => {
      const remove = (): void => {
        // biome-ignore lint/suspicious/noDocumentCookie: the bug is played, with the means that it had.
        document.cookie = '__session=; Max-Age=0; Path=/';
      };
      setInterval(remove, 20);
    });
    await page.click('#tour-step');
    await page.waitForSelector('#tour[data-tour="failed"]', patience);
    expect(await demo.slot('tour-seen')).toMatch(/^the cookie was |^no cookie/);
  }, 60_000);

  it('demo: nothing moves when the state changes, and it fits into 360 px', async () => {
    const { page } = demo;
    const mints = () => demo.server.log.entries().filter(({ path }) => path === '/tokens').length;
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto('about:blank');
      await page.goto(demo.url);
      await page.waitForSelector('html:not([data-state="restoring"])', { ...patience, state: 'attached' });
      await page.waitForTimeout(300);
      await page.evaluate(() => {
        const moved: string[] = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { sources: { node: Node | null }[] })[]) {
            for (const { node } of entry.sources) {
              const element = node instanceof Element ? node : node?.parentElement;
              // A list that grows is a list.
              if (element && !element.closest('.rows'))
                moved.push(`${document.documentElement.dataset.state}: ${element.outerHTML.slice(0, 80)}`);
            }
          }
        }).observe({ type: 'layout-shift' });
        Object.assign(window, { moved });
      });
      if ((await page.getAttribute('html', 'data-state')) === 'signed-out') await page.click('#sign-in');
      await demo.reaches('fresh');
      const before = mints();
      await page.click('#refresh');
      await expect.poll(mints, patience).toBeGreaterThan(before);
      if (width > 360) {
        await page.uncheck('#network');
        await demo.reaches('offline-retrying');
        await page.check('#network');
        await demo.reaches('fresh');
      }
      expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  }, 90_000);

  it('demo: each control has a name, no id stands twice, and a reduced motion is none', async () => {
    const { page } = demo;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await demo.signIn();
    const found = await page.evaluate(() => {
      const nameOf = (element: Element): string =>
        [
          element.getAttribute('aria-label'),
          element.textContent,
          ...[...((element as HTMLInputElement).labels ?? [])].map(({ textContent }) => textContent),
        ].join('');
      const controls = [...document.querySelectorAll('button, input, a, summary')];
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      return {
        controls: controls.length,
        nameless: controls.filter((one) => nameOf(one).trim() === '').map(({ outerHTML }) => outerHTML),
        twice: ids.filter((id, index) => ids.indexOf(id) !== index),
        moving: document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 0)
          .length,
      };
    });
    expect(found.controls).toBeGreaterThan(30);
    expect(found).toMatchObject({ nameless: [], twice: [], moving: 0 });
  }, 60_000);
});
