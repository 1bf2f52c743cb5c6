/**
 * The issuing side of a handshake (lifecycle.md §11), and of a sign-in: pages that a browser is sent to.
 *
 * `/sign-in?session_id&redirect_url` and `/sign-out?redirect_url` set the issuer's own cookie and the marker; `/handshake` sends
 * the browser back with new cookies for the application; `/handshake/exchange?nonce` is for the application's server.
 */
import { decodeJwt } from 'jose';
import { seeToken } from '../../see';
import type { TokenSeen } from '../../trace';
import type { Means } from '../answer';
import type { MintBehaviour, ServerBehaviour } from '../behaviour';
import { contentsOf } from '../claims';
import { pathOf } from '../request';
import { type Client, createEvidence, type Evidence } from './evidence';
import type { HandshakeIssuerSettings } from './options';

export const handshakePaths = {
  handshake: '/handshake',
  exchange: '/handshake/exchange',
  signIn: '/sign-in',
  signOut: '/sign-out',
} as const;

/** A handshake as it is kept. No tokens. */
export type RecordedHandshake = {
  /** True ms since the server was made. */
  readonly at: number;
  readonly reason: string | null;
  readonly redirectUrl: string | null;
  /** How the last session token came along. */
  readonly how: Evidence['how'];
  /** What could be read of it. */
  readonly presented: TokenSeen | null;
  /** Who answered: in an outage, the edge alone. */
  readonly by: 'origin' | 'edge';
  /** `refused`: not for a redirect to there. `unavailable`: nobody could say. */
  readonly answer: 'signed-in' | 'signed-out' | 'unavailable' | 'refused';
};

export type Issuer = {
  /** `null` for a path that is not the issuer's. */
  answer(request: Request): Promise<Response> | null;
  readonly handshakes: readonly RecordedHandshake[];
};

type Surroundings = Pick<
  Means,
  'signer' | 'sessions' | 'issuer' | 'rotating' | 'withOrigin' | 'now' | 'ttlSeconds' | 'nextSerial'
> & {
  /** What the server has been told to do; `null` where it depends on the request. */
  standing(): ServerBehaviour | null;
  elapsed(): number;
};

const lifetimeSeconds = 60;

const cookieIn = (request: Request, name: string): string | undefined =>
  (request.headers.get('cookie') ?? '')
    .split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

function redirect(to: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location: to, 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 302, headers });
}

const refuse = (status: number, code: string): Response =>
  Response.json({ errors: [{ code }] }, { status, headers: { 'cache-control': 'no-store' } });

