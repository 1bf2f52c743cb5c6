import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { errors } from 'jose';
import { type Demo, type DemoEnv, refuse, tokenCookie } from '../context';

/** What the token is for: an API that knows nothing but the public key. */
export function apiRoutes(demo: Demo): Hono<DemoEnv> {
  return new Hono<DemoEnv>()
    .get('/.well-known/jwks.json', (context) => context.json(demo.keys.jwks))

    .get('/api/me', async (context) => {
      const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
      const token = bearer ?? getCookie(context, tokenCookie);
      if (!token) return refuse(context, 401, 'missing_token');
      try {
        const claims = await demo.tokens.verify(token);
        return context.json({ via: bearer === undefined ? 'cookie' : 'authorization', claims });
      } catch (error) {
        return refuse(context, 401, error instanceof errors.JWTExpired ? 'token_expired' : 'token_invalid');
      }
    });
}
