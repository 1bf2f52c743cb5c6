import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { describe, expect, it } from 'vitest';

/** Where redis-server is; `REDIS_SERVER_PATH` says otherwise. */
export function redisPath(): string | undefined {
  const given = process.env.REDIS_SERVER_PATH;
  const places = given
    ? [given]
    : (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'redis-server'));
  return places.find((place) => existsSync(place));
}

/**
 * A suite that needs Redis. Without one it is skipped where somebody works, and says so; where `CI` is set it fails, so that a
 * green run never means "not looked at".
 */
export function describeWithRedis(name: string, suite: () => void): void {
  if (redisPath() !== undefined) {
    describe(name, suite);
    return;
  }
  const advice = 'No redis-server in PATH. Install one (apt-get install redis-server) or set REDIS_SERVER_PATH.';
  if (process.env.CI) {
    describe(name, () => it('tests with Redis need redis-server', () => expect.fail(advice)));
    return;
  }
  console.warn(`Skipped: ${name}. ${advice}`);
  describe.skip(name, suite);
}

/** A Redis of its own, on a port of its own, that writes nothing to disk. */
export type TestRedis = {
  readonly port: number;
  readonly pid: number;
  /** A connection that fails fast. Ended by `end()`. */
  connect(options?: RedisOptions): Promise<Redis>;
  /** Gone at once, and with it whatever it knew. `start()` brings an empty one back, on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Takes no more answers, and says nothing, until `thaw()`. */
  freeze(): void;
  thaw(): void;
  end(): Promise<void>;
};

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

const patient: RedisOptions = { host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 20 };

async function launch(port: number): Promise<ChildProcess> {
  const path = redisPath();
  if (path === undefined) throw new Error('No redis-server.');
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(path, settings, { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}.`)));
  });
  const probe = new Redis(port, { ...patient, maxRetriesPerRequest: 500 });
  probe.on('error', () => {});
  try {
    await Promise.race([probe.ping(), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    failed.catch(() => {});
    probe.disconnect();
  }
  return child;
}

/** Starts redis-server and waits until it answers. Whoever starts it ends it. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let child = await launch(port);
  const clients = new Set<Redis>();

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    connect: async (options = {}) => {
      const client = new Redis(port, {
        ...patient,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        ...options,
      });
      // Told by the commands that fail.
      client.on('error', () => {});
      clients.add(client);
      await client.connect();
      return client;
    },
    kill,
    start: async () => {
      child = await launch(port);
    },
    freeze: () => {
      child.kill('SIGSTOP');
    },
    thaw: () => {
      child.kill('SIGCONT');
    },
    end: async () => {
      for (const client of clients) client.disconnect();
      await kill();
    },
  };
}
