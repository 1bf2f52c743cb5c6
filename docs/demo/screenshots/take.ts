/** `npm run demo:screenshots`: the pictures of this folder, taken of the real page. Needs Chromium (`CHROMIUM_PATH`). */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildPage } from '../server/page-build';
import { createDemoServer } from '../server/server';

const file = (name: string): string => fileURLToPath(new URL(`${name}.png`, import.meta.url));

const reaches = (page: Page, state: string): Promise<unknown> =>
  page.waitForSelector(`html[data-state="${state}"]`, { state: 'attached', timeout: 60_000 });

/** Time for the chart to show what has happened, state by state. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(4_000);

async function open(browser: Browser, url: string, scheme: 'light' | 'dark', width: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  await page.goto(url);
  await reaches(page, 'signed-out');
  await page.click('#sign-in');
  await reaches(page, 'fresh');
  return page;
}

/** Each in a browser of its own, so that none helps another. */
async function take(browser: Browser, url: string): Promise<void> {
  const shoot = async (
    name: string,
    [scheme, width]: readonly ['light' | 'dark', number],
    show: (page: Page) => Promise<Parameters<Page['screenshot']>[0]>,
    path = '',
  ): Promise<void> => {
    const page = await open(browser, url + path, scheme, width);
    const options = await show(page);
    await page.evaluate(() => window.scrollTo(0, 0));
    await settle(page);
    await page.screenshot({ ...options, path: file(name) });
    await page.context().close();
  };

  await shoot('light', ['light', 1360], async (page) => {
    await page.click('#call-api');
    await page.click('#refresh');
    return {};
  });
  await shoot('dark', ['dark', 1360], async (page) => {
    await page.uncheck('#network');
    await page.click('#refresh');
    await reaches(page, 'offline-retrying');
    return { fullPage: true };
  });
  await shoot('narrow', ['light', 360], async (page) => {
    await page.click('#call-api');
    return { fullPage: true, clip: { x: 0, y: 0, width: 360, height: 2_000 } };
  });
  await shoot(
    'tour',
    ['light', 1360],
    async (page) => {
      await page.click('.tour-chapter >> nth=1');
      await page.click('#tour-play');
      await page.waitForSelector('[data-chapter="7912"] .tour-step[data-is="passed"] >> nth=1', { timeout: 60_000 });
      await page.click('#tour-play');
      return {};
    },
    '/?brisk',
  );
  const page = await open(browser, url, 'light', 1360);
  await page.click('#inspector summary');
  await settle(page);
  await page.locator('#inspector').screenshot({ path: file('inspector') });
}

const server = await createDemoServer({ page: await buildPage(), settings: { ttlSeconds: 30 } });
const url = await server.listen(0);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  await take(browser, url);
} finally {
  await browser.close();
  await server.close();
}
