import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { webLock } from '../../adapters/lock/web';
import type { Lease } from '../../machines/ports';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { insecureHosts, type LeafPages, serveLeaves } from './support/leaf-page';

/** What the page's script finds. */
declare const leaves: { webLock: typeof webLock };

type Seen = { granted?: boolean; contended?: boolean; lost?: string; outcome?: string; grantedAt?: number };
type Tab = Window & { seen: Record<string, Seen>; restored?: boolean };
type Times = { waitMs?: number; leaseMs?: number; workMs?: number };

const patience = { timeout: 10_000 };

let pages: LeafPages;
let browser: TestBrowser;

async function openTab(host: 'app.shop.localhost' | 'app.shop.test' = 'app.shop.localhost', csp?: string) {
  const page = await browser.context.newPage();
  await page.goto(pages.url(host, csp === undefined ? {} : { csp }));
  await page.evaluate(() => {
    const tab = window as unknown as Tab;
    tab.seen = {};
    addEventListener('pageshow', (event) => {
      tab.restored = event.persisted;
    });
  });
  return page;
}

/** Asks for the lock, and notes down what comes of it. Without `workMs` the task never ends. */
const ask = (page: Page, as: string, times: Times = {}) =>
  page.evaluate(
    ([who, { waitMs = 20_000, leaseMs = 60_000, workMs }]) => {
      const seen: Seen = {};
      (window as unknown as Tab).seen[who] = seen;
      const task = ({ signal, contended }: Lease) =>
        new Promise<void>((resolve) => {
          Object.assign(seen, { granted: true, contended, grantedAt: Date.now() });
          signal.addEventListener('abort', () => {
            seen.lost = (signal.reason as { code: string }).code;
          });
          if (workMs !== undefined) setTimeout(resolve, workMs);
        });
      const { signal } = new AbortController();
      void leaves
        .webLock()
        .run('refresh', { waitMs, leaseMs, signal }, task)
        .then((outcome) => {
          seen.outcome = outcome.status === 'unavailable' ? outcome.cause : outcome.status;
        });
    },
    [as, times] as const,
  );
const seen = (page: Page, who: string) => page.evaluate((as) => (window as unknown as Tab).seen[as], who);
const reaches = (page: Page, who: string, what: Seen) =>
  expect.poll(() => seen(page, who), { ...patience, interval: 10 }).toMatchObject(what);
const queued = (page: Page) =>
  page.evaluate(async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    return { held: held.length, pending: pending.length };
  });

/** Out of the back-forward cache; a page that was loaded anew fails. */
async function comesBack(page: Page): Promise<void> {
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction(() => (window as unknown as Tab).restored === true, undefined, patience);
}

/** A holder in the first page, somebody who waits for it in the second. */
async function holderAndWaiter(): Promise<readonly [Page, Page]> {
  const [one, two] = [await openTab(), await openTab()];
  await ask(one, 'holder');
  await reaches(one, 'holder', { granted: true });
  await ask(two, 'waiter', { workMs: 10 });
  await expect.poll(() => queued(two), patience).toEqual({ held: 1, pending: 1 });
  return [one, two];
}

