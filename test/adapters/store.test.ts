import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import { indexedDbStore } from '../../adapters/store/indexed-db';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { SharedRecord } from '../../machines/ports';
import { storeContract } from './contract/store';

const record = (generation: number): SharedRecord => ({ v: 1, generation, epoch: 1 });

storeContract('memoryStore', () => {
  const store = memoryStore();
  return { first: store, second: store };
});

storeContract('indexedDbStore', () => {
  const indexedDB = new IDBFactory();
  return { first: indexedDbStore({ indexedDB }), second: indexedDbStore({ indexedDB }) };
});

/** A factory that shows what it opened, and whose `open` can be told to go wrong. */
function watchedFactory() {
  const real = new IDBFactory();
  const watched: { open?: (() => IDBOpenDBRequest) | undefined; asked: number; databases: IDBDatabase[] } = {
    asked: 0,
    databases: [],
  };
  const factory = {
    open: (name: string, version?: number) => {
      watched.asked += 1;
      if (watched.open) return watched.open();
      const request = real.open(name, version);
      request.addEventListener('success', () => watched.databases.push(request.result));
      return request;
    },
  } as unknown as IDBFactory;
  return { real, factory, watched };
}

/** Connections that take no transaction any more. */
const closed = (databases: readonly IDBDatabase[]): boolean[] =>
  databases.map((database) => {
    try {
      database.transaction('records');
      return false;
    } catch {
      return true;
    }
  });

const settled = (request: IDBRequest): Promise<void> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });

function openRaw(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open('token-lifecycle');
  return settled(request).then(() => request.result);
}

describe('indexedDbStore', () => {
  it('J05 making one where there is no IndexedDB is fine; using it says so', async () => {
    expect((globalThis as { indexedDB?: unknown }).indexedDB).toBeUndefined();
    const store = indexedDbStore();
    const missing = { code: 'indexeddb_missing' };
    await expect(store.read('a')).rejects.toMatchObject(missing);
    await expect(store.update('a', () => record(1))).rejects.toMatchObject(missing);
  });

  it('J01 denied: rejects with the SecurityError, and works once it is allowed', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    watched.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    await expect(store.read('a')).rejects.toMatchObject({ name: 'SecurityError' });
    watched.open = undefined;
    expect(await store.update('a', () => record(1))).toEqual(record(1));
  });

  it('L1 a database that never opens rejects in time, and the next call tries again', async () => {
    const clock = createVirtualClock();
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory, clock, openTimeoutMs: 3000 });
    watched.open = () => ({}) as IDBOpenDBRequest;
    const reading = expect(store.read('a')).rejects.toMatchObject({ code: 'indexeddb_timeout' });
    const updating = expect(store.update('a', () => record(1))).rejects.toMatchObject({ code: 'indexeddb_timeout' });
    await clock.advance(3000);
    await Promise.all([reading, updating]);
    expect(watched.asked).toBe(1);
    watched.open = undefined;
    expect(await store.update('a', () => record(1))).toEqual(record(1));
    expect(clock.pending).toBe(0);
  });

  it('opens once for many calls', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await Promise.all([store.read('a'), store.read('b'), store.update('a', () => record(1))]);
    await store.read('a');
    expect(watched.asked).toBe(1);
  });

  it('J02 a transaction that fails rejects and leaves the older record', async () => {
    const indexedDB = new IDBFactory();
    const store = indexedDbStore({ indexedDB });
    await store.update('a', () => record(1));
    // A function cannot be cloned: the put fails as a full disk would.
    const unstorable = { ...record(2), fingerprint: (() => {}) as unknown as string };
    await expect(store.update('a', () => unstorable)).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await store.read('a')).toEqual(record(1));
  });

  it('does not stand in the way when another tab deletes the database, and goes on with a new one', async () => {
    const { real, factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    await settled(real.deleteDatabase('token-lifecycle'));
    expect(await store.read('a')).toBeUndefined();
    expect(await store.update('a', () => record(2))).toEqual(record(2));
    expect(watched.asked).toBe(2);
  });

  it('L4 dispose closes, and the store can be used again', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    store.dispose?.();
    await Promise.resolve();
    expect(closed(watched.databases)).toEqual([true]);
    expect(await store.read('a')).toEqual(record(1));
    expect(closed(watched.databases)).toEqual([true, false]);
  });

  it('L4 dispose while it opens rejects who waits, and leaves no connection and no timer', async () => {
    const clock = createVirtualClock();
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory, clock });
    const reading = expect(store.read('a')).rejects.toMatchObject({ code: 'indexeddb_closed' });
    await Promise.resolve();
    store.dispose?.();
    await reading;
    await clock.settle();
    expect(closed(watched.databases)).toEqual([true]);
    expect(clock.pending).toBe(0);
  });

  it('a connection that ended unheard is replaced within the call', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    watched.databases[0]?.close();
    expect(await store.read('a')).toEqual(record(1));
    expect(watched.asked).toBe(2);
  });

  it('a connection that the browser ended is not tried again', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    const [lost] = watched.databases;
    lost?.onclose?.(new Event('close'));
    let tried = false;
    Object.defineProperty(lost, 'transaction', {
      value: () => {
        tried = true;
      },
    });
    expect(await store.read('a')).toEqual(record(1));
    expect([tried, watched.asked]).toEqual([false, 2]);
  });

  it('a database process that was lost fails one call, and the next opens anew', async () => {
    const { factory, watched } = watchedFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    Object.defineProperty(watched.databases[0], 'transaction', {
      value: () => {
        throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
      },
    });
    await expect(store.read('a')).rejects.toMatchObject({ name: 'UnknownError' });
    expect(await store.read('a')).toEqual(record(1));
  });

  it('§10 garbage in the database reads as nothing and is replaced by the next update', async () => {
    const indexedDB = new IDBFactory();
    const store = indexedDbStore({ indexedDB });
    await store.update('a', () => record(1));
    const raw = await openRaw(indexedDB);
    const transaction = raw.transaction('records', 'readwrite');
    await settled(transaction.objectStore('records').put({ v: 9, generation: 'many' }, 'a'));
    raw.close();
    expect(await store.read('a')).toBeUndefined();
    const seen: unknown[] = [];
    await store.update('a', (now) => {
      seen.push(now);
      return record(2);
    });
    expect(seen).toEqual([undefined]);
    expect(await store.read('a')).toEqual(record(2));
  });

  it('databases of different names do not meet', async () => {
    const indexedDB = new IDBFactory();
    const [one, other] = ['one', 'other'].map((databaseName) => indexedDbStore({ indexedDB, databaseName }));
    await one?.update('a', () => record(1));
    expect(await other?.read('a')).toBeUndefined();
  });

  it.each([{ databaseName: '' }, { openTimeoutMs: 0 }])('refuses %j', (options) => {
    expect(() => indexedDbStore(options)).toThrow(Object.keys(options)[0]);
  });
});
