import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisLock } from '../../adapters/redis';
import type { RedisLockOptions } from '../../adapters/redis/lock';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { Lease, LockOutcome, RefreshLock } from '../../machines/ports';
import { describeWithRedis, startRedis, type TestRedis } from './support/redis-server';

const options = {
  waitMs: 5_000,
  leaseMs: 15_000,
  /** One that never aborts, a new one each time. */
  get signal(): AbortSignal {
    return new AbortController().signal;
  },
};

/** A task that is ended by hand. `granted` resolves with its lease. */
function job(lock: RefreshLock, name = 'a', given: Partial<typeof options> = {}) {
  let finish: (value: string) => void = () => {};
  let granted: (lease: Lease) => void = () => {};
  const lease = new Promise<Lease>((resolve) => {
    granted = resolve;
  });
  const outcome: Promise<LockOutcome<string>> = lock.run(name, { ...options, ...given }, (one) => {
    granted(one);
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  return { lease, outcome, finish: (value = 'made') => finish(value) };
}

describe('redisLock over a client that counts', () => {
  it('R10.4 whoever waits long looks less often, and still gets it soon', async () => {
    const clock = createVirtualClock();
    let isTaken = true;
    const looks: number[] = [];
    const client = {
      call: async () => {
        looks.push(clock.now());
        return isTaken ? 0 : 1;
      },
    };
    const lock = redisLock({ client, clock, random: () => 0.5 });
    const waiting = job(lock);
    await clock.advance(1_000);
    // A look each 50 ms would be twenty.
    expect(looks.length).toBeGreaterThan(5);
    expect(looks.length).toBeLessThanOrEqual(8);
    await clock.advance(3_500);
    expect(looks.length).toBeLessThan(20);
    isTaken = false;
    await clock.advance(400);
    expect(await waiting.lease).toMatchObject({ contended: true });
    waiting.finish();
    expect(await waiting.outcome).toMatchObject({ status: 'done' });
  });
});

describeWithRedis('redisLock on a real Redis', () => {
  let redis: TestRedis;
  let made = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.end());

  /** Two processes and a free lock. */
  async function make(given: Partial<RedisLockOptions> = {}) {
    made += 1;
    const shared = { prefix: `test-${made}`, pollMs: 5, ...given };
    const [one, two] = [await redis.connect(), await redis.connect()];
    return {
      one,
      place: `test-${made}:lock:{a}`,
      first: redisLock({ client: one, ...shared }),
      second: redisLock({ client: two, ...shared }),
    };
  }

  it('R10.4 runs the task under the lock and gives its value back; then the lock is free', async () => {
    const { first, second, one, place } = await make();
    const running = job(first);
    expect(await running.lease).toMatchObject({ contended: false, fence: expect.any(Number) });
    expect(await one.exists(place)).toBe(1);
    running.finish('token');
    expect(await running.outcome).toEqual({ status: 'done', value: 'token' });
    expect(await one.exists(place)).toBe(0);
    const next = job(second);
    expect((await next.lease).contended).toBe(false);
    next.finish();
  });

  it('C04 one at a time, whoever asks, and everybody gets a turn', async () => {
    const { first, second } = await make();
    let inside = 0;
    let most = 0;
    const fences: number[] = [];
    const tasks = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? first : second).run('a', { ...options, waitMs: 15_000 }, async ({ fence }) => {
        inside += 1;
        most = Math.max(most, inside);
        fences.push(Number(fence));
        await sleep(3);
        inside -= 1;
        return index;
      }),
    );
    const outcomes = await Promise.all(tasks);
    expect(outcomes).toEqual(outcomes.map((_, value) => ({ status: 'done', value })));
    expect(most).toBe(1);
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(20);
  });

  it('S6 the fence grows on although Redis has forgotten the last one', async () => {
    const { first, second, one } = await make();
    const before = await first.run('a', options, async ({ fence }) => Number(fence));
    await one.flushall();
    const after = await second.run('a', options, async ({ fence }) => Number(fence));
    if (before.status !== 'done' || after.status !== 'done') throw new Error('not granted');
    expect(after.value).toBeGreaterThan(before.value);
  });

  it('D02 waiting ends after waitMs, and who waits is contended when it gets its turn', async () => {
    const { first, second } = await make();
    const running = job(first);
    await running.lease;
    const startedAt = performance.now();
    expect(await job(second, 'a', { waitMs: 100 }).outcome).toEqual({ status: 'timeout' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(90);
    const waiting = job(second);
    running.finish();
    expect((await waiting.lease).contended).toBe(true);
    waiting.finish();
  });

  it('D05 waitMs 0 takes the lock only if it is free', async () => {
    const { first, second } = await make();
    const running = job(first, 'a', { waitMs: 0 });
    await running.lease;
    expect(await job(second, 'a', { waitMs: 0 }).outcome).toEqual({ status: 'timeout' });
    running.finish();
    expect((await running.outcome).status).toBe('done');
  });

  it('L1 a signal that aborts while waiting: timeout at once', async () => {
    const { first, second } = await make();
    const running = job(first);
    await running.lease;
    const leaving = new AbortController();
    const waiting = job(second, 'a', { signal: leaving.signal });
    leaving.abort();
    expect(await waiting.outcome).toEqual({ status: 'timeout' });
    running.finish();
  });

  it('D03 a task that hangs loses the lock after leaseMs, however well it renews', async () => {
    const { first, second } = await make({ ttlMs: 900 });
    const running = job(first, 'a', { leaseMs: 3_000 });
    const { signal } = await running.lease;
    await sleep(2_000);
    // More than two lives of the key, renewed.
    expect(signal.aborted).toBe(false);
    expect(await job(second, 'a', { waitMs: 0 }).outcome).toEqual({ status: 'timeout' });
    expect(await running.outcome).toEqual({ status: 'lost' });
    expect(signal.reason).toMatchObject({ code: 'lease_expired' });
    const next = job(second);
    await next.lease;
    next.finish();
    expect((await next.outcome).status).toBe('done');
  });

  it('R10.6 stolen: the holder is told at its next renewal, and leaves the new owner alone', async () => {
    const { first, second, one, place } = await make({ ttlMs: 1_500 });
    const running = job(first);
    const { signal } = await running.lease;
    await one.set(place, 'somebody else', 'PX', 20_000);
    expect(await running.outcome).toEqual({ status: 'lost' });
    expect(signal.reason).toMatchObject({ code: 'lease_stolen' });
    expect(await one.get(place)).toBe('somebody else');
    expect(await job(second, 'a', { waitMs: 0 }).outcome).toEqual({ status: 'timeout' });
  });

  it('S6 a task that is done under a lock that somebody else has by then is lost', async () => {
    const { first, one, place } = await make({ ttlMs: 60_000 });
    const running = job(first);
    await running.lease;
    // A process that stood still for longer than its lock lived finds this when it goes on.
    await one.set(place, 'somebody else', 'PX', 20_000);
    running.finish();
    expect(await running.outcome).toEqual({ status: 'lost' });
    expect(await one.get(place)).toBe('somebody else');
  });

  it('D08 a task that fails rejects with its error, and the lock is free', async () => {
    const { first, second } = await make();
    const error = new Error('no');
    const failing = first.run('a', options, async () => {
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    const next = job(second);
    expect((await next.lease).contended).toBe(false);
    next.finish();
  });

  it('L4 disposed: who waits gets timeout, who holds lost, and the lock is free', async () => {
    const { first, second } = await make();
    const running = job(first);
    await running.lease;
    const waiting = job(first);
    first.dispose();
    expect([await running.outcome, await waiting.outcome]).toEqual([{ status: 'lost' }, { status: 'timeout' }]);
    const next = job(second);
    await next.lease;
    next.finish();
  });
});
