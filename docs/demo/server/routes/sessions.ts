import { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { type Demo, type DemoEnv, refuse, sessionCookie } from '../context';
import { misbehave } from '../faults';
import { requireCustomHeader } from '../guard';

/** Lax, so that a link to the page finds the user signed in. Not `Secure`: the demo speaks http, on the loopback only. */
const cookieOptions = { httpOnly: true, sameSite: 'Lax', path: '/' } as const;
const daySeconds = 24 * 60 * 60;

const users = [
  { userId: 'user_ada', organizationId: null },
  { userId: 'user_grace', organizationId: 'org_compilers' },
] as const;

/** Signing in and out, and the question whether a session still exists. */
export function sessionRoutes(demo: Demo): Hono<DemoEnv> {
  return new Hono<DemoEnv>()
    .post('/sign-in', requireCustomHeader(), async (context) => {
      const body: unknown = await context.req.json().catch(() => null);
      const wanted = (body as { userId?: unknown } | null)?.userId ?? users[0].userId;
      const user = users.find(({ userId }) => userId === wanted);
      if (!user) return refuse(context, 400, 'unknown_user');
      const before = demo.sessions.bySecret(getCookie(context, sessionCookie));
      if (before) demo.sessions.end(before.id);
      const { session, secret } = demo.sessions.begin(user);
      setCookie(context, sessionCookie, secret, { ...cookieOptions, maxAge: daySeconds });
      return context.json({ session });
    })

    .post('/sign-out', (context) => {
      const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
      if (session) demo.sessions.end(session.id);
      deleteCookie(context, sessionCookie, cookieOptions);
      return context.body(null, 204);
    })

    .on(['GET', 'POST'], '/session', misbehave(demo), (context) => {
      // An edge cannot tell whether the origin ended a session: it says so instead of guessing.
      if (demo.settings.get().fault === 'outage') return refuse(context, 503, 'origin_unreachable');
      const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
      return session ? context.json({ session }) : refuse(context, 401, 'session_not_found');
    });
}
