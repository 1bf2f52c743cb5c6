import { createMiddleware } from 'hono/factory';
import {
  applyAnswer,
  type RequestAuthenticator,
  responseFor,
  type SignedIn,
  type SignedOut,
} from '../../../adapters/server/index';

/** What a handler finds as `context.get('auth')`. */
export type AuthEnv = { Variables: { auth: SignedIn | SignedOut } };

/** Redirects and 503 are answered here; every other request goes on, with `auth` set. */
export const authentication = (authenticate: RequestAuthenticator) =>
  createMiddleware<AuthEnv>(async (context, next) => {
    const answer = await authenticate(context.req.raw);
    if (answer.status === 'handshake' || answer.status === 'unavailable') return responseFor(answer);
    context.set('auth', answer);
    await next();
    // A copy, since the headers of what `fetch` gave cannot be changed.
    context.res = new Response(context.res.body, context.res);
    applyAnswer(answer, context.res.headers);
  });
