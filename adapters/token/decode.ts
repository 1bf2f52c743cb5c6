import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { InvalidTokenError } from '../../machines/errors';
import { freshnessOrder } from '../../machines/held-token';
import { fingerprint } from './fingerprint';

/** Longer than any cookie or header carries. */
const maxLength = 16 * 1024;
/** Seconds beyond the year 5138: whoever sends that means milliseconds. */
const maxEpochSeconds = 1e11;

/** What a JWT says, unverified. Times in epoch ms; `null` where it does not say. */
export type DecodedToken = {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  /** Header `oiat`: when the origin vouched for it. */
  readonly originIssuedAt: number | null;
  /** Claim `sid`. */
  readonly sessionId?: string;
  /** Claim `org_id`, or `o.id`. */
  readonly organizationId?: string;
  /** First 8 hex digits of the token's SHA-256. */
  readonly fingerprint: string;
};

function epochMs(seconds: unknown): number | null {
  if (seconds === undefined) return null;
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > maxEpochSeconds)
    throw new InvalidTokenError('malformed');
  return seconds * 1_000;
}

function organizationOf(claims: JWTPayload): string | undefined {
  const { org_id: flat, o: nested } = claims as { org_id?: unknown; o?: unknown };
  if (typeof flat === 'string') return flat;
  const id = typeof nested === 'object' && nested !== null ? (nested as { id?: unknown }).id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Whether a string may be a token at all. @throws InvalidTokenError */
export function checkToken(token: unknown): asserts token is string {
  if (typeof token !== 'string') throw new InvalidTokenError('not_a_string');
  if (token.trim() === '') throw new InvalidTokenError('empty');
  if (token.length > maxLength) throw new InvalidTokenError('too_large');
}

/**
 * Reads a JWT without verifying it: a client has no business trusting a signature, a server has (see jose's `jwtVerify`).
 *
 * @param token a compact JWT of at most 16 KB
 * @throws InvalidTokenError with a `reason`; the token is not in it
 * @example decodeToken(token).expiresAt // 1767225660000
 */
export function decodeToken(token: string): DecodedToken {
  checkToken(token);
  let header: ProtectedHeaderParameters;
  let claims: JWTPayload;
  try {
    header = decodeProtectedHeader(token);
    claims = decodeJwt(token);
  } catch {
    throw new InvalidTokenError('malformed');
  }
  const sessionId = typeof claims.sid === 'string' ? claims.sid : undefined;
  const organizationId = organizationOf(claims);
  return {
    header,
    claims,
    issuedAt: epochMs(claims.iat),
    expiresAt: epochMs(claims.exp),
    originIssuedAt: epochMs((header as { oiat?: unknown }).oiat),
    ...(sessionId !== undefined && { sessionId }),
    ...(organizationId !== undefined && { organizationId }),
    fingerprint: fingerprint(token),
  };
}

/**
 * Orders two tokens of one key by freshness: above 0 where `a` is fresher, below 0 where `b` is, 0 on a tie. The origin's
 * time (`oiat`) decides first, and having one beats having none; then `iat` (lifecycle R7.6, R7.7).
 *
 * @throws InvalidTokenError for a string that is no JWT
 * @example tokens.sort(compareFreshness).at(-1) // the freshest
 */
export function compareFreshness(a: string | DecodedToken, b: string | DecodedToken): number {
  return freshnessOrder(ageOf(a), ageOf(b));
}

function ageOf(token: string | DecodedToken): { originIssuedAt: number | null; issuedAt: number } {
  const { originIssuedAt, issuedAt } = typeof token === 'object' && token !== null ? token : decodeToken(token);
  const isTime = (time: unknown): boolean => time === null || typeof time === 'number';
  if (!isTime(originIssuedAt) || !isTime(issuedAt)) throw new InvalidTokenError('malformed');
  return { originIssuedAt, issuedAt: issuedAt ?? Number.NEGATIVE_INFINITY };
}
