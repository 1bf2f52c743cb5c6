/** `tsx docs/viewer/screenshots.ts`: the pictures in screenshots/, of a real lifecycle in a real Chromium. */
import { fileURLToPath } from 'node:url';
import type { Frame, Page } from 'playwright-core';
import { openBrowser } from '../../test/browser/support/chromium';
import { openViewerSite } from '../../test/viewer/site';

type Picture = {
  readonly name: string;
  readonly page: string;
  readonly width: number;
  readonly height: number;
  readonly show: (frame: Frame, page: Page) => Promise<void>;
};

const chart = '[data-testid="chart"] .is-active';

const refreshed = async (frame: Frame, page: Page): Promise<void> => {
  await frame.waitForSelector('[data-row][data-to="fresh"]', { state: 'attached' });
  await page.evaluate("document.querySelector('#read').click()");
  await frame.waitForSelector('[data-row][data-to="fresh"] ~ [data-row][data-to="fresh"]', { state: 'attached' });
  await frame.waitForSelector(chart, { state: 'attached' });
};

const pictures: readonly Picture[] = [
  { name: 'light', page: '/app?ttl=600&theme=light', width: 1280, height: 800, show: refreshed },
  {
    name: 'dark',
    page: '/app?ttl=600&theme=dark',
    width: 1280,
    height: 800,
    show: async (frame, page) => {
      await refreshed(frame, page);
      await frame.locator('[data-row][data-to^="refreshing.minting"]').last().click();
      await frame.waitForSelector('[data-testid="chart"] [data-state="refreshing"].is-active', { state: 'attached' });
    },
  },
  {
    name: 'tabs',
    page: '/app?ttl=600&theme=light',
    width: 1280,
    height: 800,
    show: async (frame, page) => {
      await refreshed(frame, page);
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.frames()[1]?.waitForSelector('[data-row][data-to="fresh"]', { state: 'attached' });
      await page.bringToFront();
      await page.evaluate("document.querySelector('#read').click()");
      await frame.getByRole('tab', { name: 'Sequence' }).last().click();
      await frame.waitForSelector('.message.is-across', { state: 'attached' });
    },
  },
  {
    name: 'unrelated',
    page: '/unrelated',
    width: 1280,
    height: 800,
    show: async (frame, page) => {
      await page.evaluate("document.querySelector('#fill').click()");
      await frame.waitForSelector('[data-testid="chart"] [data-state="steeping"].is-active', { state: 'attached' });
    },
  },
  { name: 'narrow-chart', page: '/app?ttl=600&theme=light', width: 360, height: 720, show: refreshed },
  {
    name: 'narrow-timeline',
    page: '/app?ttl=600&theme=dark',
    width: 360,
    height: 720,
    show: async (frame, page) => {
      await refreshed(frame, page);
      await frame.click('[data-tab="timeline"]');
    },
  },
  {
    name: 'narrow-detail',
    page: '/app?ttl=600&theme=light',
    width: 360,
    height: 720,
    show: async (frame, page) => {
      await refreshed(frame, page);
      await frame.click('[data-tab="detail"]');
    },
  },
];

const only = process.argv.slice(2);
const site = await openViewerSite();
const browser = await openBrowser();
try {
  for (const { name, page: path, width, height, show } of pictures) {
    if (only.length > 0 && !only.includes(name)) continue;
    const page = await browser.context.newPage();
    page.setDefaultTimeout(20_000);
    await page.setViewportSize({ width, height });
    await page.goto(`${site.url}${path}`);
    // The page around has done its work; the viewer is what is looked at.
    await page.addStyleTag({ content: 'body > p { display: none }' });
    const frame = page.frames()[1];
    if (!frame) throw new Error('The page has no viewer.');
    await show(frame, page);
    // Colours fade in.
    await new Promise((done) => setTimeout(done, 900));
    await page.screenshot({ path: fileURLToPath(new URL(`./screenshots/${name}.png`, import.meta.url)) });
    // Tabs of one origin see each other.
    for (const one of browser.context.pages()) if (one.url() !== 'about:blank') await one.close();
  }
} finally {
  await browser.close();
  await site.close();
}
