/** A site that renders React on the server and mints tokens, on a free port of the loopback. */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { renderToString } from 'react-dom/server';
import { createTokenLifecycle } from '../../../adapters/host/create';
import type { Dehydrated } from '../../../adapters/host/types';
import type { Session } from '../../../machines/events';
import { jwt } from '../../support/jwt';
import { createApp, type PageOptions } from '../page/app';

/** Keeps every text that #state, #ready and #unknown ever had on the page, from the first one parsed. */
const observe = `
  const seen = { state: [], ready: [] };
  new MutationObserver(() => {
    const note = (list, text) => { if (text && text !== list.at(-1)) list.push(text); };
    note(seen.state, document.querySelector('#state')?.textContent);
    const shown = (id) => document.getElementById(id)?.checkVisibility() && document.getElementById(id).textContent;
    note(seen.ready, shown('ready') || shown('unknown'));
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
`;

export const mintToken = (sessionId: string, ttlSeconds: number): string => {
  const iat = Math.floor(Date.now() / 1_000);
  return jwt({ sid: sessionId, iat, exp: iat + ttlSeconds });
};

/** What a server says that has looked at a session and its token. */
export async function look(session: Session, initialToken: string): Promise<Dehydrated> {
  const lifecycle = createTokenLifecycle({ session, initialToken, source: neverMinting }).start();
  await lifecycle.ready;
  const known = lifecycle.dehydrate();
  lifecycle.stop();
  return known;
}

const neverMinting = { mint: () => new Promise<never>(() => {}) };

function renderPage(options: PageOptions): string {
  const lifecycle = createTokenLifecycle({ ...options.shared, source: neverMinting });
  return renderToString(createApp(lifecycle, options, { account: 0, status: 0 }));
}

/** `script` is what the page loads, `ttlSeconds` how long its tokens live. */
export async function openSite(script: string, ttlSeconds: number) {
  let options: PageOptions = {};
  let mints = 0;
  const app = new Hono()
    .post('/tokens', async (context) => {
      mints += 1;
      const { sessionId } = await context.req.json<{ sessionId: string }>();
      return context.json({ token: mintToken(sessionId, ttlSeconds) });
    })
    .get('/page.js', (context) => context.body(script, 200, { 'content-type': 'text/javascript' }))
    .get('/favicon.ico', (context) => context.body(null, 204))
    .get('/', (context) =>
      context.html(
        `<!doctype html><title>page</title><script>${observe}</script>` +
          `<main id="root">${renderPage(options)}</main>` +
          `<script type="application/json" id="options">${JSON.stringify(options).replaceAll('<', '\\u003c')}</script>` +
          `<script src="/page.js" defer></script>`,
      ),
    );
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    mints: () => mints,
    /** What the next page is like. */
    show: (next: PageOptions) => {
      options = next;
      mints = 0;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
