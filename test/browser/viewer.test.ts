import type { Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createTokenInspector } from '../../adapters/inspect';
import { createInspectorRelay } from '../../adapters/inspect/relay';
import { buildViewer } from '../../docs/viewer/build';
import { traceFromFile } from '../../docs/viewer/trace/file';
import { stateText } from '../../docs/viewer/trace/state-text';
import { door } from '../viewer/door';
import { runTest } from '../viewer/run-test';
import { openViewerSite, type ViewerSite } from '../viewer/site';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { button, downloaded, litIn, patience, press, rowTo, showTokenOnly, statesOf } from './support/viewer';

let site: ViewerSite;
let browser: TestBrowser;
let page: Page;
let complaints: string[];

/** Opens a page that embeds the viewer. */
async function open(path: string, on: Page = page): Promise<Frame> {
  on.on('pageerror', (error) => complaints.push(error.message));
  on.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  await on.goto(`${site.url}${path}`);
  await on.waitForFunction(() => frames.length > 0, undefined, patience);
  await expect.poll(() => on.frames()[1]?.url() ?? '', patience).toContain('/viewer');
  return on.frames()[1] as Frame;
}

describeInChromium('the viewer', () => {
  beforeAll(async () => {
    site = await openViewerSite();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.context.newPage();
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  it('T7 T25 issue 5 viewer: sees a refresh, is stepped through, and its export and its test give the same states', async () => {
    const frame = await open('/app?ttl=600');
    await frame.waitForSelector(rowTo('fresh'), { ...patience, state: 'attached' });
    await press(page, '#read');
    // Fresh, refreshed, and fresh again.
    await expect
      .poll(async () => (await statesOf(frame)).filter((state) => state === 'fresh').length, patience)
      .toBe(2);
    await frame.waitForSelector('[data-testid="chart"] [data-state="fresh"].is-active', {
      ...patience,
      state: 'attached',
    });
    await frame.waitForSelector('[data-testid="chart"] [data-edge="refreshing>fresh"].is-taken', {
      ...patience,
      state: 'attached',
    });
    await showTokenOnly(frame);

    // A transition is clicked: chart and context follow.
    const minting = frame.locator(rowTo('refreshing.minting')).last();
    expect(await minting.getAttribute('data-ids')).not.toBe('');
    await minting.click();
    expect(await minting.getAttribute('aria-selected')).toBe('true');
    await expect.poll(() => litIn(frame), patience).toEqual(['refreshing']);
    await frame.waitForSelector(
      '[data-section="Context"] :text("proactive"), [data-section="Context"] :text("forced")',
      patience,
    );
    await button(frame, 'Step forward').click();
    await expect.poll(() => litIn(frame), patience).toEqual(['fresh']);
    await frame.press('body', 'ArrowLeft');
    await expect.poll(() => litIn(frame), patience).toEqual(['refreshing']);
    await button(frame, 'Live').click();

    // An arrow is clicked: the definition says what it is.
    await frame.locator('[data-testid="chart"] [data-edge="fresh>stale"] .label').click();
    await frame.waitForSelector('[data-testid="asked"] :text("stale")', patience);

    const seen = await statesOf(frame);
    const text = await downloaded(page, 'trace.json', () => button(frame, 'Export').click());
    const trace = traceFromFile(text);
    const token = Object.values(trace.actors).find(({ name }) => name.startsWith('token:'))?.key;
    const replayed = trace.entries.flatMap((entry) =>
      entry.is === 'step' && entry.actor === token && entry.changed ? [stateText(entry.after)] : [],
    );
    expect(replayed).toEqual(seen);

    await button(frame, 'Copy as a test').click();
    const copied = await frame.getByRole('textbox', { name: 'Test' }).inputValue();
    expect(await runTest(copied)).toEqual([expect.stringContaining('goes as recorded')]);
    expect(copied.match(/leadsTo: '?[^,]*fresh/g)?.length).toBeGreaterThan(1);

    // What was exported can be looked at again, in a viewer that nobody sends to.
    await page.goto(`${site.url}/viewer`);
    await page.setInputFiles('input[type="file"]', {
      name: 'trace.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
    await page.waitForSelector(rowTo('fresh'), { ...patience, state: 'attached' });
    await page.check('.timeline-panel input >> nth=0');
    expect(await statesOf(page.mainFrame())).toEqual(seen);
  }, 90_000);

  it('issue 5 viewer: shows an unrelated machine that a plain createBrowserInspector sends', async () => {
    const frame = await open('/unrelated');
    await frame.waitForSelector('[data-testid="chart"] [data-state="empty"].is-active', patience);
    await press(page, '#fill');
    await frame.waitForSelector(rowTo('steeping'), { ...patience, state: 'attached' });
    await expect
      .poll(() => litIn(frame), patience)
      .toEqual(['steeping', 'steeping.cup', 'steeping.leaves', 'steeping.leaves.sinking']);
    expect(await frame.textContent('.rows')).toContain('The water boils.');
    await frame.waitForSelector('[data-testid="chart"] [data-edge="heating>steeping"].is-taken', {
      ...patience,
      state: 'attached',
    });
    await press(page, '#pour');
    await frame.waitForSelector('[data-section="Context"] .json-row:has-text("cups") >> text="1"', patience);
    await frame.getByRole('tab', { name: 'Sequence' }).first().click();
    await frame.waitForSelector('.sequence-drawing :text("kettle done")', patience);
  }, 60_000);

  it('issue 5 viewer: shows several tabs at once, and notes when one is closed', async () => {
    const frame = await open('/unrelated');
    const other = await browser.context.newPage();
    await open('/unrelated', other);
    await frame.waitForSelector('.tree-group:has-text("Tab 2") [data-actor="tea"]', patience);
    await press(other, '#fill');
    await frame.waitForSelector('[data-row]:has-text("tea · Tab 2"):has-text("steeping")', patience);
    await frame.waitForSelector('.tree-group:has-text("This tab") .actor:has-text("empty")', patience);
    await other.close({ runBeforeUnload: false });
    await frame.waitForSelector('.tree-group[data-closed="true"]:has-text("Tab 2")', patience);
  }, 60_000);

  it('T23 issue 5 viewer: draws a token that one tab hands to another as an arrow between the two', async () => {
    const frame = await open('/app?ttl=600');
    await frame.waitForSelector(rowTo('fresh'), { ...patience, state: 'attached' });
    const other = await browser.context.newPage();
    const second = await open('/app?ttl=600', other);
    await second.waitForSelector(rowTo('fresh'), { ...patience, state: 'attached' });
    await page.bringToFront();
    await press(page, '#read');
    await frame.getByRole('tab', { name: 'Sequence' }).last().click();
    await frame.waitForSelector('.message.is-across :text("peer.token")', { ...patience, state: 'attached' });
    await frame.waitForSelector('.sequence-head:has-text("Tab 2")', { ...patience, state: 'attached' });
    await other.close();
  }, 60_000);

  it('issue 5 viewer: shows what runs in Node, by the relay that serves it', async () => {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
    });
    await using relay = await createInspectorRelay({ page: await buildViewer() });
    using inspector = createTokenInspector({ to: 'websocket', url: relay.socketUrl, name: 'a server' });
    const actor = createActor(door, { inspect: inspector.inspect });
    actor.start();
    await page.goto(relay.url);
    await page.waitForSelector('[data-testid="chart"] [data-state="shut"].is-active', patience);
    actor.send({ type: 'push' });
    await page.waitForSelector('[data-testid="chart"] [data-state="open"].is-active', patience);
    await page.waitForSelector('.tree-group:has-text("a server")', patience);
    actor.stop();
    await page.close();
  }, 60_000);

  it('issue 5 viewer: works by keyboard and in 360 px, and loads nothing', async () => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).protocol + new URL(request.url()).pathname));
    await page.setViewportSize({ width: 360, height: 700 });
    const frame = await open('/unrelated');
    await press(page, '#fill');
    await frame.waitForSelector('[data-testid="chart"]', patience);
    expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await frame.focus('[data-tab="chart"]');
    await frame.press('body', '2');
    await expect.poll(() => frame.locator('.rows').isVisible(), patience).toBe(true);
    await frame.press('body', '/');
    expect(await frame.evaluate(() => document.activeElement?.id)).toBe('filter');
    await page.keyboard.type('espresso');
    await expect.poll(() => statesOf(frame), patience).toHaveLength(0);
    await frame.fill('#filter', 'steeping');
    await expect.poll(() => statesOf(frame), patience).toHaveLength(1);
    await frame.focus('.rows');
    await page.keyboard.press('ArrowUp');
    expect(await frame.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(
      requests.filter(
        (request) => !['http:/unrelated', 'http:/viewer'].includes(request) && !/^(?:blob|data):/.test(request),
      ),
    ).toEqual([]);
  }, 60_000);
});
