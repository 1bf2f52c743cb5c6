import { afterEach, describe, expect, it, vi } from 'vitest';
import { webStorageCache } from '../../adapters/cache/web-storage';
import { type WebStorageStoreOptions, webStorageStore } from '../../adapters/store/web-storage';
import type { SharedRecord } from '../../machines/ports';
import { storeContract } from './contract/store';
import { fakeStorage } from './support/web-storage';

const record = (generation: number, more: Partial<SharedRecord> = {}): SharedRecord => ({
  v: 1,
  generation,
  epoch: 1,
  ...more,
});

storeContract(
  'webStorageStore',
  () => {
    const storage = fakeStorage();
    return { first: webStorageStore({ storage }), second: webStorageStore({ storage: () => storage }) };
  },
  'hint',
);

describe('webStorageStore', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('R10.7 localStorage is looked up on use', async () => {
    const store = webStorageStore();
    const storage = fakeStorage();
    vi.stubGlobal('localStorage', storage);
    await store.update('a', () => record(1));
    expect([...storage.entries]).toEqual([['token-lifecycle.record:a', '{"v":1,"generation":1,"epoch":1}']]);
  });

  it('J05 making one where there is no storage is fine; using it says so', async () => {
    vi.stubGlobal('localStorage', undefined);
    const store = webStorageStore();
    const missing = { code: 'storage_missing' };
    await expect(store.read('a')).rejects.toMatchObject(missing);
    await expect(store.update('a', () => record(1))).rejects.toMatchObject(missing);
  });

  it('J01 denied: rejects with the SecurityError, touches nothing before, and works once it is allowed', async () => {
    let allowed = false;
    let touched = 0;
    const real = fakeStorage();
    const store = webStorageStore({
      storage: () => {
        touched += 1;
        if (!allowed) throw new DOMException('denied', 'SecurityError');
        return real;
      },
    });
    expect(touched).toBe(0);
    let changed = false;
    await expect(store.read('a')).rejects.toMatchObject({ name: 'SecurityError' });
    await expect(
      store.update('a', () => {
        changed = true;
        return record(1);
      }),
    ).rejects.toMatchObject({ name: 'SecurityError' });
    expect(changed).toBe(false);
    allowed = true;
    expect(await store.update('a', () => record(1))).toEqual(record(1));
  });

  it('J02 full: rejects, and the older record stays', async () => {
    const store = webStorageStore({ storage: fakeStorage(100) });
    await store.update('a', () => record(1));
    const full = { name: 'QuotaExceededError' };
    await expect(store.update('a', () => record(2, { fingerprint: 'x'.repeat(100) }))).rejects.toMatchObject(full);
    expect(await store.read('a')).toEqual(record(1));
  });

  it('J02 however often it is updated, there is one entry, and none once it is deleted', async () => {
    const storage = fakeStorage();
    const store = webStorageStore({ storage });
    for (let round = 1; round <= 50; round += 1) await store.update('a', () => record(round));
    expect(storage.entries.size).toBe(1);
    await store.update('a', () => undefined);
    expect(storage.entries.size).toBe(0);
  });

  it('S11 writes down what a record has, and nothing else', async () => {
    const storage = fakeStorage();
    const store = webStorageStore({ storage });
    const more = { ...record(1), token: 'secret', active: { sessionHash: 's', organizationHash: 'o', id: 'secret' } };
    expect(await store.update('a', () => more)).not.toHaveProperty('token');
    expect(JSON.stringify([...storage.entries])).not.toContain('secret');
  });

  it.each([
    'garbage',
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"v":2,"generation":1,"epoch":1}',
    '{"v":1,"generation":-1,"epoch":1}',
    '{"v":1,"generation":1}',
    '{"__proto__":{"v":1,"generation":1,"epoch":1}}',
  ])('R10.12 garbage reads as nothing, and the next update replaces it: %s', async (text) => {
    const storage = fakeStorage();
    storage.setItem('token-lifecycle.record:a', text);
    const store = webStorageStore({ storage });
    expect(await store.read('a')).toBeUndefined();
    const seen: unknown[] = [];
    await store.update('a', (now) => {
      seen.push(now);
      return record(1);
    });
    expect(seen).toEqual([undefined]);
    expect(await store.read('a')).toEqual(record(1));
  });

  it('§10 a change that makes no record deletes, as garbage would read', async () => {
    const storage = fakeStorage();
    const store = webStorageStore({ storage });
    await store.update('a', () => record(1));
    expect(await store.update('a', () => ({ v: 1 }) as SharedRecord)).toBeUndefined();
    expect(storage.entries.size).toBe(0);
  });

  it('§10 stores with prefixes of their own do not meet', async () => {
    const storage = fakeStorage();
    const [one, other] = [webStorageStore({ storage, prefix: 'one:' }), webStorageStore({ storage, prefix: 'other:' })];
    await one.update('a', () => record(1));
    expect(await other.read('a')).toBeUndefined();
    expect(await one.read('a')).toEqual(record(1));
  });

  it('§10 a cache in the same storage does not clear the records out', async () => {
    const storage = fakeStorage();
    const store = webStorageStore({ storage });
    const cache = webStorageCache({ storage, dangerouslyPersistTokens: true });
    await store.update('a', () => record(1));
    await cache.set('a', 'one', { expiresAt: Date.now() });
    await cache.deleteAll('');
    expect(await store.read('a')).toEqual(record(1));
  });

  it.each<[string, object]>([
    ['prefix', { prefix: '' }],
    ['storage', { storage: null }],
    ['storage', { storage: 'localStorage' }],
    ['storage.getItem', { storage: {} }],
  ])('refuses a bad %s at once: %j', (option, options) => {
    expect(() => webStorageStore(options as WebStorageStoreOptions)).toThrow(
      expect.objectContaining({ option: `webStorageStore.${option}` }),
    );
  });
});
