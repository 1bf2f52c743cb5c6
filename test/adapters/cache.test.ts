import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { type WebStorageCacheOptions, webStorageCache } from '../../adapters/cache/web-storage';
import { ConfigurationError } from '../../machines/errors';
import { cacheContract } from './contract/cache';
import { fakeStorage } from './support/web-storage';

const persisted = (options: Omit<WebStorageCacheOptions, 'dangerouslyPersistTokens'>) =>
  webStorageCache({ ...options, dangerouslyPersistTokens: true });

cacheContract('memoryCache', memoryCache);
cacheContract('webStorageCache', () => persisted({ storage: fakeStorage() }));
cacheContract('webStorageCache, storage by a function', () => {
  const storage = fakeStorage();
  return persisted({ storage: () => storage });
});

describe('webStorageCache', () => {
  const hour = 3_600_000;

  it.each([undefined, false, 'true', 1])('§10 refuses to persist tokens unless told so: %j', (flag) => {
    const options = { storage: fakeStorage(), dangerouslyPersistTokens: flag } as unknown as WebStorageCacheOptions;
    expect(() => webStorageCache(options)).toThrow(ConfigurationError);
    expect(() => webStorageCache(options)).toThrow(/dangerouslyPersistTokens/);
  });

  it.each([undefined, null, 'localStorage', {}])('names the option where the storage is none: %j', (storage) => {
    const options = { storage, dangerouslyPersistTokens: true } as unknown as WebStorageCacheOptions;
    expect(() => webStorageCache(options)).toThrow(/webStorageCache\.storage/);
  });

  it('J01 touches the storage on use only, and throws what it throws', () => {
    let touched = 0;
    const cache = persisted({
      storage: () => {
        touched += 1;
        throw new DOMException('Access is denied', 'SecurityError');
      },
    });
    expect(touched).toBe(0);
    const denied = expect.objectContaining({ name: 'SecurityError' });
    expect(() => cache.get('a')).toThrow(denied);
    expect(() => cache.set('a', 'one', { expiresAt: 1 })).toThrow(denied);
    expect(() => cache.deleteAll('a')).toThrow(denied);
  });

  it('J05 says so where there is no storage at all', () => {
    const cache = persisted({ storage: () => (globalThis as { none?: Storage }).none as Storage });
    expect(() => cache.get('a')).toThrow(expect.objectContaining({ code: 'storage_missing' }));
  });

  it('J02 a full storage throws and loses nothing of what was there', () => {
    const storage = fakeStorage(200);
    const cache = persisted({ storage });
    cache.set('a', 'one', { expiresAt: Date.now() + hour });
    const full = expect.objectContaining({ name: 'QuotaExceededError' });
    expect(() => cache.set('a', 'x'.repeat(300), { expiresAt: Date.now() + hour })).toThrow(full);
    expect(() => cache.set('b', 'x'.repeat(300), { expiresAt: Date.now() + hour })).toThrow(full);
    expect(cache.get('a')).toBe('one');
  });

  it('J02 leaves no trail: the dead are cleared out, the rest of the storage is left alone', () => {
    const storage = fakeStorage();
    storage.setItem('theirs', 'x');
    let now = Date.UTC(2026, 0, 1);
    const cache = persisted({ storage, clock: { now: () => now } });
    for (let day = 0; day < 30; day += 1) {
      cache.set(`session-${day}`, 'one', { expiresAt: now + 60_000 });
      now += 24 * hour;
    }
    expect(storage.entries.size).toBeLessThanOrEqual(3);
    expect(storage.getItem('theirs')).toBe('x');
  });

  it('T3 an entry that expired within the last 24 hours stays', () => {
    let now = Date.UTC(2026, 0, 1);
    const cache = persisted({ storage: fakeStorage(), clock: { now: () => now } });
    cache.set('a', 'one', { expiresAt: now });
    now += 24 * hour - 1;
    cache.set('b', 'two', { expiresAt: now });
    expect(cache.get('a')).toBe('one');
    now += 2;
    cache.set('b', 'two', { expiresAt: now });
    expect(cache.get('a')).toBeUndefined();
  });

  it.each([
    'garbage',
    '',
    'null',
    '7',
    '"eyJ"',
    '[]',
    '{}',
    '{"v":2,"value":"x","expiresAt":1}',
    '{"v":1,"value":"","expiresAt":1}',
    '{"v":1,"value":7,"expiresAt":1}',
    '{"v":1,"value":"x","expiresAt":null}',
    '{"v":1,"value":"x"}',
  ])('§10 garbage reads as nothing: %s', (text) => {
    const storage = fakeStorage();
    storage.setItem('token-lifecycle:a', text);
    const cache = persisted({ storage });
    expect(cache.get('a')).toBeUndefined();
    cache.set('a', 'one', { expiresAt: Date.now() });
    expect(cache.get('a')).toBe('one');
  });

  it('§8 deleteAll keeps to its own prefix', () => {
    const storage = fakeStorage();
    storage.setItem('a', 'theirs');
    const mine = persisted({ storage, prefix: 'mine:' });
    const other = persisted({ storage, prefix: 'other:' });
    mine.set('a', 'one', { expiresAt: Date.now() });
    other.set('a', 'two', { expiresAt: Date.now() });
    mine.deleteAll('');
    expect([mine.get('a'), other.get('a'), storage.getItem('a')]).toEqual([undefined, 'two', 'theirs']);
  });
});
