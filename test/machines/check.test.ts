/** What callers pass in is checked at once; the error names the option and says what it must be, and prints no string. */
import { describe, expect, it } from 'vitest';
import {
  checkBoolean,
  checkFunction,
  checkKnown,
  checkMethods,
  checkNumber,
  checkObject,
  checkOneOf,
  checkSecurePlace,
  checkText,
} from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import { defaultPolicy, type RefreshPolicy, validatePolicy } from '../../machines/policy';
import { thrownBy } from '../support/bad-input';

const said = (check: () => void): string => {
  const error = thrownBy(check);
  expect(ConfigurationError.is(error)).toBe(true);
  return (error as ConfigurationError).message;
};
const passes = (check: () => void): void => expect(check).not.toThrow();

describe('one value', () => {
  it.each([
    [null, 'null'],
    [7, '7'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    ['', 'an empty string'],
    ['sess_secret', 'a string'],
    [[], 'an array'],
    [{}, 'an object'],
    [() => {}, 'a function'],
    [undefined, 'a undefined'],
  ])('Bad input: %s is told by its kind, never by its text', (value, kind) => {
    expect(said(() => checkOneOf('it', value, ['x']))).toBe(`it must be one of 'x', not ${kind}.`);
  });

  it('Bad input: text has to say something', () => {
    passes(() => checkText('it', ' a '));
    for (const value of ['', '  ', '\n', 7, null, undefined, ['a'], {}])
      expect(said(() => checkText('it', value))).toMatch(/^it must be a non-empty string, not /);
  });

  it('Bad input: a number from its least to its greatest, both included', () => {
    const range = { min: 2, max: 5 };
    for (const value of [2, 3.5, 5]) passes(() => checkNumber('it', value, range));
    for (const value of [1.999, 5.001, Number.NaN, Number.POSITIVE_INFINITY, '3', null, [3]])
      expect(said(() => checkNumber('it', value, range))).toMatch(/^it must be a number from 2 to 5, not /);
  });

  it('Bad input: a whole number where parts make no sense; without a greatest only the least is told', () => {
    const range = { min: 0, max: 5, integer: true };
    passes(() => checkNumber('it', 3, range));
    expect(said(() => checkNumber('it', 3.5, range))).toBe('it must be a whole number from 0 to 5, not 3.5.');
    passes(() => checkNumber('it', 1e15, { min: 0 }));
    passes(() => checkNumber('it', 0.5, { min: 0 }));
    expect(said(() => checkNumber('it', -1, { min: 0 }))).toBe('it must be a number of at least 0, not -1.');
    expect(said(() => checkNumber('it', 1.5, { min: 0, integer: true }))).toBe(
      'it must be a whole number of at least 0, not 1.5.',
    );
  });

  it('Bad input: a boolean, a function, one of some', () => {
    passes(() => checkBoolean('it', false));
    expect(said(() => checkBoolean('it', 0))).toBe('it must be a boolean, not 0.');
    passes(() => checkFunction('it', () => {}));
    expect(said(() => checkFunction('it', {}))).toBe('it must be a function, not an object.');
    passes(() => checkOneOf('it', 'b', ['a', 'b']));
    expect(said(() => checkOneOf('it', 'c', ['a', 'b']))).toBe("it must be one of 'a', 'b', not a string.");
  });
});

describe('objects', () => {
  it('Bad input: an object is neither null nor a list', () => {
    passes(() => checkObject('it', {}));
    for (const value of [null, undefined, [], 'a', 7, () => {}])
      expect(said(() => checkObject('it', value))).toMatch(/^it must be an object, not /);
  });

  it('Bad input: an adapter has its methods, and may have more', () => {
    passes(() => checkMethods('it', { get() {}, set() {}, more: 1 }, ['get', 'set']));
    expect(said(() => checkMethods('it', { get() {}, set: 1 }, ['get', 'set']))).toBe(
      'it.set must be a function, not 1.',
    );
    expect(said(() => checkMethods('it', null, ['get']))).toBe('it must be an object, not null.');
    expect(said(() => checkMethods('it', null, []))).toBe('it must be an object, not null.');
  });

  it('Bad input: a misspelt option is told with those that there are; `undefined` is not given', () => {
    passes(() => checkKnown('it', { a: 1, c: undefined }, ['a', 'b']));
    expect(said(() => checkKnown('it', { a: 1, c: 2 }, ['a', 'b']))).toBe('it.c is not an option; there are a, b.');
  });
});

describe('checkSecurePlace', () => {
  it.each([
    'https://example.com',
    'http://localhost:3000',
    'http://app.localhost',
    'http://127.0.0.1',
    'http://127.1.22.133',
    'http://[::1]:8080',
    'https://localhost',
  ])('Bad input: a token may go to %s', (place) => {
    passes(() => checkSecurePlace('it', new URL(place)));
  });

  it.each([
    ['http:', 'example.com'],
    ['http:', 'localhost.example.com'],
    ['http:', 'notlocalhost'],
    ['http:', '127.0.0.1.example.com'],
    ['http:', 'x127.0.0.1'],
    ['http:', '127.0.0'],
    ['http:', '127.0.0.1.1'],
    ['http:', '127.a.b.c'],
    ['http:', '128.0.0.1'],
    ['ftp:', 'localhost'],
    ['ws:', '127.0.0.1'],
    ['', 'localhost'],
  ])('Bad input: not to %s//%s', (protocol, hostname) => {
    expect(said(() => checkSecurePlace('it', { protocol, hostname }))).toBe(
      'it must be https, or http to localhost, 127.0.0.1 or [::1].',
    );
  });
});

describe('validatePolicy', () => {
  it('Bad input: nothing given is the defaults, and `undefined` is not given', () => {
    expect(validatePolicy()).toStrictEqual(defaultPolicy);
    expect(validatePolicy({ retries: undefined as never })).toStrictEqual(defaultPolicy);
    expect(validatePolicy({ retries: 2 })).toStrictEqual({ ...defaultPolicy, retries: 2 });
  });

  it('Bad input: a policy is final, its list of codes too, whoever holds the list that it was made from', () => {
    const terminalCodes = ['gone'];
    const policy = validatePolicy({ terminalCodes });
    terminalCodes.push('later');
    expect(policy.terminalCodes).toEqual(['gone']);
    expect(Object.isFrozen(policy)).toBe(true);
    expect(Object.isFrozen(policy.terminalCodes)).toBe(true);
    expect(Object.isFrozen(defaultPolicy)).toBe(true);
  });

  const day = 86_400_000;
  const ranges: readonly [keyof RefreshPolicy, least: number, most: number, Partial<RefreshPolicy>?][] = [
    ['leewayMs', 0, day],
    ['leadMarginMs', 0, day],
    ['cutoffMs', 0, day],
    ['requestTimeoutMs', 1, day],
    ['retryInitialMs', 1, day, { retryMaxMs: day }],
    ['retryFactor', 1, 100],
    ['retryMaxMs', 1, day, { retryInitialMs: 1 }],
    ['retries', 0, 1_000],
    ['offlineRetries', 0, 1_000],
    ['jitter', 0, 1],
    ['mintFloorMs', 1, day],
    ['lockWaitMs', 0, day],
    ['takeoverGraceMs', 0, day],
    ['heartbeatMs', 1, day],
    ['focusedHeartbeatMs', 1, day],
    ['outageProbeEvery', 1, 1_000],
    ['retryAfterMaxMs', 0, day],
    ['hiddenForMs', 0, 365 * day],
  ];

  it.each(ranges)('Bad input: %s from %d to %d', (name, least, most, beside = {}) => {
    for (const value of [least, most]) passes(() => validatePolicy({ ...beside, [name]: value }));
    for (const value of [least - 1, most + 1, Number.NaN]) {
      const message = said(() => validatePolicy({ ...beside, [name]: value }));
      expect(message).toMatch(new RegExp(`^policy\\.${name} must be a (whole )?number from ${least} to ${most}, not `));
    }
  });

  it('Bad input: what is counted is whole', () => {
    for (const name of ['retries', 'offlineRetries', 'outageProbeEvery'] as const)
      expect(said(() => validatePolicy({ [name]: 1.5 }))).toMatch(/must be a whole number/);
    passes(() => validatePolicy({ retryFactor: 1.25, jitter: 0.25, leewayMs: 0.5 }));
  });

  it('Bad input: the ceiling is not below the first distance', () => {
    passes(() => validatePolicy({ retryInitialMs: 500, retryMaxMs: 500 }));
    expect(said(() => validatePolicy({ retryInitialMs: 500, retryMaxMs: 499 }))).toBe(
      'policy.retryMaxMs must not be below retryInitialMs (500).',
    );
  });

  it('Bad input: when the held token is presented, and the codes that end a session', () => {
    for (const presentHeldToken of ['on-demand', 'always'] as const)
      expect(validatePolicy({ presentHeldToken }).presentHeldToken).toBe(presentHeldToken);
    expect(said(() => validatePolicy({ presentHeldToken: '' as never }))).toBe(
      "policy.presentHeldToken must be one of 'on-demand', 'always', not an empty string.",
    );
    expect(validatePolicy({ terminalCodes: [] }).terminalCodes).toEqual([]);
    expect(said(() => validatePolicy({ terminalCodes: 'gone' as never }))).toBe(
      'policy.terminalCodes must be an array of strings, not a string.',
    );
    expect(said(() => validatePolicy({ terminalCodes: ['gone', ''] }))).toBe(
      'policy.terminalCodes[1] must be a non-empty string, not an empty string.',
    );
  });

  it('Bad input: a policy is an object without other fields', () => {
    expect(said(() => validatePolicy(null as never))).toBe('policy must be an object, not null.');
    expect(said(() => validatePolicy({ retry: 1 } as never))).toMatch(
      /^policy\.retry is not an option; there are leewayMs, /,
    );
  });
});
