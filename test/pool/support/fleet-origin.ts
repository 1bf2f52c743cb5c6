/**
 * The token server of a fleet, started by `runFleet()`, in a process of its own: signing must not hold up the clock of whoever
 * counts requests. Beside its own paths: /sign-in gives a first credential, /catch answers with the session whose mint by process
 * `a` is the next one, once that has rotated and before anybody has heard of it; /report tells when, and by whom, each session was minted for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { createTokenServer } from '../../../adapters/testing/token-server/create';

const { PORT, TTL_SECONDS, GRACE_MS } = process.env;

const server = createTokenServer({
  ttlSeconds: Number(TTL_SECONDS),
  credential: 'rotating',
  reuseGraceMs: Number(GRACE_MS),
  signing: 'HS256',
});
const minted: Record<string, { readonly at: number; readonly by: string | null }[]> = {};
let caught: ((sessionId: string) => void) | null = null;

async function mint(request: Request): Promise<Response> {
  const body = request.clone();
  const answered = server.handle(request);
  const { sessionId } = (await body.json()) as { sessionId: string };
  const by = request.headers.get('x-process');
  minted[sessionId] ??= [];
  minted[sessionId].push({ at: Date.now(), by });
  const response = await answered;
  if (caught && by === 'a') {
    caught(sessionId);
    caught = null;
    // It has rotated; nobody hears of it.
    await sleep(2_000);
  }
  return response;
}

function answer(request: Request): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case '/tokens':
      return mint(request);
    case '/sign-in':
      return Response.json(server.signIn(searchParams.get('session') ?? ''));
    case '/catch':
      return new Promise((resolve) => {
        caught = (sessionId) => resolve(Response.json({ sessionId }));
      });
    case '/report':
      return Response.json({ minted, reuses: server.reuses });
    default:
      return server.handle(request);
  }
}

serve({ hostname: '127.0.0.1', port: Number(PORT), fetch: answer }, () => process.send?.({ type: 'ready' }));
