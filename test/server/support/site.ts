/** An application and its issuer on two sites of the loopback, with real clocks, for a real browser. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { build } from 'esbuild';
import { Hono } from 'hono';
import { generateKeyPair } from 'jose';
import { createRequestAuthenticator } from '../../../adapters/server/index';
import { createTokenServer } from '../../../adapters/testing/token-server/create';
import { createApp } from '../../../docs/examples/server-rendering/server';
import { root } from '../../house/support/sources';

async function listen(app: Hono): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** The page's script, with all that it needs. */
async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "import { start } from './docs/examples/server-rendering/client'; start(document);",
      resolveDir: root,
      loader: 'ts',
    },
    inject: [join(root, 'test/react/page/buffer.ts')],
    define: { 'process.env.NODE_ENV': '"development"' },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

export type IssuerMode =
  | 'signed-in'
  | 'signed-out'
  /** Its answers are for somebody else's state. */
  | 'confused';

export type SiteOptions = {
  /** How the redirect carries the last token. Default 'plain'. */
  readonly present?: 'plain' | 'encrypted';
  /** Of tokens. Default 600. */
  readonly ttlSeconds?: number;
  /** The issuer is a sibling of the application, and sets the marker for both. */
  readonly sibling?: boolean;
  readonly clockSkewMs?: number;
};

export async function openSite(options: SiteOptions = {}) {
  const { present = 'plain', ttlSeconds = 600, sibling = false, clockSkewMs = 5_000 } = options;
  const seen = { handshakes: [] as URLSearchParams[], mints: 0 };
  const mode: { now: IssuerMode } = { now: 'signed-in' };
  const nowSeconds = () => Math.floor(Date.now() / 1_000);
  const script = await pageScript();

  const app = new Hono()
    .get('/client.js', (context) => context.body(script, 200, { 'content-type': 'text/javascript' }))
    .get('/favicon.ico', (context) => context.body(null, 204))
    // A marker in the partition of whatever is around.
    .get('/marked', (context) => {
      context.header('set-cookie', '__client_uat=5; Path=/; Secure; SameSite=None; Partitioned');
      return context.redirect('/');
    })
    .post('/tokens', (context) => {
      seen.mints += 1;
      return server.handle(context.req.raw);
    });
  const appServer = await listen(
    new Hono().all('*', async (context) => {
      const own = await app.fetch(context.req.raw);
      return own.status === 404 ? rendered.fetch(context.req.raw) : own;
    }),
  );
  const appOrigin = `http://app.shop.localhost:${appServer.port}`;

  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES');
  const server = createTokenServer({
    origin: 'https://issuer.test',
    ttlSeconds,
    handshake: {
      appOrigins: [appOrigin],
      ...(present === 'encrypted' && { decryptionKey: privateKey }),
      ...(sibling && { markerDomain: 'shop.localhost' }),
    },
  });
  /** What the application wants of a token. */
  const claims = { aud: 'api' };
  const originUp = (): void => server.respondWith({ do: 'mint', claims });
  originUp();

  const issuerServer = await listen(
    new Hono()
      .get('/favicon.ico', (context) => context.body(null, 204))
      .all('*', ({ req: { raw } }) => {
        const url = new URL(raw.url);
        const headers = new Headers(raw.headers);
        if (url.pathname === '/handshake') {
          seen.handshakes.push(new URLSearchParams(url.search));
          if (mode.now === 'signed-out') headers.delete('cookie');
          if (mode.now === 'confused') url.searchParams.set('state', 'x'.repeat(22));
        }
        return server.handle(new Request(url, { headers }));
      }),
  );
  const issuerOrigin = `http://auth.${sibling ? 'shop' : 'beta'}.localhost:${issuerServer.port}`;
  const rendered = createApp(
    createRequestAuthenticator({
      keys: `http://127.0.0.1:${issuerServer.port}/.well-known/jwks.json`,
      issuer: 'https://issuer.test',
      audience: 'api',
      appOrigin,
      clockSkewMs,
      cookie: { name: '__session', outageWindowMs: 3_600_000 },
      marker: { cookie: '__client_uat' },
      handshake: {
        url: `${issuerOrigin}/handshake`,
        presentTokenOnHandshake: present,
        ...(present === 'encrypted' && { encryptionKey: publicKey }),
      },
    }),
  );

  return {
    appOrigin,
    issuerOrigin,
    server,
    seen,
    mode,
    nowSeconds,
    originUp,
    originDown: () => server.respondWith({ do: 'outage' }),
    /** A token as the issuer would have made it then. */
    session: async (iat: number, exp: number): Promise<string> => {
      server.script([{ do: 'mint', ageSeconds: nowSeconds() - iat, ttlSeconds: exp - iat, claims }]);
      const body = JSON.stringify({ sessionId: 'sess_1' });
      const response = await server.handle(new Request(`${issuerOrigin}/tokens`, { method: 'POST', body }));
      return ((await response.json()) as { token: string }).token;
    },
    signInUrl: `${issuerOrigin}/sign-in?session_id=sess_1&redirect_url=${appOrigin}/`,
    close: async () => {
      await Promise.all([appServer.close(), issuerServer.close()]);
    },
  };
}
