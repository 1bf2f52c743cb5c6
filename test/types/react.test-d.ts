/** What must compile for users of `token-lifecycle/react`, and what must not. */
import { useSelector } from '@xstate/react';
import { createElement, Fragment, type ReactElement } from 'react';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type GetTokenOptions,
  type LifecycleState,
  type TokenLifecycle,
  TokenLifecycleProvider,
  type TokenLifecycleProviderProps,
  type TokenResult,
  useGetToken,
  useReady,
  useToken,
  useTokenActor,
  useTokenLifecycle,
  useTokenState,
} from '../../adapters/react/index';
import { createTokenLifecycle, type TokenSource } from '../../index';

declare const source: TokenSource;
declare const tokens: TokenLifecycle;

describe('TokenLifecycleProvider', () => {
  it('Types: takes what createTokenLifecycle gives, and children', () => {
    const lifecycle = createTokenLifecycle({ source });
    expectTypeOf(createElement(TokenLifecycleProvider, { lifecycle })).toExtend<ReactElement>();
    createElement(TokenLifecycleProvider, { lifecycle }, 'text', createElement(Fragment));
    expectTypeOf(TokenLifecycleProvider).parameter(0).toEqualTypeOf<TokenLifecycleProviderProps>();
    // @ts-expect-error there is no lifecycle
    createElement(TokenLifecycleProvider, {});
    // @ts-expect-error options are no lifecycle: it is made outside
    createElement(TokenLifecycleProvider, { lifecycle: { source } });
    // @ts-expect-error it may be missing nowhere
    createElement(TokenLifecycleProvider, { lifecycle: null });
    // @ts-expect-error the provider starts nothing
    createElement(TokenLifecycleProvider, { lifecycle: tokens, autoStart: true });
  });
});

describe('useToken', () => {
  it('Types: gives five things, read-only', () => {
    const result = useToken();
    expectTypeOf(result).toEqualTypeOf<TokenResult>();
    expectTypeOf<keyof TokenResult>().toEqualTypeOf<'token' | 'state' | 'status' | 'isServing' | 'error'>();
    expectTypeOf(result.token).toEqualTypeOf<string | null>();
    expectTypeOf(result.state).toEqualTypeOf<LifecycleState['state']>();
    expectTypeOf(result.status).toEqualTypeOf<'ok' | 'degraded' | 'offline'>();
    expectTypeOf(result.isServing).toEqualTypeOf<boolean>();
    expectTypeOf(result.error).toEqualTypeOf<LifecycleState['error']>();
    // @ts-expect-error read-only
    result.token = null;
    // @ts-expect-error no such state: expired tokens are not served, that is all
    void (result.state === 'expired');
  });

  it('Types: takes the options of a key', () => {
    useToken({ template: 'api', organizationId: null, params: { audience: 'x' } });
    // @ts-expect-error a template is an option
    useToken('api');
    // @ts-expect-error misspelt
    useToken({ templte: 'api' });
    // @ts-expect-error rendering forces nothing
    useToken({ skipCache: true });
    // @ts-expect-error rendering waits for nothing
    useToken({ timeoutMs: 1_000 });
  });
});

describe('useTokenState', () => {
  it('Types: has the type of what was selected', () => {
    expectTypeOf(useTokenState(({ status }) => status === 'offline')).toEqualTypeOf<boolean>();
    expectTypeOf(useTokenState(({ expiresAt }) => expiresAt)).toEqualTypeOf<number | null>();
    expectTypeOf(
      useTokenState(
        ({ state, attempt }) => ({ state, attempt }),
        (a, b) => a.attempt === b.attempt,
      ),
    ).toEqualTypeOf<{ state: LifecycleState['state']; attempt: number }>();
    // @ts-expect-error what to select has to be said
    useTokenState();
    // @ts-expect-error there is no token in the state
    useTokenState(({ token }) => token);
    const sameState = (a: LifecycleState, b: LifecycleState) => a === b;
    // @ts-expect-error the parts are compared, not the states
    useTokenState(({ attempt }) => attempt, sameState);
  });
});

describe('The other hooks', () => {
  it('Types: useGetToken is getToken', () => {
    const getToken = useGetToken();
    expectTypeOf(getToken).toEqualTypeOf<(options?: GetTokenOptions) => Promise<string | null>>();
    void getToken({ template: 'api', skipCache: true, timeoutMs: 5_000 });
    // @ts-expect-error signed out is a possibility
    const token: Promise<string> = getToken();
    void token;
  });

  it('Types: useReady waits and gives nothing', () => {
    expectTypeOf(useReady()).toEqualTypeOf<void>();
  });

  it('Types: useTokenLifecycle and useTokenActor give what the lifecycle has', () => {
    expectTypeOf(useTokenLifecycle()).toEqualTypeOf<TokenLifecycle>();
    expectTypeOf(useTokenActor()).toEqualTypeOf<TokenLifecycle['actor']>();
    expectTypeOf(useSelector(useTokenActor(), ({ context }) => context.epoch)).toEqualTypeOf<number>();
  });
});
