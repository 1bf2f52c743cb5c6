/** What callers switch on, and what an error may carry. */
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  CookieError,
  InvalidTokenError,
  OfflineError,
  ReadTimeoutError,
  redactCause,
  StoppedError,
  safeCode,
  sessionEndingCodes,
  TokenLifecycleError,
  TokenRequestError,
} from '../../machines/errors';

const cases = [
  ['OfflineError', 'offline', OfflineError, new OfflineError()],
  ['TokenRequestError', 'request_failed', TokenRequestError, new TokenRequestError('No')],
  ['ReadTimeoutError', 'read_timeout', ReadTimeoutError, new ReadTimeoutError(5)],
  ['InvalidTokenError', 'invalid_token', InvalidTokenError, new InvalidTokenError('aged')],
  ['StoppedError', 'stopped', StoppedError, new StoppedError()],
  ['CookieError', 'cookie_rejected', CookieError, new CookieError('blocked')],
  ['ConfigurationError', 'invalid_option', ConfigurationError, new ConfigurationError('it', 'must be')],
] as const;

describe('every error', () => {
  it.each(cases)(
    'R4.7 %s is told by its name, its code `%s` and its own `is`, and by no other',
    (name, code, kind, error) => {
      expect(error).toBeInstanceOf(Error);
      expect([error.name, error.code, error.library]).toEqual([name, code, 'token-lifecycle']);
      expect(TokenLifecycleError.is(error)).toBe(true);
      for (const [, , other] of cases) expect(other.is(error)).toBe(other === kind);
    },
  );

  it('R4.7 one from another copy of the library is told as well; what only looks like one is not', () => {
    const copy = { library: 'token-lifecycle', code: 'offline' };
    expect([TokenLifecycleError.is(copy), OfflineError.is(copy), StoppedError.is(copy)]).toEqual([true, true, false]);
    for (const other of [null, undefined, 'token-lifecycle', { code: 'offline' }, { library: 'x', code: 'offline' }]) {
      expect(TokenLifecycleError.is(other)).toBe(false);
      expect(OfflineError.is(other)).toBe(false);
    }
  });

  it('R4.7 carries what a caller needs to go on', () => {
    expect(new OfflineError('x').retryAt).toBeNull();
    expect(new OfflineError('x', { retryAt: 5 }).retryAt).toBe(5);
    expect(new ReadTimeoutError(250).timeoutMs).toBe(250);
    expect(new InvalidTokenError('aged').reason).toBe('aged');
    expect(new CookieError('too_large').reason).toBe('too_large');
    const bad = new ConfigurationError('policy.jitter', 'must be a number');
    expect([bad.option, bad.reason, bad.message]).toEqual([
      'policy.jitter',
      'must be a number',
      'policy.jitter must be a number.',
    ]);
    const known = {
      status: 503,
      serverCode: 'down',
      retryAfterMs: 5,
      failure: 'transient',
      attempt: 2,
      nextAttemptAt: 9,
    };
    expect(new TokenRequestError('No', { ...known, failure: 'transient' })).toMatchObject(known);
    expect(new TokenRequestError('No').nextAttemptAt).toBeNull();
  });

  it('S11 a cause is kept in its harmless part, and does not show when the error is listed', () => {
    const error = new OfflineError('x', { cause: Object.assign(new TypeError('secret'), { code: 'ECONNRESET' }) });
    expect(error.cause).toEqual({ name: 'TypeError', code: 'ECONNRESET' });
    expect(Object.keys(error)).not.toContain('cause');
    expect('cause' in new OfflineError()).toBe(false);
    // `explain()` puts it right where it knows more.
    expect(Object.getOwnPropertyDescriptor(error, 'cause')?.configurable).toBe(true);
  });

  it('T14 the codes that end a session cannot be added to from outside', () => {
    expect(Object.isFrozen(sessionEndingCodes)).toBe(true);
    expect(sessionEndingCodes).toEqual([
      'invalid_grant',
      'session_not_found',
      'session_revoked',
      'session_expired',
      'user_banned',
      'user_deactivated',
      'user_not_found',
    ]);
  });
});

describe('safeCode', () => {
  it.each([
    'ECONNREFUSED',
    'invalid_grant',
    'TypeError',
    'AbortError',
    'ERR_HTTP2_STREAM',
    'a.b:c/d-e',
    '_private',
    'tail_',
    'a__b',
    '404',
    'e2big',
    'E2BIG',
    'DOMException',
    'BadAPIResponse',
    'UNAUTHENTICATED',
    'JWTExpiredError',
    'JWSSignatureVerificationFailed',
    `${'a'.repeat(24)}_${'b'.repeat(23)}`,
  ])('S11 `%s` reads like a code: kept', (code) => {
    expect(safeCode(code)).toBe(code);
  });

  it.each([
    '',
    undefined,
    7,
    {},
    'two words',
    'eyJhbGciOiJIUzI1NiJ9',
    'A'.repeat(25),
    'abc123abc1234',
    'ABC123ABC1234',
    'aB',
    'aBc',
    'Ab1',
    'abcD',
    'ABCDEab',
    'ab ABCDEab',
    'good_eyJhbGciOi',
    'x!',
    '!x',
    `${'a'.repeat(24)}_${'b'.repeat(24)}`,
    'fooABCDEbar',
  ])('S11 %j may be a secret, or is no code: dropped', (value) => {
    expect(safeCode(value)).toBeUndefined();
  });
});

describe('redactCause', () => {
  it('S11 nothing comes of nothing; of a bare value only its type', () => {
    expect(redactCause(undefined)).toBeUndefined();
    expect(redactCause(null)).toBeUndefined();
    expect(redactCause('secret')).toStrictEqual({ name: 'string' });
    expect(redactCause(7)).toStrictEqual({ name: 'number' });
  });

  it('S11 name, code and status, where they look like it', () => {
    expect(redactCause({ name: 'TypeError', code: 'E_X', status: 503, message: 'secret' })).toStrictEqual({
      name: 'TypeError',
      code: 'E_X',
      status: 503,
    });
    expect(redactCause({ name: 'a secret', code: 'a secret', status: '503' })).toStrictEqual({ name: 'Error' });
    expect(redactCause({})).toStrictEqual({ name: 'Error' });
  });

  it('S11 the code of the transport is one level down; the own one goes first', () => {
    expect(redactCause({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } })).toStrictEqual({
      name: 'TypeError',
      code: 'ECONNREFUSED',
    });
    expect(redactCause({ code: 'E_OUTER', cause: { code: 'E_INNER' } })?.code).toBe('E_OUTER');
    for (const cause of [null, 'E_INNER', undefined]) expect(redactCause({ cause })).toStrictEqual({ name: 'Error' });
  });
});
