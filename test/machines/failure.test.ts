/** One class per failure, by structured fields only (lifecycle.md §5). */
import { describe, expect, it } from 'vitest';
import { type FailureClass, InvalidTokenError, TokenRequestError } from '../../machines/errors';
import { classifyFailure, type FailureCircumstances } from '../../machines/failure';
import { defaultPolicy } from '../../machines/policy';

const calm: FailureCircumstances = { policy: defaultPolicy, offline: false, timedOut: false, rotating: false };
const classOf = (thrown: unknown, more: Partial<FailureCircumstances> = {}): FailureClass =>
  classifyFailure(thrown, { ...calm, ...more }).class;

const unanswered = new TypeError('Failed to fetch');

describe('no answer', () => {
  it.each<[title: string, more: Partial<FailureCircumstances>, expected: FailureClass]>([
    ['R5.3 online', {}, 'transient'],
    ['R5.1 while the platform is offline', { offline: true }, 'offline'],
    ['R5.5 after the time-out', { timedOut: true }, 'timed-out'],
    ['R5.1 after the time-out, without a network', { timedOut: true, offline: true }, 'offline'],
    ['R5.15 to a rotating credential', { rotating: true }, 'ambiguous'],
    [
      'R5.15 to a rotating credential, offline: it may have been spent all the same',
      { rotating: true, offline: true },
      'ambiguous',
    ],
    ['R5.15 to a rotating credential, in time', { rotating: true, timedOut: true }, 'ambiguous'],
  ])('%s', (_, more, expected) => {
    expect(classOf(unanswered, more)).toBe(expected);
  });

  it.each([
    ['A11 R5.3 the words of the message decide nothing', new Error('Network error')],
    ['A27 R5.3 Safari says it differently', new TypeError('Load failed')],
    ['A26 R5.3 a transport code is no status', Object.assign(new Error('x'), { code: 'ENOTFOUND' })],
    ['A11 R5.3 a message that sounds like the end', new Error('401 invalid_grant session_not_found')],
    ['R5.3 a string', 'boom'],
    ['R5.3 nothing', undefined],
    ['R5.3 null', null],
    ['R5.3 a status that is no number', { status: '401' }],
    ['R5.3 a status that is NaN', { status: Number.NaN }],
    ['R5.3 an empty server code', { serverCode: '' }],
  ])('%s', (_, thrown) => {
    expect(classOf(thrown)).toBe('transient');
    expect(classOf(thrown, { offline: true })).toBe('offline');
  });
});

