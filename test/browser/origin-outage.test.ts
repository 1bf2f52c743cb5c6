/** #6678 from end to end, over HTTP in a real browser: the origin is down, and whoever was signed in stays so (H4, H8, §6). */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { decodeToken } from '../../adapters/token/decode';
import { openSite, type SiteOptions } from '../server/support/site';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

let browser: TestBrowser;
let site: Awaited<ReturnType<typeof openSite>>;

async function open(options: SiteOptions) {
  site = await openSite({ sibling: true, ...options });
  const page = await browser.context.newPage();
  return { page, shown: () => page.textContent('#account') };
}

const sessionCookie = async (): Promise<string> =>
  (await browser.context.cookies(site.appOrigin)).find(({ name }) => name === '__session')?.value ?? '';

const isOver = async (): Promise<boolean> => (decodeToken(await sessionCookie()).expiresAt ?? 0) < Date.now();

const patient = { timeout: 15_000, interval: 100 };

describeInChromium('the origin goes down', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(() => browser.context.clearCookies());
  afterEach(async () => {
    await Promise.all(browser.context.pages().map((page) => page.goto('about:blank')));
    await site.close();
  });

  it('H8 H4 #6678 signed in, away until the token has expired, back in the outage: signed in by the edge, and on', async () => {
    const { page, shown } = await open({ present: 'encrypted', ttlSeconds: 5, clockSkewMs: 0 });
    // The marker and the issuer's own cookie come from the sign-in; the session cookie from a first handshake.
    await page.goto(site.signInUrl);
    expect(page.url()).toBe(`${site.appOrigin}/`);
    expect(await shown()).toMatch(/^sess_1: /);
    expect(site.server.handshakes).toMatchObject([{ how: 'none', by: 'origin', answer: 'signed-in' }]);

    await page.goto('about:blank');
    await expect.poll(isOver, patient).toBe(true);
    site.originDown();
    const before = await sessionCookie();
    const { mints } = site.seen;

    await page.goto(`${site.appOrigin}/?deep=a%20b`);
    expect(page.url()).toBe(`${site.appOrigin}/?deep=a%20b`);
    expect(await shown()).toMatch(/^sess_1: /);
    expect(await sessionCookie()).not.toBe(before);
    expect(site.server.handshakes[1]).toMatchObject({
      reason: 'session-token-expired',
      how: 'encrypted',
      by: 'edge',
      answer: 'signed-in',
    });
    // No token that anybody can read was in an address.
    expect([...(site.seen.handshakes[1]?.keys() ?? [])]).not.toContain('__session');

    // The page goes on by itself: asked for its last token, it presents that to the edge (T11).
    const landed = await sessionCookie();
    await expect.poll(() => site.server.requests.some(({ presented }) => presented !== null), patient).toBe(true);
    expect(site.seen.mints).toBeGreaterThan(mints);
    expect(landed).not.toBe('');
    expect(await shown()).toMatch(/^sess_1: /);

    site.originUp();
    await page.goto(site.appOrigin);
    expect(await shown()).toMatch(/^sess_1: /);
  });

  it('H8 #6678 the same with a legible token; and without any, nobody can say and nobody is signed out', async () => {
    const { page, shown } = await open({ present: 'plain' });
    await page.goto(site.signInUrl);
    await page.goto('about:blank');
    const { nowSeconds, appOrigin } = site;
    const expired = await site.session(nowSeconds() - 700, nowSeconds() - 100);
    const put = (value: string) => browser.context.addCookies([{ name: '__session', value, url: appOrigin }]);
    site.originDown();

    await browser.context.clearCookies({ name: '__session' });
    const response = await page.goto(appOrigin);
    expect(response?.status()).toBe(503);

    await browser.context.clearCookies({ name: '__session' });
    await put(expired);
    await page.goto(appOrigin);
    expect(page.url()).toBe(`${appOrigin}/`);
    expect(await shown()).toMatch(/^sess_1: /);
    expect(site.server.handshakes.map(({ by, how, answer }) => `${by} ${how} ${answer}`)).toEqual([
      'origin none signed-in',
      'edge none unavailable',
      'edge plain signed-in',
    ]);
  });
});
