/** What a token has to pass that was not minted here just now: anybody may have written it (R7.17 to R7.20). */
import { isFromTheFuture, lifetimeMs, type TokenFacts } from '../../machines/held-token';
import { decodeToken } from '../token/decode';

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

/** Whether both speak of the same subject, by the same issuer, to the same audience. */
export function isSameIdentity(one: string, other: string): boolean {
  const [a, b] = [decodeToken(one).claims, decodeToken(other).claims];
  return a.iss === b.iss && a.sub === b.sub && JSON.stringify(a.aud) === JSON.stringify(b.aud);
}
