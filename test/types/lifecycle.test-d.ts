/** What must compile for users of `createTokenLifecycle`, and what must not. */
import { describe, expectTypeOf, it } from 'vitest';
import type { Actor } from 'xstate';
import {
  createTokenFetch,
  createTokenLifecycle,
  type Dehydrated,
  type GetTokenOptions,
  httpTokenSource,
  type LifecycleEvents,
  type LifecycleState,
  memoryCache,
  memoryCookie,
  memoryStore,
  type RefreshPolicy,
  type sessionMachine,
  type TokenKey,
  type TokenLifecycle,
  type TokenLifecycleError,
  type TokenSource,
  type Unsubscribe,
} from '../../index';

declare const source: TokenSource;
declare const tokens: TokenLifecycle;

describe('Options', () => {
  it('Types: only the source is required', () => {
    expectTypeOf(createTokenLifecycle({ source })).toEqualTypeOf<TokenLifecycle>();
    expectTypeOf(
      createTokenLifecycle({ source: httpTokenSource({ url: '/tokens' }) }).start(),
    ).toEqualTypeOf<TokenLifecycle>();
    // @ts-expect-error there is nothing to mint from
    createTokenLifecycle({});
    // @ts-expect-error there is nothing to mint from
    createTokenLifecycle();
    // @ts-expect-error a URL is no source
    createTokenLifecycle({ source: '/tokens' });
    // @ts-expect-error a source mints
    createTokenLifecycle({ source: {} });
  });

  it('Types: everything that the documentation names fits', () => {
    createTokenLifecycle({
      session: { id: 'sess_1', organizationId: null },
      initialToken: 'a.b.c',
      source,
      namespace: 'app',
      cache: memoryCache(),
      store: memoryStore(),
      cookie: memoryCookie(),
      policy: { requestTimeoutMs: 10_000 },
      random: () => 0.5,
      inspect: (event) => expectTypeOf(event.type).toExtend<string>(),
      logger: console,
    });
    createTokenLifecycle({ source, session: null });
    createTokenLifecycle({ source, session: { id: 'sess_1' }, policy: {} });
    createTokenLifecycle({ source, inspect: { next: () => {} } });
  });

  it('Types: misspelt or wrong options do not', () => {
    // @ts-expect-error misspelt
    createTokenLifecycle({ source, sesion: { id: 'sess_1' } });
    // @ts-expect-error a session has an id
    createTokenLifecycle({ source, session: {} });
    // @ts-expect-error an id is a string
    createTokenLifecycle({ source, session: { id: 7 } });
    // @ts-expect-error a session is more than its id
    createTokenLifecycle({ source, session: 'sess_1' });
    // @ts-expect-error misspelt
    createTokenLifecycle({ source, policy: { retrys: 3 } });
    // @ts-expect-error a number of ms
    createTokenLifecycle({ source, policy: { requestTimeoutMs: '10s' } });
    // @ts-expect-error one of two words
    createTokenLifecycle({ source, policy: { presentHeldToken: 'never' } });
    // @ts-expect-error a cache is no storage
    createTokenLifecycle({ source, cache: localStorage });
    // @ts-expect-error a cookie is no name
    createTokenLifecycle({ source, cookie: '__session' });
    // @ts-expect-error undefined is no session: null is "signed out", and leaving it out is "look"
    createTokenLifecycle({ source, session: undefined });
  });

  it('Types: a policy is numbers with units, read-only', () => {
    expectTypeOf<RefreshPolicy['requestTimeoutMs']>().toEqualTypeOf<number>();
    expectTypeOf<RefreshPolicy['presentHeldToken']>().toEqualTypeOf<'on-demand' | 'always'>();
    expectTypeOf<RefreshPolicy['terminalCodes']>().toEqualTypeOf<readonly string[]>();
    const policy = {} as RefreshPolicy;
    // @ts-expect-error read-only
    policy.retries = 3;
  });
});

