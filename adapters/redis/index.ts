export type { RedisCacheOptions } from './cache';
export { redisCache } from './cache';
export type { RedisClient, RedisOptions } from './client';
export type { RedisLockOptions } from './lock';
export { redisLock } from './lock';
export type { SealingKey } from './seal';
export type { RedisStoreOptions } from './store';
export { redisStore } from './store';
