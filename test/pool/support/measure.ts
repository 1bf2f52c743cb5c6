/** What a pool costs: heap per session, reads and refreshes per second. */

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTokenPool } from '../../../adapters/server/pool/create';
import type { TokenSource } from '../../../machines/ports';
import { jwt } from '../../support/jwt';

export type PoolCost = {
  readonly sessions: number;
  /** Heap per idle session, without the token itself. */
  readonly idleBytes: number;
  readonly tokenBytes: number;
  /** The same of sessions that a lifecycle has refreshed and left. */
  readonly refreshedBytes: number;
  readonly readsPerSecond: number;
  readonly refreshesPerSecond: number;
  readonly timersWhileIdle: number;
};

/** Of a string of one byte per character, in V8. */
const stringOverhead = 16;

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) collect();
  return process.memoryUsage().heapUsed;
}

/** As long as those of a real issuer: some 700 characters. One flat string each: pieces would be counted as the pool's. */
function tokenFor(sessionId: string, serial: number): string {
  const iat = Math.floor(Date.now() / 1_000) - 1;
  const claims = { serial, scope: 'scope:of:an:application '.repeat(16) };
  const token = jwt({ sid: sessionId, iat, exp: iat + 3_600, claims });
  return Buffer.from(token, 'latin1').toString('latin1');
}

/**
 * @param sessions how many are there
 * @param refreshed how many of them are refreshed, 50 at a time; at most half
 * @param reads how many reads are timed, each of another session
 */
export async function measurePool(sessions: number, refreshed: number, reads: number): Promise<PoolCost> {
  let serial = 0;
  const source: TokenSource = {
    mint: async ({ key }) => {
      serial += 1;
      return { token: tokenFor(key.sessionId, serial) };
    },
  };
  const pool = createTokenPool({ source }).start();
  const ids = Array.from({ length: sessions }, (_, at) => `session-${at.toString(36).padStart(20, '0')}`);
  const tokens = ids.map((id) => tokenFor(id, 0));

  const before = heapBytes();
  for (const [at, id] of ids.entries()) await pool.signIn({ session: { id }, token: tokens[at] ?? '' });
  const idle = heapBytes();
  const timersWhileIdle = pool.stats().timers;

  /** Some at a time, until all is folded. */
  async function refresh(some: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    for (let at = 0; at < some.length; at += 50) {
      await Promise.all(some.slice(at, at + 50).map((sessionId) => pool.getToken({ sessionId, skipCache: true })));
    }
    const tookMs = performance.now() - startedAt;
    while (pool.stats().active > 0) await sleep(50);
    return tookMs;
  }

  const startedAt = performance.now();
  for (let at = 0; at < reads; at += 1) await pool.getToken({ sessionId: ids[(at * 7_919) % sessions] ?? '' });
  const readsPerSecond = reads / ((performance.now() - startedAt) / 1_000);

  // What the first ones leave behind is compiled code, and XState's tables as large as they get.
  await refresh(ids.slice(-refreshed));
  const warm = heapBytes();
  const tookMs = await refresh(ids.slice(0, refreshed));
  // The tokens that came first are still here, those that came instead are the pool's.
  const tokenBytes = stringOverhead + (tokens[0]?.length ?? 0);
  const refreshedBytes = (idle - before) / sessions + (heapBytes() - warm) / refreshed - tokenBytes;
  pool.stop();
  return {
    sessions,
    idleBytes: Math.round((idle - before) / sessions),
    tokenBytes,
    refreshedBytes: Math.round(refreshedBytes),
    readsPerSecond: Math.round(readsPerSecond),
    refreshesPerSecond: Math.round(refreshed / (tookMs / 1_000)),
    timersWhileIdle,
  };
}
