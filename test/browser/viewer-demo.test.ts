import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPage } from '../../docs/demo/server/page-build';
import { createDemoServer, type DemoServer } from '../../docs/demo/server/server';
import { traceFromFile } from '../../docs/viewer/trace/file';
import { stateText } from '../../docs/viewer/trace/state-text';
import { runTest } from '../viewer/run-test';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { button, downloaded, litIn, patience, rowTo, showTokenOnly, statesOf } from './support/viewer';

/** The shortest life that the demo offers: fresh for 5 s. */
const ttlSeconds = 10;

let server: DemoServer;
let browser: TestBrowser;
let page: Page;

describeInChromium('the viewer in the demo', () => {
  beforeAll(async () => {
    server = await createDemoServer({ page: await buildPage(), settings: { ttlSeconds } });
    browser = await openBrowser();
    page = await browser.context.newPage();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('T5 T6 T7 issue 5 viewer: sees a refresh of the demo; its export, replayed in a test, gives the same states', async () => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
    });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(await server.listen(0));
    await page.click('#sign-in', patience);
    await page.click('#inspector summary', patience);
    await expect.poll(() => page.frames().some((one) => one.url().endsWith('/viewer')), patience).toBe(true);
    const frame = page.frames().find((one) => one.url().endsWith('/viewer')) ?? page.mainFrame();

    // From the sign-in to the second fresh token: a refresh that nobody asked for.
    const wentFresh = async () => (await statesOf(frame)).filter((state) => state === 'fresh').length;
    await expect.poll(wentFresh, { timeout: 40_000 }).toBeGreaterThan(1);
    await button(frame, 'Pause').click();
    await showTokenOnly(frame);
    const seen = await statesOf(frame);
    expect(seen).toContain('fresh');
    expect(seen.some((state) => state.startsWith('refreshing.minting'))).toBe(true);

    await frame.locator(rowTo('refreshing.minting')).last().click();
    await expect.poll(() => litIn(frame), patience).toEqual(['refreshing']);
    await frame.locator(rowTo('fresh')).last().click();
    await expect.poll(() => litIn(frame), patience).toEqual(['fresh']);
    await button(frame, 'Live').click();

    const trace = traceFromFile(await downloaded(page, 'trace.json', () => button(frame, 'Export').click()));
    const token = Object.values(trace.actors).find(({ name, ended }) => name.startsWith('token:') && !ended)?.key;
    const replayed = trace.entries.flatMap((entry) =>
      entry.is === 'step' && entry.actor === token && entry.changed ? [stateText(entry.after)] : [],
    );
    expect(replayed).toEqual(seen);

    await button(frame, 'Copy as a test').click();
    const copied = await frame.getByRole('textbox', { name: 'Test' }).inputValue();
    expect(await runTest(copied)).toEqual([expect.stringContaining('goes as recorded')]);

    // The cookie is what nobody may read in a trace.
    const cookie = (await browser.context.cookies()).find(({ name }) => name === '__session')?.value ?? '';
    expect(cookie).not.toBe('');
    expect(JSON.stringify(trace)).not.toContain(cookie.slice(-16));
    expect(complaints).toEqual([]);
  }, 120_000);
});
