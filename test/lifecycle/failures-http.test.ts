/** What the shipped source makes of HTTP answers, seen through the whole lifecycle (R5.4, R5.7, R6.5). */
import { describe, expect, it } from 'vitest';
import { httpTokenSource } from '../../adapters/source/http';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';

const html = (status: number, headers: Record<string, string> = {}) =>
  new Response('<html><body>Bad gateway</body></html>', {
    status,
    headers: { 'content-type': 'text/html', ...headers },
  });
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

function createOverHttp(answer: (body: string, count: number) => Response) {
  const sent: { readonly at: number; readonly url: string; readonly body: string }[] = [];
  const clock = createTab().clock;
  const source = httpTokenSource({
    url: 'https://auth.test/tokens',
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const body = typeof init?.body === 'string' ? init.body : '';
      sent.push({ at: clock.monotonicNow(), url: String(input instanceof Request ? input.url : input), body });
      return answer(body, sent.length);
    }) as typeof fetch,
  });
  const tab = createTab({ clock, source });
  return { tab, sent };
}

describe('over HTTP', () => {
  it.each([500, 502, 503, 504])(
    'R5.4 R5.3 A24 an HTML page with status %i is that status, not a failed parse: tried again, signed in',
    async (status) => {
      const { tab, sent } = createOverHttp(() => html(status));
      tab.tokens.start();
      await tab.clock.advance(7_650);
      await tab.clock.settle();
      expect(sent.map(({ at }) => at)).toEqual([0, 3_000, 7_650]);
      expect(tab.of('refresh.failed')[0]).toMatchObject({ reason: 'transient', error: { status } });
      expect(tab.of('session.signedOut')).toEqual([]);
    },
  );

  it('R5.4 R5.12 A24 an HTML page with status 404 is a refusal, and signs nobody out', async () => {
    const { tab, sent } = createOverHttp(() => html(404));
    tab.tokens.start();
    await expect(tab.tokens.getToken()).rejects.toMatchObject({ status: 404, failure: 'rejected' });
    expect(sent).toHaveLength(1);
    expect(tab.tokens.getState().sessionId).toBe('sess_1');
  });

  it('R5.10 a 200 with an HTML page is no token', async () => {
    const { tab } = createOverHttp(() => html(200));
    tab.tokens.start();
    await tab.clock.settle();
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'invalid' }]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback' });
  });

  it('R5.7 R5.8 Retry-After in seconds, and as an HTTP date', async () => {
    for (const value of ['120', new Date(Date.UTC(2026, 0, 1) + 120_000).toUTCString()]) {
      const { tab, sent } = createOverHttp(() =>
        json(429, {}, { 'retry-after': value, date: new Date(Date.UTC(2026, 0, 1)).toUTCString() }),
      );
      tab.tokens.start();
      await tab.clock.advance(119_999);
      expect(sent).toHaveLength(1);
      await tab.clock.advance(1);
      await tab.clock.settle();
      expect(sent).toHaveLength(2);
      tab.tokens.stop();
    }
  });

  it('T11 R6.1 R6.5 R5.9 S11 the last token goes in the body, and in no URL', async () => {
    const iat = Date.UTC(2026, 0, 1) / 1_000;
    const last = jwt({ iat: iat - 100, exp: iat - 40 });
    const next = jwt({ iat, exp: iat + 60 });
    const { tab, sent } = createOverHttp((body) =>
      body.includes(last) ? json(200, { token: next }) : json(422, { errors: [{ code: 'missing_expired_token' }] }),
    );
    await tab.cache.set('unused', last, { expiresAt: 0 });
    tab.cookie.write(last, { expiresAt: (iat + 1_000) * 1_000 });
    tab.tokens.start();
    const token = await tab.tokens.getToken();
    expect(token === next).toBe(true);
    expect(sent).toHaveLength(2);
    expect(sent.some(({ url }) => url.includes(last))).toBe(false);
    expect(sent.map(({ body }) => body.includes(last))).toEqual([false, true]);
  });
});
