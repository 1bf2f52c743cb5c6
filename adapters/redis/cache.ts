import { checkFunction } from '../../machines/check';
import type { TokenCache } from '../../machines/ports';
import { hashName } from '../token/fingerprint';
import { checkIdle, createCommands, defaultIdleForMs, type RedisOptions } from './client';
import { createSeal, type SealingKey } from './seal';

export type RedisCacheOptions = RedisOptions & {
  /** The first one encrypts, all of them decrypt: put a new key in front, and take the old one away a few days later. */
  readonly keys: readonly SealingKey[];
  /** What lasts, such as a refresh token, is dropped when nobody has written to its session for so long, in ms. Default 90 days. */
  readonly idleForMs?: number;
  /** Epoch ms, to tell how long an entry has left. Default `Date.now`. */
  readonly now?: () => number;
};

/** An expired token is what an outage needs; after this long it is of no use to anyone. */
const keptAfterExpiryMs = 24 * 60 * 60 * 1000;

/** KEYS the group; ARGV name, value, how long it is kept. The group stays as long as whatever in it stays longest. */
const put = `
local left = redis.call('PTTL', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if left < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1`;

/** Keys are paths. What has the same path but for its last word lies together: a session's tokens and its credential. */
function split(key: string): { readonly group: string; readonly name: string } {
  const at = key.lastIndexOf(':') + 1;
  return { group: key.slice(0, at), name: key.slice(at) };
}

/**
 * Tokens and refresh tokens in Redis, for processes that share sessions. Values are encrypted (JWE, A256GCM) and open only where
 * they were put; names are hashes. What lies there and cannot be read (another key, something foreign, touched) reads as
 * `undefined`. Rejects where Redis cannot be reached, or has not answered within `commandTimeoutMs`.
 *
 * An entry can be read for 24 hours after its token has expired. All that the lifecycle keeps of one session is one hash in
 * Redis, and `deleteAll()` of a session is one command. It takes a whole key, or everything up to the colon before
 * the last word; a shorter prefix finds nothing, since a hash does not tell what it begins with.
 *
 * @throws {ConfigurationError} for an option that cannot work
 * @example
 * createTokenLifecycle({ source, cache: redisCache({ client, keys: [process.env.TOKEN_KEY ?? ''] }) });
 */
export function redisCache(options: RedisCacheOptions): TokenCache {
  const commands = createCommands('redisCache', options, ['keys', 'idleForMs', 'now']);
  const { idleForMs = defaultIdleForMs, now = () => Date.now() } = options;
  checkIdle('redisCache.idleForMs', idleForMs);
  checkFunction('redisCache.now', now);
  const seal = createSeal('redisCache.keys', options.keys);

  const groupAt = (group: string): string => `${commands.prefix}:cache:{${hashName(group)}}`;
  /** Where a value belongs, hashed: what is sealed for one session does not open as another's. */
  const placeOf = (key: string) => {
    const { group, name } = split(key);
    return { group: groupAt(group), name: hashName(name), place: hashName(key) };
  };

  return {
    get: async (key) => {
      const { group, name, place } = placeOf(key);
      const found = await commands.run(['HGET', group, name]);
      const entry = typeof found === 'string' ? await seal.open(found, place) : undefined;
      return entry && now() <= entry.expiresAt + keptAfterExpiryMs ? entry.value : undefined;
    },
    set: async (key, value, { expiresAt }) => {
      const { group, name, place } = placeOf(key);
      const sealed = await seal.close({ value, expiresAt }, place);
      const keptMs = Math.min(idleForMs, Math.max(1, Math.ceil(expiresAt + keptAfterExpiryMs - now())));
      await commands.script(put, [group], [name, sealed, keptMs]);
    },
    deleteAll: async (prefix) => {
      const { group, name } = placeOf(prefix);
      // A whole key, too, where there is one of that name.
      await commands.run(prefix.endsWith(':') ? ['DEL', group] : ['HDEL', group, name]);
    },
  };
}
