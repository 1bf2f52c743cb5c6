import { browserConnectivity, type Connectivity } from '../../../../index';

export type Network = {
  /** What the lifecycle is told: the platform's word, and the switch on the page. */
  readonly connectivity: Connectivity;
  /** The platform's fetch, as long as the switch is on. */
  readonly fetch: (input: string, init?: RequestInit) => Promise<Response>;
  isConnected(): boolean;
  connect(on: boolean): void;
};

/** A network with a switch, for those who do not want to open DevTools. */
export function createNetwork(): Network {
  const platform = browserConnectivity();
  const switched = new Set<() => void>();
  let cut = new AbortController();
  let connected = true;

  const isOnline = (): boolean => connected && platform.isOnline();

  return {
    connectivity: {
      isOnline,
      subscribe: (listener) => {
        const tell = (): void => listener(isOnline());
        const unsubscribe = platform.subscribe(tell);
        switched.add(tell);
        return () => {
          unsubscribe();
          switched.delete(tell);
        };
      },
    },
    fetch: async (input, init = {}) => {
      if (!connected) throw new TypeError('Failed to fetch');
      const signals = [cut.signal, ...(init.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    },
    isConnected: () => connected,
    connect: (on) => {
      if (on === connected) return;
      connected = on;
      // A cut takes the requests with it that are on their way, as a cable does.
      if (on) cut = new AbortController();
      else cut.abort(new TypeError('Failed to fetch'));
      for (const tell of [...switched]) tell();
    },
  };
}
