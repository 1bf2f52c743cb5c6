import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { createTokenPool } from '../../adapters/server/pool/create';
import type { PoolReadOptions, TokenPool, TokenPoolOptions } from '../../adapters/server/pool/types';
import { memoryStore } from '../../adapters/store/memory';
import { createFleet } from './support/fleet';

const source = { mint: async () => ({ token: 'none' }) };
const given = (options: object): TokenPoolOptions => options as TokenPoolOptions;

describe('what a pool is given', () => {
  it.each<[string, object]>([
    ['source.mint', { source: {} }],
    ['createTokenPool.cookie', { source, cookie: {} }],
    ['lock', { source, cache: memoryCache(), store: memoryStore() }],
    ['cache', { source, store: memoryStore() }],
    ['store', { source, cache: memoryCache() }],
    ['clock.now', { source, clock: {} }],
    ['troubledForMs', { source, troubledForMs: -1 }],
    ['refreshesAtOnce', { source, refreshesAtOnce: 0 }],
    ['policy.retryFactor', { source, policy: { retryFactor: 0 } }],
    ['namespace', { source, namespace: '' }],
  ])('H06 %s is refused at once, by name', (option, options) => {
    expect(() => createTokenPool(given(options))).toThrow(expect.objectContaining({ code: 'invalid_option', option }));
  });

  it.each<[string, (pool: TokenPool) => unknown]>([
    ['getToken', (pool) => pool.getToken(undefined as unknown as PoolReadOptions)],
    ['getToken.sessionId', (pool) => pool.getToken({ sessionId: '' })],
    ['getToken.template', (pool) => pool.getToken({ sessionId: 'ada', template: '' })],
    ['getToken.fresh', (pool) => pool.getToken({ sessionId: 'ada', fresh: true } as PoolReadOptions)],
    ['signIn.session.id', (pool) => pool.signIn({ session: { id: '' } })],
    ['signIn.credential', (pool) => pool.signIn({ session: { id: 'ada' }, credential: '' })],
    ['signOut.sessionId', (pool) => pool.signOut({ sessionId: ' ' })],
  ])('H06 %s rejects, by name', async (option, call) => {
    const pool = createFleet({ shares: false }).process();
    await expect(call(pool)).rejects.toMatchObject({ code: 'invalid_option', option });
    pool.stop();
  });

  it('H06 a token that is none is refused with the sign-in', async () => {
    const pool = createFleet({ shares: false }).process();
    await expect(pool.signIn({ session: { id: 'ada' }, token: 'garbage' })).rejects.toMatchObject({
      code: 'invalid_token',
    });
    expect(pool.stats().sessions).toBe(0);
    expect(() => pool.peek({ sessionId: '' })).toThrow(expect.objectContaining({ option: 'peek.sessionId' }));
    pool.stop();
  });
});
