/** The token server behind Playwright's `route`: requests of a real page, and no port. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTokenServer } from '../../adapters/testing/token-server/create';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

const origin = 'http://app.route.localhost';

/** As docs/guides/testing.md has it. */
async function serve(context: BrowserContext, server: ReturnType<typeof createTokenServer>): Promise<void> {
  await context.route(`${origin}/auth/**`, async (route) => {
    const asked = route.request();
    const body = asked.postData();
    const response = await server.handle(
      new Request(asked.url(), { method: asked.method(), ...(body !== null && { body }) }),
    );
    if (response.type === 'error') await route.abort('connectionreset');
    else
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      });
  });
}

/** What a page gets for a mint: status and body, or the error's name. */
const mint = (page: Page) =>
  page.evaluate(async () => {
    try {
      const init = { method: 'POST', body: '{"sessionId":"sess_1"}', headers: { 'x-token-lifecycle': '1' } };
      const response = await fetch('/auth/tokens', init);
      return [response.status, await response.json()];
    } catch (error) {
      return [(error as Error).name];
    }
  });

describeInChromium('a token server behind route', () => {
  let browser: TestBrowser;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    await browser.context.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>App' }));
    page = await browser.context.newPage();
    await page.goto(`${origin}/`);
  });
  afterAll(() => browser.close());

  it('§12 a page gets a token, a refusal, and a broken connection', async () => {
    const server = createTokenServer();
    await serve(browser.context, server);
    server.script([{ do: 'mint' }, { do: 'status', status: 429, code: 'slow_down' }, { do: 'drop' }]);
    const [status, body] = await mint(page);
    expect(status).toBe(200);
    expect(await server.verify((body as { token: string }).token)).toMatchObject({ sid: 'sess_1' });
    expect(await mint(page)).toEqual([429, { errors: [{ code: 'slow_down' }] }]);
    expect(await mint(page)).toEqual(['TypeError']);
    expect(server.requests.map(({ path }) => path)).toEqual(Array(3).fill('/auth/tokens'));
  });
});
