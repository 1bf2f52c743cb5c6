import { checkMethods, fail } from '../../machines/check';
import type { Clock, TokenCache } from '../../machines/ports';

/** An expired token is what an outage needs; after this long it is of no use to anyone. */
const keptAfterExpiryMs = 24 * 60 * 60 * 1000;

/** What this cache uses of an unstorage `Storage`. */
export type UnstorageLike = {
  getItem(key: string): Promise<unknown>;
  /** `ttl` in seconds, for drivers that know of it. */
  setItem(key: string, value: Entry, options: { readonly ttl: number }): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base: string): Promise<string[]>;
};

export type UnstorageCacheOptions = {
  /** Where in the storage: words of letters, digits, - and _, joined by colons. Default `token-lifecycle`. */
  readonly base?: string;
  /** Tells how long an entry has left. Default: the system clock. */
  readonly clock?: Pick<Clock, 'now'>;
};

type Entry = { readonly v: 1; readonly value: string; readonly expiresAt: number };

const baseLike = /^[\w-]+(?::[\w-]+)*$/;

/**
 * Unstorage takes `:`, `/` and `\` for the same and drops some of them, refuses dots, cuts at `?`, and keeps keys that end in `$`
 * to itself; file systems may take `A` for `a`. What is left is the same everywhere. Each character becomes one piece, so that
 * the beginning of a key is written as the beginning of what the key is written as.
 */
const spell = (key: string): string =>
  key.replace(/[^a-z0-9-]/g, (unit) => `_${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whatever drives the storage, and whoever else writes there: what is not exactly an entry of ours is none. */
function parseEntry(found: unknown): Entry | undefined {
  if (typeof found !== 'object' || found === null) return undefined;
  const { v, value, expiresAt } = found as Partial<Record<keyof Entry, unknown>>;
  if (v !== 1 || typeof value !== 'string' || value === '' || !Number.isFinite(expiresAt)) return undefined;
  return { v, value, expiresAt: expiresAt as number };
}

/**
 * Keeps tokens in whatever [unstorage](https://unstorage.unjs.io) drives: files, Redis, a key-value store of some cloud.
 * Tokens are stored as they are: whoever can read the storage can use them until they expire. In browsers `memoryCache()`, the
 * default, is the safer place.
 *
 * An entry stays readable for 24 hours after its token has expired, and drivers that know of a `ttl` drop it then; with others it
 * lies there until sign-out. Methods reject with what the storage rejects with.
 *
 * @param storage made by `createStorage()`; it stays the caller's to dispose of
 * @throws {ConfigurationError} for a storage that is none, or a base that unstorage would change
 * @example
 * unstorageCache(createStorage({ driver: fsDriver({ base: './.tokens' }) }));
 */
export function unstorageCache(storage: UnstorageLike, options: UnstorageCacheOptions = {}): TokenCache {
  const { base = 'token-lifecycle', clock = Date } = options;
  checkMethods('unstorageCache.storage', storage, ['getItem', 'setItem', 'removeItem', 'getKeys']);
  if (typeof base !== 'string' || !baseLike.test(base)) {
    fail('unstorageCache.base', 'letters, digits, - and _, in words joined by colons', base);
  }

  /** One word, whatever the key: with more, a driver on files would want a folder where there is a file already. */
  const placeOf = (key: string): string => `${base}:k${spell(key)}`;

  return {
    get: async (key) => {
      const entry = parseEntry(await storage.getItem(placeOf(key)));
      return entry && clock.now() <= entry.expiresAt + keptAfterExpiryMs ? entry.value : undefined;
    },
    set: async (key, value, { expiresAt }) => {
      const ttl = Math.max(1, Math.ceil((expiresAt + keptAfterExpiryMs - clock.now()) / 1000));
      await storage.setItem(placeOf(key), { v: 1, value, expiresAt }, { ttl });
    },
    deleteAll: async (prefix) => {
      const start = placeOf(prefix);
      const keys = await storage.getKeys(base);
      await Promise.all(keys.filter((key) => key.startsWith(start)).map((key) => storage.removeItem(key)));
    },
  };
}
