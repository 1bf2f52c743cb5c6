/** Errors, sources, adapters and machines as types: what must compile, and what must not. */
import { describe, expectTypeOf, it } from 'vitest';
import { createActor } from 'xstate';
import {
  type Clock,
  ConfigurationError,
  CookieError,
  compareFreshness,
  type DecodedToken,
  decodeToken,
  defaultPolicy,
  type ErrorCode,
  type FailureClass,
  httpTokenSource,
  InvalidTokenError,
  type MintRequest,
  type MintResult,
  OfflineError,
  ReadTimeoutError,
  type RefreshPolicy,
  type SessionCookie,
  type SharedRecord,
  type SharedStore,
  StoppedError,
  sessionMachine,
  type TokenCache,
  TokenLifecycleError,
  TokenRequestError,
  type TokenSource,
  tokenMachine,
  validatePolicy,
  webStorageCache,
} from '../../index';

declare const thrown: unknown;

describe('Errors', () => {
  it('Types: is() narrows an unknown to its class', () => {
    if (OfflineError.is(thrown)) expectTypeOf(thrown).toEqualTypeOf<OfflineError>();
    if (TokenRequestError.is(thrown)) {
      expectTypeOf(thrown.status).toEqualTypeOf<number | undefined>();
      expectTypeOf(thrown.failure).toEqualTypeOf<FailureClass | undefined>();
      expectTypeOf(thrown.nextAttemptAt).toEqualTypeOf<number | null>();
      expectTypeOf<(typeof thrown)['code']>().toEqualTypeOf<'request_failed'>();
    }
    if (InvalidTokenError.is(thrown)) expectTypeOf<(typeof thrown)['code']>().toEqualTypeOf<'invalid_token'>();
    if (StoppedError.is(thrown)) expectTypeOf<(typeof thrown)['code']>().toEqualTypeOf<'stopped'>();
    if (ReadTimeoutError.is(thrown)) expectTypeOf(thrown.timeoutMs).toEqualTypeOf<number>();
    if (CookieError.is(thrown)) expectTypeOf(thrown.reason).toEqualTypeOf<'too_large' | 'blocked' | 'duplicate'>();
    if (ConfigurationError.is(thrown)) expectTypeOf(thrown.option).toEqualTypeOf<string>();
    if (TokenLifecycleError.is(thrown)) expectTypeOf(thrown.code).toEqualTypeOf<ErrorCode>();
  });

  it('Types: codes are a closed set, so that a switch can be complete', () => {
    const label = (code: ErrorCode): string => {
      switch (code) {
        case 'offline':
        case 'request_failed':
        case 'read_timeout':
        case 'invalid_token':
        case 'stopped':
        case 'cookie_rejected':
        case 'invalid_option':
          return code;
        default:
          expectTypeOf(code).toBeNever();
          return code;
      }
    };
    expectTypeOf(label).returns.toBeString();
  });

  it('Types: a source throws a TokenRequestError with what it knows', () => {
    new TokenRequestError('No session', {
      status: 401,
      serverCode: 'session_not_found',
      retryAfterMs: 5,
      cause: thrown,
    });
    new TokenRequestError('No answer');
    // @ts-expect-error a number
    new TokenRequestError('x', { status: '401' });
    // @ts-expect-error misspelt
    new TokenRequestError('x', { retryAfter: 5 });
    // @ts-expect-error abstract: one of its kinds
    new TokenLifecycleError('x');
  });
});

