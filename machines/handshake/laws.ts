/** The pure rules of section 11 that guards are made of. */
import type { HandshakeFacts, RequestFacts, TokenVerdict } from './facts';
import type { HandshakeReason, RefreshHindrance } from './reasons';

/** Handshakes within the window of the loop guard, after which there is no other one. */
export const maxHandshakes = 3;

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/**
 * When this browser last signed in or out, in epoch seconds; `null` where the marker says nothing: absent, 0, not a number,
 * in the future (H3). Of several values the latest counts: it asks for the newest token.
 *
 * @param values every value of the marker cookie
 * @param nowMs epoch ms
 * @param skewMs by how much the clock that wrote it may be ahead
 */
export function readMarker(values: readonly string[], nowMs: number, skewMs: number): number | null {
  const latest = (nowMs + skewMs) / 1_000;
  const seconds = values
    .filter((value) => /^\d{1,12}$/.test(value))
    .map(Number)
    .filter((value) => value > 0 && value <= latest);
  return seconds.length === 0 ? null : Math.max(...seconds);
}

/** Could another site have made the browser send this, cookies and all (H0)? */
export const canBeForged = ({ method, webSocket, sameOrigin }: RequestFacts): boolean =>
  (webSocket || !safeMethods.includes(method)) && !sameOrigin;

/** A page or a frame that somebody opens: the only thing that can be redirected and come back. */
export const isNavigation = ({ method, webSocket, destination, acceptsHtml, prefetch, canSetCookies }: RequestFacts) =>
  method === 'GET' &&
  !webSocket &&
  !prefetch &&
  canSetCookies &&
  (destination === null ? acceptsHtml : destination === 'document' || destination === 'iframe');

/** Why a refresh cannot be started for this request; `undefined` where it can. `null`: there is none configured. */
export function refreshHindrance({ request, refresh }: HandshakeFacts): RefreshHindrance | null | undefined {
  if (!refresh) return null;
  if (!refresh.credential) return 'no-refresh-credential';
  if (!refresh.methods.includes(request.method)) return 'method';
  if (request.prefetch) return 'prefetch';
  // What cannot be handed to the browser would be lost, and with it the session (E04).
  return request.canSetCookies ? undefined : 'read-only';
}

/** Whole seconds, strictly: a sign-in and its first token may share one. */
export const isBeforeMarker = (verdict: TokenVerdict, marker: number): boolean =>
  'issuedAt' in verdict && verdict.issuedAt !== null && Math.floor(verdict.issuedAt) < Math.floor(marker);

/** What is to be said of a token of which only the time is wrong. */
export function timeReason(verdict: TokenVerdict | null, facts: HandshakeFacts): HandshakeReason {
  if (verdict?.is === 'early') return verdict.reason;
  if (verdict?.is !== 'expired') return 'session-token-and-uat-missing';
  const hindrance = refreshHindrance(facts);
  return hindrance ? `session-token-expired-refresh-non-eligible-${hindrance}` : 'session-token-expired';
}
