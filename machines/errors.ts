/**
 * Every error that leaves the library: one base, a stable `code` each, and `is()` that works across bundles and realms.
 * None of them carries a token; a `cause` is reduced to its name, code and status (S11).
 */

/** Why a mint failed, as lifecycle.md §5 classes it. */
export type FailureClass =
  | 'offline'
  | 'transient'
  | 'timed-out'
  | 'rate-limited'
  | 'expired-token-required'
  | 'invalid'
  | 'rejected'
  | 'unauthenticated'
  | 'ambiguous'
  | 'aborted';

export type ErrorCode =
  | 'offline'
  | 'request_failed'
  | 'read_timeout'
  | 'invalid_token'
  | 'stopped'
  | 'cookie_rejected'
  | 'invalid_option';

/** Server codes that say that a session is over, not that a request went wrong. */
export const sessionEndingCodes: readonly string[] = Object.freeze([
  'invalid_grant',
  'session_not_found',
  'session_revoked',
  'session_expired',
  'user_banned',
  'user_deactivated',
  'user_not_found',
]);

/** What is kept of a foreign error: enough to tell the cause, too little to leak one. */
export type RedactedCause = { readonly name: string; readonly code?: string; readonly status?: number };

const brand = 'token-lifecycle';
/** Words as people write them: one case (with digits, if short), or capitals that begin words. Base64 is neither. */
const word = /^(?:[A-Z]{1,24}|[A-Z0-9]{1,12}|[a-z0-9]{1,12}|[A-Z]{0,4}[a-z]{2,24}(?:[A-Z]{1,4}[a-z]{2,24})*)$/;
const longestCode = 48;

/** A code or name, if it reads like one: whatever else stands there may be a secret (S11). */
export function safeCode(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > longestCode) return undefined;
  return value.split(/[_.:/-]+/).every((part) => part === '' || word.test(part)) ? value : undefined;
}

/** The harmless part of any thrown value. */
export function redactCause(thrown: unknown): RedactedCause | undefined {
  if (thrown === undefined || thrown === null) return undefined;
  if (typeof thrown !== 'object') return { name: typeof thrown };
  const { name, code, status, cause } = thrown as { name?: unknown; code?: unknown; status?: unknown; cause?: unknown };
  // fetch hides the transport's code one level down: TypeError { cause: { code: 'ECONNREFUSED' } }.
  const inner = typeof cause === 'object' && cause !== null ? (cause as { code?: unknown }).code : undefined;
  const kept = safeCode(code) ?? safeCode(inner);
  return {
    name: safeCode(name) ?? 'Error',
    ...(kept !== undefined && { code: kept }),
    ...(typeof status === 'number' && { status }),
  };
}

/** The base of every error of this library. Switch on `code`, not on the message. */
export abstract class TokenLifecycleError extends Error {
  /** Survives bundling twice: `instanceof` does not. */
  readonly library = brand;
  abstract readonly code: ErrorCode;
  declare readonly cause?: RedactedCause | undefined;
  /** How the lifecycle came here, in prose, where it is known (see `explain()`). */
  declare explanation?: string;

  constructor(message: string, cause?: unknown) {
    super(message);
    const redacted = redactCause(cause);
    if (redacted) Object.defineProperty(this, 'cause', { value: redacted, enumerable: false, configurable: true });
  }

  static is(error: unknown): error is TokenLifecycleError {
    return typeof error === 'object' && error !== null && (error as { library?: unknown }).library === brand;
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return TokenLifecycleError.is(error) && error.code === code;
}

/** There is no network, and the budget for waiting is used up (T22). `retryAt` in epoch ms. */
export class OfflineError extends TokenLifecycleError {
  override readonly name = 'OfflineError';
  readonly code = 'offline';
  readonly retryAt: number | null;

  constructor(
    message = 'No network: the token could not be refreshed.',
    options: { retryAt?: number | null; cause?: unknown } = {},
  ) {
    super(message, options.cause);
    this.retryAt = options.retryAt ?? null;
  }

