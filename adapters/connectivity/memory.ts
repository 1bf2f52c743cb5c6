import type { Connectivity } from '../../machines/ports';

/** A network that is switched by hand. */
export type MemoryConnectivity = Connectivity & {
  /** Tells every subscriber, if anything changed. */
  set(online: boolean): void;
};

/**
 * A network that is as it is told, for tests and for platforms that report connectivity by a callback of their own.
 *
 * @param initial whether there is a network to begin with; default true
 * @example
 * const connectivity = memoryConnectivity();
 * NetInfo.addEventListener(({ isConnected }) => connectivity.set(isConnected !== false));
 */
export function memoryConnectivity(initial = true): MemoryConnectivity {
  const listeners = new Set<(online: boolean) => void>();
  let online = initial;
  return {
    isOnline: () => online,
    subscribe: (listener) => {
      // A wrapper per subscription: subscribing one function twice is two subscriptions.
      const entry = (now: boolean) => listener(now);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    set: (next) => {
      if (next === online) return;
      online = next;
      for (const tell of [...listeners]) tell(next);
    },
  };
}
