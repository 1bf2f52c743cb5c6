/** The whole product of what can come together, against a list of sentences that was written apart from the machine. */
import { describe, expect, it } from 'vitest';
import { decide, factsOf } from './support/decide';
import { type Case, expected, product, tokens } from './support/oracle';

const perToken = 5 * 3 * 5 * 4 * 2 * 3 * 7;

describe.each(tokens)('H0 H3 H4 H4b H5 H6 H6b H7 H8 H9 the product of inputs, token %s', (token) => {
  it('is decided as section 11 says, in each of its cases', { timeout: 120_000 }, () => {
    const wrong: { one: Case; said: string; meant: string }[] = [];
    let count = 0;
    for (const one of product(token)) {
      count += 1;
      const said = decide(factsOf(one));
      const meant = expected(one);
      if (said !== meant) wrong.push({ one, said, meant });
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(count).toBe(perToken);
  });
});

describe('the product', () => {
  it('holds every kind of answer', () => {
    const kinds = new Set<string>();
    for (const token of tokens) for (const one of product(token)) kinds.add(expected(one));
    expect([...kinds].sort()).toEqual([
      'handshake client-uat-but-no-session-token',
      'handshake session-token-but-no-client-uat',
      'handshake session-token-expired',
      'handshake session-token-expired-refresh-non-eligible-no-refresh-credential',
      'handshake session-token-iat-before-client-uat',
      'handshake session-token-nbf',
      'refreshing',
      'signed-in cookie',
      'signed-out client-uat-but-no-session-token',
      'signed-out cookies-blocked',
      'signed-out cross-origin-request',
      'signed-out handshake-loop',
      'signed-out session-token-and-uat-missing',
      'signed-out session-token-but-no-client-uat',
      'signed-out session-token-expired',
      'signed-out session-token-expired-refresh-non-eligible-method',
      'signed-out session-token-expired-refresh-non-eligible-no-refresh-credential',
      'signed-out session-token-expired-refresh-non-eligible-prefetch',
      'signed-out session-token-expired-refresh-non-eligible-read-only',
      'signed-out session-token-iat-before-client-uat',
      'signed-out session-token-nbf',
      'signed-out token-invalid-signature',
      'signed-out token-malformed',
      'unavailable keys-unreachable',
    ]);
  });
});
