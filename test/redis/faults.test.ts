import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisCache, redisLock, redisStore } from '../../adapters/redis';
import { createTokenServer } from '../../adapters/testing/token-server/create';
import { createTokenLifecycle, type TokenLifecycle } from '../../index';
import { describeWithRedis, startRedis, type TestRedis } from './support/redis-server';

const keys = [new Uint8Array(32).fill(1)];

describeWithRedis('Redis fails', () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.end());

  async function adapters({ ttlMs = 5_000, ...timeouts }: { commandTimeoutMs?: number; ttlMs?: number } = {}) {
    const client = await redis.connect();
    const given = { client, ...timeouts };
    return {
      store: redisStore(given),
      lock: redisLock({ ...given, ttlMs, pollMs: 5 }),
      cache: redisCache({ ...given, keys }),
    };
  }

  /** What went wrong, in its own words, and how long that took. */
  async function outcomes({ store, lock, cache }: Awaited<ReturnType<typeof adapters>>) {
    const signal = new AbortController().signal;
    const codeOf = (error: { code?: string; name: string }): string => error.code ?? error.name;
    const startedAt = performance.now();
    const told = await Promise.all([
      store.read('a').then(() => 'fine', codeOf),
      store.update('a', (now) => now ?? { v: 1, generation: 1, epoch: 1 }).then(() => 'fine', codeOf),
      Promise.resolve(cache.get('a')).then(() => 'fine', codeOf),
      Promise.resolve(cache.set('a', 'b', { expiresAt: Date.now() })).then(() => 'fine', codeOf),
      Promise.resolve(cache.deleteAll('a:')).then(() => 'fine', codeOf),
      lock.run('a', { waitMs: 60_000, leaseMs: 60_000, signal }, async () => 1).then(({ status }) => status),
    ]);
    return { told, ms: performance.now() - startedAt };
  }

  it('L1 killed: everything fails at once, and works again when it is back', async () => {
    const connected = await adapters();
    expect((await outcomes(connected)).told).toEqual(['fine', 'fine', 'fine', 'fine', 'fine', 'done']);
    await redis.kill();
    const gone = await outcomes(connected);
    expect(new Set(gone.told.slice(0, 5)).has('fine')).toBe(false);
    expect(gone.told[5]).toBe('unavailable');
    expect(gone.ms).toBeLessThan(5_000);
    await redis.start();
    await expect.poll(async () => (await outcomes(connected)).told, { timeout: 10_000 }).toContain('done');
  });

  it('L1 frozen: nothing hangs for longer than commandTimeoutMs', async () => {
    const connected = await adapters({ commandTimeoutMs: 200 });
    redis.freeze();
    const frozen = await outcomes(connected);
    redis.thaw();
    expect(frozen.told).toEqual([...Array.from({ length: 5 }, () => 'redis_timeout'), 'unavailable']);
    expect(frozen.ms).toBeGreaterThanOrEqual(190);
    expect(frozen.ms).toBeLessThan(5_000);
  });

  it('L1 a process that was busy for longer than that finds the answers that came meanwhile', async () => {
    const { store, lock, cache } = await adapters({ commandTimeoutMs: 100 });
    const running = outcomes({ store, lock, cache });
    // Until the commands are out.
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 300;
    while (performance.now() < until);
    expect((await running).told).toEqual(['fine', 'fine', 'fine', 'fine', 'fine', 'done']);
  });

  it('D03 a lock that was granted after nobody waited any more is given back', async () => {
    const { lock } = await adapters({ commandTimeoutMs: 100 });
    const client = await redis.connect();
    redis.freeze();
    const signal = new AbortController().signal;
    const outcome = await lock.run('a', { waitMs: 60_000, leaseMs: 60_000, signal }, async () => 1);
    expect(outcome).toEqual({ status: 'unavailable', cause: 'redis_timeout' });
    redis.thaw();
    await expect.poll(() => client.exists('token-lifecycle:lock:{a}')).toBe(0);
  });

  it('R10.6 a holder that cannot renew loses the lease when it has lapsed', async () => {
    const { lock } = await adapters({ commandTimeoutMs: 100, ttlMs: 400 });
    const signal = new AbortController().signal;
    let reason: unknown;
    const outcome = lock.run('a', { waitMs: 1_000, leaseMs: 60_000, signal }, async (lease) => {
      redis.freeze();
      await new Promise((resolve) => lease.signal.addEventListener('abort', resolve));
      reason = lease.signal.reason;
    });
    expect(await outcome).toEqual({ status: 'lost' });
    redis.thaw();
    expect(reason).toMatchObject({ code: 'lease_expired' });
  });

  describe('below a lifecycle', () => {
    const started: TokenLifecycle[] = [];
    afterEach(() => {
      for (const tokens of started.splice(0)) tokens.stop();
    });

    it('§10 Redis goes while a session is there: the token is served and renewed, nobody is signed out, and it says so', async () => {
      const server = createTokenServer({ ttlSeconds: 3, latencyMs: 5 });
      const tokens = createTokenLifecycle({
        session: { id: 'sess_1' },
        source: server.source(),
        ...(await adapters({ commandTimeoutMs: 100 })),
      });
      started.push(tokens);
      const failed = new Set<string>();
      const seen = new Set<string>();
      tokens.on('adapter.failed', ({ adapter }) => failed.add(adapter));
      tokens.start();
      const before = await tokens.getToken();
      tokens.subscribe(() => seen.add(tokens.getState().state));
      await redis.kill();
      expect(await tokens.getToken()).toBe(before);
      // The next one is due after half of its three seconds.
      await expect.poll(() => server.mints.length, { timeout: 10_000 }).toBeGreaterThan(1);
      await expect.poll(async () => (await tokens.getToken()) !== before, { timeout: 10_000 }).toBe(true);
      expect([...failed].sort()).toEqual(expect.arrayContaining(['lock', 'store']));
      expect(seen.has('signed-out')).toBe(false);
      await redis.start();
      await sleep(0);
      expect(await tokens.getToken()).toEqual(expect.any(String));
    });

    it('R10.4 two processes: one mint, and the loser takes the winner’s token', async () => {
      const server = createTokenServer({ ttlSeconds: 60, latencyMs: 50 });
      const make = async (): Promise<TokenLifecycle> => {
        const tokens = createTokenLifecycle({
          session: { id: 'sess_1' },
          source: server.source(),
          ...(await adapters()),
        });
        started.push(tokens.start());
        return tokens;
      };
      const [first, second] = [await make(), await make()];
      const [one, two] = await Promise.all([first.getToken(), second.getToken()]);
      expect(one).toEqual(expect.any(String));
      expect(two).toBe(one);
      expect(server.mints).toHaveLength(1);
    });
  });
});
