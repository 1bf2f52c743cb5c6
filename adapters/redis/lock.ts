import { checkFunction, checkNumber } from '../../machines/check';
import { safeCode } from '../../machines/errors';
import type { RefreshLock } from '../../machines/ports';
import { lockOver, type Member, type Place, type Queue } from '../lock/queue';
import { type Commands, createCommands, type RedisOptions } from './client';

export type RedisLockOptions = RedisOptions & {
  /**
   * How long the lock of a process that died stays taken, in ms. Whoever lives and holds it asks for it again at a third of
   * that. Default 4000: less than a turn waits (`lockWaitMs`). With a rotating credential it belongs below the source's `reuseGraceMs`.
   */
  readonly ttlMs?: number;
  /**
   * About how long a waiting process leaves the lock alone before it looks again, in ms. The longer it has waited, the longer,
   * up to eight times that: where many wait, looking would be all that they do. Default 50.
   */
  readonly pollMs?: number;
  /** From 0 to 1: spreads the looks of several processes. Default `Math.random`. */
  readonly random?: () => number;
};

/**
 * KEYS the lock and its counter; ARGV owner, ttl, how long the counter is kept. The fence is the number of grants, but never
 * below Redis' own clock in microseconds: it goes on growing where Redis lost its memory.
 */
const acquire = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, now)
redis.call('SET', KEYS[2], string.format('%.0f', fence), 'PX', ARGV[3])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return fence`;

/** KEYS the lock; ARGV owner, ttl. */
const renew = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS the lock; ARGV owner. Whoever came after keeps theirs. */
const release = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** The counter outlives every lease by far: a day, in ms. */
const counterKeptMs = 24 * 60 * 60 * 1000;

const codeOf = (error: unknown): string => {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return safeCode(code) ?? safeCode(name) ?? 'Error';
};

type Terms = { readonly ttlMs: number; readonly pollMs: number; readonly random: () => number };

/** From look to look, and at most. */
const longerBy = 1.3;
const atMost = 8;

/** One who waits for the lock or holds it. */
function enter(commands: Commands, terms: Terms, name: string, isPatient: boolean, member: Member): Place {
  const { timers } = commands;
  const { ttlMs, pollMs, random } = terms;
  const lock = `${commands.prefix}:lock:{${name}}`;
  const owner = globalThis.crypto.randomUUID();
  let stage: 'waiting' | 'holding' | 'left' = 'waiting';
  let looks = 0;
  /** Until the next look, or the next renewal. */
  let next: unknown;
  /** Until somebody else may have it. */
  let lapse: unknown;

  const giveBack = async (): Promise<boolean> => (await commands.script(release, [lock], [owner])) === 1;
  const later = (ms: number, run: () => Promise<void>): void => {
    next = timers.setTimeout(() => {
      asking = run();
    }, ms);
  };

  /** Counts from before the command: in Redis the time runs from when it arrived. */
  async function hold(command: () => Promise<unknown>): Promise<unknown> {
    const lapsing = timers.setTimeout(() => member.evicted('expired'), ttlMs);
    let answer: unknown = 0;
    try {
      answer = await command();
      return answer;
    } finally {
      if (answer === 0 || stage === 'left') timers.clearTimeout(lapsing);
      else {
        timers.clearTimeout(lapse);
        lapse = lapsing;
      }
    }
  }

  async function ask(): Promise<void> {
    // An answer that nobody waits for any more may be a grant.
    const late = (answer: unknown): void => {
      if (answer !== 0) giveBack().catch(() => {});
    };
    try {
      const fence = await hold(() =>
        commands.script(acquire, [lock, `${lock}:fence`], [owner, ttlMs, counterKeptMs], late),
      );
      if (stage !== 'waiting') return;
      if (fence !== 0) {
        stage = 'holding';
        later(ttlMs / 3, keep);
        member.granted({ fence: Number(fence), contended: looks > 0 });
      } else if (isPatient) {
        later(pollMs * Math.min(atMost, longerBy ** looks) * (0.5 + random()), ask);
        looks += 1;
      } else member.evicted('taken');
    } catch (error) {
      if (stage === 'waiting') member.failed(codeOf(error));
    }
  }

  async function keep(): Promise<void> {
    try {
      const isOwn = await hold(() => commands.script(renew, [lock], [owner, ttlMs]));
      if (isOwn === 0 && stage === 'holding') member.evicted('stolen');
    } catch {
      // Redis is gone for the moment: asked again, until the lease has lapsed.
    }
    if (stage === 'holding') later(ttlMs / 3, keep);
  }

  /** What is being asked: the lock is given back behind it. */
  let asking: Promise<void> = Promise.resolve().then(ask);

  return {
    leave: async () => {
      const isHolder = stage === 'holding';
      stage = 'left';
      timers.clearTimeout(next);
      timers.clearTimeout(lapse);
      await asking;
      try {
        return !(await giveBack()) && isHolder ? 'lost' : undefined;
      } catch {
        // It lapses by itself. Whether it was still theirs, nobody knows.
        return undefined;
      }
    },
  };
}

/**
 * One lock per name for all processes on one Redis.
 *
 * - It is a key with an owner and a time to live of `ttlMs`. Whoever holds it renews it until the task ends or `leaseMs` is over;
 *   a process that was killed frees it by saying nothing. Only its owner takes it away, by a script that compares first.
 * - `lease.fence` grows from grant to grant, also where Redis has forgotten everything. A token endpoint that is told it can
 *   refuse whoever comes with an older one.
 * - Whoever waits looks again after about `pollMs`, later less often, in no particular order; `waitMs` bounds it (`timeout`).
 * - A lease that was not renewed in time, or that somebody else has, ends: `lease.signal` aborts, the outcome is `lost`. So is that of
 *   a task that is done, where the lock turns out to have been somebody else's by then.
 * - Redis that cannot be reached, or does not answer within `commandTimeoutMs`: `unavailable`, with the error's code.
 *
 * @throws {ConfigurationError} for an option that cannot work; `run()` rejects with one for a bad name, `waitMs` or `leaseMs`
 * @example
 * const lock = redisLock({ client: new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 }) });
 * const outcome = await lock.run('refresh', { waitMs: 5000, leaseMs: 25_000, signal }, (lease) => mint(lease.fence));
 */
export function redisLock(options: RedisLockOptions): RefreshLock & { dispose(): void } {
  const commands = createCommands('redisLock', options, ['ttlMs', 'pollMs', 'random']);
  const { ttlMs = 4_000, pollMs = 50, random = Math.random } = options;
  checkNumber('redisLock.ttlMs', ttlMs, { min: 100, integer: true });
  checkNumber('redisLock.pollMs', pollMs, { min: 1 });
  checkFunction('redisLock.random', random);
  const terms = { ttlMs, pollMs, random };
  const queue: Queue = { join: (name, isPatient, member) => enter(commands, terms, name, isPatient, member) };
  return lockOver(queue, commands.timers);
}
