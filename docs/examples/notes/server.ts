/** The server of the notes: tokens, and an API that wants one. */
import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { TokenServer } from '../../../adapters/testing/index';

export type Tokens = Pick<TokenServer, 'handle' | 'verify'>;

/** @param script the page's bundle; none for tests without a page */
export function createNotesServer(tokens: Tokens, script = ''): Hono {
  const app = new Hono();
  app.get('/', (context) =>
    context.html(html`<!doctype html>
      <title>Notes</title>
      <p id="badge"></p>
      <ul id="notes"></ul>
      <button id="load">Load</button>
      <button id="sign-in">Sign in</button>
      <button id="sign-out">Sign out</button>
      <script type="module">${raw(script)}</script>`),
  );
  app.all('/auth/*', (context) => tokens.handle(context.req.raw));
  app.get('/api/notes', async (context) => {
    const [, token = ''] = (context.req.header('authorization') ?? '').split(' ');
    try {
      await tokens.verify(token);
    } catch {
      return context.json({ error: 'unauthenticated' }, 401);
    }
    return context.json(['Buy milk', 'Call Ada']);
  });
  return app;
}
