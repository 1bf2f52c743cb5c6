import { checkMethods, checkText, fail } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { Clock, TokenCache } from '../../machines/ports';

/** An expired token is what an outage needs; after this long it is of no use to anyone. */
const keptAfterExpiryMs = 24 * 60 * 60 * 1000;

/** What this cache uses of `Storage`. */
export type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export type WebStorageCacheOptions = {
  /** Where to keep tokens. A function is called on each use: merely touching `localStorage` may throw. */
  readonly storage: WebStorage | (() => WebStorage);
  /** Must be `true`: every script on the origin, and every later one, can read what is stored here. */
  readonly dangerouslyPersistTokens: true;
  /** First part of every key in the storage. Default `token-lifecycle:`. */
  readonly prefix?: string;
  /** Tells which entries are long dead. Default: the system clock. */
  readonly clock?: Pick<Clock, 'now'>;
};

type Entry = { readonly v: 1; readonly value: string; readonly expiresAt: number };

/** Anybody on the origin may have written it: what is not exactly an entry of ours is none. */
function parseEntry(text: string | null): Entry | undefined {
  if (text === null) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return undefined;
    const { v, value, expiresAt } = found as Partial<Record<keyof Entry, unknown>>;
    if (v !== 1 || typeof value !== 'string' || value === '' || !Number.isFinite(expiresAt)) return undefined;
    return { v, value, expiresAt: expiresAt as number };
  } catch {
    return undefined;
  }
}

/**
 * Keeps tokens in `localStorage` or `sessionStorage`, so that they survive a reload. Off by default for a reason: any script
 * that runs on the origin can read them (lifecycle §10 keeps tokens in memory).
 *
 * Every method throws what the storage throws (`SecurityError` where it is denied, `QuotaExceededError` where it is full): a
 * storage that cannot be read is not an empty one. A failed `set` leaves the older entry as it was. Entries that expired more
 * than 24 hours ago are cleared out by the next `set`.
 *
 * @throws {ConfigurationError} unless `dangerouslyPersistTokens` is literally true
 * @example
 * webStorageCache({ storage: () => window.sessionStorage, dangerouslyPersistTokens: true });
 */
export function webStorageCache(options: WebStorageCacheOptions): TokenCache {
  const { storage, dangerouslyPersistTokens, prefix = 'token-lifecycle:', clock = Date } = options;
  if (dangerouslyPersistTokens !== true) {
    throw new ConfigurationError(
      'webStorageCache.dangerouslyPersistTokens',
      'must be true: every script on the origin can read what is stored',
    );
  }
  checkText('webStorageCache.prefix', prefix);
  if (storage === undefined || storage === null) fail('webStorageCache.storage', 'a Storage or a function', storage);
  if (typeof storage !== 'function')
    checkMethods('webStorageCache.storage', storage, ['getItem', 'setItem', 'removeItem']);

  function open(): WebStorage {
    const opened: WebStorage | null | undefined = typeof storage === 'function' ? storage() : storage;
    if (!opened) throw Object.assign(new Error('There is no web storage here.'), { code: 'storage_missing' });
    return opened;
  }

  /** A list first: removing while counting skips keys. */
  function keysUnder(opened: WebStorage, start: string): string[] {
    const keys: string[] = [];
    for (let index = 0; index < opened.length; index += 1) {
      const key = opened.key(index);
      if (key?.startsWith(start)) keys.push(key);
    }
    return keys;
  }

  function clearOut(opened: WebStorage): void {
    const longAgo = clock.now() - keptAfterExpiryMs;
    for (const key of keysUnder(opened, prefix)) {
      const entry = parseEntry(opened.getItem(key));
      if (!entry || entry.expiresAt < longAgo) opened.removeItem(key);
    }
  }

  return {
    get: (key) => parseEntry(open().getItem(prefix + key))?.value,
    set: (key, value, { expiresAt }) => {
      const opened = open();
      clearOut(opened);
      opened.setItem(prefix + key, JSON.stringify({ v: 1, value, expiresAt } satisfies Entry));
    },
    deleteAll: (start) => {
      const opened = open();
      for (const key of keysUnder(opened, prefix + start)) opened.removeItem(key);
    },
  };
}
