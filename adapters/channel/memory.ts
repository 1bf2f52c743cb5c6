import { checkFunction } from '../../machines/check';
import type { TokenChannel } from '../../machines/ports';
import { createListeners, tellAll } from './listeners';

/**
 * A channel for lifecycles of one process: share the instance between them, and they are tabs of one browser. Messages are
 * structured clones, arrive in the order of being posted, never before `post()` has returned, at whoever listened then. The
 * sender hears its own. There is nothing to suspend: a shared channel does not know whose page is hidden.
 *
 * `post()` throws a `DataCloneError` for what cannot be cloned.
 *
 * @example
 * const channel = memoryChannel();
 * const tabs = [1, 2].map(() => createTokenLifecycle({ source, channel }));
 */
export function memoryChannel(): TokenChannel {
  const listeners = createListeners();
  return {
    carriesTokens: true,
    post: (message) => {
      const posted: unknown = structuredClone(message);
      const addressed = listeners.snapshot();
      // A clone each: what one listener does to its message is no business of the next.
      void Promise.resolve().then(() => tellAll(addressed, () => structuredClone(posted)));
    },
    subscribe: (listener) => {
      checkFunction('memoryChannel.subscribe(listener)', listener);
      return listeners.add(listener);
    },
  };
}
