import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type DemoClient, startDemo } from './client';

let demo: DemoClient;

beforeEach(async () => {
  demo = await startDemo();
});

afterEach(async () => {
  await demo.server.close();
});

describe('signing in and minting', () => {
  it('demo sign-in sets a session cookie that no script can read and no other site sends', async () => {
    const response = await demo.post('/sign-in');
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^demo_session=[\w-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(await response.text()).not.toContain(cookie.split(/[=;]/)[1]);
  });

  it('demo mint asks for the session cookie', async () => {
    expect((await demo.mint()).status).toBe(401);
    await demo.signIn();
    expect((await demo.mint()).status).toBe(200);
  });

  it('demo mint is refused without the custom header, by GET, and for another session', async () => {
    await demo.signIn();
    const bare = await demo.fetch('/tokens', { method: 'POST', body: '{}' });
    expect([bare.status, await codeOf(bare)]).toEqual([403, 'missing_header']);
    expect((await demo.fetch('/tokens')).status).toBe(404);
    const other = await demo.mint({ sessionId: 'sess_other' });
    expect([other.status, await codeOf(other)]).toEqual([401, 'session_not_found']);
  });

  it('demo tokens verify against the published keys and carry session, lifetime and origin time', async () => {
    const session = await demo.signIn();
    const token = await demo.token();
    const keys = createRemoteJWKSet(new URL(`${demo.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: demo.url, audience: 'token-lifecycle-demo' });
    expect(payload).toMatchObject({ sub: 'user_ada', sid: session.id, azp: demo.url });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', oiat: payload.iat });
    const published = await (await demo.fetch('/.well-known/jwks.json')).text();
    expect(published).not.toContain('"d"');
  });

  it('demo tokens name the organization only of its members', async () => {
    const { organizationId } = await demo.signIn('user_grace');
    expect(decodeJwt(await demo.token({ organizationId })).org_id).toBe('org_compilers');
    expect(decodeJwt(await demo.token({ organizationId: null })).org_id).toBeUndefined();
    expect((await demo.mint({ organizationId: 'org_other' })).status).toBe(403);
  });

  it('demo sign-in ends the session that this browser had', async () => {
    const before = await demo.signIn();
    await demo.signIn();
    expect(demo.server.sessions.has(before.id)).toBe(false);
  });

  it('demo answers about a session are kept by nobody', async () => {
    for (const response of [await demo.post('/sign-in'), await demo.mint(), await demo.fetch('/api/me')]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('demo mint does not read a body without end', async () => {
    await demo.signIn();
    expect((await demo.mint({ expired_token: 'x'.repeat(40_000) })).status).toBe(413);
  });

  it('demo sign-out ends the session and the cookie; the session check says so', async () => {
    await demo.signIn();
    expect((await demo.fetch('/session')).status).toBe(200);
    const response = await demo.post('/sign-out');
    expect(response.headers.getSetCookie()[0]).toMatch(/^demo_session=;.*Max-Age=0/);
    const check = await demo.fetch('/session');
    expect([check.status, await codeOf(check)]).toEqual([401, 'session_not_found']);
  });

  it('demo sign-out of an earlier session that arrives late leaves the new one alone', async () => {
    const earlier = await demo.signIn();
    await demo.signIn();
    await demo.post('/sign-out', { sessionId: earlier.id });
    expect((await demo.mint()).status).toBe(200);
    expect((await demo.post('/session', { sessionId: earlier.id })).status).toBe(401);
  });

  it('demo a mint takes a new secret, and the old one is good until the new one has been seen', async () => {
    await demo.signIn();
    const before = demo.cookie();
    await demo.mint();
    expect(demo.cookie()).not.toBe(before);
    // As if the answer had been lost.
    expect((await demo.post('/tokens', {}, { cookie: before })).status).toBe(200);
  });

  it('demo a secret that is used up ends its session, whoever presents it', async () => {
    await demo.signIn();
    const copied = demo.cookie();
    await demo.mint();
    await demo.mint();
    expect((await demo.post('/tokens', {}, { cookie: copied })).status).toBe(401);
    expect((await demo.mint()).status).toBe(401);
  });

  it('demo replay presents a used secret, where there is one', async () => {
    await demo.signIn();
    expect(await (await demo.post('/demo/replay')).json()).toEqual({ detected: false });
    await demo.mint();
    await demo.mint();
    expect(await (await demo.post('/demo/replay')).json()).toEqual({ detected: true });
    expect((await demo.mint()).status).toBe(401);
  });

  it('demo end-session ends it behind the back of the browser', async () => {
    await demo.signIn();
    expect(await (await demo.post('/demo/end-session')).json()).toEqual({ ended: true });
    expect((await demo.mint()).status).toBe(401);
    expect((await demo.post('/session')).status).toBe(401);
  });
});

describe('the API', () => {
  it('demo API takes the token from the header or the cookie and tells which', async () => {
    const session = await demo.signIn();
    const token = await demo.token();
    const byHeader = await demo.fetch('/api/me', { headers: { authorization: `Bearer ${token}` } });
    expect(await byHeader.json()).toMatchObject({ via: 'authorization', claims: { sid: session.id } });
    const byCookie = await demo.fetch('/api/me', { headers: { cookie: `__session=${token}` } });
    expect(await byCookie.json()).toMatchObject({ via: 'cookie', claims: { sid: session.id } });
  });

  it('demo API refuses a missing, a forged and an expired token', async () => {
    await demo.signIn();
    expect(await codeOf(await demo.fetch('/api/me'))).toBe('missing_token');
    const token = await demo.token();
    const ask = (value: string) => demo.fetch('/api/me', { headers: { authorization: `Bearer ${value}` } });
    const [head, body] = token.split('.');
    expect(await codeOf(await ask(`${head}.${body}.${'A'.repeat(86)}`))).toBe('token_invalid');
    await demo.post('/demo/faults', { clockOffsetSeconds: 120 });
    expect(await codeOf(await ask(token))).toBe('token_expired');
  });
});

describe('settings', () => {
  it.each([10, 600])('demo lifetime may be %i s', async (ttlSeconds) => {
    await demo.signIn();
    expect((await demo.post('/demo/ttl', { ttlSeconds })).status).toBe(200);
    const { iat = 0, exp = 0 } = decodeJwt(await demo.token());
    expect(exp - iat).toBe(ttlSeconds);
  });

  it.each([9, 601, 30.5, '60', null])('demo lifetime may not be %j', async (ttlSeconds) => {
    const response = await demo.post('/demo/ttl', { ttlSeconds });
    expect([response.status, await codeOf(response)]).toEqual([400, 'invalid_ttlSeconds']);
    expect(demo.server.settings.get().ttlSeconds).toBe(60);
  });

  it.each([
    [{ fault: 'fire' }, 'invalid_fault'],
    [{ clockOffsetSeconds: 601 }, 'invalid_clockOffsetSeconds'],
    [{ fault: 'slow', slowMs: 0 }, 'invalid_slowMs'],
    [{ ttlSeconds: 20 }, 'unknown_setting'],
    [{}, 'nothing_to_change'],
    [[], 'not_an_object'],
  ])('demo faults refuse %j and change nothing', async (change, code) => {
    const before = demo.server.settings.get();
    const response = await demo.post('/demo/faults', change);
    expect([response.status, await codeOf(response)]).toEqual([400, code]);
    expect(demo.server.settings.get()).toBe(before);
  });
});

describe('hostile pages', () => {
  const levers = [
    '/demo/replay',
    '/demo/faults',
    '/demo/ttl',
    '/demo/end-session',
    '/tokens',
    '/sign-in',
    '/sign-out',
    '/session',
  ];

  it.each(levers)('demo %s refuses the origin of another page', async (path) => {
    await demo.signIn();
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
      const response = await demo.post(path, { fault: 'hang', ttlSeconds: 10 }, { origin });
      expect([response.status, await codeOf(response)]).toEqual([403, 'foreign_origin']);
    }
    expect(demo.server.settings.get()).toMatchObject({ fault: 'none', ttlSeconds: 60 });
    expect((await demo.mint()).status).toBe(200);
  });

  it('demo levers refuse a request that a plain form can make', async () => {
    const form = await demo.fetch('/demo/faults', { method: 'POST', body: '{"fault":"hang"}' });
    expect([form.status, await codeOf(form)]).toEqual([403, 'missing_header']);
  });

  it('demo refuses what another site loads, but lets a link open the page', async () => {
    const site = { 'sec-fetch-site': 'cross-site' };
    expect((await demo.fetch('/api/me', { headers: site })).status).toBe(403);
    expect((await demo.fetch('/demo/requests', { headers: site })).status).toBe(403);
    expect((await demo.fetch('/', { headers: site })).status).toBe(200);
  });

  it('demo answers to loopback names only, so that rebound DNS gets nothing', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(demo.url, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('demo listens on one address of this machine, and on no other', async () => {
    expect(demo.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const elsewhere = demo.url.replace('127.0.0.1', '127.0.0.2');
    await expect(fetch(elsewhere, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow();
  });
});
