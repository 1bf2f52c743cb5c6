import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { type Demo, type DemoEnv, refuse, sessionCookie, sessionCookieOptions, sessionCookieSeconds } from '../context';
import { misbehave } from '../faults';
import { requireCustomHeader } from '../guard';
import type { DemoSession } from '../sessions';

const users = [
  { userId: 'user_ada', organizationId: null },
  { userId: 'user_grace', organizationId: 'org_compilers' },
] as const;

async function readField(context: Context<DemoEnv>, name: string): Promise<unknown> {
  const body: unknown = await context.req.json().catch(() => null);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

/** The session that the cookie proves, unless the request is about another one: a late sign-out must not end a new session. */
async function sessionOf(demo: Demo, context: Context<DemoEnv>): Promise<DemoSession | undefined> {
  const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
  const meant = await readField(context, 'sessionId');
  return meant === undefined || meant === session?.id ? session : undefined;
}

/** Signing in and out, and the question whether a session still exists. */
export function sessionRoutes(demo: Demo): Hono<DemoEnv> {
  return new Hono<DemoEnv>()
    .post('/sign-in', requireCustomHeader(), async (context) => {
      const wanted = (await readField(context, 'userId')) ?? users[0].userId;
      const user = users.find(({ userId }) => userId === wanted);
      if (!user) return refuse(context, 400, 'unknown_user');
      const before = demo.sessions.bySecret(getCookie(context, sessionCookie));
      if (before) demo.sessions.end(before.id);
      const { session, secret } = demo.sessions.begin(user);
      setCookie(context, sessionCookie, secret, { ...sessionCookieOptions, maxAge: sessionCookieSeconds });
      return context.json({ session });
    })

    .post('/sign-out', requireCustomHeader(), async (context) => {
      const session = await sessionOf(demo, context);
      if (session) {
        demo.sessions.end(session.id);
        deleteCookie(context, sessionCookie, sessionCookieOptions);
      }
      return context.body(null, 204);
    })

    .on(['GET', 'POST'], '/session', requireCustomHeader(), misbehave(demo), async (context) => {
      // An edge cannot tell whether the origin ended a session: it says so instead of guessing.
      if (demo.settings.get().fault === 'outage') return refuse(context, 503, 'origin_unreachable');
      const session = await sessionOf(demo, context);
      return session ? context.json({ session }) : refuse(context, 401, 'session_not_found');
    });
}
