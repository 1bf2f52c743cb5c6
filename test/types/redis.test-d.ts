/** The Redis entry as types: what must compile, and what must not. */
import type { Cluster, Redis } from 'ioredis';
import { describe, expectTypeOf, it } from 'vitest';
import { type RedisClient, redisCache, redisLock, redisStore } from '../../adapters/redis/index';
import {
  createTokenLifecycle,
  type RefreshLock,
  type SharedStore,
  type TokenCache,
  type TokenSource,
} from '../../index';

declare const client: Redis;
declare const cluster: Cluster;
declare const source: TokenSource;

describe('token-lifecycle/redis', () => {
  it('Types: ioredis fits, a single server and a cluster', () => {
    expectTypeOf(client).toExtend<RedisClient>();
    expectTypeOf(cluster).toExtend<RedisClient>();
  });

  it('Types: what it makes are adapters of the lifecycle', () => {
    const keys = [new Uint8Array(32), 'base64url'];
    expectTypeOf(redisStore({ client, idleForMs: 1 })).toExtend<SharedStore>();
    expectTypeOf(redisLock({ client, ttlMs: 1, pollMs: 1 })).toExtend<RefreshLock>();
    expectTypeOf(redisCache({ client, keys })).toExtend<TokenCache>();
    createTokenLifecycle({ source, store: redisStore({ client }), lock: redisLock({ client }) });
  });

  it('Types: a cache without a key is no cache', () => {
    // @ts-expect-error `keys` is missing.
    redisCache({ client });
    // @ts-expect-error A number is no key.
    redisCache({ client, keys: [1] });
    // @ts-expect-error A client is needed.
    redisStore({});
    // @ts-expect-error Misspelt.
    redisLock({ client, ttl: 5 });
  });
});