/** Added as text: to set a parameter would write all the others anew. */
const withParameter = (url: string, name: string, value: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;

/** What holds of a token whenever it was issued. */
function lastingClaims(token: string): Readonly<Record<string, unknown>> {
  const { iat: _, exp: _e, nbf: _n, jti: _j, ...lasting } = decodeJwt(token);
  return lasting;
}

export function createIssuer(settings: HandshakeIssuerSettings, around: Surroundings): Issuer {
  const { appOrigins, by, cookies, markerDomain } = settings;
  const { signer, sessions, now, standing, elapsed } = around;
  const evidence = createEvidence(settings, signer, now);
  const handshakes: RecordedHandshake[] = [];
  const nonces = new Map<string, { readonly token: string; readonly until: number }>();
  const seconds = (): number => Math.floor(now() / 1_000);

  /** Where to go back to, if it is a place that is known. */
  function homeOf(asked: URL): URL | null {
    const to = asked.searchParams.get('redirect_url') ?? '';
    const home = URL.canParse(to) ? new URL(to) : null;
    return home && appOrigins.includes(home.origin) ? home : null;
  }

  const markerCookie = (value: number): string =>
    `${cookies.marker}=${value}; Path=/; Max-Age=34560000; Secure; SameSite=Lax${markerDomain ? `; Domain=${markerDomain}` : ''}`;
  const clientCookie = (value: string): string =>
    `${cookies.client}=${value}; Path=/; Max-Age=${value === '' ? 0 : 34_560_000}; Secure; HttpOnly; SameSite=Lax`;

  async function signIn(asked: URL): Promise<Response> {
    const home = homeOf(asked);
    if (!home) return refuse(400, 'unknown_application');
    if (standing()?.do === 'outage') return refuse(503, 'origin_unreachable');
    const sessionId = asked.searchParams.get('session_id') ?? 'sess_1';
    sessions.signIn(sessionId);
    return redirect(home.href, [clientCookie(await evidence.clientCookie(sessionId)), markerCookie(seconds())]);
  }

  async function signOut(request: Request, asked: URL): Promise<Response> {
    const home = homeOf(asked);
    if (!home) return refuse(400, 'unknown_application');
    const client = await evidence.clientOf(cookieIn(request, cookies.client));
    if (client) sessions.end(client.sessionId);
    return redirect(home.href, [clientCookie(''), markerCookie(0)]);
  }

  /** What an origin says, or an edge from a token that the origin has signed. `null`: nobody can say. */
  async function sessionTokenFor(client: Client | null, isEdge: boolean, presented: Evidence): Promise<string | null> {
    if (!client || !sessions.isAlive(client.sessionId)) return '';
    if (isEdge && !(await evidence.isGood(presented.token, client))) return null;
    const behaviour = standing();
    const last = isEdge && presented.token !== null ? seeToken(presented.token) : null;
    const how: MintBehaviour = {
      ...(behaviour?.do === 'mint' && behaviour),
      do: 'mint',
      // An edge vouches for nothing: what the origin said last goes on.
      ...(isEdge && presented.token !== null && { claims: lastingClaims(presented.token) }),
      ...(last?.originIssuedAt != null && { oiat: last.originIssuedAt / 1_000 }),
    };
    const asked = { key: { sessionId: client.sessionId }, presentedToken: undefined, credential: undefined };
    const contents = contentsOf(asked, how, {
      issuer: around.issuer,
      nowMs: now(),
      ttlSeconds: around.ttlSeconds(),
      serial: around.nextSerial(),
      oiat: around.withOrigin && !isEdge ? seconds() : undefined,
    });
    return signer.sign(contents);
  }

  async function handshakeToken(home: URL, state: string, token: string, client: Client | null, isEdge: boolean) {
    const isSignedIn = client !== null && token !== '';
    const { refresh } = cookies;
    const given = {
      [cookies.session]: { value: token },
      ...(!markerDomain && { [cookies.marker]: { value: String(isSignedIn ? client.since : 0) } }),
      // Credentials are the origin's affair: an edge leaves the old one alone.
      ...(refresh !== undefined &&
        isSignedIn &&
        around.rotating &&
        !isEdge && { [refresh]: { value: sessions.issue(client.sessionId) } }),
    };
    const iat = seconds();
    const claims = { iss: around.issuer, aud: home.origin, iat, exp: iat + lifetimeSeconds, state, cookies: given };
    return signer.sign({ header: { typ: 'handshake+jwt' }, claims: { ...claims, jti: crypto.randomUUID() } });
  }

  /** Nonces are good for as long as what they stand for, and once. */
  function nonceFor(token: string): string {
    const nonce = crypto.randomUUID();
    nonces.set(nonce, { token, until: now() + lifetimeSeconds * 1_000 });
    return nonce;
  }

  async function handshake(request: Request, asked: URL): Promise<Response> {
    const home = homeOf(asked);
    const behaviour = standing();
    const isEdge = behaviour?.do === 'outage';
    const presented = await evidence.presentedIn(asked);
    const record = (answer: RecordedHandshake['answer']): void =>
      void handshakes.push({
        at: elapsed(),
        reason: asked.searchParams.get('reason'),
        redirectUrl: asked.searchParams.get('redirect_url'),
        how: presented.how,
        presented: presented.token === null ? null : seeToken(presented.token),
        by: isEdge ? 'edge' : 'origin',
        answer,
      });
    if (!home) {
      record('refused');
      return refuse(400, 'unknown_application');
    }
    const client = await evidence.clientOf(cookieIn(request, cookies.client));
    const isDown = behaviour?.do === 'status';
    const token = isDown ? null : await sessionTokenFor(client, isEdge, presented);
    if (token === null) {
      record('unavailable');
      return isDown ? refuse(behaviour.status, behaviour.code ?? 'status') : refuse(503, 'origin_unreachable');
    }
    record(token === '' ? 'signed-out' : 'signed-in');
    const state = asked.searchParams.get('state') ?? '';
    const signed = await handshakeToken(home, state, token, client, isEdge);
    const back =
      by === 'token'
        ? withParameter(home.href, '__handshake', signed)
        : withParameter(home.href, '__handshake_nonce', nonceFor(signed));
    const marker = markerDomain ? [markerCookie(token === '' ? 0 : (client?.since ?? 0))] : [];
    return redirect(withParameter(back, '__handshake_state', state), marker);
  }

  function exchange(asked: URL): Response {
    const nonce = asked.searchParams.get('nonce') ?? '';
    const found = nonces.get(nonce);
    nonces.delete(nonce);
    return found && found.until > now() ? Response.json({ token: found.token }) : refuse(404, 'unknown_nonce');
  }

  return {
    handshakes,
    answer: (request) => {
      const path = pathOf(request.url);
      if (request.method !== 'GET' || !Object.values(handshakePaths).some((one) => path.endsWith(one))) return null;
      if (standing()?.do === 'unreachable') return Promise.resolve(Response.error());
      const asked = new URL(request.url);
      if (path.endsWith(handshakePaths.exchange)) return Promise.resolve(exchange(asked));
      if (path.endsWith(handshakePaths.handshake)) return handshake(request, asked);
      return path.endsWith(handshakePaths.signIn) ? signIn(asked) : signOut(request, asked);
    },
  };
}
