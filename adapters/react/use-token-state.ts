import { useMemo } from 'react';
import { checkFunction } from '../../machines/check';
import type { LifecycleState } from '../host/types';
import { type Equal, selecting, useKept } from './kept';
import { useProvided } from './provider';

/**
 * A part of `getState()`. The component renders again when that part changes, and not otherwise.
 *
 * @param selector from the state to the part; may be written in place, and may make new objects
 * @param equal when two parts count as the same; default `Object.is`
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`, or for arguments that are no functions
 * @example const isOffline = useTokenState(({ status }) => status === 'offline');
 */
export function useTokenState<Part>(selector: (state: LifecycleState) => Part, equal: Equal<Part> = Object.is): Part {
  const lifecycle = useProvided('useTokenState');
  checkFunction('useTokenState.selector', selector);
  checkFunction('useTokenState.equal', equal);
  const [read, readOnServer] = useMemo(
    () => [selecting(() => lifecycle.getState(), selector), selecting(() => lifecycle.getServerState(), selector)],
    [lifecycle, selector],
  );
  return useKept(lifecycle.subscribe, read, readOnServer, equal);
}
