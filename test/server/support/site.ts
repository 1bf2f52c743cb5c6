/** An application and its issuer on two sites of the loopback, with real clocks, for a real browser. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { build } from 'esbuild';
import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { SignJWT } from 'jose';
import { createRequestAuthenticator } from '../../../adapters/server/index';
import { createApp } from '../../../docs/examples/server-rendering/server';
import { root } from '../../house/support/sources';
import { makeKeys } from './stage';

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

export async function openSite() {
  const keys = await makeKeys();
  const seen = { handshakes: [] as URLSearchParams[], mints: 0 };
  const mode: { now: IssuerMode } = { now: 'signed-in' };
  const nowSeconds = () => Math.floor(Date.now() / 1_000);
  let appOrigin = '';
  let issuerOrigin = '';

  const sign = (claims: Record<string, unknown>, typ: string, iat: number, exp: number) =>
    new SignJWT({ ...claims, iss: 'https://issuer.test', iat, exp })
      .setProtectedHeader({ alg: 'ES256', kid: keys.signer.kid, typ })
      .sign(keys.signer.key);
  const session = (iat = nowSeconds(), exp = iat + 600) =>
    sign({ aud: 'api', sub: 'user_1', sid: 'sess_1' }, 'JWT', iat, exp);

  const issuer = new Hono()
    .get('/favicon.ico', (context) => context.body(null, 204))
    .get('/jwks.json', (context) => context.json(keys.jwks))
    .get('/handshake', async (context) => {
      const asked = new URL(context.req.url).searchParams;
      seen.handshakes.push(asked);
      const home = new URL(asked.get('redirect_url') ?? '');
      // An issuer sends nobody anywhere that it does not know.
      if (home.origin !== appOrigin) return context.text('unknown application', 400);
      const isKnown = mode.now !== 'signed-out' && getCookie(context, 'issuer_session') === 'alive';
      const state = asked.get('state') ?? '';
      const cookies = {
        __session: { value: isKnown ? await session() : '' },
        __client_uat: { value: isKnown ? String(nowSeconds()) : '0' },
      };
      const claims = {
        aud: appOrigin,
        jti: crypto.randomUUID(),
        state: mode.now === 'confused' ? 'x'.repeat(22) : state,
        cookies,
      };
      const token = await sign(claims, 'handshake+jwt', nowSeconds(), nowSeconds() + 60);
      // Added as text: to set a parameter would write all the others anew.
      const added = `__handshake=${token}&__handshake_state=${state}`;
      return context.redirect(`${home.href}${home.search === '' ? '?' : '&'}${added}`, 302);
    });
  const issuerServer = await listen(issuer);
  issuerOrigin = `http://auth.beta.localhost:${issuerServer.port}`;

  const script = await pageScript();
  const app = new Hono()
    .get('/client.js', (context) => context.body(script, 200, { 'content-type': 'text/javascript' }))
    .get('/favicon.ico', (context) => context.body(null, 204))
    // A marker in the partition of whatever is around.
    .get('/marked', (context) => {
      context.header('set-cookie', '__client_uat=5; Path=/; Secure; SameSite=None; Partitioned');
      return context.redirect('/');
    })
    .post('/tokens', async (context) => {
      seen.mints += 1;
      return context.json({ token: await session() });
    });
  const appServer = await listen(
    new Hono().all('*', async (context) => {
      const own = await app.fetch(context.req.raw);
      return own.status === 404 ? rendered.fetch(context.req.raw) : own;
    }),
  );
  appOrigin = `http://app.shop.localhost:${appServer.port}`;
  const rendered = createApp(
    createRequestAuthenticator({
      keys: `http://127.0.0.1:${issuerServer.port}/jwks.json`,
      issuer: 'https://issuer.test',
      audience: 'api',
      appOrigin,
      cookie: { name: '__session', outageWindowMs: 3_600_000 },
      marker: { cookie: '__client_uat' },
      handshake: { url: `${issuerOrigin}/handshake`, presentTokenOnHandshake: 'plain' },
    }),
  );

  return {
    appOrigin,
    issuerOrigin,
    seen,
    mode,
    nowSeconds,
    session,
    close: async () => {
      await Promise.all([appServer.close(), issuerServer.close()]);
    },
  };
}
