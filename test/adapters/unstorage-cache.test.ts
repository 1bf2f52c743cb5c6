import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStorage, prefixStorage, type Storage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import memoryDriver from 'unstorage/drivers/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type UnstorageLike, unstorageCache } from '../../adapters/cache/unstorage';
import { cacheContract } from './contract/cache';

const hour = 3_600_000;
const later = { expiresAt: Date.UTC(2100, 0, 1) };

let folders: string;
let made = 0;
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'token-lifecycle-'));
});
afterAll(() => rm(folders, { recursive: true, force: true }));

const inMemory = (): Storage => createStorage({ driver: memoryDriver() });
function inFiles(): { storage: Storage; folder: string } {
  made += 1;
  const folder = join(folders, String(made));
  return { storage: createStorage({ driver: fsDriver({ base: folder }) }), folder };
}

cacheContract('unstorageCache in memory', () => unstorageCache(inMemory()));
cacheContract('unstorageCache in files', () => unstorageCache(inFiles().storage));
cacheContract('unstorageCache in a part of a storage', () => unstorageCache(prefixStorage(inMemory(), 'part')));
cacheContract('unstorageCache on a mount', () => {
  const storage = inMemory();
  storage.mount('cache', memoryDriver());
  return unstorageCache(storage, { base: 'cache:tokens' });
});

