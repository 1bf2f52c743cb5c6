import { useCallback } from 'react';
import type { GetTokenOptions } from '../host/types';
import { useProvided } from './provider';

/**
 * `getToken` of the lifecycle, for event handlers, effects and data libraries. The same function from render to render; never
 * makes a component render.
 *
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`
 * @example
 * const getToken = useGetToken();
 * const save = async () => fetch('/api', { headers: { authorization: `Bearer ${await getToken()}` } });
 */
export function useGetToken(): (options?: GetTokenOptions) => Promise<string | null> {
  const lifecycle = useProvided('useGetToken');
  return useCallback((options) => lifecycle.getToken(options), [lifecycle]);
}
