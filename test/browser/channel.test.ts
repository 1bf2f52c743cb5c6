import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { broadcastChannel } from '../../adapters/channel/broadcast';
import type { storageEventChannel } from '../../adapters/channel/storage-event';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';
import { insecureHosts, type LeafPages, serveLeaves } from './support/leaf-page';

/** What the page's script finds. */
declare const leaves: { broadcastChannel: typeof broadcastChannel; storageEventChannel: typeof storageEventChannel };

type Kind = keyof typeof leaves;
type Tab = Window & { channel: ReturnType<typeof broadcastChannel>; heard: unknown[]; restored?: boolean };

const patience = { timeout: 10_000 };

let pages: LeafPages;
let browser: TestBrowser;

/** A page that listens. `suspends`: as the lifecycle does it, on its way out of sight and back. */
async function openTab(kind: Kind = 'broadcastChannel', { suspends = true } = {}): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(pages.url('app.shop.localhost'));
  await page.evaluate(
    ([made, suspending]) => {
      const tab = window as unknown as Tab;
      tab.heard = [];
      tab.channel = leaves[made]() as Tab['channel'];
      tab.channel.subscribe((message) => tab.heard.push(message));
      addEventListener('pagehide', () => suspending && tab.channel.suspend());
      addEventListener('pageshow', (event) => {
        tab.restored = event.persisted;
        if (suspending) tab.channel.resume();
      });
    },
    [kind, suspends] as const,
  );
  return page;
}

const post = (page: Page, ...messages: unknown[]) =>
  page.evaluate((all) => {
    for (const one of all) (window as unknown as Tab).channel.post(one);
  }, messages);
const heard = (page: Page) => page.evaluate(() => (window as unknown as Tab).heard);
const errorOf = (page: Page, run: () => unknown) =>
  page.evaluate(
    `(() => { try { (${run})(); } catch (error) { return error instanceof DOMException ? error.name : error.code; } })()`,
  );

/** Away and back, as fast as the browser does it. */
async function awayAndBack(page: Page, meanwhile: () => Promise<void>): Promise<boolean | undefined> {
  await page.goto(pages.url('app.beta.localhost'));
  await meanwhile();
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.readyState === 'complete');
  return page.evaluate(() => (window as unknown as Tab).restored);
}

