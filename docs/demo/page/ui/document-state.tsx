import { useLayoutEffect } from 'react';
import { useTokenState } from '../../../../adapters/react';

/** The document itself knows the state: its title, and two attributes for styles and tests. */
export function DocumentState(): null {
  const state = useTokenState(({ state }) => state);
  const status = useTokenState(({ status }) => status);
  useLayoutEffect(() => {
    document.title = `${state} · token-lifecycle`;
    Object.assign(document.documentElement.dataset, { state, status });
  }, [state, status]);
  return null;
}