describe('an answer', () => {
  const statuses: [title: string, status: number, expected: FailureClass][] = [
    ['R5.12', 400, 'rejected'],
    ['R5.13', 401, 'unauthenticated'],
    ['R5.12', 402, 'rejected'],
    ['R5.12', 403, 'rejected'],
    ['R5.12 F23', 404, 'rejected'],
    ['R5.3', 408, 'transient'],
    ['R5.12', 409, 'rejected'],
    ['R5.12', 410, 'rejected'],
    ['R5.12 scenario 40:', 422, 'rejected'],
    ['R5.3', 425, 'transient'],
    ['R5.7', 429, 'rate-limited'],
    ['R5.12', 451, 'rejected'],
    ['R5.12', 499, 'rejected'],
    ['R5.3', 500, 'transient'],
    ['R5.3', 501, 'transient'],
    ['R5.3 A09', 502, 'transient'],
    ['R5.3', 503, 'transient'],
    ['R5.3', 504, 'transient'],
    ['R5.3', 599, 'transient'],
    ['R5.3 a redirect that nobody followed', 302, 'transient'],
  ];
  it.each(statuses)('%s status %i is %s', (_, status, expected) => {
    expect(classOf({ status })).toBe(expected);
    // An answer is an answer, whatever the platform says of the network.
    expect(classOf({ status }, { offline: true, timedOut: true, rotating: true })).toBe(expected);
  });

  it.each<[title: string, fields: object, expected: FailureClass]>([
    ['T11 R5.9 422 with the one code', { status: 422, serverCode: 'missing_expired_token' }, 'expired-token-required'],
    [
      'T11 the code under another status means nothing',
      { status: 400, serverCode: 'missing_expired_token' },
      'rejected',
    ],
    ['R5.12 422 with another code', { status: 422, serverCode: 'form_param_missing' }, 'rejected'],
    ['R5.13 400 invalid_grant', { status: 400, serverCode: 'invalid_grant' }, 'unauthenticated'],
    ['R5.13 404 session_not_found', { status: 404, serverCode: 'session_not_found' }, 'unauthenticated'],
    ['R5.13 403 user_banned', { status: 403, serverCode: 'user_banned' }, 'unauthenticated'],
    ['R5.13 403 user_deactivated', { status: 403, serverCode: 'user_deactivated' }, 'unauthenticated'],
    ['R5.12 403 with another code', { status: 403, serverCode: 'forbidden' }, 'rejected'],
    ['R5.13 a code without a status', { serverCode: 'invalid_grant' }, 'unauthenticated'],
    [
      'R8.4 a 503 signs nobody out, whatever its body says',
      { status: 503, serverCode: 'session_not_found' },
      'transient',
    ],
    [
      'R8.4 a 429 signs nobody out, whatever its body says',
      { status: 429, serverCode: 'invalid_grant' },
      'rate-limited',
    ],
    ['R5.7 503 with Retry-After', { status: 503, retryAfterMs: 1_000 }, 'rate-limited'],
    ['R5.7 403 with Retry-After', { status: 403, retryAfterMs: 1_000 }, 'rate-limited'],
    ['R5.7 408 with Retry-After', { status: 408, retryAfterMs: 1_000 }, 'rate-limited'],
    ['R5.7 Retry-After of 0 counts too', { status: 503, retryAfterMs: 0 }, 'rate-limited'],
    ['R5.7 Retry-After without a status', { retryAfterMs: 1_000 }, 'rate-limited'],
    ['F16 R5.7 a quota under status 400', { status: 400, serverCode: 'QUOTA_EXCEEDED' }, 'rate-limited'],
    ['F16 R5.7 too_many_requests under status 403', { status: 403, serverCode: 'too_many_requests' }, 'rate-limited'],
  ])('%s', (_, fields, expected) => {
    expect(classOf(fields)).toBe(expected);
    expect(classOf(new TokenRequestError('x', fields))).toBe(expected);
  });

  it('R5.13 the list of codes is the policy’s', () => {
    const policy = { ...defaultPolicy, terminalCodes: ['account_closed'] };
    expect(classOf({ status: 403, serverCode: 'account_closed' }, { policy })).toBe('unauthenticated');
    expect(classOf({ status: 403, serverCode: 'invalid_grant' }, { policy })).toBe('rejected');
  });

  it('R5.10 a token that cannot be accepted is invalid, and says why', () => {
    const failure = classifyFailure(new InvalidTokenError('malformed'), { ...calm, offline: true, rotating: true });
    expect(failure).toEqual({ class: 'invalid', reason: 'malformed' });
  });
});

describe('what is kept of it', () => {
  it('L02 status, code and duration are kept', () => {
    const thrown = new TokenRequestError('x', { status: 429, serverCode: 'slow', retryAfterMs: 5_000 });
    expect(classifyFailure(thrown, calm)).toMatchObject({ status: 429, serverCode: 'slow', retryAfterMs: 5_000 });
  });

  it('R5.27 Retry-After is 15 min at most, and never negative', () => {
    const kept = (retryAfterMs: number) => classifyFailure({ status: 503, retryAfterMs }, calm).retryAfterMs;
    expect(kept(900_000)).toBe(900_000);
    expect(kept(900_001)).toBe(900_000);
    expect(kept(-1)).toBe(0);
    expect(classOf({ status: 503, retryAfterMs: Number.POSITIVE_INFINITY })).toBe('transient');
  });

  it('S11 R5.2 the cause is reduced to name, code and status', () => {
    const secret = 'eyJhbGciOi.secret';
    const cause = Object.assign(new Error(secret), { code: 'ECONNRESET', token: secret, status: 7 });
    const failure = classifyFailure(new TokenRequestError('x', { cause }), calm);
    expect(failure.cause).toEqual({ name: 'Error', code: 'ECONNRESET', status: 7 });
    const thrown = Object.assign(new TypeError(secret), { cause: { code: 'ENOTFOUND', secret } });
    expect(classifyFailure(thrown, calm)).toEqual({
      class: 'transient',
      cause: { name: 'TypeError', code: 'ENOTFOUND' },
    });
    expect(JSON.stringify(classifyFailure(secret, calm))).not.toContain('secret');
  });
});
