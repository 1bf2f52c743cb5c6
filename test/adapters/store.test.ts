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

/** A factory whose `open` can be told to go wrong. */
function troubledFactory() {
  const real = new IDBFactory();
  const trouble: { open?: (() => IDBOpenDBRequest) | undefined; opened: number } = { opened: 0 };
  const factory = {
    open: (name: string, version?: number) => {
      trouble.opened += 1;
      return trouble.open ? trouble.open() : real.open(name, version);
    },
  } as unknown as IDBFactory;
  return { real, factory, trouble };
}

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
    const { factory, trouble } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory });
    trouble.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    await expect(store.read('a')).rejects.toMatchObject({ name: 'SecurityError' });
    trouble.open = undefined;
    expect(await store.update('a', () => record(1))).toEqual(record(1));
  });

  it('L1 a database that never opens rejects in time, and the next call tries again', async () => {
    const clock = createVirtualClock();
    const { factory, trouble } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory, clock, openTimeoutMs: 3000 });
    trouble.open = () => ({}) as IDBOpenDBRequest;
    const reading = expect(store.read('a')).rejects.toMatchObject({ code: 'indexeddb_timeout' });
    const updating = expect(store.update('a', () => record(1))).rejects.toMatchObject({ code: 'indexeddb_timeout' });
    await clock.advance(3000);
    await Promise.all([reading, updating]);
    expect(trouble.opened).toBe(1);
    trouble.open = undefined;
    expect(await store.update('a', () => record(1))).toEqual(record(1));
    expect(clock.pending).toBe(0);
  });

  it('opens once for many calls', async () => {
    const { factory, trouble } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await Promise.all([store.read('a'), store.read('b'), store.update('a', () => record(1))]);
    await store.read('a');
    expect(trouble.opened).toBe(1);
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
    const { real, factory, trouble } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    await settled(real.deleteDatabase('token-lifecycle'));
    expect(await store.read('a')).toBeUndefined();
    expect(await store.update('a', () => record(2))).toEqual(record(2));
    expect(trouble.opened).toBe(2);
  });

  it('L4 dispose closes: nothing blocks a deletion, and the store can be used again', async () => {
    const { real, factory, trouble } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    store.dispose?.();
    const deletion = real.deleteDatabase('token-lifecycle');
    let blocked = false;
    deletion.onblocked = () => {
      blocked = true;
    };
    await settled(deletion);
    expect(blocked).toBe(false);
    expect(await store.update('a', () => record(3))).toEqual(record(3));
    expect(trouble.opened).toBe(2);
  });

  it('L4 dispose while it opens rejects who waits, and leaves no connection and no timer', async () => {
    const clock = createVirtualClock();
    const { real, factory } = troubledFactory();
    const store = indexedDbStore({ indexedDB: factory, clock });
    const reading = expect(store.read('a')).rejects.toMatchObject({ code: 'indexeddb_closed' });
    await Promise.resolve();
    store.dispose?.();
    await reading;
    await clock.settle();
    expect(clock.pending).toBe(0);
    let blocked = false;
    const deletion = real.deleteDatabase('token-lifecycle');
    deletion.onblocked = () => {
      blocked = true;
    };
    await settled(deletion);
    expect(blocked).toBe(false);
  });

  it('a connection that ended unheard is replaced', async () => {
    const real = new IDBFactory();
    const databases: IDBDatabase[] = [];
    const factory = {
      open: (name: string, version?: number) => {
        const request = real.open(name, version);
        request.addEventListener('success', () => databases.push(request.result));
        return request;
      },
    } as unknown as IDBFactory;
    const store = indexedDbStore({ indexedDB: factory });
    await store.update('a', () => record(1));
    databases[0]?.close();
    expect(await store.read('a')).toEqual(record(1));
    expect(databases.length).toBe(2);
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
