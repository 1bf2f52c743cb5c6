/** Bad arguments of public functions: a typed error at once, a rejection where a promise is awaited, and no change. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { TokenLifecycle } from '../../adapters/host/types';
import { compareFreshness, decodeToken } from '../../adapters/token/decode';
import { TokenLifecycleError } from '../../machines/errors';
import { expectConfigurationError, expectSilent, foreign, nothing, start, thrownBy, token } from '../support/bad-input';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';

describe('Reads', () => {
  const asked: readonly [string | RegExp, unknown][] = [
    ...[null, 7, 'api', token, true, [], () => {}].map((given): [RegExp, unknown] => [
      /^(getToken|refresh|peek|getState)/,
      given,
    ]),
    [/\.template$/, { template: '' }],
    [/\.template$/, { template: 7 }],
    [/\.template$/, { template: null }],
    [/\.templte$/, { templte: 'api' }],
    [/\.organizationId$/, { organizationId: '' }],
    [/\.organizationId$/, { organizationId: 7 }],
    [/\.params$/, { params: 'audience' }],
    [/\.params$/, { params: ['audience'] }],
    [/\.params\.audience$/, { params: { audience: '' } }],
    [/\.params\.audience$/, { params: { audience: 7 } }],
  ];
  const patience: readonly [string | RegExp, unknown][] = [
    [/\.skipCache$/, { skipCache: 'yes' }],
    [/\.timeoutMs$/, { timeoutMs: -1 }],
    [/\.timeoutMs$/, { timeoutMs: Number.NaN }],
    [/\.timeoutMs$/, { timeoutMs: Number.POSITIVE_INFINITY }],
    [/\.timeoutMs$/, { timeoutMs: '5' }],
    [/\.signal$/, { signal: true }],
    [/\.signal$/, { signal: {} }],
    [/\.signal$/, { signal: new AbortController() }],
  ];

  for (const phase of ['before the start', 'fresh', 'signed out', 'stopped'] as const) {
    const prepare = async () => {
      const tab = createTab(phase === 'signed out' ? { session: null } : {});
      if (phase === 'signed out') tab.tokens.start();
      await tab.clock.settle();
      if (phase === 'fresh' || phase === 'stopped') await tab.startFresh();
      if (phase === 'stopped') tab.tokens.stop();
      return tab;
    };

    it(`Bad input: getToken and refresh, ${phase}: a rejection, never a throw, never a token`, async () => {
      const tab = await prepare();
      const pending = tab.clock.pending;
      for (const [option, given] of [...asked, ...patience]) {
        for (const method of ['getToken', 'refresh'] as const) {
          if (method === 'refresh' && String(option).includes('skipCache')) continue;
          const call = tab.tokens[method] as (given: unknown) => Promise<unknown>;
          let promise: Promise<unknown> | undefined;
          const thrown = thrownBy(() => {
            promise = call(given);
          });
          expect([inspect(given), thrown]).toEqual([inspect(given), 'nothing was thrown']);
          const outcome = await Promise.race([
            promise?.then(
              (value) => ['resolved', value === null ? null : 'a token'],
              (error: unknown) => error,
            ),
            tab.clock.settle().then(() => 'pending'),
          ]);
          expect([method, inspect(given), outcome]).toEqual([method, inspect(given), expect.any(TokenLifecycleError)]);
          expectConfigurationError(outcome, option);
        }
      }
      expect(tab.clock.pending).toBe(pending);
      expect(tab.server.requests.length).toBe(phase === 'fresh' || phase === 'stopped' ? 1 : 0);
    });

    it(`Bad input: peek and getState, ${phase}: a throw`, async () => {
      const tab = await prepare();
      for (const [option, given] of asked) {
        for (const method of ['peek', 'getState'] as const) {
          expectConfigurationError(
            thrownBy(() => (tab.tokens[method] as (given: unknown) => unknown)(given)),
            option,
          );
        }
      }
    });
  }
});

describe('The other methods', () => {
  const calls: readonly [string | RegExp, (tokens: TokenLifecycle, given: never) => unknown, readonly unknown[]][] = [
    [/^signIn$/, (tokens, given) => tokens.signIn(given), [undefined, ...nothing]],
    [/^signIn\.session$/, (tokens, given) => tokens.signIn({ session: given }), [undefined, ...nothing]],
    [
      'signIn.session.id',
      (tokens, given) => tokens.signIn({ session: { id: given } }),
      [undefined, null, '', ' ', 7, {}],
    ],
    [
      'signIn.session.organizationId',
      (tokens, given) => tokens.signIn({ session: { id: 'a', organizationId: given } }),
      ['', 7],
    ],
    ['signIn.sessionId', (tokens, given) => tokens.signIn({ sessionId: given } as never), ['sess_2']],
    [/^setActive$/, (tokens, given) => tokens.setActive(given), [undefined, ...nothing]],
    ['setActive.sessionId', (tokens, given) => tokens.setActive({ sessionId: given }), ['', null, 7, {}]],
    ['setActive.organizationId', (tokens, given) => tokens.setActive({ organizationId: given }), ['', 7, {}]],
    ['setActive.orgId', (tokens, given) => tokens.setActive({ orgId: given } as never), ['org_1']],
    ['listener', (tokens, given) => tokens.subscribe(given), [undefined, null, 'x', {}]],
    ['listener', (tokens, given) => tokens.on('token.updated', given), [undefined, null, 'x', {}]],
    ['type', (tokens, given) => tokens.on(given, () => {}), [undefined, null, '', 'token', 'tokenUpdated', 7, token]],
    ['predicate', (tokens, given) => tokens.waitFor(given), [undefined, null, 'fresh', {}]],
    [/^waitFor$/, (tokens, given) => tokens.waitFor(() => false, given), [null, 7, 'x', []]],
    ['waitFor.timeoutMs', (tokens, given) => tokens.waitFor(() => false, { timeoutMs: given }), [-1, Number.NaN, '5']],
    ['waitFor.signal', (tokens, given) => tokens.waitFor(() => false, { signal: given }), [true, {}]],
  ];
  for (const phase of ['before the start', 'fresh'] as const) {
    for (const [index, [option, call, values]] of calls.entries()) {
      it(`Bad input: ${phase}, call ${index + 1}: refused by ${String(option)}, and nothing has changed`, async () => {
        const tab = createTab();
        if (phase === 'fresh') await tab.startFresh();
        const before = [tab.tokens.getState(), tab.clock.pending, tab.events.length];
        for (const value of values) {
          let given: unknown;
          let outcome = thrownBy(() => {
            given = call(tab.tokens, value as never);
          });
          if (given instanceof Promise) {
            const rejected = given.catch((error: unknown) => error);
            outcome = await Promise.race([rejected, tab.clock.settle().then(() => 'pending')]);
          }
          expect([inspect(value), outcome]).toEqual([inspect(value), expect.any(TokenLifecycleError)]);
          expectConfigurationError(outcome, option);
        }
        expect([tab.tokens.getState(), tab.clock.pending, tab.events.length]).toEqual(before);
      });
    }
  }

  it('Bad input: tokens that are malformed, or of another session: InvalidTokenError, and nothing has changed', async () => {
    const tab = createTab();
    await tab.startFresh();
    const before = tab.tokens.getState();
    const attempts: readonly [() => unknown, string][] = [
      [() => tab.tokens.signIn({ session: { id: 'sess_1' }, token: '' }), 'empty'],
      [() => tab.tokens.signIn({ session: { id: 'sess_1' }, token: 'x.y.z' }), 'malformed'],
      [() => tab.tokens.signIn({ session: { id: 'sess_1' }, token: 7 as never }), 'not_a_string'],
      [() => tab.tokens.signIn({ session: { id: 'sess_1' }, token: null as never }), 'not_a_string'],
      [() => tab.tokens.signIn({ session: { id: 'sess_1' }, token: foreign }), 'other_session'],
      [() => tab.tokens.setActive({ sessionId: 'sess_3', token: foreign }), 'other_session'],
      [() => tab.tokens.setActive({ organizationId: 'org_1', token: 'x' }), 'malformed'],
      [() => tab.tokens.reportRejected(''), 'empty'],
      [() => tab.tokens.reportRejected(null as never), 'not_a_string'],
      [() => tab.tokens.reportRejected({ token } as never), 'not_a_string'],
    ];
    for (const [attempt, reason] of attempts) {
      const error = thrownBy(attempt);
      expect(error).toMatchObject({ library: 'token-lifecycle', code: 'invalid_token', reason });
      expectSilent(error);
    }
    const organization = jwt({ iat: start, exp: start + 60, claims: { org_id: 'org_2' } });
    const error = thrownBy(() => tab.tokens.setActive({ organizationId: 'org_1', token: organization }));
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'other_organization' });
    expectSilent(error, [organization]);
    await tab.clock.settle();
    expect(tab.tokens.getState()).toBe(before);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('Bad input: what needs a running lifecycle says so; setActive needs somebody who is signed in', async () => {
    const tab = createTab({ session: null });
    expect(thrownBy(() => tab.tokens.signIn({ session: { id: 'sess_1' } }))).toMatchObject({ code: 'stopped' });
    expect(thrownBy(() => tab.tokens.setActive({ organizationId: 'org_1' }))).toMatchObject({ code: 'stopped' });
    tab.tokens.start();
    expectConfigurationError(
      thrownBy(() => tab.tokens.setActive({ organizationId: 'org_1' })),
      'setActive',
    );
    expect(tab.clock.pending).toBe(0);
  });
});

describe('The functions beside', () => {
  it('Bad input: decodeToken and compareFreshness', () => {
    for (const given of [undefined, ...nothing, 'a.b', `${token}x.y`, 'ey.ey.ey']) {
      for (const call of [
        () => decodeToken(given as string),
        () => compareFreshness(given as string, token),
        () => compareFreshness(token, given as string),
      ]) {
        if (given === token) continue;
        const error = thrownBy(call);
        expect([inspect(given), error]).toEqual([inspect(given), expect.any(TokenLifecycleError)]);
        expect(error).toMatchObject({ code: 'invalid_token' });
        expectSilent(error);
      }
    }
  });
});
