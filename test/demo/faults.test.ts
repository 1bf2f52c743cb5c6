import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type DemoClient, startDemo } from './client';

let demo: DemoClient;
const play = (settings: Record<string, unknown>) => demo.post('/demo/faults', settings);

beforeEach(async () => {
  demo = await startDemo();
  await demo.signIn();
});

afterEach(async () => {
  await demo.server.close();
});

describe('faults of the mint and the session check', () => {
  it('demo fault broken is a 500', async () => {
    await play({ fault: 'broken' });
    const response = await demo.mint();
    expect([response.status, await codeOf(response)]).toEqual([500, 'internal_error']);
  });

  it('demo fault lost does the work and cuts the connection before the answer', async () => {
    const before = demo.server.log.entries().length;
    await play({ fault: 'lost' });
    await expect(demo.mint({ sessionId: 'sess_other' })).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    const [entry, ...others] = demo.server.log.entries().slice(before);
    // What it would have answered was worked out.
    expect(entry).toMatchObject({ status: null, outcome: 'dropped', fault: 'lost', code: 'session_not_found' });
    expect(others).toEqual([]);
  });

  it('demo fault unavailable is a 503', async () => {
    await play({ fault: 'unavailable' });
    expect((await demo.mint()).status).toBe(503);
    expect((await demo.fetch('/session')).status).toBe(503);
  });

  it('demo fault rate-limited is a 429 that says when to come back', async () => {
    await play({ fault: 'rate-limited', retryAfterSeconds: 7 });
    const response = await demo.mint();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('demo fault html is a proxy’s 502 page', async () => {
    await play({ fault: 'html' });
    const response = await demo.mint();
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html; charset=UTF-8']);
  });

  it('demo fault empty is a 200 with nothing in it', async () => {
    await play({ fault: 'empty' });
    const response = await demo.mint();
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('demo fault dropped cuts the connection without an answer', async () => {
    await play({ fault: 'dropped' });
    await expect(demo.mint()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    expect(demo.server.log.entries().at(-1)).toMatchObject({ status: null, outcome: 'dropped', fault: 'dropped' });
  });

  it('demo fault hang never answers, and ends with the client', async () => {
    await play({ fault: 'hang' });
    const signal = AbortSignal.timeout(150);
    const asked = demo.fetch('/tokens', {
      method: 'POST',
      body: '{"cause":"proactive"}',
      headers: { 'x-token-lifecycle': '1' },
      signal,
    });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    const last = () => demo.server.log.entries().at(-1);
    await expect.poll(() => last()?.outcome).toBe('abandoned');
    expect(last()).toMatchObject({ status: null, cause: 'proactive' });
  });

  it('demo fault hang does not keep the server from closing', async () => {
    await play({ fault: 'hang' });
    const asked = demo.mint().catch((error: Error) => error.name);
    await expect.poll(() => demo.server.log.entries().at(-1)?.path).toBe('/tokens');
    await demo.server.close();
    expect(await asked).toBe('TypeError');
  });

  it('demo fault slow answers late, but answers', async () => {
    await play({ fault: 'slow', slowMs: 200 });
    const before = performance.now();
    expect((await demo.mint()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(190);
  });

  it('demo faults leave sign-in, sign-out and the API alone', async () => {
    const token = await demo.token();
    await play({ fault: 'unavailable' });
    const response = await demo.fetch('/api/me', { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    expect((await demo.post('/sign-in')).status).toBe(200);
    expect((await demo.post('/sign-out')).status).toBe(204);
  });
});

describe('outage: an edge stands in for the origin', () => {
  it('demo outage asks for the last token with a 422', async () => {
    await play({ fault: 'outage' });
    const response = await demo.mint();
    expect([response.status, await codeOf(response)]).toEqual([422, 'missing_expired_token']);
    expect((await demo.fetch('/session')).status).toBe(503);
  });

  it('demo outage mints from an expired token and keeps the origin’s time', async () => {
    const held = await demo.token();
    await play({ fault: 'outage', clockOffsetSeconds: 300 });
    const expired = await demo.fetch('/api/me', { headers: { authorization: `Bearer ${held}` } });
    expect(await codeOf(expired)).toBe('token_expired');
    const next = await demo.token({ expired_token: held });
    expect(decodeJwt(next).iat).toBeGreaterThanOrEqual((decodeJwt(held).iat ?? 0) + 300);
    expect(decodeProtectedHeader(next).oiat).toBe(decodeProtectedHeader(held).oiat);
    expect(demo.server.log.entries().at(-1)).toMatchObject({ presentedExpired: true, fault: 'outage', status: 200 });
  });

  it('demo outage takes a token for evidence, never for a credential', async () => {
    const held = await demo.token();
    await play({ fault: 'outage' });
    const without = await demo.post('/tokens', { expired_token: held }, { cookie: 'demo_session=none' });
    expect(without.status).toBe(401);
    await demo.signIn();
    const foreign = await demo.mint({ expired_token: held });
    expect([foreign.status, await codeOf(foreign)]).toEqual([422, 'invalid_expired_token']);
  });

  it('demo outage refuses a forged token', async () => {
    const [head, , signature] = (await demo.token()).split('.');
    await play({ fault: 'outage' });
    const claims = Buffer.from(JSON.stringify({ sid: 'sess_x', iat: 1 })).toString('base64url');
    const response = await demo.mint({ expired_token: `${head}.${claims}.${signature}` });
    expect(await codeOf(response)).toBe('invalid_expired_token');
  });
});

describe('the server’s clock', () => {
  const dateOf = (response: Response) => Date.parse(response.headers.get('date') ?? '');

  it('demo clock offset moves claims and Date together', async () => {
    await play({ clockOffsetSeconds: -300 });
    const response = await demo.mint();
    const { token } = (await response.json()) as { token: string };
    const iatMs = (decodeJwt(token).iat ?? 0) * 1000;
    expect(Math.abs(Date.now() - 300_000 - iatMs)).toBeLessThan(3_000);
    expect(Math.abs(dateOf(response) - iatMs)).toBeLessThan(2_000);
  });

  it('demo answers can go without a Date', async () => {
    await play({ dateHeader: false });
    expect((await demo.mint()).headers.has('date')).toBe(false);
    await play({ dateHeader: true });
    expect((await demo.mint()).headers.has('date')).toBe(true);
  });
});
