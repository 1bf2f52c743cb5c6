import { checkMethods, checkText } from '../../machines/check';
import type { SharedRecord, SharedStore } from '../../machines/ports';
import { parseRecord } from './record';

/** What this store uses of `Storage`. */
export type RecordStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export type WebStorageStoreOptions = {
  /**
   * Where the records go. A function is called on each use: merely touching `localStorage` may throw.
   * Default: the global `localStorage`, looked up on use.
   */
  readonly storage?: RecordStorage | (() => RecordStorage);
  /** First part of every key in the storage. Default `token-lifecycle.record:`. */
  readonly prefix?: string;
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What the tabs of one origin agree on, in `localStorage`: for places without IndexedDB. One entry per record, no secrets.
 *
 * It is a `hint`. Browsers copy web storage between processes when they get round to it, so that another tab may go on reading
 * the older record for a while, and an update reads and writes in two steps that another tab's may come between: the last write
 * stands. Nobody spends a rotating credential on the word of such a store (lifecycle §10); `indexedDbStore` is ordered.
 *
 * Methods reject with what the storage throws: `SecurityError` where it is denied, `QuotaExceededError` where it is full, in which
 * case the older record stays. Anything stored that is no record reads as `undefined`.
 *
 * @throws {ConfigurationError} for an empty prefix, or a storage that is none
 * @example createTokenLifecycle({ source, store: webStorageStore() });
 */
export function webStorageStore(options: WebStorageStoreOptions = {}): SharedStore {
  const { storage, prefix = 'token-lifecycle.record:' } = options;
  checkText('webStorageStore.prefix', prefix);
  if (storage !== undefined && typeof storage !== 'function') {
    checkMethods('webStorageStore.storage', storage, ['getItem', 'setItem', 'removeItem']);
  }

  function open(): RecordStorage {
    const given = storage ?? globalThis.localStorage;
    const opened: RecordStorage | null | undefined = typeof given === 'function' ? given() : given;
    if (!opened) throw Object.assign(new Error('There is no web storage here.'), { code: 'storage_missing' });
    return opened;
  }

  function readIn(opened: RecordStorage, key: string): SharedRecord | undefined {
    const text = opened.getItem(prefix + key);
    return text === null ? undefined : parseRecord(parseJson(text));
  }

  return {
    consistency: 'hint',
    read: async (key) => readIn(open(), key),
    update: async (key, change) => {
      const opened = open();
      // Only what a record has is written down: an unknown field might be a secret.
      const next = parseRecord(change(readIn(opened, key)));
      if (next === undefined) opened.removeItem(prefix + key);
      else opened.setItem(prefix + key, JSON.stringify(next));
      return next;
    },
  };
}
