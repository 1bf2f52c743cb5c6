/** Each button of the demo does what it says: for real, on the server or in the browser. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Fault, faults } from '../../docs/demo/server/settings';
import { describeInChromium } from './support/chromium';
import { buildStrictPage, type DemoPage, openDemo, patience, watchPage } from './support/demo';

/** So long that nothing is refreshed but by a button. */
const ttlSeconds = 600;

let demo: DemoPage;

const shown = () => demo.slot('cookie-fingerprint');
/** Another token than `before`, in the cookie and on the page. */
const changes = (before: string) =>
  expect.poll(async () => [before, '…', 'no cookie'].includes(await shown()), patience).toBe(false);

/** Asks for a token as the page's source does, past all that the lifecycle knows of waiting. */
const mint = (waitMs: number) =>
  demo.page.evaluate(async (ms) => {
    const headers = { 'content-type': 'application/json', 'x-token-lifecycle': '1' };
    const signal = AbortSignal.timeout(ms);
    const response = await fetch('/tokens', { method: 'POST', headers, body: '{}', signal }).catch(
      (error: Error) => error.name,
    );
    if (typeof response === 'string') return response;
    return `${response.status} ${response.headers.get('retry-after') ?? ''} ${(await response.text()).slice(0, 60)}`;
  }, waitMs);

