/** The token server behind a real socket: node:http by @hono/node-server, in real time. */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import { httpTokenSource } from '../../adapters/source/http';
import { memoryStore } from '../../adapters/store/memory';
import { createTokenServer, type TokenServer } from '../../adapters/testing/token-server/create';

let server: TokenServer;
let origin: string;
let close: () => Promise<void>;

beforeEach(async () => {
  server = createTokenServer();
  const http = createAdaptorServer({
    fetch: async (request, { incoming }) => {
      const response = await server.handle(request);
      if (response.type !== 'error') return response;
      incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    },
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  close = () =>
    new Promise((done) => {
      http.close(() => done());
      if ('closeAllConnections' in http) http.closeAllConnections();
    });
});

afterEach(() => close());

const lifecycle = (policy: object = {}) =>
  createTokenLifecycle({
    session: { id: 'sess_1' },
    store: memoryStore(),
    source: httpTokenSource({ url: `${origin}/tokens`, sessionUrl: `${origin}/session` }),
    policy: { jitter: 0, retryInitialMs: 20, mintFloorMs: 1, ...policy },
  });

describe('a token server behind node:http', () => {
  it('§7 a lifecycle gets a token, which an API verifies by the published keys', async () => {
    using tokens = lifecycle().start();
    const token = (await tokens.getToken()) ?? '';
    const keys = createRemoteJWKSet(new URL(`${origin}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: 'https://auth.test' });
    expect(payload.sid).toBe('sess_1');
    expect(server.requests).toMatchObject([{ op: 'mint', cause: 'restore', presence: 'headless' }]);
  });

  it('§5 a dropped connection is retried, as are an error page and an error', async () => {
    server.script([
      { do: 'drop' },
      { do: 'status', status: 502, body: '<h1>Bad Gateway</h1>' },
      { do: 'status', status: 503 },
    ]);
    using tokens = lifecycle().start();
    expect(await tokens.getToken()).toMatch(/^ey/);
    expect(server.mints).toHaveLength(4);
  });

  it('§5 a server that hangs is given up, and the connection with it', async () => {
    server.script([{ do: 'hang' }]);
    using tokens = lifecycle({ requestTimeoutMs: 100 }).start();
    expect(await tokens.getToken()).toMatch(/^ey/);
    expect(server.mints).toHaveLength(2);
  });

  it('§8 a revoked session signs out', async () => {
    using tokens = lifecycle().start();
    await tokens.getToken();
    server.revoke('sess_1');
    expect(await tokens.getToken({ skipCache: true }).catch(() => null)).toBeNull();
    await tokens.waitFor(({ state }) => state === 'signed-out', { timeoutMs: 2_000 });
  });
});
