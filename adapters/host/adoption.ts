/** What a token has to pass that was not minted here just now: anybody may have written it (R7.17 to R7.20). */
import { freshnessOrder, isFromTheFuture, lifetimeMs, type TokenFacts } from '../../machines/held-token';
import type { SharedRecord } from '../../machines/ports';
import { type DecodedToken, decodeToken } from '../token/decode';
import { describeStored } from './facts';

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

export type Rival = {
  readonly serverNowMs: number;
  readonly rejected: readonly string[];
  /** Knows how long opaque tokens live. */
  readonly record: SharedRecord | undefined;
};

/** The same of tokens for different uses, which may have different audiences. */
export function isSameSubject(one: string, other: string): boolean {
  const [a, b] = [claimsOf(one), claimsOf(other)];
  return a === undefined || b === undefined || (a.iss === b.iss && a.sub === b.sub);
}

/** Whether a stored token is one that another one of its key must not replace: good still, believable, and fresher. */
export function isFresher(stored: string, than: TokenFacts, { serverNowMs, rejected, record }: Rival): boolean {
  try {
    const { issuedAt, expiresAt, originIssuedAt, ...described } = describeStored(stored, record);
    const { fingerprint, sessionId, organizationId } = described;
    if (issuedAt === null || expiresAt === null || expiresAt <= serverNowMs || rejected.includes(fingerprint))
      return false;
    if (isFromTheFuture(Math.max(issuedAt, originIssuedAt ?? 0), serverNowMs)) return false;
    if (sessionId !== than.sessionId || (organizationId ?? null) !== (than.organizationId ?? null)) return false;
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
