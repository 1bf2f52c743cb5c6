/** What a token has to pass that was not minted here just now: anybody may have written it (R7.17 to R7.20). */
import { freshnessOrder, isFromTheFuture, lifetimeMs, type TokenFacts } from '../../machines/held-token';
import type { SharedRecord } from '../../machines/ports';
import { type DecodedToken, decodeToken } from '../token/decode';

export type Adoption = {
  /** Estimated server time. */
  readonly serverNowMs: number;
  /** The longest lifetime that was minted here; `null` where none is known. */
  readonly longestMs: number | null;
};

/** Whether it may be believed: not from the future, and of a lifetime like those minted here. */
export function isAdoptable(token: TokenFacts, { serverNowMs, longestMs }: Adoption): boolean {
  const lasts = lifetimeMs(token);
  return (
    !isFromTheFuture(Math.max(token.issuedAt, token.originIssuedAt ?? 0), serverNowMs) &&
    lasts > 0 &&
    (longestMs === null || lasts <= 2 * longestMs)
  );
}

/** Whether both speak of the same subject, by the same issuer, to the same audience. An opaque token says nothing. */
export function isSameIdentity(one: string, other: string): boolean {
  const [a, b] = [claimsOf(one), claimsOf(other)];
  return a?.iss === b?.iss && a?.sub === b?.sub && JSON.stringify(a?.aud) === JSON.stringify(b?.aud);
}

/** Whether a stored token is unexpired and fresher than another one of its key. */
export function isFresher(stored: string, than: TokenFacts, serverNowMs: number): boolean {
  try {
    const { issuedAt, expiresAt, originIssuedAt } = decodeToken(stored);
    if (issuedAt === null || expiresAt === null || expiresAt <= serverNowMs) return false;
    return freshnessOrder({ issuedAt, originIssuedAt }, than) > 0;
  } catch {
    return false;
  }
}

export const isJwt = (token: string): boolean => claimsOf(token) !== undefined;

function claimsOf(token: string): DecodedToken['claims'] | undefined {
  try {
    return decodeToken(token).claims;
  } catch {
    return undefined;
  }
}

/** How long the last token lived that was minted in this browser, as far as the shared record tells. */
export const lifetimeIn = ({ issuedAt, expiresAt }: Pick<SharedRecord, 'issuedAt' | 'expiresAt'>): number | null =>
  issuedAt !== undefined && expiresAt !== undefined && expiresAt > issuedAt ? expiresAt - issuedAt : null;