describe('unstorageCache', () => {
  const bothDrivers: [string, () => Storage][] = [
    ['memory', inMemory],
    ['files', () => inFiles().storage],
  ];

  it.each(bothDrivers)('§10 keys that unstorage would take for one are told apart, in %s', async (_, make) => {
    const cache = unstorageCache(make());
    const keys = [
      'a:b',
      'a::b',
      'a/b',
      'a\\b',
      ':a:b',
      'a:b:',
      'a',
      'A',
      'a?b',
      'a?c',
      '..',
      '.',
      'a$',
      'a_003a',
      '\ud83d',
    ];
    for (const key of keys) await cache.set(key, `value of ${key}`, later);
    expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
  });

  it.each(bothDrivers)(
    '§8 deleteAll goes by the key’s beginning, in the middle of a word too, in %s',
    async (_, make) => {
      const cache = unstorageCache(make());
      const keys = ['ns:s1:a', 'ns:s1:ö', 'ns:s10:a', 'ns:S1:a', 'ns:s'];
      for (const key of keys) await cache.set(key, key, later);
      await cache.deleteAll('ns:s1');
      expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual([
        undefined,
        undefined,
        undefined,
        'ns:S1:a',
        'ns:s',
      ]);
      await cache.deleteAll('');
      expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(keys.map(() => undefined));
    },
  );

  it('§8 sign-out leaves no file behind', async () => {
    const { storage, folder } = inFiles();
    const cache = unstorageCache(storage);
    await cache.set('ns:0123456789abcdef:fedcba9876543210', 'one', later);
    const place = join(folder, 'token-lifecycle');
    expect(await readdir(place)).toEqual(['kns_003a0123456789abcdef_003afedcba9876543210']);
    await cache.deleteAll('ns:0123456789abcdef:');
    expect(await readdir(place)).toEqual([]);
  });

  it('§8 what else lies in the storage is left alone', async () => {
    const storage = inMemory();
    await storage.setItem('ktheirs', 'x');
    await storage.setItem('token-lifecycle2:ka', 'x');
    await storage.setItem('token-lifecycle:theirs', 'x');
    const [one, other] = [unstorageCache(storage), unstorageCache(storage, { base: 'other:one' })];
    await one.set('a', '1', later);
    await other.set('a', '2', later);
    await one.deleteAll('');
    expect([await one.get('a'), await other.get('a')]).toEqual([undefined, '2']);
    expect((await storage.getKeys()).sort()).toEqual([
      'ktheirs',
      'other:one:ka',
      'token-lifecycle2:ka',
      'token-lifecycle:theirs',
    ]);
  });

  it.each(['null', 'true', '12', '{"a":1}', '"x"', 'undefined'])(
    '§10 a value stays the text that it was: %s',
    async (value) => {
      const cache = unstorageCache(inFiles().storage);
      await cache.set('a', value, later);
      expect(await cache.get('a')).toBe(value);
    },
  );

  it.each<[string, unknown]>([
    ['text', 'eyJ'],
    ['nothing', null],
    ['a list', []],
    ['another version', { v: 2, value: 'x', expiresAt: 1e15 }],
    ['an empty value', { v: 1, value: '', expiresAt: 1e15 }],
    ['a value of another type', { v: 1, value: 7, expiresAt: 1e15 }],
    ['no expiry', { v: 1, value: 'x' }],
  ])('R10.12 garbage reads as nothing: %s', async (_, garbage) => {
    const storage = inMemory();
    await storage.setItem('token-lifecycle:ka', garbage as string);
    const cache = unstorageCache(storage);
    expect(await cache.get('a')).toBeUndefined();
    await cache.set('a', 'one', later);
    expect(await cache.get('a')).toBe('one');
  });

  it('T3 an entry outlives its token by 24 hours, and no longer', async () => {
    let now = Date.UTC(2026, 0, 1);
    const cache = unstorageCache(inMemory(), { clock: { now: () => now } });
    await cache.set('a', 'one', { expiresAt: now });
    now += 24 * hour;
    expect(await cache.get('a')).toBe('one');
    now += 1;
    expect(await cache.get('a')).toBeUndefined();
  });

  it.each([
    [60_000, 86_460],
    [500, 86_401],
    [-30 * hour, 1],
  ])('J02 drivers that drop by age are told when: a token with %d ms left, %d s', async (left, seconds) => {
    const now = Date.UTC(2026, 0, 1);
    const asked: unknown[] = [];
    const storage = inMemory();
    const watched: UnstorageLike = {
      ...storage,
      setItem: async (_key, _value, options) => {
        asked.push(options);
      },
    };
    const cache = unstorageCache(watched, { clock: { now: () => now } });
    await cache.set('a', 'one', { expiresAt: now + left });
    expect(asked).toEqual([{ ttl: seconds }]);
  });

  it('§10 two caches over one folder are one', async () => {
    const { storage, folder } = inFiles();
    await unstorageCache(storage).set('a', 'one', later);
    const again = unstorageCache(createStorage({ driver: fsDriver({ base: folder }) }));
    expect(await again.get('a')).toBe('one');
    expect(JSON.parse(await readFile(join(folder, 'token-lifecycle', 'ka'), 'utf8'))).toEqual({
      v: 1,
      value: 'one',
      ...later,
    });
  });

  it('J01 a storage that fails rejects: unreadable is not empty', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('down'));
    const cache = unstorageCache({ getItem: broken, setItem: broken, removeItem: broken, getKeys: broken });
    await expect(cache.get('a')).rejects.toThrow('down');
    await expect(cache.set('a', 'one', later)).rejects.toThrow('down');
    await expect(cache.deleteAll('a')).rejects.toThrow('down');
  });

  it('J01 a deletion that fails rejects, and the others go on', async () => {
    const storage = inMemory();
    const cache = unstorageCache({
      ...storage,
      removeItem: (key) => (key.endsWith('b') ? Promise.reject(new Error('down')) : storage.removeItem(key)),
    } as UnstorageLike);
    for (const key of ['a', 'b', 'c']) await cache.set(key, key, later);
    await expect(cache.deleteAll('')).rejects.toThrow('down');
    expect(await storage.getKeys()).toEqual(['token-lifecycle:kb']);
  });

  it.each(['', 'a::b', ':a', 'a:', 'a/b', 'a b', 'a$', '..', 7])(
    'refuses a base that unstorage would change: %j',
    (base) => {
      expect(() => unstorageCache(inMemory(), { base: base as string })).toThrow(
        expect.objectContaining({ option: 'unstorageCache.base' }),
      );
    },
  );

  it.each([undefined, {}, new Map()])('refuses what is no storage: %j', (storage) => {
    expect(() => unstorageCache(storage as unknown as UnstorageLike)).toThrow(/unstorageCache\.storage/);
  });
});