describe('Reading', () => {
  it('Types: a read is a string or null, never undefined', () => {
    expectTypeOf(tokens.getToken()).toEqualTypeOf<Promise<string | null>>();
    expectTypeOf(tokens.refresh()).toEqualTypeOf<Promise<string | null>>();
    expectTypeOf(tokens.peek()).toEqualTypeOf<string | null>();
    // @ts-expect-error signed out is a possibility
    const token: Promise<string> = tokens.getToken();
    void token;
  });

  it('Types: what may be asked for', () => {
    void tokens.getToken({ template: 'api', organizationId: null, params: { audience: 'x' } });
    void tokens.getToken({ skipCache: true, signal: new AbortController().signal, timeoutMs: 5_000 });
    void tokens.refresh({ template: 'api', timeoutMs: 5_000 });
    tokens.peek({ template: 'api' });
    tokens.getState({ organizationId: 'org_1' });
    expectTypeOf<GetTokenOptions>().toExtend<object>();
    // @ts-expect-error misspelt
    void tokens.getToken({ templte: 'api' });
    // @ts-expect-error a template is an option
    void tokens.getToken('api');
    // @ts-expect-error the signal, not its controller
    void tokens.getToken({ signal: new AbortController() });
    // @ts-expect-error params are strings
    void tokens.getToken({ params: { audience: 7 } });
    // @ts-expect-error a refresh is forced anyway
    void tokens.refresh({ skipCache: false });
    // @ts-expect-error peek waits for nothing
    tokens.peek({ timeoutMs: 5 });
  });

  it('Types: a state is a closed set of names, and read-only', () => {
    const state = tokens.getState();
    expectTypeOf(state).toEqualTypeOf<LifecycleState>();
    expectTypeOf(state.state).toEqualTypeOf<
      'restoring' | 'fresh' | 'stale' | 'refreshing' | 'offline-retrying' | 'outage-fallback' | 'signed-out'
    >();
    expectTypeOf(state.status).toEqualTypeOf<'ok' | 'degraded' | 'offline'>();
    expectTypeOf(state.expiresAt).toEqualTypeOf<number | null>();
    expectTypeOf(state.error).toEqualTypeOf<TokenLifecycleError | null>();
    // @ts-expect-error there is no such state
    if (state.state === 'expired') return;
    // @ts-expect-error read-only
    state.state = 'fresh';
    // @ts-expect-error a state carries no token
    state.token;
  });
});

describe('Listening', () => {
  it('Types: unsubscribing has both shapes', () => {
    expectTypeOf(tokens.subscribe(() => {})).toEqualTypeOf<Unsubscribe>();
    expectTypeOf(tokens.on('token.updated', () => {})).toEqualTypeOf<Unsubscribe>();
    expectTypeOf<Unsubscribe>().toBeCallableWith();
    expectTypeOf<Unsubscribe['unsubscribe']>().toEqualTypeOf<() => void>();
    // What useSyncExternalStore asks for.
    expectTypeOf(tokens.subscribe).toExtend<(onChange: () => void) => () => void>();
    expectTypeOf(tokens.getServerState).toExtend<() => LifecycleState>();
  });

  it('Types: each event has its own payload', () => {
    tokens.on('token.updated', ({ key, expiresAt, fingerprint, from }) => {
      expectTypeOf(key).toEqualTypeOf<TokenKey>();
      expectTypeOf(expiresAt).toEqualTypeOf<number>();
      expectTypeOf(fingerprint).toEqualTypeOf<string>();
      expectTypeOf(from).toEqualTypeOf<'mint' | 'given' | 'cache' | 'cookie' | 'peer'>();
    });
    tokens.on('status.changed', ({ status, previous }) => {
      expectTypeOf(status).toEqualTypeOf<'ok' | 'degraded' | 'offline'>();
      expectTypeOf(previous).toEqualTypeOf(status);
    });
    tokens.on('session.signedOut', ({ reason }) => {
      expectTypeOf(reason).toEqualTypeOf<'user' | 'peer' | 'session_gone' | 'credential_refused' | 'lost_response'>();
    });
    tokens.on('refresh.failed', ({ error, nextAttemptAt }) => {
      expectTypeOf(error).toExtend<TokenLifecycleError>();
      expectTypeOf(nextAttemptAt).toEqualTypeOf<number | null>();
    });
    expectTypeOf<keyof LifecycleEvents>().toEqualTypeOf<
      | 'token.updated'
      | 'session.signedIn'
      | 'session.signedOut'
      | 'status.changed'
      | 'refresh.started'
      | 'refresh.succeeded'
      | 'refresh.failed'
      | 'adapter.failed'
    >();
    // @ts-expect-error there is no such event
    tokens.on('token.expired', () => {});
    // @ts-expect-error events carry no token
    tokens.on('token.updated', ({ token }) => token);
    // @ts-expect-error a listener is needed
    tokens.on('token.updated');
  });

  it('Types: waitFor hands on the state, ready nothing', () => {
    expectTypeOf(tokens.waitFor(({ status }) => status === 'ok', { timeoutMs: 5 })).toEqualTypeOf<
      Promise<LifecycleState>
    >();
    expectTypeOf(tokens.ready).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error a predicate answers with a boolean
    void tokens.waitFor(({ status }) => status);
  });
});

