import { useMemo, useSyncExternalStore } from 'react';
import type { TokenLifecycle } from '../host/types';
import { useProvided } from './provider';

/** Calls `listener` when the actor has been replaced: each `stop()` ends one, and its successor waits for the next start. */
function followActor(lifecycle: TokenLifecycle, listener: () => void): () => void {
  let isOver = false;
  let unsubscribe = (): void => {};
  const follow = (): void => {
    const { actor } = lifecycle;
    const subscription = actor.subscribe({
      complete: () => {
        // The actor ends in the middle of stop(); the new one is there when that has returned.
        void Promise.resolve().then(() => {
          if (isOver) return;
          follow();
          listener();
        });
      },
    });
    unsubscribe = () => subscription.unsubscribe();
  };
  follow();
  return () => {
    isOver = true;
    unsubscribe();
  };
}

/**
 * The running XState actor of the session machine, for `useSelector` of @xstate/react and for inspection.
 *
 * `useSelector` takes one snapshot for server and browser, so on a page that a server rendered it fails hydration: use it below
 * what is rendered in the browser alone, and `useTokenState` everywhere else.
 *
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`
 * @example const epoch = useSelector(useTokenActor(), ({ context }) => context.epoch);
 */
export function useTokenActor(): TokenLifecycle['actor'] {
  const lifecycle = useProvided('useTokenActor');
  const [subscribe, read] = useMemo(
    () => [(listener: () => void) => followActor(lifecycle, listener), () => lifecycle.actor],
    [lifecycle],
  );
  return useSyncExternalStore(subscribe, read, read);
}
