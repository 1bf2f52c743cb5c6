/** Bad options: a typed error at once, naming what is wrong and why; nothing half-started, and no token in it. */
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleOptions } from '../../adapters/host/types';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { defaultPolicy, type RefreshPolicy, validatePolicy } from '../../machines/policy';
import { expectConfigurationError, expectSilent, foreign, nothing, start, thrownBy, token } from '../support/bad-input';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';

describe('createTokenLifecycle', () => {
  const noTimers = (change: Record<string, unknown>) => {
    const clock = createVirtualClock();
    const mint = vi.fn(async () => ({ token }));
    const source = { mint };
    const error = thrownBy(() => createTokenLifecycle({ source, clock, ...change } as unknown as LifecycleOptions));
    expect(clock.pending).toBe(0);
    expect(mint).not.toHaveBeenCalled();
    return error;
  };

  it('Bad input: no options at all, or something else', () => {
    for (const given of [undefined, ...nothing]) {
      expectConfigurationError(
        thrownBy(() => createTokenLifecycle(given as unknown as LifecycleOptions)),
        /^(options|source)/,
      );
    }
  });

  const mint = async () => ({ token });
  const cases: readonly [string | RegExp, Record<string, unknown>][] = [
    ...[undefined, null, 7, 'url', () => {}, []].map((source): [RegExp, Record<string, unknown>] => [
      /^source/,
      { source },
    ]),
    ['source.mint', { source: {} }],
    ['source.mint', { source: { mint: token } }],
    ['source.credential', { source: { mint, credential: 'cookie' } }],
    ['source.reuseGraceMs', { source: { mint, reuseGraceMs: -1 } }],
    ['source.reuseGraceMs', { source: { mint, reuseGraceMs: Number.NaN } }],
    ['source.endpoint', { source: { mint, endpoint: '' } }],
    ['source.checkSession', { source: { mint, checkSession: true } }],
    ['source.revoke', { source: { mint, revoke: '/revoke' } }],
    ...[0, '', 'sess_1', token, true, [], () => {}].map((session): [string, Record<string, unknown>] => [
      'session',
      { session },
    ]),
    ['session.id', { session: {} }],
    ['session.id', { session: { id: '' } }],
    ['session.id', { session: { id: '  ' } }],
    ['session.id', { session: { id: 7 } }],
    ['session.id', { session: { id: null } }],
    ['session.organizationId', { session: { id: 'sess_1', organizationId: '' } }],
    ['session.organizationId', { session: { id: 'sess_1', organizationId: 7 } }],
    ['session.organisationId', { session: { id: 'sess_1', organisationId: 'org_1' } }],
    ['initialToken', { initialToken: '' }],
    ['initialToken', { initialToken: null }],
    ['initialToken', { initialToken: 7 }],
    ['initialToken', { initialToken: { token } }],
    ['session', { initialToken: jwt({ iat: start, exp: start + 60, claims: { sid: undefined } }) }],
    ['namespace', { namespace: '' }],
    ['namespace', { namespace: 7 }],
    ['cache', { cache: 'localStorage' }],
    ['cache', { cache: null }],
    ['cache.set', { cache: { get: () => {}, deleteAll: () => {} } }],
    ['cache.deleteAll', { cache: { get: () => {}, set: () => {} } }],
    ['store.update', { store: { read: () => {} } }],
    ['cookie', { cookie: '__session' }],
    ['cookie.remove', { cookie: { read: () => {}, write: () => {} } }],
    ['connectivity', { connectivity: true }],
    ['connectivity.subscribe', { connectivity: { isOnline: () => true } }],
    ['presence.current', { presence: { subscribe: () => () => {} } }],
    ['clock', { clock: Date.now }],
    ['clock.monotonicNow', { clock: { now: Date.now, setTimeout: () => {}, clearTimeout: () => {} } }],
    ['random', { random: 0.5 }],
    ['logger', { logger: 'console' }],
    ['logger', { logger: null }],
    ['inspect', { inspect: true }],
    ['hydrate', { hydrate: 'state' }],
    ['hydrate', { hydrate: { v: 2, state: {} } }],
    ['hydrate.state', { hydrate: { v: 1 } }],
    ['policy', { policy: 7 }],
    ['policy', { policy: null }],
    ['policy.retrys', { policy: { retrys: 3 } }],
    ['options.sesion', { sesion: { id: 'sess_1' } }],
    ['options.onTokenUpdated', { onTokenUpdated: () => {} }],
  ];
  for (const [index, [option, change]] of cases.entries()) {
    const described = inspect(change, { depth: 2 })
      .replaceAll(/'ey[^']*'/g, '<a token>')
      .replaceAll(/\s+/g, ' ');
    it(`Bad input: case ${index + 1}: ${described} is refused, by ${String(option)}`, () => {
      expectConfigurationError(noTimers(change), option);
    });
  }

  const tokens: readonly [string, string, string][] = [
    ['not a JWT', 'abc', 'malformed'],
    ['cut off', token.slice(0, -60), 'malformed'],
    ['a JWT whose payload is no JSON', 'eyJhbGciOiJub25lIn0.bm90IGpzb24.x', 'malformed'],
    ['without exp', jwt({ iat: start, exp: undefined }), 'no_lifetime'],
    ['of another session', foreign, 'other_session'],
    ['exp in milliseconds', jwt({ iat: start, exp: start * 1_000 }), 'malformed'],
    ['exp a string', jwt({ iat: start, exp: String(start + 60) as unknown as number }), 'malformed'],
    ['too large', jwt({ iat: start, exp: start + 60, claims: { pad: 'x'.repeat(20_000) } }), 'too_large'],
  ];
  for (const [name, initialToken, reason] of tokens) {
    it(`Bad input: an initialToken that is ${name}: InvalidTokenError ${reason}`, () => {
      const error = noTimers({ initialToken, session: { id: 'sess_1' } });
      expect(error).toMatchObject({ code: 'invalid_token', reason });
      expectSilent(error, [initialToken]);
    });
  }

  it('Bad input: the options are looked at once: changing the object later changes nothing', async () => {
    const session = { id: 'sess_1', organizationId: 'org_1' };
    const policy = { requestTimeoutMs: 5_000 };
    const tab = createTab({ session, policy });
    session.id = 'sess_9';
    policy.requestTimeoutMs = 1;
    await tab.startFresh();
    expect(tab.server.requests[0]?.request.key).toEqual({ sessionId: 'sess_1', organizationId: 'org_1' });
    expect(tab.tokens.getState().state).toBe('fresh');
  });
});

