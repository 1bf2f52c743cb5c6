/** Opaque tokens in pools: what is stored beside them says how long they live (R7.4). */
import { describe, expect, it } from 'vitest';
import { TokenRequestError } from '../../machines/errors';
import { createFleet } from './support/fleet';

const ada = { sessionId: 'ada' };

/** Tokens of a minute that say nothing; `fails` makes the origin fail. */
function createSource() {
  const source = { mints: 0, fails: false };
  return {
    seen: source,
    mint: async () => {
      if (source.fails) throw new TokenRequestError('The origin is down.', { status: 503 });
      source.mints += 1;
      return { token: `opaque-${source.mints}`, expiresInMs: 60_000 };
    },
  };
}

describe('a pool of opaque tokens', () => {
  it('R7.4 S3 the origin is down: the one that is held is served until it ends', async () => {
    const { clock, process, signIn, read } = createFleet({ shares: false });
    const source = createSource();
    const pool = process({ source });
    await signIn(pool, 'ada');
    await clock.advance(5_000);
    expect(pool.stats().active).toBe(0);
    source.seen.fails = true;
    await clock.advance(40_000);
    // Stale: the machine that wakes is refused, and has to know what it holds.
    expect(await read(pool, 'ada')).toBe('opaque-1');
    expect(await read(pool, 'ada')).toBe('opaque-1');
    await clock.advance(11_000);
    expect(pool.peek(ada)).toBeNull();
  });

  it('R10.4 R7.4 processes share one mint per life', async () => {
    const { clock, process, signIn, read } = createFleet();
    const source = createSource();
    const [first, second] = [process({ source }), process({ source })];
    await signIn(first, 'ada');
    expect(await read(second, 'ada')).toBe('opaque-1');
    await clock.advance(42_000);
    for (const pool of [first, second]) expect(await read(pool, 'ada')).toBe('opaque-1');
    for (const pool of [first, second]) expect(await read(pool, 'ada')).toBe('opaque-2');
    expect(source.seen.mints).toBe(2);
  });
});
