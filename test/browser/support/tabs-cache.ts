/** A token cache in IndexedDB, as an application might bring one: what one tab has stored, every other finds. */
import type { TokenCache } from '../../../machines/ports';

const storeName = 'entries';

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const completed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName);
  return asked(request);
}

/** @param name of the database */
export function indexedDbCache(name: string): TokenCache {
  let database: Promise<IDBDatabase> | undefined;

  async function transact<T>(mode: IDBTransactionMode, run: (entries: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    database ??= open(name);
    const transaction = (await database).transaction(storeName, mode);
    const done = completed(transaction);
    const value = await asked(run(transaction.objectStore(storeName)));
    await done;
    return value;
  }

  return {
    get: async (key) => {
      const found: unknown = await transact('readonly', (entries) => entries.get(key));
      return typeof found === 'string' ? found : undefined;
    },
    set: async (key, value) => {
      await transact('readwrite', (entries) => entries.put(value, key));
    },
    deleteAll: async (prefix) => {
      await transact('readwrite', (entries) => entries.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
    },
  };
}
