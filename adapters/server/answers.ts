/** Decision → answer: status, reason and headers. */
import type { HandshakeReason, SignedOutReason, UnavailableReason } from '../../machines/handshake/reasons';
import { decodeToken } from '../token/decode';
import { addCookie } from './set-cookie';
import type { Handshake, SessionClaims, SignedIn, SignedOut, Unavailable } from './types';

function headersWith(cookies: readonly string[]): Headers {
  // Whether and as whom somebody is signed in hangs on these two, whatever the answer is.
  const headers = new Headers({ Vary: 'Cookie, Authorization' });
  for (const text of cookies) addCookie(headers, text);
  return headers;
}

export function signedIn(
  url: string,
  via: SignedIn['via'],
  { token, claims }: { readonly token: string; readonly claims: SessionClaims },
  cookies: readonly string[],
): SignedIn {
  const { sessionId = null, organizationId = null } = decodeToken(token);
  return {
    status: 'signed-in',
    via,
    token,
    claims,
    userId: claims.sub,
    sessionId,
    organizationId,
    expiresAt: claims.exp * 1_000,
    url,
    headers: headersWith(cookies),
  };
}

export const signedOut = (url: string, reason: SignedOutReason, cookies: readonly string[] = []): SignedOut => ({
  status: 'signed-out',
  reason,
  url,
  headers: headersWith(cookies),
});

export function redirect(
  url: string,
  reason: HandshakeReason,
  location: string,
  cookies: readonly string[],
): Handshake {
  const headers = headersWith(cookies);
  headers.set('Cache-Control', 'no-store');
  headers.set('Location', location);
  return { status: 'handshake', reason, location, url, headers };
}

export function unavailable(url: string, reason: UnavailableReason, retryAfterMs: number): Unavailable {
  const headers = headersWith([]);
  headers.set('Cache-Control', 'no-store');
  headers.set('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
  return { status: 'unavailable', reason, retryAfterMs, url, headers };
}
