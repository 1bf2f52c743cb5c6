/** Pools on one clock and one token server: the processes of a backend. */
import { memoryCache } from '../../../adapters/cache/memory';
import { memoryLock } from '../../../adapters/lock/memory';
import { createTokenPool } from '../../../adapters/server/pool/create';
import type { TokenPool, TokenPoolOptions } from '../../../adapters/server/pool/types';
import { memoryStore } from '../../../adapters/store/memory';
import { createTokenServer } from '../../../adapters/testing/token-server/create';
import type { TokenServerOptions } from '../../../adapters/testing/token-server/options';
import { createVirtualClock } from '../../../adapters/testing/virtual-clock';

const told = [
  'token.updated',
  'session.signedIn',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
] as const;

export type Told = { readonly type: string; readonly sessionId?: string; readonly reason?: unknown };

/** Everything that a pool tells, in order. */
export function listen(pool: TokenPool): Told[] {
  const all: Told[] = [];
  for (const type of told) pool.on(type, (event) => all.push({ type, ...event }));
  return all;
}

/** @param options.shares false: one process by itself */
export function createFleet({
  shares = true,
  server: serverOptions = {},
}: {
  shares?: boolean;
  server?: TokenServerOptions;
} = {}) {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, ttlSeconds: 60, signing: 'HS256', ...serverOptions });
  const shared = shares ? { cache: memoryCache(), store: memoryStore(), lock: memoryLock({ clock }) } : {};
  const process = (options: Partial<TokenPoolOptions> = {}): TokenPool =>
    createTokenPool({ source: server.source(), clock, policy: { jitter: 0 }, ...shared, ...options }).start();

  /** Somebody signs in at this process, and has a token. */
  async function signIn(pool: TokenPool, id: string): Promise<void> {
    const { credential } = server.signIn(id);
    const done = pool.signIn({ session: { id }, ...(credential !== undefined && { credential }) });
    await clock.advance(500);
    await done;
    const token = pool.getToken({ sessionId: id });
    await clock.advance(2_000);
    await token;
  }

  /** What a read gives, once `withinMs` have passed. */
  async function read(pool: TokenPool, id: string, withinMs = 1_000): Promise<string | null | { code: unknown }> {
    const outcome = pool.getToken({ sessionId: id }).catch((error: { code: unknown }) => ({ code: error.code }));
    await clock.advance(withinMs);
    return outcome;
  }

  return { clock, server, shared, process, signIn, read };
}
