/** From a request and a behaviour to what the server does. No time passes here. */
import { decodeJwt } from 'jose';
import type { SessionVerdict } from '../../../machines/ports';
import { retryAfterOf } from '../../source/retry-after';
import { seeToken } from '../see';
import type { TokenSeen } from '../trace';
import type { MintBehaviour, ServerBehaviour } from './behaviour';
import { contentsOf } from './claims';
import { malformedBody, malformedClaims, type RawBody } from './malformed';
import type { Asked } from './request';
import type { Sessions } from './sessions';
import type { Signer } from './signer';

/** An HTTP answer, and what is to be known of it. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly code: string | null;
  readonly retryAfterMs: number | null;
  /** The raw token that was minted, where one was. */
  readonly minted: string | null;
  readonly token: TokenSeen | null;
  readonly verdict: SessionVerdict | null;
  /** A single-use credential came a second time. */
  readonly reused: boolean;
};

/** The server's own means. */
export type Means = {
  readonly signer: Signer;
  readonly sessions: Sessions;
  readonly issuer: string;
  readonly rotating: boolean;
  readonly withDate: boolean;
  readonly withOrigin: boolean;
  now(): number;
  ttlSeconds(): number;
  nextSerial(): number;
};

/** What a mint does; every other behaviour says when, and whether anybody hears of it. */
export type Deed = Extract<ServerBehaviour, { do: 'mint' | 'status' | 'outage' | 'malformed' }>;

const nothing = { code: null, retryAfterMs: null, minted: null, token: null, verdict: null, reused: false };

export function createAnswers(means: Means) {
  const { signer, sessions, issuer, rotating, withDate, withOrigin, now } = means;

  const send = (status: number, raw: RawBody, more: Partial<Answer> = {}): Answer => ({
    status,
    headers: {
      'content-type': raw.type,
      'cache-control': 'no-store',
      ...(withDate && { date: new Date(now()).toUTCString() }),
      ...more.headers,
    },
    body: raw.text,
    ...nothing,
    ...more,
  });
  const json = (status: number, value: unknown, more?: Partial<Answer>): Answer =>
    send(status, { type: 'application/json', text: JSON.stringify(value) }, more);
  const refuse = (status: number, code: string, more: Partial<Answer> = {}): Answer =>
    json(status, { errors: [{ code }] }, { ...more, code });

  function sendStatus({ status, code, retryAfterSeconds, headers, body }: Extract<Deed, { do: 'status' }>): Answer {
    const named = {
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...headers,
    };
    const value = body ?? (code === undefined ? {} : { errors: [{ code }] });
    const raw: RawBody =
      typeof value === 'string'
        ? { type: value.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain', text: value }
        : { type: 'application/json', text: JSON.stringify(value) };
    const retryAfterMs = retryAfterOf(new Headers(named), {}, now) ?? null;
    const answer = send(status, raw, { code: code ?? null, retryAfterMs });
    return { ...answer, headers: { ...answer.headers, ...named } };
  }

  async function sendToken(asked: Asked, how: MintBehaviour, deed: Deed, next?: string): Promise<Answer> {
    const contents = contentsOf(asked.secrets, how, {
      issuer,
      nowMs: now(),
      ttlSeconds: means.ttlSeconds(),
      serial: means.nextSerial(),
      // An edge vouches for nothing: what the origin said last goes on.
      oiat: withOrigin && deed.do !== 'outage' ? Math.floor(now() / 1_000) : undefined,
    });
    const claims = deed.do === 'malformed' ? malformedClaims(deed.how, contents.claims) : contents.claims;
    const signed = signer.sign({ ...contents, claims });
    const token = typeof signed === 'string' ? signed : await signed;
    const body = { token, ...(next !== undefined && { refresh_token: next }) };
    return json(200, body, { minted: token, token: seeToken(token) });
  }

  /** An edge alone: it has the last token to go by, and no credentials to look up. */
  function sendFromEdge(asked: Asked, deed: Deed): Answer | Promise<Answer> {
    const { presentedToken } = asked.secrets;
    const presented = seeToken(presentedToken);
    if (!presented) return refuse(422, 'missing_expired_token');
    if (presented.sessionId !== asked.secrets.key.sessionId) return refuse(403, 'other_session');
    const { originIssuedAt } = presented;
    // For whom the token is, the edge knows from it alone.
    const { aud } = decodeJwt(presentedToken ?? '');
    const how: MintBehaviour = {
      do: 'mint',
      ...(aud !== undefined && { claims: { aud } }),
      ...(originIssuedAt !== null && { oiat: originIssuedAt / 1_000 }),
    };
    return sendToken(asked, how, deed);
  }

  function mint(asked: Asked, deed: Deed): Answer | Promise<Answer> {
    if (deed.do === 'status') return sendStatus(deed);
    if (deed.do === 'outage') return sendFromEdge(asked, deed);
    const { key, credential } = asked.secrets;
    let next: string | undefined;
    if (!rotating && !sessions.isAlive(key.sessionId)) return refuse(401, 'session_revoked');
    if (rotating) {
      const spending = sessions.spend(credential, key.sessionId, now());
      if (spending.is === 'reused') {
        sessions.end(key.sessionId);
        return refuse(400, 'invalid_grant', { reused: true });
      }
      if (spending.is === 'unknown') return refuse(400, 'invalid_grant');
      next = spending.next;
    }
    const raw = deed.do === 'malformed' ? malformedBody(deed.how) : null;
    return raw ? send(200, raw) : sendToken(asked, deed.do === 'mint' ? deed : { do: 'mint' }, deed, next);
  }

  function check({ secrets }: Asked, deed: Deed): Answer {
    if (deed.do === 'status') return sendStatus(deed);
    if (deed.do === 'outage') return refuse(503, 'origin_unreachable');
    const active = sessions.isAlive(secrets.key.sessionId);
    return json(200, { active }, { verdict: active ? 'active' : 'gone' });
  }

  function revoke({ secrets }: Asked, deed: Deed): Answer {
    if (deed.do === 'status') return sendStatus(deed);
    if (deed.do === 'outage') return refuse(503, 'origin_unreachable');
    sessions.end(secrets.key.sessionId);
    return json(200, {});
  }

  return {
    give: (asked: Asked, deed: Deed): Answer | Promise<Answer> => {
      const { op } = asked.recorded;
      return op === 'mint' ? mint(asked, deed) : op === 'check' ? check(asked, deed) : revoke(asked, deed);
    },
    keys: async (): Promise<Answer> => json(200, await signer.jwks()),
    refuse,
  };
}
