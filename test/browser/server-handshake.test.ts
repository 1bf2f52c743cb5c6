/** To the issuer and back in a real browser: its cookies, its redirects, its headers. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { complaintsOf } from '../react/support/page';
import { openSite } from '../server/support/site';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

let browser: TestBrowser;
let site: Awaited<ReturnType<typeof openSite>>;
let page: Page;
let complaints: string[];

/** What the browser keeps for the application, without the companions of the client's own. */
async function cookieNames(): Promise<string[]> {
  const cookies = await browser.context.cookies(site.appOrigin);
  return cookies
    .map(({ name }) => name.replace(/^(__Host-handshake-).*/, '$1'))
    .filter((name) => !name.endsWith('_ctx'))
    .sort();
}

async function openPage(): Promise<void> {
  page = await browser.context.newPage();
  complaints = complaintsOf(page);
}

const shown = () => page.textContent('#account');

describeInChromium('a page behind a handshake', () => {
  beforeAll(async () => {
    [browser, site] = await Promise.all([openBrowser(), openSite()]);
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  beforeEach(async () => {
    await browser.context.clearCookies();
    site.mode.now = 'signed-in';
    site.seen.handshakes = [];
    site.seen.mints = 0;
    const { appOrigin, issuerOrigin, nowSeconds } = site;
    const expired = await site.session(nowSeconds() - 700, nowSeconds() - 100);
    await browser.context.addCookies([
      { name: '__session', value: expired, url: appOrigin },
      { name: '__client_uat', value: String(nowSeconds() - 700), url: appOrigin },
    ]);
    // Signed in at the issuer, by its own HttpOnly cookie.
    const signedIn = await site.server.handle(new Request(site.signInUrl));
    const [, value = ''] = /^__client=([^;]*)/.exec(signedIn.headers.getSetCookie()[0] ?? '') ?? [];
    await browser.context.addCookies([{ name: '__client', value, url: issuerOrigin, httpOnly: true }]);
    await openPage();
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  it('H8 H2 #6678 an expired cookie goes along as evidence, and the page lands signed in at its own address', async () => {
    await page.goto(`${site.appOrigin}/?tab=2&q=a%20b`);
    expect(page.url()).toBe(`${site.appOrigin}/?tab=2&q=a%20b`);
    expect(await shown()).toBe('sess_1: fresh');
    expect(site.seen.handshakes).toHaveLength(1);
    expect(site.seen.handshakes[0]?.get('reason')).toBe('session-token-expired');
    expect(site.seen.handshakes[0]?.get('__session')?.split('.')).toHaveLength(3);
    // Seen to be signed in, it is no longer counted.
    expect(await cookieNames()).toEqual(['__client_uat', '__session']);
    // The token came with the page.
    await page.waitForLoadState('networkidle');
    expect(site.seen.mints).toBe(0);

    await page.reload();
    expect(await shown()).toBe('sess_1: fresh');
    expect(site.seen.handshakes).toHaveLength(1);
  });

  it('H2 H3 the issuer says that nobody is signed in: the cookie goes, and the page says so', async () => {
    site.mode.now = 'signed-out';
    await page.goto(site.appOrigin);
    expect(await shown()).toBe('Signed out');
    expect(await cookieNames()).not.toContain('__session');
    expect(site.seen.handshakes).toHaveLength(1);
  });

  it('H8 an issuer that gets nowhere is asked three times, then the page is shown', async () => {
    site.mode.now = 'confused';
    await page.goto(site.appOrigin);
    expect(await shown()).toBe('Signed out');
    expect(site.seen.handshakes).toHaveLength(3);
    expect(await cookieNames()).toContain('__session');
  });

  it('H2 a link with somebody else’s handshake in it signs nobody in', async () => {
    const response = page.waitForResponse((one) => one.url().includes('__handshake='));
    await page.goto(site.appOrigin);
    const theirs = (await response).url();
    await page.close();
    await browser.context.clearCookies();
    await openPage();
    await page.goto(theirs);
    expect(await shown()).toBe('Signed out');
    expect(await cookieNames()).toEqual([]);
  });

  it('H8 several tabs at once all land signed in', async () => {
    const tabs = await Promise.all([1, 2, 3, 4].map(() => browser.context.newPage()));
    await Promise.all(tabs.map((tab, index) => tab.goto(`${site.appOrigin}/?tab=${index}`)));
    expect(await Promise.all(tabs.map((tab) => tab.textContent('#account')))).toEqual(
      Array.from({ length: 4 }, () => 'sess_1: fresh'),
    );
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  it('H2 H8 in a frame of another site the state is kept in its partition', async () => {
    await page.goto(`${site.issuerOrigin}/.well-known/jwks.json`);
    await page.evaluate((src) => {
      const frame = document.createElement('iframe');
      frame.src = src;
      document.body.append(frame);
    }, `${site.appOrigin}/marked`);
    const account = page.frameLocator('iframe').locator('#account');
    await expect.poll(() => account.textContent(), { timeout: 20_000 }).toBe('Signed out');
    // Found again each time, or the first way back would have ended it. No session cookie without a partition is kept there.
    expect(site.seen.handshakes).toHaveLength(3);
  });
});
