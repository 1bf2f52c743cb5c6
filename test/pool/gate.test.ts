import { describe, expect, it } from 'vitest';
import type { TokenPoolOptions } from '../../adapters/server/pool/types';
import type { MintResult, TokenSource } from '../../machines/ports';
import { jwt } from '../support/jwt';
import { createFleet } from './support/fleet';

const named = (count: number): string[] => Array.from({ length: count }, (_, at) => `session-${at}`);
const ids = named(12);

/** A pool in which people signed in at the same time, with tokens of a minute; and a source that takes its time. */
type Crowd = Partial<TokenPoolOptions> & { readonly people?: readonly string[]; readonly mintMs?: number };

async function crowd({ people = ids, mintMs = 300, ...options }: Crowd = {}) {
  const { clock, process } = createFleet({ shares: false });
  const minting = { now: 0, most: 0, order: [] as string[] };
  const token = (id: string): string => {
    const iat = clock.now() / 1_000;
    return jwt({ sid: id, iat: Math.floor(iat), exp: Math.floor(iat) + 60 });
  };
  const source: TokenSource = {
    mint: ({ key, signal }) =>
      new Promise<MintResult>((resolve, reject) => {
        minting.now += 1;
        minting.most = Math.max(minting.most, minting.now);
        minting.order.push(key.sessionId);
        const end = (settle: () => void): void => {
          minting.now -= 1;
          settle();
        };
        clock.setTimeout(() => end(() => resolve({ token: token(key.sessionId) })), mintMs);
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const pool = process({ source, ...options });
  for (const id of people) await pool.signIn({ session: { id }, token: token(id) });
  const readAll = () => Promise.all(people.map((sessionId) => pool.getToken({ sessionId })));
  return { clock, pool, minting, readAll };
}

describe('how many sessions are woken at once', () => {
  it('T6 all stale at once: each is served at once, some are refreshed at a time, and all come to their turn', async () => {
    const { clock, pool, minting, readAll } = await crowd({ refreshesAtOnce: 3 });
    await clock.advance(45_000);
    const served = await readAll();
    expect(served).toEqual(ids.map(() => expect.any(String)));
    expect(pool.stats()).toMatchObject({ active: 3, waiting: 9 });
    await clock.advance(5_000);
    expect(minting).toMatchObject({ now: 0, most: 3, order: ids });
    expect(await readAll()).not.toEqual(served);
    await clock.advance(5_000);
    expect(pool.stats()).toMatchObject({ active: 0, waiting: 0, timers: 0, mints: 12 });
  });

  it('T6 by default 64 at once', async () => {
    const { clock, minting, readAll } = await crowd({ people: named(70) });
    await clock.advance(45_000);
    await readAll();
    await clock.advance(200);
    expect(minting.now).toBe(64);
  });

  it('R4.5 who has no token to be served comes before those that are served', async () => {
    const { clock, pool, minting, readAll } = await crowd({ refreshesAtOnce: 2 });
    await clock.advance(45_000);
    await readAll();
    pool.reportRejected({ sessionId: 'session-5', token: pool.peek({ sessionId: 'session-5' }) ?? '' });
    const forced = pool.getToken({ sessionId: 'session-9', skipCache: true });
    await clock.advance(5_000);
    expect(await forced).toEqual(expect.any(String));
    // Refused by an API: at once, whatever is under way. Waited for: next.
    expect(minting.order.slice(0, 4)).toEqual(['session-0', 'session-1', 'session-5', 'session-9']);
    expect(new Set(minting.order).size).toBe(12);
  });

  it('L1 a source that hangs keeps the others waiting for 2 s, not for ever', async () => {
    const { clock, minting, readAll } = await crowd({ refreshesAtOnce: 4, mintMs: 1_000_000 });
    await clock.advance(45_000);
    await readAll();
    await clock.advance(1_900);
    expect(minting.order).toHaveLength(4);
    await clock.advance(2_200);
    expect(new Set(minting.order).size).toBe(12);
  });

  it('R4.13 a reader that waits for its turn leaves after its own time, or by signal', async () => {
    const { clock, pool } = await crowd({ refreshesAtOnce: 1, mintMs: 1_000_000 });
    await clock.advance(61_000);
    const leaving = new AbortController();
    const reads = Promise.allSettled([
      pool.getToken({ sessionId: 'session-0', timeoutMs: 500 }),
      pool.getToken({ sessionId: 'session-1', timeoutMs: 500 }),
      pool.getToken({ sessionId: 'session-2', signal: leaving.signal }),
    ]);
    leaving.abort(new Error('gone'));
    await clock.advance(600);
    expect(await reads).toMatchObject([
      { reason: { code: 'read_timeout' } },
      { reason: { code: 'read_timeout' } },
      { reason: { message: 'gone' } },
    ]);
  });

  it('L4 stopped while some wait for their turn: they get a StoppedError, and no timer is left', async () => {
    const { clock, pool } = await crowd({ refreshesAtOnce: 1, mintMs: 1_000_000 });
    await clock.advance(61_000);
    const reads = Promise.allSettled(ids.map((sessionId) => pool.getToken({ sessionId })));
    await clock.settle();
    pool.stop();
    expect(await reads).toMatchObject(ids.map(() => ({ reason: { code: 'stopped' } })));
    expect(pool.stats()).toMatchObject({ active: 0, waiting: 0, timers: 0 });
  });

  it('§8 signed out while it waits for its turn: null, and nothing is asked', async () => {
    const { clock, pool, minting } = await crowd({ refreshesAtOnce: 1 });
    await clock.advance(61_000);
    const [, read] = [pool.getToken({ sessionId: 'session-0' }), pool.getToken({ sessionId: 'session-1' })];
    const out = pool.signOut({ sessionId: 'session-1' });
    await clock.advance(3_000);
    await out;
    expect(await read).toBeNull();
    expect(minting.order).not.toContain('session-1');
  });
});
