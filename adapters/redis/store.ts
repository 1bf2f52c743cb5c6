import { checkText } from '../../machines/check';
import type { SharedRecord, SharedStore } from '../../machines/ports';
import { parseRecord } from '../store/record';
import { checkIdle, createCommands, defaultIdleForMs, type RedisOptions } from './client';

export type RedisStoreOptions = RedisOptions & {
  /** A record that nobody has written to for so long is dropped, in ms. Default 90 days. */
  readonly idleForMs?: number;
};

/** Others were faster every time. Nothing was written. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
  readonly code = 'store_busy';
}

/**
 * Compare and set: KEYS[1] the record; ARGV what it has to be ('' for none), what it becomes ('' for none), for how long.
 * Tells what is there instead, so that the next try needs no read of its own.
 */
const swap = `
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return false`;

/** Each of these was lost to somebody whose write got through. */
const tries = 64;

/** Of so many records it is remembered what was seen last: those that are being worked with. */
const remembered = 1_000;

function parse(text: string): SharedRecord | undefined {
  try {
    return text === '' ? undefined : parseRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Shared records in Redis, for processes that share sessions. Ordered: `update()` changes what it read or wrote last, and
 * writes by a script that does nothing where something else is there; then it starts over from that, at most 64 times. Within
 * one process updates of a key queue up, so that only other processes are competition.
 *
 * Rejects with what the client rejects with, with `redis_timeout` where Redis does not answer (the write may have happened),
 * and with `store_busy`. No secret is written. Ordered it is as long as Redis is: reads from replicas, and a fail-over
 * that loses the last writes, are not.
 *
 * @throws {ConfigurationError} for an option that cannot work
 * @example
 * const client = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
 * createTokenLifecycle({ source, store: redisStore({ client }) });
 */
export function redisStore(options: RedisStoreOptions): SharedStore {
  const commands = createCommands('redisStore', options, ['idleForMs']);
  const { idleForMs = defaultIdleForMs } = options;
  checkIdle('redisStore.idleForMs', idleForMs);
  const queues = new Map<string, Promise<unknown>>();

  const placeOf = (key: string): string => {
    checkText('redisStore.key', key);
    return `${commands.prefix}:record:{${key}}`;
  };

  /** A guess of what is there: where it is wrong, the script says what is, and nothing is written. */
  const seen = new Map<string, string>();
  const see = (place: string, text: string): string => {
    seen.delete(place);
    seen.set(place, text);
    const [oldest] = seen.size > remembered ? seen.keys() : [];
    if (oldest !== undefined) seen.delete(oldest);
    return text;
  };

  const fetch = async (place: string): Promise<string> =>
    see(place, String((await commands.run(['GET', place])) ?? ''));

  async function exchange(
    place: string,
    change: (now: SharedRecord | undefined) => SharedRecord | undefined,
  ): Promise<SharedRecord | undefined> {
    let before = seen.get(place) ?? (await fetch(place));
    for (let left = tries; left > 0; left -= 1) {
      const next = change(parse(before));
      const after = next === undefined ? '' : JSON.stringify(next);
      const found = await commands.script(swap, [place], [before, after, idleForMs]);
      if (found === null) return parse(see(place, after));
      before = see(place, String(found));
    }
    throw new StoreBusy('Others wrote the record each time.');
  }

  return {
    consistency: 'ordered',
    read: async (key) => parse(await fetch(placeOf(key))),
    update: async (key, change) => {
      const place = placeOf(key);
      const before = queues.get(place) ?? Promise.resolve();
      const written = before.then(() => exchange(place, change));
      const done = written
        .catch(() => {})
        .then(() => {
          if (queues.get(place) === done) queues.delete(place);
        });
      queues.set(place, done);
      return written;
    },
  };
}
