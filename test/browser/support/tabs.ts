/** Several tabs of one real browser, each with a lifecycle, at one server. */
import type { Page } from 'playwright-core';
import type { LifecycleState } from '../../../index';
import { openBrowser, type TestBrowser } from './chromium';
import { bundleTab } from './tabs-bundle';
import type { EventSeen, Seen, TabConfig, TabPage } from './tabs-config';
import { insecureHosts, serveTabs, type TabHost, type TabServer } from './tabs-server';

/** What the page's script finds. */
declare const tab: TabPage;

export type Tab = {
  readonly name: string;
  readonly page: Page;
  state(): Promise<LifecycleState>;
  seen(): Promise<Seen>;
  events(type: string): Promise<EventSeen[]>;
  /** What a reader gets; `null` when signed out. Fails as the read does. */
  read(options?: { readonly skipCache?: boolean; readonly timeoutMs?: number }): Promise<string | null>;
  peek(): Promise<string | null>;
  /** Resolves once the lifecycle is in this state; fails after 15 s. */
  reaches(state: LifecycleState['state']): Promise<void>;
};

export type Tabs = {
  readonly server: TabServer;
  readonly browser: TestBrowser;
  /** Opens a tab in front of the others. */
  open(config: TabConfig, place?: { readonly host?: TabHost; readonly csp?: string }): Promise<Tab>;
  /** Opens several, one after the other, and waits until each is fresh. */
  openAll(count: number, config: Omit<TabConfig, 'tab'>): Promise<Tab[]>;
  blank(host?: TabHost): Promise<Page>;
  close(): Promise<void>;
};

/** Enough for a machine that is busy with other things; what is awaited takes a second or two. */
const patience = { timeout: 15_000 };

const handle = (name: string, page: Page): Tab => ({
  name,
  page,
  state: () =>
    page.evaluate(() => {
      // An error is no plain object, and nobody asks for it here.
      const { error, ...state } = tab.tokens.getState();
      return { ...state, error: null };
    }),
  seen: () => page.evaluate(() => tab.seen),
  events: (type) => page.evaluate((one) => tab.seen.events.filter((event) => event.type === one), type),
  read: (options) => page.evaluate((how) => tab.read(how), options),
  peek: () => page.evaluate(() => tab.peek()),
  reaches: async (state) => {
    await page.waitForFunction((one) => tab.tokens.getState().state === one, state, { ...patience, polling: 20 });
  },
});

/** Waits for something that no page can tell: looked at every 20 ms. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends the process of a tab, as a bug in the browser would: nothing in it runs any more, not even `pagehide`. */
export async function crash({ page }: Pick<Tab, 'page'>): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const crashed = new Promise<void>((resolve) => page.once('crash', () => resolve()));
  // The answer never comes: there is nobody left to give it.
  void devTools.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

/** A server and a browser of their own. */
export async function startTabs(options: { readonly ttlSeconds: number }): Promise<Tabs> {
  const server = await serveTabs({ script: await bundleTab(), ttlSeconds: options.ttlSeconds });
  const browser = await openBrowser({ flags: [insecureHosts] });

  async function open(config: TabConfig, { host = 'app.shop.localhost', csp }: Parameters<Tabs['open']>[1] = {}) {
    const page = await browser.context.newPage();
    await page.goto(server.page(host, config, csp));
    return handle(config.tab, page);
  }

  return {
    server,
    browser,
    open,
    openAll: async (count, config) => {
      const tabs: Tab[] = [];
      for (let index = 1; index <= count; index += 1) {
        const opened = await open({ ...config, tab: `tab${index}` });
        await opened.reaches('fresh');
        tabs.push(opened);
      }
      return tabs;
    },
    blank: async (host = 'app.shop.localhost') => {
      const page = await browser.context.newPage();
      await page.goto(server.blank(host));
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
