/** What went wrong with a mint, in one class (lifecycle.md §5). Structured fields decide, never the message's words. */
import {
  type FailureClass,
  InvalidTokenError,
  type RedactedCause,
  redactCause,
  safeCode,
  TokenLifecycleError,
} from './errors';
import type { RefreshPolicy } from './policy';

/** A failure as machines, events and errors carry it: no token, no foreign object. */
export type Failure = {
  readonly class: FailureClass;
  readonly status?: number;
  readonly serverCode?: string;
  /** Capped by the policy. */
  readonly retryAfterMs?: number;
  readonly cause?: RedactedCause;
  /** Why a token was refused, for `invalid`. */
  readonly reason?: string;
};

/** What is known when a mint fails. */
export type FailureCircumstances = {
  readonly policy: RefreshPolicy;
  /** The platform says that there is no network, now or while the request ran. */
  readonly offline: boolean;
  /** The request ran into its deadline. */
  readonly timedOut: boolean;
  /** A single-use credential was sent: no answer means that it may be spent. */
  readonly rotating: boolean;
};

/** Codes that say "too many requests" under another status. */
const rateLimitCodes = new Set([
  'too_many_requests',
  'rate_limit_exceeded',
  'rate_limited',
  'quota_exceeded',
  'slow_down',
]);
const transientStatuses = new Set([408, 425]);

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/**
 * Classes whatever a source threw: a `TokenRequestError`, or any error with some of its properties.
 *
 * An error without a status is a request without an answer. What is not recognised is transient: only named codes and
 * 401 lead towards a sign-out.
 */
export function classifyFailure(thrown: unknown, circumstances: FailureCircumstances): Failure {
  const { policy, offline, timedOut, rotating } = circumstances;
  if (InvalidTokenError.is(thrown)) return { class: 'invalid', reason: thrown.reason };

  const isOurs = TokenLifecycleError.is(thrown);
  const fields = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<string, unknown>;
  const status = number(fields.status);
  const serverCode = typeof fields.serverCode === 'string' && fields.serverCode !== '' ? fields.serverCode : undefined;
  // A code that the policy names is known to be one; any other has to look like one.
  const told = policy.terminalCodes.includes(serverCode ?? '') ? serverCode : safeCode(serverCode);
  const asked = number(fields.retryAfterMs);
  const retryAfterMs = asked === undefined ? undefined : Math.min(policy.retryAfterMaxMs, Math.max(0, asked));
  const cause = redactCause(isOurs || status !== undefined ? fields.cause : thrown);
  const details = {
    ...(status !== undefined && { status }),
    ...(told !== undefined && { serverCode: told }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(cause !== undefined && { cause }),
  };

  return { class: classOf(), ...details };

  function classOf(): FailureClass {
    if (status === undefined && serverCode === undefined) {
      if (retryAfterMs !== undefined) return 'rate-limited';
      if (rotating) return 'ambiguous';
      if (offline) return 'offline';
      return timedOut ? 'timed-out' : 'transient';
    }
    if (status === 422 && serverCode === 'missing_expired_token') return 'expired-token-required';
    // An origin in trouble signs nobody out, whatever its body says.
    if (status !== undefined && status >= 500) return retryAfterMs === undefined ? 'transient' : 'rate-limited';
    if (status === 429) return 'rate-limited';
    if (serverCode !== undefined && policy.terminalCodes.includes(serverCode)) return 'unauthenticated';
    if (retryAfterMs !== undefined) return 'rate-limited';
    if (serverCode !== undefined && rateLimitCodes.has(serverCode.toLowerCase())) return 'rate-limited';
    if (status === undefined || transientStatuses.has(status) || status < 400) return 'transient';
    if (status === 401) return 'unauthenticated';
    return 'rejected';
  }
}

/** A token the acceptance rules refuse (§7). */
export const invalidToken = (reason: string): Failure => ({ class: 'invalid', reason });
