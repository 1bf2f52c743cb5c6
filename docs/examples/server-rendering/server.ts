/** Renders for whoever is signed in, and hands the verified token over to the browser. */
import { Hono } from 'hono';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createTokenLifecycle } from '../../../adapters/host/create';
import type { RequestAuthenticator, SignedIn, SignedOut } from '../../../adapters/server/index';
import type { Clock, TokenSource } from '../../../machines/ports';
import { type AuthEnv, authentication } from '../server-hono/authentication';
import { App, type Shared } from './app';

/** The token is here already: a server that renders has no reason to ask for another. */
const noSource: TokenSource = {
  endpoint: 'rendering',
  mint: () => Promise.reject(new Error('Nothing is minted while rendering.')),
};

/** How the lifecycle stands with this token, as the browser will see it. */
async function look(answer: SignedIn, clock: Partial<{ clock: Clock }>): Promise<Shared> {
  const { sessionId, organizationId, token } = answer;
  const session = { id: sessionId ?? answer.userId, ...(organizationId !== null && { organizationId }) };
  const looking = createTokenLifecycle({ source: noSource, session, initialToken: token, ...clock });
  looking.start();
  await looking.ready;
  const hydrate = looking.dehydrate();
  looking.stop();
  return { session, hydrate, initialToken: token };
}

/** In a script element only `<` could end it. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** @param clock for tests; the system's otherwise */
export async function renderPage(answer: SignedIn | SignedOut, clock: Partial<{ clock: Clock }> = {}): Promise<string> {
  const shared: Shared = answer.status === 'signed-in' ? await look(answer, clock) : { session: null };
  const { initialToken: _, ...state } = shared;
  // A lifecycle per request: it says what belongs to this user.
  const lifecycle = createTokenLifecycle({ source: noSource, ...state, ...clock });
  const html = renderToString(createElement(App, { lifecycle }));
  return `<!doctype html>
<html lang="en">
<title>Server rendering</title>
<div id="root">${html}</div>
<script type="application/json" id="shared">${inScript(shared)}</script>
<script type="module" src="/client.js"></script>
</html>`;
}

export const createApp = (authenticate: RequestAuthenticator, clock: Partial<{ clock: Clock }> = {}) =>
  new Hono<AuthEnv>().use(authentication(authenticate)).get('/', async (context) => {
    // There is a token in this page, or will be after the next sign-in.
    context.header('cache-control', 'private, no-store');
    return context.html(await renderPage(context.get('auth'), clock));
  });
