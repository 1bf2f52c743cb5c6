import { useSyncExternalStore } from 'react';
import { ConfigurationError } from '../../machines/errors';
import type { LifecycleState } from '../host/types';
import { useProvided } from './provider';

/** A promise with the mark that React 19's `use` and its forerunners agree on. */
type Marked = Promise<void> & { status?: 'pending' | 'fulfilled' };

const isKnown = ({ state }: LifecycleState): boolean => state !== 'restoring';

const never = () => () => {};
const isBrowser = () => false;
/** Asked by a server, and by a browser that takes over its page. */
const isServer = () => typeof document === 'undefined';

/** Suspends until `promise` is fulfilled. By throwing it, which React 18 and 19 understand. */
function waitFor(promise: Marked): void {
  if (promise.status === 'fulfilled') return;
  if (promise.status === undefined) {
    promise.status = 'pending';
    // Rejected by stop(): there is a new promise then, and the next render takes that.
    promise.then(
      () => {
        promise.status = 'fulfilled';
      },
      () => {},
    );
  }
  throw promise;
}

/**
 * Suspends until `restoring` has been left for the first time: below it, it is known whether somebody is signed in. A switch of
 * the session or organization later on does not suspend again, and neither does a page whose server has said how it stands
 * (`dehydrate()` there, the option `hydrate` here).
 *
 * On a server without that it throws instead of waiting for what nobody has started: React then sends the fallback of the
 * nearest `<Suspense>`, and the browser goes on from there.
 *
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`; on a server that does not know the state
 * @example
 * function Account() {
 *   useReady();
 *   const state = useTokenState(({ state }) => state);
 *   return state === 'signed-out' ? <SignIn /> : <Profile />;
 * }
 * // <Suspense fallback={<Spinner />}><Account /></Suspense>
 */
export function useReady(): void {
  const lifecycle = useProvided('useReady');
  const onServer = useSyncExternalStore(never, isBrowser, isServer);
  if (isKnown(lifecycle.getServerState())) return;
  if (onServer) {
    throw new ConfigurationError(
      'useReady',
      'cannot wait on a server: call dehydrate() before rendering, or look for the state restoring instead',
    );
  }
  if (!isKnown(lifecycle.getState())) waitFor(lifecycle.ready);
}
