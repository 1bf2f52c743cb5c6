import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { webStorageStore } from '../../adapters/store/web-storage';
import type { SharedRecord } from '../../machines/ports';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { type LeafPages, serveLeaves } from './support/leaf-page';

/** What the page's script finds. */
declare const leaves: { webStorageStore: typeof webStorageStore };

let pages: LeafPages;
let browser: TestBrowser;
let page: Page;

const record = (generation: number): SharedRecord => ({ v: 1, generation, epoch: 1 });

/** Writes that record, or deletes it; an error comes back as its name. */
const update = (where: Page, next: SharedRecord | undefined) =>
  where.evaluate(async (given) => {
    try {
      return (await leaves.webStorageStore().update('a', () => given)) ?? 'nothing';
    } catch (error) {
      return (error as Error).name;
    }
  }, next);

const read = (where: Page) =>
  where.evaluate(async () => {
    try {
      return (await leaves.webStorageStore().read('a')) ?? 'nothing';
    } catch (error) {
      return (error as Error).name;
    }
  });

describeInChromium('webStorageStore in Chromium', () => {
  beforeEach(async () => {
    pages = await serveLeaves("export { webStorageStore } from './adapters/store/web-storage'");
    browser = await openBrowser();
    page = await browser.context.newPage();
  });

  afterEach(async () => {
    await browser.close();
    await pages.close();
  });

  it('R10.2 what one tab writes the others read, sooner or later, and after a reload', async () => {
    const url = pages.url('app.shop.localhost');
    const other = await browser.context.newPage();
    await Promise.all([page.goto(url), other.goto(url)]);
    expect(await read(other)).toBe('nothing');
    expect(await update(page, record(1))).toEqual(record(1));
    await expect.poll(() => read(other)).toEqual(record(1));
    expect(await update(other, record(2))).toEqual(record(2));
    await page.reload();
    await expect.poll(() => read(page)).toEqual(record(2));
    expect(await update(page, undefined)).toBe('nothing');
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  it('J01 in a sandboxed page it rejects with the SecurityError: unreadable is not empty', async () => {
    await page.goto(pages.url('app.shop.localhost', { csp: 'sandbox allow-scripts' }));
    expect([await read(page), await update(page, record(1))]).toEqual(['SecurityError', 'SecurityError']);
  });

  it('J02 in a full storage it rejects, and the older record stays', async () => {
    await page.goto(pages.url('app.shop.localhost'));
    await update(page, record(1));
    const left = await page.evaluate(() => {
      let size = 2 ** 22;
      for (let index = 0; size >= 1; index += 1) {
        try {
          localStorage.setItem(`full-${index}`, 'x'.repeat(size));
        } catch {
          size /= 2;
        }
      }
      return localStorage.length;
    });
    expect(left).toBeGreaterThan(1);
    expect(await update(page, { ...record(2), fingerprint: '0123abcd' })).toBe('QuotaExceededError');
    expect(await read(page)).toEqual(record(1));
  });
});