describe('validatePolicy', () => {
  const numbers = Object.entries(defaultPolicy)
    .filter(([, value]) => typeof value === 'number')
    .map(([name]) => name);
  for (const name of numbers) {
    it(`Bad input: policy.${name} that is NaN, infinite, negative, absurd or no number`, () => {
      for (const value of [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -1,
        1e300,
        2 ** 60,
        '5',
        null,
        {},
        [],
        true,
        () => 5,
        5n,
      ]) {
        const given = { [name]: value } as unknown as Partial<RefreshPolicy>;
        expectConfigurationError(
          thrownBy(() => validatePolicy(given)),
          `policy.${name}`,
        );
        expectConfigurationError(
          thrownBy(() => createTokenLifecycle({ source: { mint: async () => ({ token }) }, policy: given })),
          `policy.${name}`,
        );
      }
      expect(validatePolicy({ [name]: undefined })).toEqual(defaultPolicy);
    });
  }

  const others: readonly [string, Record<string, unknown>][] = [
    ['policy.retries', { retries: 1.5 }],
    ['policy.offlineRetries', { offlineRetries: 0.1 }],
    ['policy.outageProbeEvery', { outageProbeEvery: 0 }],
    ['policy.retryFactor', { retryFactor: 0.99 }],
    ['policy.jitter', { jitter: 1.01 }],
    ['policy.mintFloorMs', { mintFloorMs: 0 }],
    ['policy.heartbeatMs', { heartbeatMs: 0 }],
    ['policy.retryMaxMs', { retryInitialMs: 5_000, retryMaxMs: 4_999 }],
    ['policy.presentHeldToken', { presentHeldToken: 'never' }],
    ['policy.terminalCodes', { terminalCodes: 'invalid_grant' }],
    ['policy.terminalCodes[1]', { terminalCodes: ['invalid_grant', ''] }],
  ];
  for (const [option, given] of others) {
    it(`Bad input: ${JSON.stringify(given)} is refused, by ${option}`, () => {
      expectConfigurationError(
        thrownBy(() => validatePolicy(given as Partial<RefreshPolicy>)),
        option,
      );
    });
  }

  it('Bad input: the policy that is used is a frozen copy', () => {
    const policy = validatePolicy({ retries: 3 });
    expect(Object.isFrozen(policy)).toBe(true);
    expect(Object.isFrozen(policy.terminalCodes)).toBe(true);
  });
});

describe('Bad input: channel, lock and accept', () => {
  it('Bad input: what is no channel, lock or function is refused by name', () => {
    expect(() => createTab({ channel: {} as never })).toThrow('channel.post');
    expect(() => createTab({ lock: 'none' as never })).toThrow('lock');
    expect(() => createTab({ accept: 'yes' as never })).toThrow('accept');
  });
});