describeInChromium('webLock in Chromium', () => {
  beforeEach(async () => {
    pages = await serveLeaves("export { webLock } from './adapters/lock/web';");
    browser = await openBrowser({ flags: [insecureHosts] });
  });

  afterEach(async () => {
    await browser.close();
    await pages.close();
  });

  it('R10.4 one page at a time; who had to wait knows it; then the lock is free', async () => {
    const [one, two] = [await openTab(), await openTab()];
    await ask(one, 'first', { workMs: 300 });
    await reaches(one, 'first', { granted: true, contended: false });
    await ask(two, 'second', { workMs: 10 });
    await reaches(two, 'second', { outcome: 'done', contended: true });
    await reaches(one, 'first', { outcome: 'done' });
    const [earlier, later] = [await seen(one, 'first'), await seen(two, 'second')];
    // Timers and clocks of two processes: a few ms either way.
    expect(Number(later?.grantedAt) - Number(earlier?.grantedAt)).toBeGreaterThanOrEqual(290);
    await ask(two, 'third', { workMs: 0 });
    await reaches(two, 'third', { outcome: 'done', contended: false });
    expect(await queued(one)).toEqual({ held: 0, pending: 0 });
  });

  it('R10.4 in one page, one run after the other finds the lock free', async () => {
    const page = await openTab();
    const contended = await page.evaluate(async () => {
      const lock = leaves.webLock();
      const { signal } = new AbortController();
      const all: unknown[] = [];
      for (let round = 0; round < 20; round += 1) {
        await lock.run('refresh', { waitMs: 5000, leaseMs: 5000, signal }, async (lease) => all.push(lease.contended));
      }
      return all;
    });
    expect(contended).toEqual(Array(20).fill(false));
  });

  it('D02 waiting ends in time, and leaves no request behind', async () => {
    const [one, two] = [await openTab(), await openTab()];
    await ask(one, 'holder');
    await reaches(one, 'holder', { granted: true });
    await ask(two, 'patient', { waitMs: 200 });
    await ask(two, 'hasty', { waitMs: 0 });
    await reaches(two, 'hasty', { outcome: 'timeout' });
    await reaches(two, 'patient', { outcome: 'timeout' });
    await expect.poll(() => queued(two), patience).toEqual({ held: 1, pending: 0 });
    expect((await seen(two, 'patient'))?.granted).toBeUndefined();
  });

  it('D03 a lease that runs out frees the lock for the other page', async () => {
    const [one, two] = [await openTab(), await openTab()];
    await ask(one, 'holder', { leaseMs: 300 });
    await reaches(one, 'holder', { granted: true });
    await ask(two, 'waiter', { workMs: 10 });
    await reaches(two, 'waiter', { outcome: 'done', contended: true });
    await reaches(one, 'holder', { outcome: 'lost', lost: 'lease_expired' });
  });

  it('C04 the lock of a page that is closed goes to the next within a second', async () => {
    const [one, two] = await holderAndWaiter();
    const closed = Date.now();
    await one.close();
    await reaches(two, 'waiter', { outcome: 'done' });
    expect(Number((await seen(two, 'waiter'))?.grantedAt) - closed).toBeLessThan(1000);
  });

  it('C04 the lock of a page that crashes goes to the next within two seconds', async () => {
    const [one, two] = await holderAndWaiter();
    const session = await browser.context.newCDPSession(one);
    const crashed = Date.now();
    // The answer never comes: there is nobody left to give it.
    void session.send('Page.crash').catch(() => undefined);
    await reaches(two, 'waiter', { outcome: 'done' });
    expect(Number((await seen(two, 'waiter'))?.grantedAt) - crashed).toBeLessThan(2000);
  });

  it('R10.6 stolen by another page: the holder is told, and does not count as done', async () => {
    const [one, two] = await holderAndWaiter();
    await two.evaluate(() => navigator.locks.request('refresh', { steal: true }, () => undefined));
    await reaches(one, 'holder', { outcome: 'lost', lost: 'lease_stolen' });
    await reaches(two, 'waiter', { outcome: 'done' });
  });

  it('R10.6 a page that freezes gives the lock back at once: the other gets it while it is frozen', async () => {
    const [one, two] = await holderAndWaiter();
    await two.bringToFront();
    const session = await browser.context.newCDPSession(one);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await reaches(two, 'waiter', { outcome: 'done' });
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await reaches(one, 'holder', { outcome: 'lost', lost: 'lease_frozen' });
  });

  it('R10.11 a page that goes into the back-forward cache gives the lock back, and comes back without', async () => {
    const [one, two] = await holderAndWaiter();
    await one.goto(pages.url('app.beta.localhost'));
    // A bare lock stays with the page that is out of sight: measured, for more than ten seconds.
    await reaches(two, 'waiter', { outcome: 'done' });
    await comesBack(one);
    await reaches(one, 'holder', { outcome: 'lost', lost: 'lease_frozen' });
    await ask(one, 'again', { workMs: 0 });
    await reaches(one, 'again', { outcome: 'done', contended: false });
  });

  it('R10.11 a page that goes there while it waits stops waiting, and is not called later', async () => {
    const [one, two] = await holderAndWaiter();
    await two.goto(pages.url('app.beta.localhost'));
    await expect.poll(() => queued(one), patience).toEqual({ held: 1, pending: 0 });
    await comesBack(two);
    await reaches(two, 'waiter', { outcome: 'timeout' });
    await one.close();
    await ask(two, 'again', { workMs: 0 });
    await reaches(two, 'again', { outcome: 'done' });
    expect((await seen(two, 'waiter'))?.granted).toBeUndefined();
  });

  it('R10.7 an insecure context has no locks: unavailable', async () => {
    const page = await openTab('app.shop.test');
    await ask(page, 'here');
    await reaches(page, 'here', { outcome: 'locks_missing' });
  });

  it('R10.7 J01 a sandbox denies locks: unavailable', async () => {
    const page = await openTab('app.shop.localhost', 'sandbox allow-scripts');
    await ask(page, 'here');
    await reaches(page, 'here', { outcome: 'SecurityError' });
  });

  it('J05 works in a worker, which has neither document nor window, and against a page', async () => {
    const page = await openTab();
    await ask(page, 'holder', { workMs: 200 });
    await reaches(page, 'holder', { granted: true });
    const status = await page.evaluate(async () => {
      const script = `importScripts('${location.origin}/leaves.js');
        const options = { waitMs: 5000, leaseMs: 5000, signal: new AbortController().signal };
        leaves.webLock().run('refresh', options, async ({ contended }) => contended).then(postMessage);`;
      const worker = new Worker(URL.createObjectURL(new Blob([script])));
      return new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data)));
    });
    expect(status).toEqual({ status: 'done', value: true });
  });
});
