import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisCacheOptions, redisCache } from '../../adapters/redis';
import { cacheContract } from '../adapters/contract/cache';
import { describeWithRedis, startRedis, type TestRedis } from './support/redis-server';

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const day = 24 * 60 * 60 * 1000;

describeWithRedis('redisCache on a real Redis', () => {
  let redis: TestRedis;
  let made = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.end());

  async function make(options: Partial<RedisCacheOptions> = {}) {
    made += 1;
    const client = await redis.connect();
    const given = { client, prefix: `test-${made}`, keys: [key(1)], ...options };
    return { client, given, cache: redisCache(given) };
  }
  const later = { expiresAt: Date.now() + 60_000 };

  cacheContract('redisCache', async () => (await make()).cache);

  it('S11 Redis sees neither the value nor the key', async () => {
    const { client, cache } = await make();
    await cache.set('app:session-of-ada:credential', 'the-secret', later);
    const [group = ''] = await client.keys(`test-${made}:*`);
    const all = JSON.stringify([group, await client.hgetall(group)]);
    expect(all).not.toMatch(/the-secret|ada|credential/);
    expect(Buffer.from(all.replace(/.*:"|"}.*/g, ''), 'base64url').toString('latin1')).not.toContain('the-secret');
  });

  it('S11 another key reads nothing, and neither does another place', async () => {
    const { client, given, cache } = await make();
    await cache.set('app:one:credential', 'of one', later);
    await cache.set('app:two:credential', 'of two', later);
    expect(await redisCache({ ...given, keys: [key(2)] }).get('app:one:credential')).toBeUndefined();
    const groups = await client.keys(`test-${made}:*`);
    const [one = '', two = ''] = groups;
    const [name = ''] = await client.hkeys(one);
    // Whoever can write to Redis gives each of the two sessions the other's credential.
    const [ofOne, ofTwo] = [await client.hget(one, name), await client.hget(two, name)];
    await client.hset(one, name, ofTwo ?? '');
    await client.hset(two, name, ofOne ?? '');
    expect(await cache.get('app:one:credential')).toBeUndefined();
    expect(await cache.get('app:two:credential')).toBeUndefined();
    await client.hset(one, name, ofOne ?? '');
    expect([await cache.get('app:one:credential'), await cache.get('app:two:credential')].filter(Boolean)).toHaveLength(
      1,
    );
  });

  it('S11 a new key in front: what the old one sealed still opens, what is written is sealed by the new one', async () => {
    const { given, cache } = await make();
    await cache.set('a:1', 'old', later);
    const rotated = redisCache({ ...given, keys: [key(2), key(1)] });
    expect(await rotated.get('a:1')).toBe('old');
    await rotated.set('a:1', 'new', later);
    expect(await redisCache({ ...given, keys: [key(2)] }).get('a:1')).toBe('new');
    expect(await cache.get('a:1')).toBeUndefined();
  });

  it('S11 a touched value reads as nothing', async () => {
    const { client, cache } = await make();
    await cache.set('a:1', 'one', later);
    const [group = ''] = await client.keys(`test-${made}:*`);
    const [name = ''] = await client.hkeys(group);
    const sealed = (await client.hget(group, name)) ?? '';
    await client.hset(group, name, `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`);
    expect(await cache.get('a:1')).toBeUndefined();
    await client.hset(group, name, 'garbage');
    expect(await cache.get('a:1')).toBeUndefined();
  });

  it('T3 an expired token stays for a day, in Redis too, and no longer', async () => {
    let now = Date.now();
    const { client, cache } = await make({ now: () => now });
    await cache.set('a:1', 'one', { expiresAt: now + 60_000 });
    const [group = ''] = await client.keys(`test-${made}:*`);
    const left = await client.pttl(group);
    expect(left).toBeGreaterThan(day);
    expect(left).toBeLessThanOrEqual(day + 60_000);
    now += day + 60_000;
    expect(await cache.get('a:1')).toBe('one');
    now += 1;
    expect(await cache.get('a:1')).toBeUndefined();
  });

  it('H06 a credential that lasts is not dropped with the token beside it', async () => {
    const { client, cache } = await make();
    await cache.set('a:credential', 'lasting', { expiresAt: Number.MAX_SAFE_INTEGER });
    await cache.set('a:token', 'short', later);
    const [group = ''] = await client.keys(`test-${made}:*`);
    expect(await client.pttl(group)).toBeGreaterThan(89 * day);
  });

  it('§8 a session is cleared by one command, whole or by one key', async () => {
    const { client, cache } = await make();
    await cache.set('a:b:1', 'one', later);
    await cache.set('a:b:2', 'two', later);
    await cache.deleteAll('a:b:1');
    expect([await cache.get('a:b:1'), await cache.get('a:b:2')]).toEqual([undefined, 'two']);
    await cache.deleteAll('a:b:');
    expect(await client.keys(`test-${made}:*`)).toEqual([]);
  });

  describe('options', () => {
    it.each<[string, unknown]>([
      ['redisCache.keys', undefined],
      ['redisCache.keys', []],
      ['redisCache.keys[0]', ['short']],
      ['redisCache.keys[1]', [key(1), new Uint8Array(16)]],
      ['redisCache.keys[0]', ['!'.repeat(43)]],
    ])('H06 %s: %j is refused, and never printed', async (option, keys) => {
      const client = { call: async () => null };
      const make = () => redisCache({ client, keys } as unknown as RedisCacheOptions);
      expect(make).toThrow(expect.objectContaining({ code: 'invalid_option', option }));
      expect(make).not.toThrow(/short/);
    });

    it('H06 a key may be base64url', async () => {
      const { given, cache } = await make({ keys: [Buffer.from(key(1)).toString('base64url')] });
      await cache.set('a', 'one', later);
      expect(await redisCache({ ...given, keys: [key(1)] }).get('a')).toBe('one');
    });
  });
});
