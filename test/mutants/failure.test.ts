/** What Stryker's mutants of machines/failure.ts asked for, beyond test/machines/failure.test.ts. */
import { describe, expect, it } from 'vitest';
import { TokenRequestError } from '../../machines/errors';
import { classifyFailure, type FailureCircumstances, invalidToken } from '../../machines/failure';
import { defaultPolicy } from '../../machines/policy';

const plain: FailureCircumstances = { policy: defaultPolicy, offline: false, timedOut: false, rotating: false };

describe('classifyFailure()', () => {
  it.each(['too_many_requests', 'rate_limit_exceeded', 'rate_limited', 'quota_exceeded', 'slow_down', 'SLOW_DOWN'])(
    'R5.7 the code %s says the same as a 429, whatever the status',
    (serverCode) => {
      expect(classifyFailure({ status: 403, serverCode }, plain).class).toBe('rate-limited');
    },
  );

  it.each([5, '', null, {}])('R5.1 R5.3 a code that is none (%j) is no answer', (serverCode) => {
    expect(classifyFailure({ serverCode }, { ...plain, offline: true }).class).toBe('offline');
    expect(classifyFailure({ serverCode }, { ...plain, rotating: true }).class).toBe('ambiguous');
  });

  it('R5.3 an unknown code without a status is transient, and refuses nobody', () => {
    expect(classifyFailure({ serverCode: 'not_today' }, plain).class).toBe('transient');
  });

  it('L02 only what is known is said', () => {
    expect(Object.keys(classifyFailure({ status: 400 }, plain))).toEqual(['class', 'status']);
    expect(Object.keys(classifyFailure({ serverCode: 'not_today' }, plain))).not.toContain('status');
    expect(classifyFailure(undefined, plain)).toStrictEqual({ class: 'transient' });
  });

  it('S11 an answer is no cause of itself: what our errors carry as a cause counts', () => {
    expect(classifyFailure(new TokenRequestError('no', { status: 503 }), plain)).not.toHaveProperty('cause');
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    expect(classifyFailure(new TokenRequestError('no', { cause }), plain).cause).toMatchObject({ code: 'ECONNRESET' });
  });

  it('T14 a code that the policy names is told as it is, whatever it looks like', () => {
    const policy = { ...defaultPolicy, terminalCodes: ['Session is over!'] };
    const failure = classifyFailure({ status: 400, serverCode: 'Session is over!' }, { ...plain, policy });
    expect(failure).toMatchObject({ class: 'unauthenticated', serverCode: 'Session is over!' });
  });

  it('R5.10 a token that cannot be taken is invalid, for a reason', () => {
    expect(invalidToken('expired')).toEqual({ class: 'invalid', reason: 'expired' });
  });
});
