import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisStore } from '../../adapters/redis';
import type { RedisClient } from '../../adapters/redis/client';
import type { SharedRecord } from '../../machines/ports';
import { storeContract } from '../adapters/contract/store';
import { describeWithRedis, startRedis, type TestRedis } from './support/redis-server';

const record = (generation: number): SharedRecord => ({ v: 1, generation, epoch: 1 });
const next = (now: SharedRecord | undefined): SharedRecord => record((now?.generation ?? 0) + 1);

describeWithRedis('redisStore on a real Redis', () => {
  let redis: TestRedis;
  let made = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.end());

  /** Two processes over an empty store. */
  async function make() {
    made += 1;
    const prefix = `test-${made}`;
    const [one, two] = [await redis.connect(), await redis.connect()];
    return { prefix, one, first: redisStore({ client: one, prefix }), second: redisStore({ client: two, prefix }) };
  }

  storeContract('redisStore', make);

  it('S6 a write of another process between reading and writing is seen, never overwritten', async () => {
    const { first, second, prefix } = await make();
    const client = await redis.connect();
    let isFirst = true;
    const interrupted: RedisClient = {
      call: async (command, ...args) => {
        if (command === 'EVAL' && isFirst) {
          isFirst = false;
          await second.update('a', () => record(40));
        }
        return client.call(command, ...args);
      },
    };
    await first.update('a', () => record(1));
    const seen: (number | undefined)[] = [];
    const written = await redisStore({ client: interrupted, prefix }).update('a', (now) => {
      seen.push(now?.generation);
      return next(now);
    });
    expect(seen).toEqual([1, 40]);
    expect(written?.generation).toBe(41);
    expect((await first.read('a'))?.generation).toBe(41);
  });

  it('R10.3 an update begins with what was seen last: one command, where nobody else wrote meanwhile', async () => {
    const { first, second, prefix } = await make();
    const client = await redis.connect();
    const sent: string[] = [];
    const counted: RedisClient = {
      call: (command, ...args) => {
        sent.push(command);
        return client.call(command, ...args);
      },
    };
    const store = redisStore({ client: counted, prefix });
    await store.update('a', next);
    expect(sent.splice(0)).toEqual(['GET', 'EVAL']);
    await store.update('a', next);
    expect(sent.splice(0)).toEqual(['EVAL']);
    await second.update('a', () => record(40));
    expect((await store.update('a', next))?.generation).toBe(41);
    expect(sent.splice(0)).toEqual(['EVAL', 'EVAL']);
    await store.read('a');
    await second.update('a', () => undefined);
    expect((await store.update('a', next))?.generation).toBe(1);
    expect((await first.read('a'))?.generation).toBe(1);
    expect(sent).toEqual(['GET', 'EVAL', 'EVAL']);
  });

  it('S6 gives up, having written nothing, when others are faster every time', async () => {
    const { first, prefix } = await make();
    const client = await redis.connect();
    const rude: RedisClient = {
      call: async (command, ...args) => {
        if (command === 'EVAL') await first.update('a', next);
        return client.call(command, ...args);
      },
    };
    await expect(redisStore({ client: rude, prefix }).update('a', () => record(7000))).rejects.toMatchObject({
      code: 'store_busy',
    });
    expect((await first.read('a'))?.generation).toBeLessThan(7000);
  });

  it('§10 garbage reads as nothing, and is written over', async () => {
    const { first, one, prefix } = await make();
    await one.set(`${prefix}:record:{a}`, '{"v":1,');
    expect(await first.read('a')).toBeUndefined();
    expect((await first.update('a', next))?.generation).toBe(1);
  });

  it('§10 a record that nobody writes to ends by itself', async () => {
    const { one, prefix } = await make();
    await redisStore({ client: one, prefix, idleForMs: 60_000 }).update('a', next);
    const left = await one.pttl(`${prefix}:record:{a}`);
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });
});