  static override is(error: unknown): error is OfflineError {
    return hasCode(error, 'offline');
  }
}

export type TokenRequestErrorOptions = {
  status?: number | undefined;
  /** The server's own error code: `missing_expired_token`, `invalid_grant`, … */
  serverCode?: string | undefined;
  /** How long the server asks to be left alone, in ms. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
  failure?: FailureClass | undefined;
  attempt?: number | undefined;
  /** Epoch ms. */
  nextAttemptAt?: number | null | undefined;
};

/**
 * A mint failed. A source throws it with what it knows; readers get it with the class, the attempt and the next one.
 *
 * @example throw new TokenRequestError('No session', { status: 401, serverCode: 'session_not_found' });
 */
export class TokenRequestError extends TokenLifecycleError {
  override readonly name = 'TokenRequestError';
  readonly code = 'request_failed';
  readonly status: number | undefined;
  readonly serverCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly failure: FailureClass | undefined;
  readonly attempt: number | undefined;
  readonly nextAttemptAt: number | null;

  constructor(message: string, options: TokenRequestErrorOptions = {}) {
    super(message, options.cause);
    this.status = options.status;
    this.serverCode = options.serverCode;
    this.retryAfterMs = options.retryAfterMs;
    this.failure = options.failure;
    this.attempt = options.attempt;
    this.nextAttemptAt = options.nextAttemptAt ?? null;
  }

  static override is(error: unknown): error is TokenRequestError {
    return hasCode(error, 'request_failed');
  }
}

/** The reader's own `timeoutMs` ran out (the shared mint goes on), or `waitFor` gave up. */
export class ReadTimeoutError extends TokenLifecycleError {
  override readonly name = 'ReadTimeoutError';
  readonly code = 'read_timeout';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, message = `Nothing settled within ${timeoutMs} ms.`) {
    super(message);
    this.timeoutMs = timeoutMs;
  }

  static override is(error: unknown): error is ReadTimeoutError {
    return hasCode(error, 'read_timeout');
  }
}

export type InvalidTokenReason =
  | 'empty'
  | 'not_a_string'
  | 'too_large'
  | 'malformed'
  | 'no_lifetime'
  | 'expired'
  | 'other_session'
  | 'other_organization'
  | 'not_yet_valid'
  | 'aged'
  | 'untrusted';

/** A token that cannot be used, and why. The token itself is not in it. */
export class InvalidTokenError extends TokenLifecycleError {
  override readonly name = 'InvalidTokenError';
  readonly code = 'invalid_token';
  readonly reason: InvalidTokenReason;

  constructor(reason: InvalidTokenReason, message = `The token is not usable: ${reason}.`) {
    super(message);
    this.reason = reason;
  }

  static override is(error: unknown): error is InvalidTokenError {
    return hasCode(error, 'invalid_token');
  }
}

/** The lifecycle was stopped; call `start()` to go on. */
export class StoppedError extends TokenLifecycleError {
  override readonly name = 'StoppedError';
  readonly code = 'stopped';

  constructor(message = 'The token lifecycle is stopped. Call start() first.') {
    super(message);
  }

  static override is(error: unknown): error is StoppedError {
    return hasCode(error, 'stopped');
  }
}

/** The cookie could not be written as asked. Reported by `adapter.failed`; it never signs anyone out. */
export class CookieError extends TokenLifecycleError {
  override readonly name = 'CookieError';
  readonly code = 'cookie_rejected';
  readonly reason: 'too_large' | 'blocked' | 'duplicate';

  constructor(reason: 'too_large' | 'blocked' | 'duplicate', message = `The cookie was not written: ${reason}.`) {
    super(message);
    this.reason = reason;
  }

  static override is(error: unknown): error is CookieError {
    return hasCode(error, 'cookie_rejected');
  }
}

/** An option has a value that cannot work. Thrown at once, before anything has started. */
export class ConfigurationError extends TokenLifecycleError {
  override readonly name = 'ConfigurationError';
  readonly code = 'invalid_option';
  readonly option: string;
  readonly reason: string;

  /**
   * @param option the option's name as the caller wrote it, e.g. `policy.retryFactor`
   * @param reason what it must be instead
   */
  constructor(option: string, reason: string) {
    super(`${option} ${reason}.`);
    this.option = option;
    this.reason = reason;
  }

  static override is(error: unknown): error is ConfigurationError {
    return hasCode(error, 'invalid_option');
  }
}
