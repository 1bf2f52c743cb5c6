/** Whether something is still being written: an actor is stopped behind it. */
import type { RefreshLock, SharedStore, TokenCache } from '../../../machines/ports';
import { isPromiseLike } from '../../host/promises';

type Adapters = { readonly cache: TokenCache; readonly store: SharedStore; readonly lock: RefreshLock };

/** The same adapters, counted while they work. */
export function createBusy({ cache, store, lock }: Adapters) {
  let pending = 0;

  function count<T>(answer: T): T {
    if (!isPromiseLike(answer)) return answer;
    pending += 1;
    const done = (): void => {
      pending -= 1;
    };
    answer.then(done, done);
    return answer;
  }

  const adapters: Adapters = {
    cache: {
      get: (key) => count(cache.get(key)),
      set: (key, value, options) => count(cache.set(key, value, options)),
      deleteAll: (prefix) => count(cache.deleteAll(prefix)),
    },
    store: {
      consistency: store.consistency,
      read: (key) => count(store.read(key)),
      update: (key, change) => count(store.update(key, change)),
    },
    lock: { run: (name, options, task) => count(lock.run(name, options, task)) },
  };
  return { adapters, isBusy: (): boolean => pending > 0 };
}
