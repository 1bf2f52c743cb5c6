/** The way back from the issuer: whether it is ours, and what it brings. */
import type { JWTPayload } from 'jose';
import { redactCause } from '../../machines/errors';
import type { ExchangeOutcome } from '../../machines/handshake/facts';
import type { Address } from './address';
import { answerDeadlineMs, withDeadline } from './deadline';
import { KeysUnreachable } from './keys';
import type { HandshakeSettings, ServerSettings } from './options';
import { endedSession, serverCookies, sessionCookie } from './response-cookies';
import { onlyOnce } from './single-use';
import { type BrowserState, knows, windowMs } from './state-cookie';
import type { ServerCookie } from './types';
import { type SessionVerifier, verifyWith } from './verify';

/** `typ` of a handshake token: no other token of the issuer will do in its place. */
export const handshakeTokenType = 'handshake+jwt';
const maxLifetimeSeconds = 60;
const maxLength = 32 * 1024;
/** 400 days: the longest that browsers keep a cookie. */
const markerMaxAge = 400 * 24 * 60 * 60;

export type Arrival = {
  readonly outcome: ExchangeOutcome;
  /** `Set-Cookie` texts; only where the handshake is good. */
  readonly cookies: readonly string[];
};

type GivenCookie = { readonly value: string; readonly maxAge?: number };

/** Bound to this browser, and something that can be looked into. */
export function isBound(address: Address, browser: BrowserState, { exchange }: HandshakeSettings): boolean {
  const { token, nonce, state } = address.parameters;
  return state !== null && (token !== null || (nonce !== null && exchange !== undefined)) && knows(browser, state);
}

function givenCookie(cookies: unknown, name: string): GivenCookie | undefined {
  const isObject = typeof cookies === 'object' && cookies !== null && Object.hasOwn(cookies, name);
  const one = isObject ? (cookies as Record<string, unknown>)[name] : undefined;
  const { value, maxAge } = (one ?? {}) as { value?: unknown; maxAge?: unknown };
  if (typeof value !== 'string') return undefined;
  const isAge = typeof maxAge === 'number' && Number.isInteger(maxAge) && maxAge >= 0;
  return { value, ...(isAge && { maxAge }) };
}

/** Looks into handshake tokens and exchanges nonces, each once (H2). */
export function handshakeReturns(settings: ServerSettings, handshake: HandshakeSettings, verify: SessionVerifier) {
  const { skewMs, cookie, marker, clock, logger } = settings;
  const once = onlyOnce();

  async function claimsOf(token: string, origin: string): Promise<JWTPayload | null> {
    if (token.length > maxLength) return null;
    const nowMs = clock.now();
    const { payload } = await verifyWith(token, settings.keys, {
      issuer: [...settings.issuer],
      audience: origin,
      algorithms: [...settings.algorithms],
      typ: handshakeTokenType,
      requiredClaims: ['exp', 'iat', 'jti', 'state'],
      clockTolerance: skewMs / 1_000,
      currentDate: new Date(nowMs),
    });
    const { iat = 0, exp = 0, jti } = payload;
    const isShort = exp - iat <= maxLifetimeSeconds && iat * 1_000 <= nowMs + skewMs;
    return isShort && typeof jti === 'string' && jti !== '' ? payload : null;
  }

  /** The listed cookies, with attributes of our own choice. */
  function otherCookies(given: unknown): string[] {
    const listed = [...(marker === undefined ? [] : [marker]), ...handshake.cookies];
    const cookies = listed.flatMap((name): ServerCookie[] => {
      const one = givenCookie(given, name);
      if (!one) return [];
      return [name === marker ? { maxAge: markerMaxAge, ...one, name, httpOnly: false } : { ...one, name }];
    });
    return serverCookies(cookies, logger);
  }

  async function unpack(payload: JWTPayload): Promise<Arrival> {
    const given = payload.cookies;
    const session = givenCookie(given, cookie.name);
    if (!session) return { outcome: { is: 'invalid' }, cookies: [] };
    if (session.value === '') {
      return {
        outcome: { is: 'verified', session: null },
        cookies: [endedSession(cookie), ...otherCookies(given)],
      };
    }
    const nowMs = clock.now();
    const { token, verdict, claims } = await verify(session.value, nowMs);
    const outcome: ExchangeOutcome = { is: 'verified', session: verdict };
    if (verdict.is !== 'valid' || !claims) return { outcome, cookies: [] };
    return { outcome, cookies: [...sessionCookie(cookie, { token, claims }, nowMs, logger), ...otherCookies(given)] };
  }

  async function exchanged(nonce: string | null, state: string): Promise<string | null> {
    const { exchange } = handshake;
    if (nonce === null || !exchange) return null;
    return withDeadline(answerDeadlineMs, (signal) => exchange({ nonce, state, signal }));
  }

  return async function arrive(address: Address): Promise<Arrival> {
    const { token, nonce, state } = address.parameters;
    const without = (is: 'invalid' | 'unverifiable' | 'failed'): Arrival => ({ outcome: { is }, cookies: [] });
    const nowMs = clock.now();
    // Taken before anything is awaited: two requests at once cannot both have it.
    if (state === null || !once.take(state, nowMs, windowMs)) return without('invalid');

    let handshakeToken: string | null;
    try {
      handshakeToken = token ?? (await exchanged(nonce, state));
    } catch (error) {
      logger.warn?.('The handshake nonce could not be exchanged.', { cause: redactCause(error) });
      once.giveBack(state);
      return without('failed');
    }
    if (typeof handshakeToken !== 'string') return without('invalid');

    try {
      const payload = await claimsOf(handshakeToken, address.origin);
      if (payload?.state !== state) return without('invalid');
      if (!once.take(`jti ${payload.jti}`, nowMs, windowMs)) return without('invalid');
      const arrival = await unpack(payload);
      const { outcome } = arrival;
      if (outcome.is === 'verified' && outcome.session?.is === 'unverifiable') {
        once.giveBack(state);
        once.giveBack(`jti ${payload.jti}`);
      }
      return arrival;
    } catch (error) {
      if (!(error instanceof KeysUnreachable)) return without('invalid');
      once.giveBack(state);
      return without('unverifiable');
    }
  };
}