const outcomes: Readonly<Record<Fault, RegExp>> = {
  none: /^200 {2}\{"token":/,
  outage: /^422 .*missing_expired_token/,
  broken: /^500 .*internal_error/,
  unavailable: /^503 .*unavailable/,
  'rate-limited': /^429 10 .*rate_limited/,
  html: /^502 .*<!doctype html>/,
  slow: /^200 {2}\{"token":/,
  hang: /^TimeoutError$/,
  empty: /^200 {2}$/,
  dropped: /^TypeError$/,
  lost: /^TypeError$/,
};

describeInChromium('the levers of the demo', () => {
  beforeAll(async () => {
    demo = await openDemo(await buildStrictPage(), ttlSeconds);
    await demo.signIn();
  });

  beforeEach(async () => {
    demo.server.settings.set({ ...demo.server.settings.get(), fault: 'none', clockOffsetSeconds: 0, slowMs: 300 });
  });

  afterAll(async () => {
    const { complaints } = demo;
    await demo.close();
    expect(complaints).toEqual([]);
  });

  it('demo origin: each fault is played on the next request', async () => {
    // From the last to the first, so that `none` is a change as well.
    for (const fault of [...faults].reverse()) {
      await demo.page.check(`#fault input[value="${fault}"]`);
      await expect.poll(() => demo.server.settings.get().fault, patience).toBe(fault);
      expect([fault, await mint(fault === 'hang' ? 500 : 20_000)]).toEqual([
        fault,
        expect.stringMatching(outcomes[fault]),
      ]);
    }
  });

  it('J02 demo storage full: reported, and the token is minted and held without it', async () => {
    await demo.page.check('input[name="storage-full"]');
    const before = await shown();
    await demo.page.click('#refresh');
    await changes(before);
    expect(await demo.slot('report')).toContain('store.update');
    expect(await demo.slot('status')).toBe('ok');
    await demo.page.uncheck('input[name="storage-full"]');
  });

  it('R10.3 demo lock held: the refresh waits for it, and then goes on without', async () => {
    await demo.page.check('input[name="lock-held"]');
    const before = await shown();
    const since = performance.now();
    await demo.page.click('#refresh');
    const locks = () =>
      demo.page.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return pending.some(({ name }) => held.some((one) => one.name === name));
      });
    await expect.poll(locks, patience).toBe(true);
    await changes(before);
    // `lockWaitMs` of the demo's policy, and not for ever.
    expect(performance.now() - since).toBeGreaterThan(2_500);
    await demo.page.uncheck('input[name="lock-held"]');
  });

  it('S6 demo tabs: another one is signed in without a request, and hears of no channel that is off', async () => {
    const requests = () => demo.server.log.entries().filter(({ path }) => path === '/tokens').length;
    const before = requests();
    const opened = demo.browser.context.waitForEvent('page');
    await demo.page.click('#open-tab');
    const other = await opened;
    watchPage(other, demo.complaints);
    await demo.reaches('fresh', other);
    await expect.poll(() => demo.page.locator('#tabs > li').count(), patience).toBe(2);
    await expect.poll(() => other.locator('#tabs > li').count(), patience).toBe(2);
    expect(requests()).toBe(before);

    // The lifecycle's own channel, heard by a stranger.
    const heard = await other.evaluateHandle(() => {
      const messages: unknown[] = [];
      new BroadcastChannel('token-lifecycle').onmessage = ({ data }) => messages.push(data);
      return messages;
    });
    const count = () => heard.evaluate((messages) => messages.length);
    await demo.page.bringToFront();
    let token = await shown();
    await demo.page.click('#refresh');
    await changes(token);
    await expect.poll(count, patience).toBeGreaterThan(0);

    await demo.page.check('input[name="channel-off"]');
    const silence = await count();
    token = await shown();
    await demo.page.click('#refresh');
    await changes(token);
    expect(await count()).toBe(silence);
    await demo.page.uncheck('input[name="channel-off"]');

    await other.close();
    await expect.poll(() => demo.page.locator('#tabs > li').count(), patience).toBe(1);
  });

  it('S11 T24 demo inspector: the viewer in its frame shows what happens, and no token', async () => {
    await demo.page.click('#inspector summary');
    const viewer = demo.page.frameLocator('#inspector iframe');
    await viewer.locator('[data-testid=chart] [data-state="fresh"].is-active').waitFor(patience);
    const rows = await viewer.locator('[data-row]').count();
    const before = await shown();
    await demo.page.click('#refresh');
    await changes(before);
    await expect.poll(() => viewer.locator('[data-row]').count(), patience).toBeGreaterThan(rows);
    const cookies = await demo.browser.context.cookies(demo.url);
    const [, payload = ''] = (cookies.find(({ name }) => name === '__session')?.value ?? '').split('.');
    expect(payload).not.toBe('');
    expect(await viewer.locator('html').innerHTML()).not.toContain(payload.slice(0, 40));
    await demo.page.click('#inspector summary');
  });

  it('T9 T20 demo network: cut, and connected again', async () => {
    await demo.page.uncheck('#network');
    expect(await demo.slot('network')).toBe('Offline: cut off');
    await demo.page.click('#call-api');
    await expect.poll(() => demo.slot('api-answer'), patience).toBe('no answer: the network is cut');
    await demo.page.check('#network');
    await demo.page.click('#call-api');
    await expect.poll(() => demo.slot('api-answer'), patience).toMatch(/^200/);
  });

  it('T13 T14 demo credential reuse: the session ends on the server, and then here', async () => {
    // A secret is used up when its successor has been seen.
    for (const _ of ['first', 'second']) {
      const before = await shown();
      await demo.page.click('#refresh');
      await changes(before);
    }
    await demo.page.click('#replay');
    await expect
      .poll(async () => {
        if ((await demo.slot('status')) === 'ok')
          await demo.page.click('#refresh', { timeout: 2_000 }).catch(() => undefined);
        return demo.page.getAttribute('html', 'data-state');
      }, patience)
      .toBe('signed-out');
    await expect.poll(shown, patience).toBe('no cookie');
  });

  // The last one: a token that would live shorter takes no other's place (T8).
  it('demo server: clock, Date and lifetime', async () => {
    await demo.page.check('#clock input[value="-300"]');
    await demo.page.uncheck('#date-header');
    await demo.page.focus('#ttl');
    await demo.page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => demo.server.settings.get(), patience)
      .toMatchObject({ clockOffsetSeconds: -300, dateHeader: false, ttlSeconds: 300 });
    expect(await demo.page.textContent('#ttl-value')).toBe('5 min');
    await demo.page.check('#date-header');
  });
});
