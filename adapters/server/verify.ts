/** A token's worth, by jose. */
import {
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { InvalidTokenError } from '../../machines/errors';
import type { TokenVerdict } from '../../machines/handshake/facts';
import type { TokenFault } from '../../machines/handshake/reasons';
import { type DecodedToken, decodeToken } from '../token/decode';
import { KeysUnreachable } from './keys';
import type { SessionClaims } from './types';

export type VerifySettings = {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: readonly string[];
  readonly algorithms: readonly string[];
  readonly skewMs: number;
};

export type SessionVerifySettings = VerifySettings & {
  readonly audience: readonly string[] | undefined;
  readonly authorizedParties: readonly string[] | undefined;
  readonly tokenTypes: readonly string[] | undefined;
  readonly categories: readonly string[] | undefined;
  readonly maxLifetimeMs: number;
};

export type VerifiedToken = {
  readonly token: string;
  readonly verdict: TokenVerdict;
  /** Where the signature, and all but perhaps the time, is good. */
  readonly claims: SessionClaims | null;
};

type Failure = { readonly code?: unknown; readonly claim?: unknown; readonly reason?: unknown };

/** `jwtVerify`; where the token names no key and several might fit, each of them. */
export async function verifyWith(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

export const isExpiry = (error: unknown): error is errors.JWTExpired => error instanceof errors.JWTExpired;
const isTooEarly = (error: unknown): error is errors.JWTClaimValidationFailed =>
  error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf' && error.reason === 'check_failed';

function faultOf({ code, claim, reason }: Failure): TokenFault {
  switch (code) {
    case errors.JWTClaimValidationFailed.code:
      if (claim === 'iss') return 'token-invalid-issuer';
      if (claim === 'aud') return 'token-invalid-audience';
      return reason === 'missing' ? 'token-missing-claim' : 'token-invalid-claim';
    case errors.JOSEAlgNotAllowed.code:
    case errors.JOSENotSupported.code:
      return 'token-invalid-algorithm';
    case errors.JWKSNoMatchingKey.code:
      return 'token-unknown-key';
    case errors.JWSInvalid.code:
    case errors.JWTInvalid.code:
      return 'token-malformed';
    default:
      return 'token-invalid-signature';
  }
}

/** `application/jwt` and `JWT` are the same type (RFC 7515 §4.1.9). */
const typeName = (value: string): string => value.toLowerCase().replace(/^application\//, '');

/** H4b: a token for something else, by what its header says. */
function isForeign({ header }: DecodedToken, { tokenTypes, categories }: SessionVerifySettings): boolean {
  const { typ, cat } = header as { typ?: unknown; cat?: unknown };
  const isType = (names: readonly string[]): boolean =>
    typeof typ === 'string' && names.some((name) => typeName(name) === typeName(typ));
  const fitsType = tokenTypes ? isType(tokenTypes) : typ === undefined || isType(['JWT']);
  const fitsCategory = !categories || (typeof cat === 'string' && categories.includes(cat));
  return !fitsType || !fitsCategory;
}

/** What jose does not look at. */
function claimFault(claims: JWTPayload, settings: SessionVerifySettings): TokenFault | undefined {
  const { sub, iat, exp, azp } = claims as { sub?: unknown; iat: number; exp: number; azp?: unknown };
  if (typeof sub !== 'string' || sub === '') return 'token-missing-claim';
  if (exp <= iat) return 'token-invalid-claim';
  if ((exp - iat) * 1_000 > settings.maxLifetimeMs) return 'token-lifetime-too-long';
  const { authorizedParties } = settings;
  if (authorizedParties && !(typeof azp === 'string' && authorizedParties.includes(azp))) {
    return 'token-invalid-authorized-party';
  }
  return undefined;
}

/** The token's own word, before anybody has vouched for it. */
function readUnverified(token: string): DecodedToken | TokenFault {
  try {
    return decodeToken(token);
  } catch (error) {
    return InvalidTokenError.is(error) && error.reason === 'too_large' ? 'token-too-large' : 'token-malformed';
  }
}

/**
 * Verifies session tokens (H4b, H6, H6b). Never throws; only a `valid`, `expired` or `early` verdict comes with claims.
 *
 * @returns a function that takes the token and the time, in epoch ms
 */
export function sessionVerifier(settings: SessionVerifySettings) {
  const { keys, issuer, audience, algorithms, skewMs } = settings;

  return async function verify(token: string, nowMs: number): Promise<VerifiedToken> {
    const decoded = readUnverified(token);
    if (typeof decoded === 'string') return refused({ is: 'unreadable', reason: decoded });
    if (isForeign(decoded, settings)) return refused({ is: 'unreadable', reason: 'token-type-mismatch' });
    const issuedAt = decoded.issuedAt === null ? null : decoded.issuedAt / 1_000;
    try {
      const { payload } = await verifyWith(token, keys, {
        issuer: [...issuer],
        ...(audience && { audience: [...audience] }),
        algorithms: [...algorithms],
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: skewMs / 1_000,
        currentDate: new Date(nowMs),
      });
      return judged(payload, 'valid');
    } catch (error) {
      if (isExpiry(error)) return judged(error.payload, 'expired');
      if (isTooEarly(error)) return judged(error.payload, 'early');
      if (error instanceof KeysUnreachable) return refused({ is: 'unverifiable', issuedAt });
      return refused({ is: 'bad', issuedAt, reason: faultOf(error as Failure) });
    }

    function refused(verdict: TokenVerdict): VerifiedToken {
      return { token, verdict, claims: null };
    }

    function judged(payload: JWTPayload, time: 'valid' | 'expired' | 'early'): VerifiedToken {
      // decodeToken has seen to it that these are numbers, jose that they are there.
      const claims = payload as SessionClaims;
      const { iat, exp } = claims;
      const reason = claimFault(claims, settings);
      if (reason) return refused({ is: 'bad', issuedAt, reason });
      if (time === 'expired') return { token, claims, verdict: { is: 'expired', issuedAt: iat } };
      const latest = (nowMs + skewMs) / 1_000;
      if (time === 'early') {
        // jose looks at `nbf` first: one that never has been good is not merely early.
        if (exp <= (claims.nbf ?? 0)) return refused({ is: 'bad', issuedAt, reason: 'token-invalid-claim' });
        return { token, claims, verdict: { is: 'early', issuedAt: iat, reason: 'session-token-nbf' } };
      }
      if (iat > latest) {
        return { token, claims, verdict: { is: 'early', issuedAt: iat, reason: 'session-token-iat-in-the-future' } };
      }
      return { token, claims, verdict: { is: 'valid', issuedAt: iat } };
    }
  };
}

export type SessionVerifier = ReturnType<typeof sessionVerifier>;
