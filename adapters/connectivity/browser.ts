import type { Connectivity } from '../../machines/ports';

/** What this adapter uses of a window or a worker's `self`; every part may be missing. */
export type ConnectivityTarget = {
  readonly navigator?: { readonly onLine?: unknown };
  addEventListener?(type: 'online' | 'offline', listener: () => void): void;
  removeEventListener?(type: 'online' | 'offline', listener: () => void): void;
};

export type BrowserConnectivityOptions = {
  /** Default `globalThis`: right in pages and in workers. */
  readonly target?: ConnectivityTarget;
};

/**
 * Connectivity by `navigator.onLine`. Only an explicit `false` counts as offline: a platform that has a navigator but no
 * boolean there (React Native, Node) does not know, and then requests are tried. User agent, automation and connection
 * estimates are no reason to be offline.
 *
 * @example createTokenLifecycle({ source, connectivity: browserConnectivity() });
 */
export function browserConnectivity(options: BrowserConnectivityOptions = {}): Connectivity {
  const target = (): ConnectivityTarget => options.target ?? (globalThis as ConnectivityTarget);

  function isOnline(): boolean {
    try {
      return target().navigator?.onLine !== false;
    } catch {
      return true;
    }
  }

  return {
    isOnline,
    subscribe: (listener) => {
      const from = target();
      // Asked again rather than told by the event's name: listeners and isOnline() never disagree.
      const tell = (): void => listener(isOnline());
      from.addEventListener?.('online', tell);
      from.addEventListener?.('offline', tell);
      return () => {
        from.removeEventListener?.('online', tell);
        from.removeEventListener?.('offline', tell);
      };
    },
  };
}
