import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import {
  type CookieKind,
  callCookie as call,
  clearCookies,
  cookieLeaves,
  frameIn,
  type LeafOptions as Options,
  storedCookies,
} from './support/leaf-cookies';
import { insecureHosts, type LeafPages, serveLeaves } from './support/leaf-page';

const kinds: CookieKind[] = ['documentCookie', 'cookieStoreCookie'];

let pages: LeafPages;
let browser: TestBrowser;
let page: Page;

const lax = { domain: 'app.shop.localhost', path: '/', secure: true, sameSite: 'Lax', partition: null };

describeInChromium('the cookie as Chromium stores it', () => {
  beforeAll(async () => {
    pages = await serveLeaves(cookieLeaves);
    browser = await openBrowser({ flags: [insecureHosts] });
  });

  beforeEach(async () => {
    page = await browser.context.newPage();
  });

  afterEach(async () => {
    await clearCookies(page);
    await page.close();
  });

  afterAll(async () => {
    await browser.close();
    await pages.close();
  });

  it.each(kinds)('R10.18 %s in a secure page: __Host-, Secure, Lax, as long as the token', async (kind) => {
    await page.goto(pages.url('app.shop.localhost', { path: '/a/b' }));
    expect(await call(page, { kind, method: 'write', text: 'one' })).toEqual({ status: 'written' });
    await call(page, { kind, method: 'writeContext', text: 'a; b' });
    const [cookie, companion] = await storedCookies(page);
    expect(cookie).toMatchObject({ ...lax, name: '__Host-__session', value: 'one' });
    expect(cookie?.left).toBeGreaterThan(55);
    expect(cookie?.left).toBeLessThanOrEqual(60);
    expect(companion).toEqual({ ...lax, name: '__Host-__session_ctx', value: 'a%3B%20b', left: null });
    expect(await call(page, { kind, method: 'readContext' })).toBe('a; b');
    await page.goto(pages.echo('app.shop.localhost'));
    expect(await page.textContent('body')).toBe('__Host-__session=one; __Host-__session_ctx=a%3B%20b');
  });

  it('R10.18 in an insecure page: the plain name, neither Secure nor a prefix', async () => {
    await page.goto(pages.url('app.shop.test'));
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    expect(await call(page, { method: 'write', text: 'one' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([
      { ...lax, name: '__session', domain: 'app.shop.test', secure: false, value: 'one' },
    ]);
    await call(page, { method: 'remove' });
    expect(await storedCookies(page)).toEqual([]);
  });

  it.each<[string, Options]>([
    ['Secure', { secure: true }],
    ['__Host-', { name: '__Host-a' }],
    ['None', { sameSite: 'None' }],
    ['Partitioned', { partitioned: true }],
    ['a domain of others', { domain: 'other.test' }],
    ['a public suffix', { domain: 'test' }],
  ])('K02 in an insecure page %s is blocked, and said to be', async (_, options) => {
    await page.goto(pages.url('app.shop.test'));
    expect(await call(page, { options, method: 'write', text: 'one' })).toEqual({
      status: 'rejected',
      reason: 'blocked',
    });
    expect(await storedCookies(page)).toEqual([]);
  });

  it('J05 in an insecure page there is no Cookie Store API, and it says so', async () => {
    await page.goto(pages.url('app.shop.test'));
    const missing = expect.objectContaining({ code: 'cookie_store_missing' });
    expect(await call(page, { kind: 'cookieStoreCookie', method: 'read' })).toEqual(missing);
  });

  it.each(kinds)('R10.18 %s in a frame of another site: None, Partitioned, in that site’s part only', async (kind) => {
    const frame = await frameIn(page, pages, 'app.beta.localhost', 'app.shop.localhost');
    expect(await call(frame, { kind, method: 'write', text: 'framed' })).toEqual({ status: 'written' });
    await call(frame, { kind, method: 'writeContext', text: 'mark' });
    const place = { ...lax, sameSite: 'None', partition: 'http://beta.localhost' };
    expect(await storedCookies(page)).toMatchObject([
      { ...place, name: '__Host-__session', value: 'framed' },
      { ...place, name: '__Host-__session_ctx', value: 'mark' },
    ]);
    await call(frame, { kind, method: 'remove' });
    expect(await storedCookies(page)).toMatchObject([{ name: '__Host-__session_ctx' }]);
  });

  it.each(kinds)('R10.18 %s in a frame of a sibling: the page’s own cookie, not a second one', async (kind) => {
    const frame = await frameIn(page, pages, 'evil.shop.localhost', 'app.shop.localhost');
    expect(await call(frame, { kind, method: 'write', text: 'framed' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([{ ...lax, name: '__Host-__session', value: 'framed' }]);
    await page.goto(pages.url('app.shop.localhost'));
    expect(await call(page, { kind, method: 'write', text: 'paged' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([{ ...lax, name: '__Host-__session', value: 'paged' }]);
  });

  it.each(kinds)('K05 %s at the budget of 4096 bytes: one less is stored whole, one more is told', async (kind) => {
    await page.goto(pages.url('app.shop.localhost'));
    const around = '__Host-__session=; Path=/; Max-Age=60; SameSite=Lax; Secure'.length;
    const text = 'x'.repeat(4096 - around);
    expect(await call(page, { kind, method: 'write', text })).toEqual({ status: 'written' });
    const tooLarge = { status: 'rejected', reason: 'too_large' };
    expect(await call(page, { kind, method: 'write', text: `${text}x` })).toEqual(tooLarge);
    expect((await storedCookies(page)).map(({ value }) => value.length)).toEqual([text.length]);
  });

  it.each(kinds)('K05 %s beyond what the browser keeps: blocked, and the older value stays', async (kind) => {
    await page.goto(pages.url('app.shop.localhost'));
    await call(page, { kind, method: 'write', text: 'one' });
    const options = { maxBytes: 10_000 };
    const blocked = { status: 'rejected', reason: 'blocked' };
    expect(await call(page, { kind, options, method: 'write', text: 'x'.repeat(5000) })).toEqual(blocked);
    expect((await storedCookies(page)).map(({ value }) => value)).toEqual(['one']);
  });

  it.each(kinds)('J01 %s in a sandboxed page throws the SecurityError: unreadable is not empty', async (kind) => {
    await page.goto(pages.url('app.shop.localhost', { csp: 'sandbox allow-scripts' }));
    for (const method of ['read', 'write', 'remove', 'readContext', 'writeContext'] as const) {
      expect(await call(page, { kind, method, text: 'one' })).toMatchObject({ name: 'SecurityError' });
    }
  });

  it.each(kinds)('R10.19 %s under a server’s HttpOnly cookie: blocked, and that one stays', async (kind) => {
    await page.goto(pages.url('app.shop.localhost', { set: ['__Host-__session=server; Secure; HttpOnly; Path=/'] }));
    const blocked = { status: 'rejected', reason: 'blocked' };
    expect(await call(page, { kind, method: 'write', text: 'one' })).toEqual(blocked);
    expect((await storedCookies(page)).map(({ value }) => value)).toEqual(['server']);
  });
});
