import type { Page } from 'playwright-core';
import type { PageAssets } from '../../../docs/demo/server/page';
import { buildPage } from '../../../docs/demo/server/page-build';
import { createDemoServer, type DemoServer } from '../../../docs/demo/server/server';
import { openBrowser, type TestBrowser } from './chromium';

/** Longer than the slowest machine takes. */
export const patience = { timeout: 30_000 };

export type DemoPage = {
  readonly server: DemoServer;
  readonly url: string;
  readonly browser: TestBrowser;
  readonly page: Page;
  /** What the page complained of: errors, and what React says in its build for development. */
  readonly complaints: string[];
  reaches(state: string, page?: Page): Promise<unknown>;
  slot(name: string, page?: Page): Promise<string>;
  signIn(): Promise<void>;
  close(): Promise<void>;
};

/** That a request was refused is what the demo is about; the browser says so on its console. */
const isPlayed = (text: string): boolean => text.startsWith('Failed to load resource:');

/** React's build for development: everything is mounted twice, and mistakes are told. */
export const buildStrictPage = (): Promise<PageAssets> => buildPage({ mode: 'development' });

export function watchPage(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isBad = message.type() === 'error' || message.type() === 'warning';
    if (isBad && !isPlayed(message.text())) complaints.push(message.text());
  });
}

export async function openDemo(assets: PageAssets, ttlSeconds: number): Promise<DemoPage> {
  const server = await createDemoServer({ page: assets, settings: { ttlSeconds } });
  const url = await server.listen(0);
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  const complaints: string[] = [];
  watchPage(page, complaints);
  const reaches = (state: string, on: Page = page): Promise<unknown> =>
    on.waitForSelector(`html[data-state="${state}"]`, { ...patience, state: 'attached' });
  return {
    server,
    url,
    browser,
    page,
    complaints,
    reaches,
    slot: async (name, on = page) => (await on.textContent(`[data-slot="${name}"]`)) ?? '',
    signIn: async () => {
      await page.goto(url);
      await reaches('signed-out');
      await page.click('#sign-in');
      await reaches('fresh');
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
