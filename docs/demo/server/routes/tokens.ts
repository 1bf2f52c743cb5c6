import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type Demo, type DemoEnv, refuse, sessionCookie, sessionCookieOptions, sessionCookieSeconds } from '../context';
import { misbehave } from '../faults';
import { requireCustomHeader } from '../guard';
import type { DemoSession } from '../sessions';

type MintBody = {
  readonly sessionId?: unknown;
  readonly organizationId?: unknown;
  readonly cause?: unknown;
  readonly attempt?: unknown;
  readonly expired_token?: unknown;
};

/** May be called twice: Hono keeps the parsed body. */
async function readBody(context: Context<DemoEnv>): Promise<MintBody | null> {
  try {
    const body: unknown = await context.req.json();
    return typeof body === 'object' && body !== null ? body : null;
  } catch {
    return null;
  }
}

/** What the client says of itself is shown on the page, if it looks like what it should be. */
const noteRequest: MiddlewareHandler<DemoEnv> = async (context, next) => {
  const body = (await readBody(context)) ?? {};
  context.get('note')?.({
    ...(typeof body.cause === 'string' && /^[a-z-]{1,20}$/.test(body.cause) && { cause: body.cause }),
    ...(typeof body.attempt === 'number' && Number.isInteger(body.attempt) && { attempt: body.attempt }),
    ...(typeof body.sessionId === 'string' &&
      /^sess_[\w-]{1,40}$/.test(body.sessionId) && { sessionId: body.sessionId }),
    ...(body.expired_token !== undefined && { presentedExpired: true }),
  });
  await next();
};

const belongsTo = (session: DemoSession, organizationId: unknown): organizationId is string | null | undefined =>
  organizationId === undefined || organizationId === null || organizationId === session.organizationId;

/** A secret buys one token. The browser keeps the next one, and no script sees either. */
function rotateSecret(demo: Demo, context: Context<DemoEnv>): void {
  const next = demo.sessions.rotate(getCookie(context, sessionCookie) ?? '');
  if (next) setCookie(context, sessionCookie, next, { ...sessionCookieOptions, maxAge: sessionCookieSeconds });
}

/**
 * `POST /tokens` mints a short-lived token for the session that the HttpOnly cookie proves. During an outage an edge
 * stands in for the origin and asks for the last token as evidence: what the origin vouched for a moment ago.
 */
export function tokenRoutes(demo: Demo): Hono<DemoEnv> {
  return new Hono<DemoEnv>().post('/tokens', requireCustomHeader(), noteRequest, misbehave(demo), async (context) => {
    const body = await readBody(context);
    if (body === null) return refuse(context, 400, 'invalid_body');
    const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
    if (!session || (body.sessionId !== undefined && body.sessionId !== session.id)) {
      return refuse(context, 401, 'session_not_found');
    }
    if (!belongsTo(session, body.organizationId)) return refuse(context, 403, 'not_a_member');
    const { ttlSeconds, fault } = demo.settings.get();
    const wanted = { ttlSeconds, ...(body.organizationId !== undefined && { organizationId: body.organizationId }) };
    if (fault !== 'outage') {
      const token = await demo.tokens.mint(session, wanted);
      rotateSecret(demo, context);
      return context.json({ token });
    }

    if (typeof body.expired_token !== 'string') return refuse(context, 422, 'missing_expired_token');
    const evidence = await demo.tokens.readEvidence(body.expired_token, session);
    if (!evidence) return refuse(context, 422, 'invalid_expired_token');
    return context.json({ token: await demo.tokens.mint(session, { ...wanted, ...evidence }) });
  });
}