describe('Sources and adapters that users write', () => {
  it('Types: a source needs mint only, and is told all it may need', () => {
    const source = {
      mint: async ({ key, signal, attempt, cause, presence, lastToken }: MintRequest): Promise<MintResult> => {
        expectTypeOf(key.sessionId).toEqualTypeOf<string>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(attempt).toEqualTypeOf<number>();
        expectTypeOf(lastToken).toEqualTypeOf<string | undefined>();
        expectTypeOf(presence).toEqualTypeOf<'focused' | 'visible' | 'hidden' | 'headless'>();
        return { token: cause };
      },
    };
    expectTypeOf(source).toExtend<TokenSource>();
    // @ts-expect-error there is no token in it
    const empty: TokenSource = { mint: async () => ({}) };
    // @ts-expect-error not a word that checkSession knows
    const wrong: TokenSource = { mint: async () => ({ token: '' }), checkSession: async () => 'maybe' };
    // @ts-expect-error one of three
    const odd: TokenSource = { mint: async () => ({ token: '' }), credential: 'cookie' };
    void [empty, wrong, odd];
  });

  it('Types: adapters may be synchronous or not', () => {
    const cache: TokenCache = { get: () => undefined, set: async () => {}, deleteAll: () => {} };
    const async: TokenCache = { get: async () => 'x', set: () => {}, deleteAll: async () => {} };
    const clock: Clock = { now: Date.now, monotonicNow: () => performance.now(), setTimeout, clearTimeout: () => {} };
    const cookie: SessionCookie = {
      sync: true,
      read: () => [{ value: 'x' }],
      write: () => ({ status: 'written' }),
      remove: () => {},
    };
    // @ts-expect-error a rejected write says why
    const mute: SessionCookie = { ...cookie, write: () => ({ status: 'rejected' }) };
    // @ts-expect-error null is not "nothing"
    const nothing: TokenCache = { ...cache, get: () => null };
    // @ts-expect-error a store says what it promises
    const store: SharedStore = { read: async () => undefined, update: async () => undefined };
    // @ts-expect-error a record has a version, a generation and an epoch
    const record: SharedRecord = { v: 1 };
    void [async, clock, mute, nothing, store, record];
  });

  it('Types: dangerous options cannot be set by accident', () => {
    webStorageCache({ storage: () => window.sessionStorage, dangerouslyPersistTokens: true });
    // @ts-expect-error not without saying so
    webStorageCache({ storage: () => window.sessionStorage });
    // @ts-expect-error literally true
    webStorageCache({ storage: () => window.sessionStorage, dangerouslyPersistTokens: Boolean(1) });
  });

  it('Types: httpTokenSource', () => {
    expectTypeOf(httpTokenSource({ url: new URL('https://auth.example.com/tokens') })).toExtend<TokenSource>();
    // @ts-expect-error where to?
    httpTokenSource({});
    // @ts-expect-error no such mode
    httpTokenSource({ url: '/tokens', credentials: 'always' });
  });
});

describe('Functions and machines', () => {
  it('Types: tokens are decoded into plain facts', () => {
    expectTypeOf(decodeToken('a.b.c')).toEqualTypeOf<DecodedToken>();
    expectTypeOf<DecodedToken['expiresAt']>().toEqualTypeOf<number | null>();
    expectTypeOf(compareFreshness('a.b.c', decodeToken('a.b.c'))).toEqualTypeOf<number>();
    // @ts-expect-error a token is a string
    decodeToken(null);
  });

  it('Types: policies', () => {
    expectTypeOf(defaultPolicy).toEqualTypeOf<RefreshPolicy>();
    expectTypeOf(validatePolicy({ retries: 3 })).toEqualTypeOf<RefreshPolicy>();
    // @ts-expect-error misspelt
    validatePolicy({ retrys: 3 });
  });

  it('Types: both machines can be provided for and run without the facade', () => {
    const now = { wallMs: 0, monotonicMs: 0 };
    const seen = { now, online: true, presence: 'focused', hiddenSince: null, roll: 0, woke: false } as const;
    const token = createActor(tokenMachine, { input: { key: { sessionId: 'sess_1' }, seen } });
    token.send({ type: 'clock.tick', seen });
    const session = createActor(sessionMachine.provide({}), { input: { seen } });
    session.send({ type: 'session.given', session: { id: 'sess_1' }, token: null });
    session.on('session.signed-out', ({ reason }) => expectTypeOf(reason).toExtend<string>());
    // @ts-expect-error the machine has to be told what is seen
    createActor(sessionMachine, { input: {} });
    // @ts-expect-error and for which key
    createActor(tokenMachine, { input: { seen } });
    // @ts-expect-error there is no such event
    token.send({ type: 'token.refresh' });
    // @ts-expect-error there is no such actor
    tokenMachine.provide({ actors: { fetchToken: token } });
    // @ts-expect-error there is no such guard
    tokenMachine.provide({ guards: { isTired: () => true } });
  });
});
