import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import { checkMethods } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { TokenLifecycle } from '../host/types';

const LifecycleContext = /* @__PURE__ */ createContext<TokenLifecycle | null>(null);

export type TokenLifecycleProviderProps = {
  /** Made outside of React, once; its owner starts and stops it. */
  readonly lifecycle: TokenLifecycle;
  readonly children?: ReactNode;
};

/**
 * Hands a lifecycle to the hooks below it, and does nothing else: it neither starts nor stops it, so that neither a remount nor
 * StrictMode costs a request.
 *
 * @throws ConfigurationError where `lifecycle` is none
 * @example
 * const tokens = createTokenLifecycle({ source: httpTokenSource({ url: '/tokens' }) });
 * if (typeof document !== 'undefined') tokens.start();
 * root.render(<TokenLifecycleProvider lifecycle={tokens}><App /></TokenLifecycleProvider>);
 */
export function TokenLifecycleProvider({ lifecycle, children }: TokenLifecycleProviderProps): ReactElement {
  checkMethods('TokenLifecycleProvider.lifecycle', lifecycle, ['subscribe', 'getState', 'getServerState', 'getToken']);
  return createElement(LifecycleContext.Provider, { value: lifecycle }, children);
}

/** The lifecycle of the nearest provider. `hook` is named in the error where there is none. */
export function useProvided(hook: string): TokenLifecycle {
  const lifecycle = useContext(LifecycleContext);
  if (lifecycle) return lifecycle;
  throw new ConfigurationError(
    hook,
    'needs a provider: render <TokenLifecycleProvider lifecycle={tokens}> above the component that calls it',
  );
}

/**
 * The lifecycle itself, for `signOut()`, `signIn()`, `setActive()`, `on()` and the like. Never makes a component render.
 *
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`
 * @example const { signOut } = useTokenLifecycle();
 */
export const useTokenLifecycle = (): TokenLifecycle => useProvided('useTokenLifecycle');
