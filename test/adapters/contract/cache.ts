import { describe, expect, it } from 'vitest';
import type { TokenCache } from '../../../machines/ports';

const later = Date.UTC(2100, 0, 1);

/** What every `TokenCache` keeps to. `make` gives an empty one. */
export function cacheContract(name: string, make: () => TokenCache | Promise<TokenCache>): void {
  describe(`cache contract: ${name}`, () => {
    it('§10 gives back what was set, under its own key only', async () => {
      const cache = await make();
      await cache.set('a:1', 'one', { expiresAt: later });
      await cache.set('a:2', 'two', { expiresAt: later });
      expect(await cache.get('a:1')).toBe('one');
      expect(await cache.get('a:2')).toBe('two');
      expect(await cache.get('a')).toBeUndefined();
    });

    it('§10 the last value of a key stands', async () => {
      const cache = await make();
      await cache.set('a', 'one', { expiresAt: later });
      await cache.set('a', 'two', { expiresAt: later });
      expect(await cache.get('a')).toBe('two');
    });

    it('T3 a token that has just expired can still be read: the outage path needs it', async () => {
      const cache = await make();
      await cache.set('a', 'one', { expiresAt: Date.now() - 60_000 });
      await cache.set('b', 'two', { expiresAt: later });
      expect(await cache.get('a')).toBe('one');
    });

    it('§8 deleteAll removes the keys under the prefix and no others', async () => {
      const cache = await make();
      for (const key of ['s1:a', 's1:b', 's1:c', 's2:a', 'x:s1:']) await cache.set(key, key, { expiresAt: later });
      await cache.deleteAll('s1:');
      const left = await Promise.all(['s1:a', 's1:b', 's1:c', 's2:a', 'x:s1:'].map((key) => cache.get(key)));
      expect(left).toEqual([undefined, undefined, undefined, 's2:a', 'x:s1:']);
    });

    it('§8 deleteAll of nothing is no error, and a key can be set again afterwards', async () => {
      const cache = await make();
      await cache.deleteAll('none:');
      await cache.set('none:a', 'one', { expiresAt: later });
      expect(await cache.get('none:a')).toBe('one');
    });

    it('J09 methods work without their receiver', async () => {
      const { get, set, deleteAll } = await make();
      await set('a', 'one', { expiresAt: later });
      expect(await get('a')).toBe('one');
      await deleteAll('a');
      expect(await get('a')).toBeUndefined();
    });

    it.each(['__proto__', 'constructor', '', 'ключ', 'a/b c'])('§10 any key will do: %j', async (key) => {
      const cache = await make();
      expect(await cache.get(key)).toBeUndefined();
      await cache.set(key, 'one', { expiresAt: later });
      expect(await cache.get(key)).toBe('one');
    });
  });
}
