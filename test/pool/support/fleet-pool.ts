/** One process of a backend, started by `runFleet()`: a pool over Redis behind three paths. Runs until it is killed. */
import { createServer, type IncomingMessage } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { redisCache, redisLock, redisStore } from '../../../adapters/redis';
import { createTokenPool } from '../../../adapters/server/pool/create';
import { createTokenServer } from '../../../adapters/testing/token-server/create';

const { REDIS_PORT, PORT, PROCESS, ORIGIN, GRACE_MS, LOCK_TTL_MS } = process.env;

const client = new Redis(Number(REDIS_PORT), '127.0.0.1', {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
});
client.on('error', () => {});
await client.connect();

/** Made for its source: what it sends is what a server of this kind understands. */
const kind = createTokenServer({
  origin: String(ORIGIN),
  credential: 'rotating',
  reuseGraceMs: Number(GRACE_MS),
});
const source = kind.source((input, init) => {
  const request = new Request(input, init);
  request.headers.set('x-process', String(PROCESS));
  return fetch(request);
});

// Generous: on a busy machine a command may be late without Redis being gone.
const given = { client, commandTimeoutMs: 2_000 };
const pool = createTokenPool({
  source,
  cache: redisCache({ ...given, keys: [new Uint8Array(32).fill(7)] }),
  store: redisStore(given),
  lock: redisLock({ ...given, ttlMs: Number(LOCK_TTL_MS) }),
}).start();
for (const type of ['adapter.failed', 'refresh.failed', 'session.signedOut'] as const) {
  pool.on(type, ({ reason }) => process.send?.({ process: PROCESS, type, reason }));
}

const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();

type Answer = { readonly status: number; readonly body: string };

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const id = searchParams.get('session') ?? '';
  if (pathname === '/sign-in') {
    const { credential } = JSON.parse(await text(request)) as { credential: string };
    await pool.signIn({ session: { id }, credential });
    return { status: 200, body: '' };
  }
  if (pathname === '/stats') {
    const lagMs = { p99: lag.percentile(99) / 1e6, worst: lag.max / 1e6 };
    return { status: 200, body: JSON.stringify({ ...pool.stats(), lagMs, cpu: process.cpuUsage() }) };
  }
  const token = await pool.getToken({ sessionId: id, timeoutMs: 20_000 });
  return token === null ? { status: 401, body: '' } : { status: 200, body: token };
}

const server = createServer((request, response) => {
  answer(request)
    .catch(({ code }) => ({ status: 503, body: String(code) }))
    .then(({ status, body }) => response.writeHead(status).end(body));
});
// By default it would close what was idle for 5 s, perhaps just when a request is on its way: that would look like a dead process.
server.keepAliveTimeout = 0;
server.listen(Number(PORT), '127.0.0.1', () => process.send?.({ process: PROCESS, type: 'ready' }));
