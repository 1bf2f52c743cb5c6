/** The examples of the guide, over real sockets where the framework needs one. */
import type { Server } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequestAuthenticator } from '../../adapters/server/types';
import { authentication as forExpress } from '../../docs/examples/server-express/authentication';
import { type AuthEnv, authentication as forHono } from '../../docs/examples/server-hono/authentication';
import { handshake, type Keys, makeKeys, makeStage, marker, type Stage, seconds } from './support/stage';

let keys: Keys;
let servers: Server[] = [];
beforeAll(async () => {
  keys = await makeKeys();
});
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
});

type Ask = (path: string, init?: RequestInit) => Promise<Response>;
type Framework = readonly [string, (authenticate: RequestAuthenticator) => Promise<Ask>];

const honoApp = (authenticate: RequestAuthenticator) =>
  new Hono<AuthEnv>()
    .use(forHono(authenticate))
    .get('/public', (context) => context.text('public', 200, { 'cache-control': 'max-age=60', vary: 'Accept' }))
    .all('*', (context) => {
      const auth = context.get('auth');
      if (auth.status === 'signed-out') return context.json({ reason: auth.reason }, 401);
      context.header('set-cookie', 'mine=1');
      return context.json({ user: auth.userId });
    });

const expressApp = (authenticate: RequestAuthenticator) =>
  express()
    .use(forExpress(authenticate))
    .get('/public', (_, res) => {
      res.vary('Accept').send('public');
    })
    .use((_, res) => {
      const { auth } = res.locals;
      if (auth.status === 'signed-out') res.status(401).json({ reason: auth.reason });
      else res.append('set-cookie', 'mine=1').json({ user: auth.userId });
    });

async function listen(app: ReturnType<typeof expressApp>): Promise<number> {
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  servers.push(server);
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const frameworks: readonly Framework[] = [
  ['Hono', async (authenticate) => async (path, init) => honoApp(authenticate).request(path, init)],
  [
    'Express',
    async (authenticate) => {
      const port = await listen(expressApp(authenticate));
      return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });
    },
  ],
];

describe.each(frameworks)('%s', (_, open) => {
  const setUp = async (more = {}): Promise<{ stage: Stage; get: Ask }> => {
    const stage = await makeStage(keys, { marker, handshake, ...more });
    return { stage, get: await open(stage.authenticate) };
  };
  const signedIn = async (stage: Stage) => ({
    cookie: `__session=${await stage.session()}; __client_uat=${seconds(0)}`,
  });

  it('H6 tells the handler who it is', async () => {
    const { stage, get } = await setUp();
    const response = await get('/account', { headers: await signedIn(stage) });
    expect([response.status, await response.json()]).toEqual([200, { user: 'user_1' }]);
    expect(response.headers.get('vary')).toMatch(/Cookie, Authorization/);
    expect(response.headers.getSetCookie()).toEqual(['mine=1']);
  });

  it('H1 takes a bearer token, with a body', async () => {
    const { stage, get } = await setUp();
    const headers = { authorization: `Bearer ${await stage.session()}`, 'content-type': 'application/json' };
    const response = await get('/account', { method: 'POST', headers, body: '{}' });
    expect(await response.json()).toEqual({ user: 'user_1' });
  });

  it('H0 refuses a POST from elsewhere', async () => {
    const { stage, get } = await setUp();
    const headers = { ...(await signedIn(stage)), 'sec-fetch-site': 'cross-site' };
    const response = await get('/account', { method: 'POST', headers });
    expect([response.status, await response.json()]).toEqual([401, { reason: 'cross-origin-request' }]);
  });

  it('H4 redirects a page, with the state cookie, to the configured places', async () => {
    const { get } = await setUp();
    const headers = { cookie: '__client_uat=5', 'sec-fetch-dest': 'document', host: 'evil.example' };
    const response = await get('//evil.example/x?y=1', { headers });
    expect(response.status).toBe(307);
    const away = new URL(response.headers.get('location') ?? '');
    expect(away.origin).toBe('https://auth.example.com');
    expect(away.searchParams.get('redirect_url')).toBe('https://app.example.com/evil.example/x?y=1');
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-handshake-/)]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('');
  });

  it('H6b answers 503 with a time where nobody can say', async () => {
    const { stage, get } = await setUp({ keys: () => Promise.reject(new Error('down')) });
    const response = await get('/account', { headers: await signedIn(stage) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('H7 sends several cookies as several, beside those of the handler', async () => {
    let fresh = '';
    const run = async () => ({ token: fresh, cookies: [{ name: '__refresh', value: 'next' }] });
    const { stage, get } = await setUp({ marker: undefined, refresh: { credential: '__refresh', run } });
    stage.at(100);
    fresh = await stage.session({ iat: 100, exp: 160 });
    const response = await get('/account', { headers: { cookie: '__refresh=now' } });
    expect(response.status).toBe(200);
    const names = response.headers.getSetCookie().map((text) => text.split('=')[0]);
    expect(names.sort()).toEqual(['__refresh', '__session', 'mine']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('H3 public pages stay what they are', async () => {
    const { get } = await setUp();
    const response = await get('/public');
    expect([response.status, await response.text()]).toEqual([200, 'public']);
    expect(response.headers.get('vary')?.split(', ').sort()).toEqual(['Accept', 'Authorization', 'Cookie']);
  });
});

describe('Express, byte by byte', () => {
  /** What fetch would not send. */
  async function raw(text: string): Promise<string> {
    const { authenticate } = await makeStage(keys, { marker, handshake });
    const port = await listen(expressApp(authenticate));
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(text));
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }
  const headers = 'Host: x\r\nCookie: __client_uat=5\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n\r\n';

  it.each([
    ['GET //evil.example/x HTTP/1.1', 'https%3A%2F%2Fapp.example.com%2Fevil.example%2Fx'],
    ['GET /\\evil.example HTTP/1.1', 'https%3A%2F%2Fapp.example.com%2Fevil.example'],
    ['GET http://evil.example/x HTTP/1.1', 'https%3A%2F%2Fapp.example.com%2Fx'],
    ['GET http://a@evil.example//x HTTP/1.1', 'https%3A%2F%2Fapp.example.com%2Fx'],
  ])('H8 %s', async (line, home) => {
    const answer = await raw(`${line}\r\n${headers}`);
    expect(answer).toMatch(/^HTTP\/1\.1 307 /);
    expect(answer).toContain(`\r\nlocation: https://auth.example.com/handshake?redirect_url=${home}&`);
  });

  it('H9 a method that Fetch does not know', async () => {
    expect(await raw(`TRACE / HTTP/1.1\r\n${headers}`)).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('H9 several cookie headers are one', async () => {
    const twice = headers.replace('\r\n', '\r\nCookie: a=1\r\n');
    expect(await raw(`GET / HTTP/1.1\r\n${twice}`)).toMatch(/^HTTP\/1\.1 307 /);
  });
});
