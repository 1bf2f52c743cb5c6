/** The pool as types: what must compile, and what must not. */
import { describe, expectTypeOf, it } from 'vitest';
import { createTokenPool, type TokenPool } from '../../adapters/server/index';
import type { TokenSource } from '../../index';

declare const source: TokenSource;
declare const pool: TokenPool;

describe('createTokenPool', () => {
  it('Types: reads give a string or null, and say whose', () => {
    expectTypeOf(createTokenPool({ source })).toEqualTypeOf<TokenPool>();
    expectTypeOf(pool.getToken({ sessionId: 'ada', template: 'db' })).toEqualTypeOf<Promise<string | null>>();
    expectTypeOf(pool.peek({ sessionId: 'ada' })).toEqualTypeOf<string | null>();
    // @ts-expect-error Whose?
    pool.getToken({});
    // @ts-expect-error A session is needed.
    pool.signIn({ token: 'a' });
  });

  it('Types: events carry the session, and never a token', () => {
    pool.on('token.updated', (event) => {
      expectTypeOf(event.sessionId).toEqualTypeOf<string>();
      expectTypeOf(event.fingerprint).toEqualTypeOf<string>();
      // @ts-expect-error Tokens are not told.
      event.token;
    });
    // @ts-expect-error There is no such event.
    pool.on('token.stolen', () => {});
  });

  it('Types: a pool has no cookie and no presence', () => {
    // @ts-expect-error That is a page's.
    createTokenPool({ source, cookie: undefined as never, presence: null });
  });
});