describeInChromium('channels in Chromium', () => {
  beforeEach(async () => {
    pages = await serveLeaves(`
      export { broadcastChannel } from './adapters/channel/broadcast';
      export { storageEventChannel } from './adapters/channel/storage-event';`);
    browser = await openBrowser({ flags: [insecureHosts] });
  });

  afterEach(async () => {
    await browser.close();
    await pages.close();
  });

  it('T23 what one page posts, every other hears, in order, and it does not hear itself', async () => {
    const [one, two, three] = [await openTab(), await openTab(), await openTab()];
    const messages = Array.from({ length: 50 }, (_, at) => ({ v: 1, at }));
    await post(one, ...messages);
    await expect.poll(() => heard(two), patience).toEqual(messages);
    await expect.poll(() => heard(three), patience).toEqual(messages);
    expect(await heard(one)).toEqual([]);
  });

  it('R10.11 what is posted right before suspending or leaving, and without listening, arrives', async () => {
    const [one, two] = [await openTab(), await openTab()];
    await one.evaluate(() => {
      const { channel } = window as unknown as Tab;
      channel.post('then suspended');
      channel.suspend();
      leaves.broadcastChannel().post('without listening');
      addEventListener('pagehide', () => leaves.broadcastChannel().post('while leaving'));
    });
    await one.close({ runBeforeUnload: false });
    await expect.poll(() => heard(two), patience).toEqual(['then suspended', 'without listening', 'while leaving']);
  });

  it('R10.11 suspended, the page comes back from the back-forward cache although others posted, and hears again', async () => {
    const [one, two] = [await openTab(), await openTab()];
    expect(await awayAndBack(one, () => post(two, 'missed'))).toBe(true);
    await post(two, 'again');
    await expect.poll(() => heard(one), patience).toEqual(['again']);
  });

  it('R10.11 not suspended, the same message evicts the page', async () => {
    const [one, two, three] = [
      await openTab('broadcastChannel', { suspends: false }),
      await openTab(),
      await openTab(),
    ];
    const evict = async (): Promise<void> => {
      await post(two, 'evicts');
      // It has reached all pages by then: one that is evicted while it comes back names that for a reason instead.
      await expect.poll(() => heard(three), patience).toEqual(['evicts']);
    };
    expect(await awayAndBack(one, evict)).toBeUndefined();
    expect(
      await one.evaluate(() => {
        const [entry] = performance.getEntriesByType('navigation') as { notRestoredReasons?: unknown }[];
        return JSON.stringify(entry?.notRestoredReasons);
      }),
    ).toContain('broadcastchannel');
  });

  it('S7 a page that is frozen when something is posted has heard it, once, when it thaws', async () => {
    const [one, two] = [await openTab(), await openTab()];
    await two.bringToFront();
    const session = await browser.context.newCDPSession(one);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await post(two, 'signed out');
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await expect.poll(() => heard(one), patience).toEqual(['signed out']);
  });

  it('J03 without BroadcastChannel it says so on use', async () => {
    const page = await browser.context.newPage();
    await page.addInitScript('delete window.BroadcastChannel');
    await page.goto(pages.url('app.shop.localhost'));
    expect(await errorOf(page, () => leaves.broadcastChannel().subscribe(() => {}))).toBe('channel_missing');
    expect(await errorOf(page, () => leaves.broadcastChannel().post(1))).toBe('channel_missing');
  });

  it('J01 storage denied by a sandbox: BroadcastChannel works, notices by storage do not, and say why', async () => {
    const page = await browser.context.newPage();
    await page.goto(pages.url('app.shop.localhost', { csp: 'sandbox allow-scripts' }));
    const notice = () => leaves.storageEventChannel().post(1);
    expect(await errorOf(page, notice)).toBe('SecurityError');
    expect(await errorOf(page, () => leaves.storageEventChannel().subscribe(() => {}))).toBeUndefined();
    expect(
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            leaves.broadcastChannel().subscribe(resolve);
            leaves.broadcastChannel().post('here');
          }),
      ),
    ).toBe('here');
  });

  it('R10.7 an insecure context has channels all the same', async () => {
    const [one, two] = [await browser.context.newPage(), await browser.context.newPage()];
    for (const page of [one, two]) await page.goto(pages.url('app.shop.test'));
    expect(await one.evaluate(() => isSecureContext)).toBe(false);
    await two.evaluate(() => {
      const tab = window as unknown as Tab;
      tab.heard = [];
      for (const kind of ['broadcastChannel', 'storageEventChannel'] as const) {
        leaves[kind]().subscribe((message) => tab.heard.push(`${kind} ${message}`));
      }
    });
    await one.evaluate(() => {
      for (const kind of ['broadcastChannel', 'storageEventChannel'] as const) leaves[kind]().post(1);
    });
    await expect
      .poll(async () => (await heard(two)).sort(), patience)
      .toEqual(['broadcastChannel 1', 'storageEventChannel 1']);
  });

  it('R10.13 J02 notices by storage events: each is heard once, equal ones too, and nothing is left', async () => {
    const [one, two] = [await openTab('storageEventChannel'), await openTab('storageEventChannel')];
    await post(one, { at: 1 }, { at: 1 }, { at: 2 });
    await expect.poll(() => heard(two), patience).toEqual([{ at: 1 }, { at: 1 }, { at: 2 }]);
    await post(two, 'back');
    await expect.poll(() => heard(one), patience).toEqual(['back']);
    expect(await heard(two)).toHaveLength(3);
    expect(await two.evaluate(() => localStorage.length)).toBe(0);
  });

  it('J02 a full storage: the notice is refused with the storage’s error, and what was stored stays', async () => {
    const page = await openTab('storageEventChannel');
    await page.evaluate(() => {
      for (let size = 4 * 1024 * 1024; size >= 1; size /= 2) {
        try {
          localStorage.setItem(`filler ${size}`, 'x'.repeat(size));
        } catch {
          // Half of it may fit.
        }
      }
    });
    const before = await page.evaluate(() => localStorage.length);
    const notice = () => (window as unknown as Tab).channel.post({ at: 1 });
    expect(await errorOf(page, notice)).toBe('QuotaExceededError');
    expect(await page.evaluate(() => localStorage.length)).toBe(before);
  });
});
