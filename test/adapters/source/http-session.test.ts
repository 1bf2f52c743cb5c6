import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpTokenSource } from '../../../adapters/source/http';
import type { HttpTokenSourceOptions } from '../../../adapters/source/http-options';
import { TokenRequestError } from '../../../machines/errors';
import { failureOf } from './mint-request';
import { drop, json, type Reply, raw, stall, startServer, type TestServer } from './server';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const about = (signal = new AbortController().signal) => ({ sessionId: 'sess_1', signal });
const source = (options: Partial<HttpTokenSourceOptions> = {}) =>
  httpTokenSource({
    url: `${server.origin}/tokens`,
    sessionUrl: `${server.origin}/session`,
    revokeUrl: `${server.origin}/end`,
    ...options,
  });

const page = '<!doctype html><title>Not found</title>';
const html = { 'content-type': 'text/html' };

describe('checkSession', () => {
  const cases: [string, Reply, 'active' | 'gone' | 'unknown'][] = [
    ['a 200', json(200, { id: 'sess_1' }), 'active'],
    ['a 204', raw(204, ''), 'active'],
    ['a 200 that says active', json(200, { active: true }), 'active'],
    ['a 200 that says not active', json(200, { active: false }), 'gone'],
    ['a 401 with a terminal code', json(401, { error: 'invalid_grant' }), 'gone'],
    ['a 404 with a terminal code', json(404, { errors: [{ code: 'session_not_found' }] }), 'gone'],
    ['a 410 with a terminal code', json(410, { errors: [{ code: 'session_expired' }] }), 'gone'],
    ['a 404 that says not active', json(404, { active: false }), 'gone'],
    ['a bare 401', raw(401, ''), 'unknown'],
    ['a 401 with another code', json(401, { error: 'invalid_signature' }), 'unknown'],
    ['a bare 404', json(404, {}), 'unknown'],
    ['a 403 with a terminal code', json(403, { error: 'session_revoked' }), 'unknown'],
    ['a 500 with a terminal code', json(500, { errors: [{ code: 'session_not_found' }] }), 'unknown'],
    ['a 503 that says not active', json(503, { active: false }), 'unknown'],
    ['a 429', json(429, {}, { 'retry-after': '5' }), 'unknown'],
    ['a 200 page of a captive portal', raw(200, page, html), 'unknown'],
    ['a 404 page with a code in it', raw(404, '{"error":"session_not_found"}', html), 'unknown'],
    ['a redirect', raw(302, '', { location: '/login' }), 'unknown'],
    ['a dropped connection', drop, 'unknown'],
  ];

  it.each(cases)('A24 T14 T15 takes %s as it is meant', async (_what, reply, verdict) => {
    server.answer(reply);
    expect(await source().checkSession?.(about())).toBe(verdict);
    expect(server.seen).toHaveLength(1);
  });

  it('S1 draws no verdict from a question that was cut short', async () => {
    server.answer(stall(404));
    const abort = new AbortController();
    const verdict = source().checkSession?.(about(abort.signal));
    await server.arrived(1);
    abort.abort();
    expect(await verdict).toBe('unknown');
  });

  it('T14 believes the codes that the caller lists, and no other', async () => {
    const own = source({ goneCodes: ['logged_out'] });
    server.answer(json(401, { error: 'logged_out' }));
    expect(await own.checkSession?.(about())).toBe('gone');
    server.answer(json(401, { error: 'invalid_grant' }));
    expect(await own.checkSession?.(about())).toBe('unknown');
  });

  it('S11 asks by POST, with the session in the body', async () => {
    server.answer(json(200, {}));
    const operations: string[] = [];
    const headers: HttpTokenSourceOptions['headers'] = ({ operation }) => {
      operations.push(operation);
      return { 'X-Csrf': 'one' };
    };
    await source({ headers }).checkSession?.(about());
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/session', body: '{"sessionId":"sess_1"}' });
    expect(server.seen[0]?.headers).toMatchObject({ 'x-csrf': 'one', 'x-token-lifecycle': '1' });
    expect(operations).toEqual(['check']);
  });

  it('T14 is not there without a URL, so that nobody seems to be askable', () => {
    expect(httpTokenSource({ url: server.origin })).not.toHaveProperty('checkSession');
  });
});

describe('revoke', () => {
  it.each([
    ['a 200', json(200, {})],
    ['a 204', raw(204, '')],
    ['a session that was gone already', json(404, { errors: [{ code: 'session_not_found' }] })],
  ])('§8 is done with %s', async (_what, reply) => {
    server.answer(reply);
    await source().revoke?.(about());
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/end', body: '{"sessionId":"sess_1"}' });
  });

  it.each([
    ['a 503', json(503, {}), 503],
    ['a bare 404', raw(404, page, html), 404],
    ['no answer', drop, undefined],
  ])('§8 reports %s', async (_what, reply, status) => {
    server.answer(reply);
    const error = await failureOf(source().revoke?.(about()) ?? Promise.resolve());
    expect(TokenRequestError.is(error)).toBe(true);
    expect(error).toMatchObject({ status });
  });

  it('§8 survives the navigation that often follows a sign-out', async () => {
    const inits: RequestInit[] = [];
    const fetch = async (_url: string, init: RequestInit) => {
      inits.push(init);
      return new Response(null, { status: 204 });
    };
    await source({ fetch }).revoke?.(about());
    expect(inits[0]).toMatchObject({ keepalive: true });
  });

  it('§8 is not there without a URL', () => {
    expect(httpTokenSource({ url: server.origin })).not.toHaveProperty('revoke');
  });
});
