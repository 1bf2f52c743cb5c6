import { checkNumber, checkText } from '../../machines/check';
import type { Clock, SharedRecord, SharedStore } from '../../machines/ports';
import { connect, objectStoreName } from './indexed-db-connection';
import { parseRecord } from './record';

export type IndexedDbStoreOptions = {
  /** Default `token-lifecycle`. */
  readonly databaseName?: string;
  /** Default: the global one, looked up on use. */
  readonly indexedDB?: IDBFactory;
  /** How long the database may take to open, in ms. Default 5000. */
  readonly openTimeoutMs?: number;
  /** Times the opening. Default: the platform's timers. */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
};

type Change = (now: SharedRecord | undefined) => SharedRecord | undefined;

const platformTimers: Pick<Clock, 'setTimeout' | 'clearTimeout'> = {
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (id) => globalThis.clearTimeout(id as Parameters<typeof clearTimeout>[0]),
};

function readIn(database: IDBDatabase, key: string): Promise<SharedRecord | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(objectStoreName, 'readonly');
    const request: IDBRequest<unknown> = transaction.objectStore(objectStoreName).get(key);
    request.onsuccess = () => resolve(parseRecord(request.result));
    transaction.onabort = () => reject(transaction.error);
  });
}

function updateIn(database: IDBDatabase, key: string, change: Change): Promise<SharedRecord | undefined> {
  return new Promise((resolve, reject) => {
    // `relaxed`: other tabs see it on completion; only a crash of the whole machine may lose it, and then every tab is gone.
    const transaction = database.transaction(objectStoreName, 'readwrite', { durability: 'relaxed' });
    const records = transaction.objectStore(objectStoreName);
    let next: SharedRecord | undefined;
    let thrown: { error: unknown } | undefined;
    const reading: IDBRequest<unknown> = records.get(key);
    reading.onsuccess = () => {
      try {
        next = change(parseRecord(reading.result));
        if (next === undefined) records.delete(key);
        else records.put(next, key);
      } catch (error) {
        thrown = { error };
        transaction.abort();
      }
    };
    // Not on the request's success: until the transaction completes, another tab may still read the older record.
    transaction.oncomplete = () => resolve(parseRecord(next));
    transaction.onabort = () => reject(thrown ? thrown.error : transaction.error);
  });
}

/**
 * What the tabs of one origin agree on, in IndexedDB: the default in browsers, since of everything a browser offers only
 * this shows each later reader, in any tab, what an update has committed (lifecycle §10).
 *
 * Methods reject where there is no IndexedDB, where it is denied (`SecurityError`), full, or does not open in time; the next
 * call tries again. A database that another tab deletes is let go and opened anew. After `dispose()` the store may be used
 * again: it reopens.
 *
 * @throws {ConfigurationError} for an empty name or a bad time-out
 * @example createTokenLifecycle({ source, store: indexedDbStore({ databaseName: 'my-app' }) });
 */
export function indexedDbStore(options: IndexedDbStoreOptions = {}): SharedStore {
  const { databaseName = 'token-lifecycle', openTimeoutMs = 5000, clock = platformTimers } = options;
  checkText('indexedDbStore.databaseName', databaseName);
  checkNumber('indexedDbStore.openTimeoutMs', openTimeoutMs, { min: 1 });

  function factory(): IDBFactory {
    const found: IDBFactory | null | undefined = options.indexedDB ?? globalThis.indexedDB;
    if (!found) throw Object.assign(new Error('There is no IndexedDB here.'), { code: 'indexeddb_missing' });
    return found;
  }

  const connection = connect(factory, databaseName, { timers: clock, timeoutMs: openTimeoutMs });

  /** A connection may end between being handed out and being used: that, and only that, deserves another one. */
  async function withDatabase<T>(task: (database: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      return await task(await connection.get());
    } catch (error) {
      const name = (error as { name?: unknown } | null)?.name;
      // Safari loses its database process: nothing tells whether the transaction went through, so it is not repeated.
      if (name === 'UnknownError') connection.close();
      if (name !== 'InvalidStateError') throw error;
      connection.close();
      return task(await connection.get());
    }
  }

  return {
    consistency: 'ordered',
    read: (key) => withDatabase((database) => readIn(database, key)),
    update: (key, change) => withDatabase((database) => updateIn(database, key, change)),
    dispose: () => connection.close(),
  };
}
