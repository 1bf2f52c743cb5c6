import type { Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import {
  type CookieKind,
  callCookie as call,
  clearCookies,
  cookieLeaves,
  frameIn,
  storedCookies,
} from './support/leaf-cookies';
import { type LeafPages, serveLeaves } from './support/leaf-page';

const kinds: CookieKind[] = ['documentCookie', 'cookieStoreCookie'];
const app = 'app.shop.localhost';
const named = { name: 'token' };
const duplicate = { status: 'rejected', reason: 'duplicate' };

let pages: LeafPages;
let browser: TestBrowser;
let page: Page;

/** A sibling host sets a cookie for the domain that it shares with the app. */
const toss = (cookie: string) =>
  page.goto(pages.url('evil.shop.localhost', { set: [`${cookie}; Domain=shop.localhost; Path=/`] }));

const values = async (name: string) =>
  (await storedCookies(page)).filter((one) => one.name === name).map(({ value }) => value);

/** What a server of the app would be sent. */
const sent = () => page.evaluate(async (url) => (await fetch(url)).text(), pages.echo(app));

describeInChromium('several cookies of one name in Chromium', () => {
  beforeAll(async () => {
    pages = await serveLeaves(cookieLeaves);
    browser = await openBrowser();
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

  it('R10.20 a cookie tossed by a sibling is seen beside ours, by the page and by the server', async () => {
    await toss('token=tossed');
    await page.goto(pages.url(app, { set: ['token=ours; Path=/'] }));
    const both = [{ value: 'tossed' }, { value: 'ours' }];
    expect(await call(page, { options: named, method: 'read' })).toEqual(both);
    expect(await call(page, { kind: 'cookieStoreCookie', options: named, method: 'read' })).toMatchObject([
      { value: 'tossed', domain: 'shop.localhost', path: '/', partitioned: false },
      { value: 'ours', domain: null, path: '/', partitioned: false },
    ]);
    expect(await sent()).toBe('token=tossed; token=ours');
  });

  it.each(kinds)('F20 %s reports a tossed value, then takes away that one only', async (kind) => {
    await toss('token=tossed');
    await page.goto(pages.url(app));
    const options = named;
    expect(await call(page, { kind, options, method: 'write', text: 'one' })).toEqual(duplicate);
    await expect.poll(sent).toBe('token=one');
    expect(await values('token')).toEqual(['one']);
    expect(await call(page, { kind, options, method: 'write', text: 'two' })).toEqual({ status: 'written' });
  });

  it.each(kinds)('R10.20 %s does the same for a tossed companion', async (kind) => {
    await page.goto(pages.url(app));
    const options = named;
    await call(page, { kind, options, method: 'writeContext', text: 'mine' });
    await toss('token_ctx=tossed');
    await page.goto(pages.url(app));
    const refused = { name: 'CookieError', reason: 'duplicate' };
    expect(await call(page, { kind, options, method: 'readContext' })).toMatchObject(refused);
    await expect.poll(() => call(page, { kind, options, method: 'readContext' })).toBe('mine');
  });

  it('R10.20 the name in secure pages cannot be tossed', async () => {
    await toss('__Host-__session=tossed; Secure');
    await page.goto(pages.url(app));
    expect(await call(page, { method: 'write', text: 'one' })).toEqual({ status: 'written' });
    expect(await sent()).toBe('__Host-__session=one');
  });

  it.each(kinds)('83 %s removes on sign-out what it wrote in any of its ways', async (kind) => {
    const ways = [
      '__Host-__session=a; Secure; Path=/',
      '__Host-__session=b; Secure; Path=/; SameSite=None; Partitioned',
      '__session=c; Path=/',
      '__session=d; Path=/; Secure; SameSite=None; Partitioned',
      '__session=e; Path=/; Domain=shop.localhost',
    ];
    await page.goto(pages.url(app, { set: ways }));
    expect(await storedCookies(page)).toHaveLength(ways.length);
    const formerly = [{ domain: 'shop.localhost' }];
    await call(page, { kind, options: { formerly }, method: 'remove' });
    expect(await storedCookies(page)).toEqual([]);
  });

  it.each(kinds)('83 %s removes on sign-out where the browser tells of it what nobody remembers', async (kind) => {
    const forgotten = ['token=a; Path=/', 'token=b; Path=/; Domain=shop.localhost', 'token=c; Path=/deep/'];
    await page.goto(pages.url(app, { path: '/deep/page', set: forgotten }));
    await call(page, { kind, options: named, method: 'remove' });
    await expect.poll(() => storedCookies(page)).toEqual([]);
  });

  it.each(kinds)('84 %s: a partition that arrives late replaces the plain twin', async (kind) => {
    await page.goto(pages.url(app));
    await call(page, { kind, options: { sameSite: 'None', partitioned: false }, method: 'write', text: 'old' });
    const options = { sameSite: 'None', partitioned: true } as const;
    expect(await call(page, { kind, options, method: 'write', text: 'new' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([{ value: 'new', partition: 'http://shop.localhost' }]);
  });

  it.each(kinds)('§10 %s on top neither reaches nor touches what it wrote in a frame of another site', async (kind) => {
    const framed = await frameIn(page, pages, 'app.beta.localhost', app);
    await call(framed, { kind, method: 'write', text: 'framed' });
    await page.goto(pages.url(app));
    await call(page, { kind, method: 'write', text: 'top' });
    await call(page, { kind, method: 'remove' });
    expect(await storedCookies(page)).toMatchObject([{ value: 'framed', partition: 'http://beta.localhost' }]);
  });
});

describeInChromium('cookieStoreCookie in a service worker of Chromium', () => {
  const kind = 'cookieStoreCookie';

  beforeAll(async () => {
    pages = await serveLeaves(cookieLeaves);
  });

  beforeEach(async () => {
    browser = await openBrowser();
    page = await browser.context.newPage();
  });

  afterEach(() => browser.close());

  afterAll(() => pages.close());

  /** The bundle itself is the worker: it does nothing but offer the cookies. */
  async function workerOf(where: Pick<Page, 'evaluate'>): Promise<Worker> {
    const started = browser.context.waitForEvent('serviceworker');
    await where.evaluate(async () => {
      await navigator.serviceWorker.register('/leaves.js');
      await navigator.serviceWorker.ready;
    });
    return started;
  }

  it('J05 R10.18 it writes the same cookie as the page, and removes it', async () => {
    await page.goto(pages.url(app));
    const worker = await workerOf(page);
    expect(await call(worker, { kind, method: 'write', text: 'one' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([
      {
        name: '__Host-__session',
        value: 'one',
        domain: app,
        path: '/',
        secure: true,
        sameSite: 'Lax',
        partition: null,
      },
    ]);
    expect(await call(page, { method: 'write', text: 'one' })).toEqual({ status: 'unchanged' });
    await call(page, { method: 'writeContext', text: 'mark' });
    expect(await call(worker, { kind, method: 'readContext' })).toBe('mark');
    await call(worker, { kind, method: 'remove' });
    expect(await call(page, { method: 'read' })).toEqual([]);
  });

  it('R10.18 for a frame of another site it writes the partitioned one', async () => {
    const frame = await frameIn(page, pages, 'app.beta.localhost', app);
    const worker = await workerOf(frame);
    expect(await call(worker, { kind, method: 'write', text: 'one' })).toEqual({ status: 'written' });
    expect(await storedCookies(page)).toMatchObject([
      { name: '__Host-__session', value: 'one', sameSite: 'None', partition: 'http://beta.localhost' },
    ]);
    expect(await call(frame, { method: 'read' })).toEqual([{ value: 'one' }]);
  });

  it('J05 documentCookie in a worker says that there is no document', async () => {
    await page.goto(pages.url(app));
    const worker = await workerOf(page);
    expect(await call(worker, { method: 'read' })).toMatchObject({ code: 'document_missing' });
  });
});
