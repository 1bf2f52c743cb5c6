/** Storage that fails, in the ways in which storage fails. */
import type { CookieValue, SessionCookie, SharedStore, TokenCache } from '../../machines/ports';

export type Fault = {
  readonly name: string;
  /** What `adapter.failed` says. */
  readonly reason: string;
  /** Takes the place of an operation while the fault lasts. */
  readonly act: () => never | Promise<never>;
};

const domException = (name: string) => new DOMException('The operation is insecure.', name);

export const faults: readonly Fault[] = [
  {
    name: 'is missing',
    reason: 'storage_missing',
    act: () => {
      throw Object.assign(new Error('There is no storage here.'), { code: 'storage_missing' });
    },
  },
  {
    name: 'throws SecurityError',
    reason: 'SecurityError',
    act: () => {
      throw domException('SecurityError');
    },
  },
  {
    name: 'rejects with SecurityError',
    reason: 'SecurityError',
    act: () => Promise.reject(domException('SecurityError')),
  },
  { name: 'hangs', reason: 'timeout', act: () => new Promise<never>(() => {}) },
];

export const full: Fault = {
  name: 'is full',
  reason: 'QuotaExceededError',
  act: () => {
    throw domException('QuotaExceededError');
  },
};

/** Which operations of an adapter fail; change it to have the adapter recover. */
export type Switch = { fault: Fault | null; readonly only?: readonly string[] };

function faulty<Port extends object>(port: Port, state: Switch): Port {
  return new Proxy(port, {
    get: (target, name: string) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const { fault, only } = state;
        if (fault && (!only || only.includes(name))) return fault.act();
        return Reflect.apply(value, target, given);
      };
    },
  });
}

export const faultyCache = (cache: TokenCache, state: Switch): TokenCache => faulty(cache, state);
export const faultyStore = (store: SharedStore, state: Switch): SharedStore => faulty(store, state);
export const faultyCookie = (cookie: SessionCookie, state: Switch): SessionCookie => faulty(cookie, state);

type Gate = { readonly operation: string; readonly run: () => void };

/** Operations that take effect only when the test says so, whatever the order. */
export function createGates() {
  let waiting: Gate[] = [];
  return {
    /** Operations that were asked for and have not happened. */
    get pending(): string[] {
      return waiting.map(({ operation }) => operation);
    },
    pass: <T>(operation: string, act: () => T | PromiseLike<T>): Promise<T> =>
      new Promise((resolve) => {
        waiting.push({ operation, run: () => resolve(act()) });
      }),
    /** Lets the first pending operation of that name happen; all of them without a name. */
    open: (operation?: string): void => {
      const index = operation === undefined ? -1 : waiting.findIndex((one) => one.operation === operation);
      const opened = operation === undefined ? waiting : waiting.filter((_, at) => at === index);
      waiting = waiting.filter((one) => !opened.includes(one));
      for (const { run } of opened) run();
    },
  };
}

/** A cache whose writes wait at the gates. */
export function gatedCache(cache: TokenCache, gates: ReturnType<typeof createGates>): TokenCache {
  return { ...cache, set: (...given) => gates.pass('set', () => cache.set(...given)) };
}

/** An asynchronous cookie whose writes wait at the gates; reads and removals are as fast as the inner one's. */
export function gatedCookie(cookie: SessionCookie, gates: ReturnType<typeof createGates>): SessionCookie {
  return {
    ...cookie,
    sync: false,
    write: (...given) => gates.pass('write', () => cookie.write(...given)),
  };
}

/** A store whose updates wait at the gates; each is atomic at the moment when it happens. */
export function gatedStore(store: SharedStore, gates: ReturnType<typeof createGates>): SharedStore {
  return { ...store, update: (key, change) => gates.pass('update', () => store.update(key, change)) };
}

/** A cookie that answers whatever it is told, typed as if it were right. */
export const garbageCookie = (cookie: SessionCookie, values: unknown): SessionCookie => ({
  ...cookie,
  read: () => values as readonly CookieValue[],
});