describe('Signing in and out', () => {
  it('Types: a session is an object, a token goes beside it', () => {
    expectTypeOf(
      tokens.signIn({ session: { id: 'sess_1', organizationId: 'org_1' }, token: 'a.b.c' }),
    ).toEqualTypeOf<void>();
    expectTypeOf(tokens.setActive({ organizationId: null })).toEqualTypeOf<void>();
    // @ts-expect-error whose token?
    tokens.signIn({ token: 'a.b.c' });
    // @ts-expect-error a session is more than its id
    tokens.signIn({ session: 'sess_1' });
    // @ts-expect-error nobody is nobody: sign out
    tokens.signIn({ session: null });
    // @ts-expect-error nobody is nobody: sign out
    tokens.setActive({ sessionId: null });
  });

  it('Types: signOut resolves locally, with the remote part apart', async () => {
    const { remote } = await tokens.signOut();
    expectTypeOf(remote).toEqualTypeOf<Promise<'revoked' | 'failed' | 'skipped'>>();
  });

  it('Types: dehydrated state is JSON, carries no error, and goes into `hydrate`', () => {
    const dehydrated = tokens.dehydrate();
    expectTypeOf(dehydrated).toEqualTypeOf<Dehydrated>();
    expectTypeOf(dehydrated.v).toEqualTypeOf<1>();
    expectTypeOf<Dehydrated['state']>().not.toHaveProperty('error');
    createTokenLifecycle({ source, hydrate: dehydrated });
    // @ts-expect-error not just any state
    createTokenLifecycle({ source, hydrate: tokens.getState() });
  });

  it('Types: the actor is that of the session machine; the lifecycle can be disposed of', () => {
    expectTypeOf(tokens.actor).toEqualTypeOf<Actor<typeof sessionMachine>>();
    expectTypeOf<TokenLifecycle>().toExtend<Disposable & AsyncDisposable>();
    expectTypeOf(tokens.stop()).toEqualTypeOf<void>();
    // @ts-expect-error the actor is not to be replaced
    tokens.actor = {} as TokenLifecycle['actor'];
  });

  it('Types: createTokenFetch takes a lifecycle and stands in for fetch', () => {
    const api = createTokenFetch(tokens, { origins: ['https://api.example.com'] });
    expectTypeOf(api('https://api.example.com/me')).toEqualTypeOf<Promise<Response>>();
    const stand: typeof fetch = api as typeof fetch;
    void stand;
    // @ts-expect-error origins are a list
    createTokenFetch(tokens, { origins: 'https://api.example.com' });
  });
});
