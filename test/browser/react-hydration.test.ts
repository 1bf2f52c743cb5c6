/** Real pages: rendered by a server, taken over by React in Chromium, on real time. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageOptions, Renders } from '../react/page/app';
import { bundle, complaintsOf } from '../react/support/page';
import { look, mintToken, openSite, type Site } from '../react/support/site';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

/** Fresh for 2 s. */
const ttlSeconds = 4;
const patience = { timeout: 20_000 };

let browser: TestBrowser;
let site: Site;
let page: Page;
let complaints: string[];
/** One for each test: they share a browser, in which who has signed out stays that. */
let session: { readonly id: string };
let lastSession = 0;

type Seen = { readonly state: readonly string[]; readonly ready: readonly string[] };

async function open(options: PageOptions): Promise<void> {
  site.show(options);
  page = await browser.context.newPage();
  complaints = complaintsOf(page);
  await page.goto(site.url);
}

const seen = (): Promise<Seen> => page.evaluate('seen');
const renders = (): Promise<Renders> => page.evaluate('renders');
const shows = (text: string) => expect.poll(() => page.textContent('#state'), patience).toBe(text);

describeInChromium('a page that a server rendered', () => {
  beforeAll(async () => {
    browser = await openBrowser();
    site = await openSite(await bundle('hydrate.ts'), ttlSeconds);
  });

  beforeEach(() => {
    lastSession += 1;
    session = { id: `sess_${lastSession}` };
  });

  afterEach(() => page.close());

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  describe.each([
    ['plain', false],
    ['StrictMode', true],
  ])('%s', (_, isStrict) => {
    it('T3 T7 React: rendered as restoring, it is taken over and goes on, without a complaint', async () => {
      await open({ shared: { session }, isStrict });
      await shows('fresh');
      expect(await page.textContent('#token')).toBe('a token');
      expect((await seen()).state).toEqual(['restoring', 'refreshing', 'fresh']);
      expect(complaints).toEqual([]);
    });

    it('T1 React: taken over late, with a token in hand, it still begins as the server did', async () => {
      await open({ shared: { session }, isStrict, isLate: true });
      await shows('fresh');
      expect((await seen()).state).toEqual(['restoring', 'fresh']);
      expect(complaints).toEqual([]);
    });

    it('T1 React: with the server’s state and token nothing flashes, and nothing is requested', async () => {
      const initialToken = mintToken(session.id, 600);
      const shared = { session, hydrate: await look(session, initialToken) };
      await open({ shared, initialToken, isStrict, withReady: true });
      await expect.poll(() => page.textContent('#token'), patience).toBe('a token');
      expect(await seen()).toEqual({ state: ['fresh'], ready: ['known'] });
      expect(site.mints()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('T3 React: with the server’s state alone it never looks signed out, and what was ready stays', async () => {
      const shared = { session, hydrate: await look(session, mintToken(session.id, 600)) };
      await open({ shared, isStrict, withReady: true });
      await expect.poll(() => page.textContent('#token'), patience).toBe('a token');
      const { state, ready } = await seen();
      expect(state).toEqual(['fresh', 'restoring', 'refreshing', 'fresh']);
      expect(ready).toEqual(['known']);
      expect(complaints).toEqual([]);
    });

    it('T4 React: rendered as signed out, it stays that', async () => {
      await open({ shared: { session: null }, isStrict, withReady: true });
      await expect.poll(async () => (await renders()).account, patience).toBeGreaterThan(0);
      await page.waitForTimeout(200);
      expect(await seen()).toEqual({ state: ['signed-out'], ready: ['known'] });
      expect(site.mints()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('T3 React: useReady on a server that knows nothing shows the fallback, and the browser goes on', async () => {
      await open({ shared: { session }, isStrict, withReady: true });
      await expect.poll(async () => (await seen()).ready, patience).toEqual(['unknown', 'known']);
      // React reports what the server could not render; it says how to avoid it.
      expect(complaints.join('\n')).toContain('useReady cannot wait on a server');
      expect(complaints).toHaveLength(1);
    });

    it('T27 React: a click signs out, and the page says so in the same task', async () => {
      await open({ shared: { session }, isStrict });
      await shows('fresh');
      const after = await page.evaluate(() => {
        document.getElementById('sign-out')?.click();
        return Promise.resolve().then(() => document.getElementById('state')?.textContent);
      });
      expect(after).toBe('signed-out');
      expect((await seen()).state.at(-1)).toBe('signed-out');
      expect(complaints).toEqual([]);
    });

    it('T5 T6 T7 React: over two real refreshes each component renders for its own changes alone', async () => {
      await open({ shared: { session }, isStrict });
      await expect.poll(() => site.mints(), patience).toBe(3);
      await shows('fresh');
      const { state } = await seen();
      expect(state).toEqual(['restoring', 'refreshing', 'fresh', 'refreshing', 'fresh', 'refreshing', 'fresh']);
      const { account, status } = await renders();
      const times = isStrict ? 2 : 1;
      expect({ account: account / times, status: status / times }).toEqual({ account: state.length, status: 1 });
      expect(complaints).toEqual([]);
    });
  });

  it('React: useSelector of @xstate/react alone fails hydration, as the documentation says', async () => {
    await open({ shared: { session }, isLate: true, withSelector: true });
    await shows('fresh');
    expect(complaints.join('\n')).toMatch(/hydrat/i);
  });
});
