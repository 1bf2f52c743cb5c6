/** One process of a backend, started by `runFleet()`: a pool over Redis behind two paths. Runs until it is killed. */
import { serve } from '@hono/node-server';
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

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const id = searchParams.get('session') ?? '';
  if (pathname === '/sign-in') {
    const { credential } = (await request.json()) as { credential: string };
    await pool.signIn({ session: { id }, credential });
    return new Response();
  }
  const token = await pool.getToken({ sessionId: id, timeoutMs: 20_000 });
  return token === null ? new Response(null, { status: 401 }) : new Response(token);
}

serve(
  {
    hostname: '127.0.0.1',
    port: Number(PORT),
    fetch: (request) => answer(request).catch(({ code }) => new Response(String(code), { status: 503 })),
  },
  () => process.send?.({ process: PROCESS, type: 'ready' }),
);
