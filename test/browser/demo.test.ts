import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PageAssets } from '../../docs/demo/server/page';
import { buildPage } from '../../docs/demo/server/page-build';
import { createDemoServer, type DemoServer } from '../../docs/demo/server/server';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

type StateName = 'fresh' | 'stale' | 'refreshing' | 'offline-retrying' | 'outage-fallback' | 'signed-out';

/** The shortest life that the demo offers: fresh for 5 s, expired after 10. */
const ttlSeconds = 10;
const patience = { timeout: 20_000 };

let assets: PageAssets;
let server: DemoServer;
let url: string;
let browser: TestBrowser;
let page: Page;
let failures: string[];

const reaches = (state: StateName) =>
  page.waitForSelector(`html[data-state="${state}"]`, { ...patience, state: 'attached' });
const text = async (slot: string) => (await page.textContent(`[data-slot="${slot}"]`)) ?? '';
const mints = () => server.log.entries().filter(({ path }) => path === '/tokens');

async function tokenCookie(context: BrowserContext): Promise<string | undefined> {
  return (await context.cookies(url)).find(({ name }) => name === '__session')?.value;
}

async function signIn(): Promise<void> {
  await page.goto(url);
  await reaches('signed-out');
  await page.click('#sign-in');
  await reaches('fresh');
}

/** Waits for the page's own list, since some states last for a few milliseconds only. */
const passes = (from: StateName, to: StateName) =>
  page.waitForFunction(
    ([one, other]) =>
      [...document.querySelectorAll('#transitions .row-head')].some((row) => {
        const [before, after] = [...row.querySelectorAll<HTMLElement>('.state-chip')].map((chip) => chip.dataset.state);
        return before === one && after === other;
      }),
    [from, to] as const,
    patience,
  );

describeInChromium('the demo page', () => {
  beforeAll(async () => {
    assets = await buildPage();
  });

  beforeEach(async () => {
    server = await createDemoServer({ page: assets, settings: { ttlSeconds } });
    url = await server.listen(0);
    browser = await openBrowser();
    page = await browser.context.newPage();
    failures = [];
    page.on('pageerror', (error) => failures.push(error.message));
  });

  afterEach(async () => {
    await browser.close();
    await server.close();
    expect(failures).toEqual([]);
  });

  it('T5 T6 T7 demo: a token goes fresh, stale, refreshing and fresh again; the cookie follows it', async () => {
    await signIn();
    const first = await tokenCookie(browser.context);
    await passes('fresh', 'stale');
    await passes('stale', 'refreshing');
    await passes('refreshing', 'fresh');
    await expect.poll(() => tokenCookie(browser.context), patience).not.toBe(first);
    expect(mints().map(({ status }) => status)).toEqual([200, 200]);
  }, 60_000);

  it('T3 T9 T20 S10 demo: offline with an expired token, over a reload, and back', async () => {
    await signIn();
    // The shell has to be in the worker's hands before the network goes.
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, patience);
    await browser.context.setOffline(true);
    const held = await tokenCookie(browser.context);
    await reaches('offline-retrying');
    await page.waitForSelector('#life.is-expired', patience);
    const before = mints().length;
    expect(await tokenCookie(browser.context)).toBe(held);

    await page.reload();
    await reaches('offline-retrying');
    expect(await text('status')).toBe('offline');
    expect(await tokenCookie(browser.context)).toBe(held);
    expect(mints()).toHaveLength(before);

    await browser.context.setOffline(false);
    await reaches('fresh');
    expect(await tokenCookie(browser.context)).not.toBe(held);
    expect(mints()).toHaveLength(before + 1);
    expect(await text('status')).toBe('ok');
  }, 60_000);

  it('T10 T11 S1 demo: the origin fails, the session stays, and an expired token buys the next one', async () => {
    await signIn();
    await page.check('input[value="unavailable"]');
    await reaches('outage-fallback');
    expect(await text('status')).toBe('degraded');
    // Without a network the token runs out, and no try is spent on it.
    await page.uncheck('#network');
    await page.waitForSelector('#life.is-expired', patience);
    expect(await tokenCookie(browser.context)).toBeDefined();

    await page.check('input[value="outage"]');
    await page.check('#network');
    await reaches('fresh');
    expect(mints().at(-1)).toMatchObject({ status: 200, presentedExpired: true });
  }, 60_000);

  it('T27 demo: the API believes the token, and sign-out ends it all at once', async () => {
    await signIn();
    await page.click('#call-api');
    await expect.poll(() => text('api-answer'), patience).toBe('200, verified: user_ada');

    await page.click('#sign-out');
    await reaches('signed-out');
    expect(await tokenCookie(browser.context)).toBeUndefined();
    await expect.poll(() => server.log.entries().at(-1)?.path, patience).toBe('/sign-out');
    await expect
      .poll(async () => (await browser.context.cookies(url)).map(({ name }) => name), patience)
      .not.toContain('demo_session');
  }, 60_000);

  it('T13 T14 demo: a session that ends on the server ends here, once the server says so', async () => {
    await signIn();
    await page.click('#end-session');
    await reaches('signed-out');
    expect(server.log.entries().at(-1)).toMatchObject({ path: '/session', status: 401, code: 'session_not_found' });
    expect(await tokenCookie(browser.context)).toBeUndefined();
  }, 60_000);

  it('R7.10 R9.1 demo: a token that the API refuses is replaced, and the server’s clock learned', async () => {
    await signIn();
    server.settings.set({ ...server.settings.get(), clockOffsetSeconds: 300 });
    const refused = await tokenCookie(browser.context);
    await page.click('#call-api');
    await expect.poll(() => text('api-answer'), patience).toBe('401, token_expired');
    await expect.poll(() => tokenCookie(browser.context), patience).not.toBe(refused);
    await reaches('fresh');
    await page.click('#call-api');
    await expect.poll(() => text('api-answer'), patience).toBe('200, verified: user_ada');
    expect(await text('clock-offset')).toBe('5 min ahead');
  }, 60_000);

  it('demo: by keyboard alone, without losing the focus', async () => {
    await page.goto(url);
    await reaches('signed-out');
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await page.focus('#sign-in');
    await page.keyboard.press('Enter');
    await reaches('fresh');
    await expect.poll(focused, patience).toBe('sign-out');
    await page.keyboard.press('Enter');
    await reaches('signed-out');
    await expect.poll(focused, patience).toBe('sign-in');
    await page.focus('input[name="fault"]:checked');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => server.settings.get().fault, patience).toBe('outage');
  }, 60_000);

  it('S11 demo: it fits into 360 px and shows no raw token', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await signIn();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const [, payload = ''] = ((await tokenCookie(browser.context)) ?? '').split('.');
    expect(payload).not.toBe('');
    expect(await page.content()).not.toContain(payload);
  }, 60_000);
});
