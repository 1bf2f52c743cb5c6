/** Issue 5, item 2, in a real browser: windows, frames, blobs, origins and popup blockers as they are. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createTokenInspector } from '../../adapters/inspect';
import { createInspectorRelay } from '../../adapters/inspect/relay';
import { createTokenServer, createVirtualClock } from '../../adapters/testing';
import { buildViewer } from '../../docs/viewer/build';
import { createTokenLifecycle } from '../../index';
import type { App } from '../inspect/page/app';
import { type Pages, servePages } from '../inspect/support/browser-pages';
import { findPieces, runsIn } from '../support/pieces';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

declare const app: App;
declare const heard: { readonly type: string; readonly snapshot?: { readonly value?: unknown } }[];

/** Everything that a person sees of a page. */
const lit = '[data-testid=chart] [data-state].is-active';
const patience = { timeout: 30_000 };

describeInChromium('the inspector', () => {
  let browser: TestBrowser;
  let pages: Pages;
  let page: Page;
  const complaints: string[] = [];
  const requested = new Set<string>();

  beforeAll(async () => {
    [browser, pages] = await Promise.all([openBrowser(), servePages()]);
    browser.context.on('request', (request) => requested.add(new URL(request.url()).origin));
    browser.context.on('page', (opened) => {
      opened.on('pageerror', (error) => complaints.push(error.message));
      opened.on('console', (message) => {
        if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
      });
    });
  });

  afterAll(async () => {
    await browser.close();
    await pages.close();
  });

  beforeEach(async () => {
    page = await browser.context.newPage();
  });

  afterEach(async () => {
    for (const one of browser.context.pages()) if (one.url() !== 'about:blank' || one === page) await one.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  async function load(search = ''): Promise<void> {
    await page.goto(`${pages.app}${search}`);
    await page.waitForFunction(() => 'app' in window, null, patience);
  }

  /** Opens the window by a click, as a person does whose browser blocked it. */
  async function click(): Promise<Page> {
    expect(await page.evaluate(() => app.problems)).toEqual(['popup-blocked']);
    const [opened] = await Promise.all([
      browser.context.waitForEvent('page', patience),
      page.getByRole('button', { name: 'Inspect' }).click(),
    ]);
    return opened;
  }

  it('issue 5 S11 a viewer of another origin hears it all, without a piece of a token; stop() ends it', async () => {
    await load(`?viewer=${encodeURIComponent(pages.receiver)}`);
    const viewer = await click();
    await viewer.waitForFunction(() => 'heard' in window, null, patience);
    await page.evaluate(() => app.run());
    await viewer.waitForFunction(
      () => JSON.stringify(heard.map(({ snapshot }) => snapshot?.value)).includes('backing-off'),
      null,
      patience,
    );
    const all = await viewer.evaluate(() => JSON.stringify(heard));
    const tokens = await page.evaluate(() => app.tokens);
    expect(tokens.length).toBeGreaterThan(1);
    expect(findPieces(tokens, runsIn(all))).toEqual([]);
    await page.evaluate(() => app.stop());
    const count = await viewer.evaluate(() => heard.length);
    await page.evaluate(() => app.run());
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    expect(await viewer.evaluate(() => heard.length)).toBe(count);
  });

  it('issue 5 the viewer that ships here opens as a page of our own origin, and nothing is asked of any other', async () => {
    await load('?viewer=');
    const viewer = await click();
    await viewer.waitForURL(/^blob:http:\/\/127\.0\.0\.1/, patience);
    await page.evaluate(() => app.run());
    await viewer.locator(lit).first().waitFor(patience);
    // The chart is drawn while events still come in.
    await expect
      .poll(() => viewer.locator(lit).first().getAttribute('data-state'), patience)
      .toMatch(/outage-fallback|signed-in/);
    const own = [pages.app, pages.receiver].map((url) => new URL(url).origin);
    expect([...requested].filter((origin) => origin !== 'null' && !own.includes(origin))).toEqual([]);
  });

  it('issue 5 the viewer in a frame', async () => {
    await load();
    await page.evaluate(() => app.beginInFrame());
    await page.evaluate(() => app.run());
    const frame = page.frameLocator('iframe');
    await frame.locator(lit).first().waitFor(patience);
  });

  it('issue 5 a process is seen through the relay, under one URL', async () => {
    await using relay = await createInspectorRelay({ page: await buildViewer() });
    const inspector = createTokenInspector({ to: 'websocket', url: relay.socketUrl, WebSocket });
    const clock = createVirtualClock();
    const source = createTokenServer({ clock }).source();
    const session = { id: 'sess_1' };
    const tokens = createTokenLifecycle({ session, source, clock, inspect: inspector.inspect });
    tokens.start();
    await clock.advance(1_000);
    await page.goto(relay.url);
    await page.locator('[data-row]').first().waitFor(patience);
    await page.locator(lit).first().waitFor(patience);
    tokens.stop();
    inspector.stop();
  });
});
