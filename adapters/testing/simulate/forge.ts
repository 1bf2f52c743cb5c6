/** Messages that some other script on the origin might send: each of them has to be ignored (lifecycle.md §7 and §10). */
import { base64url } from 'jose';
import type { TokenKey } from '../../../machines/ports';
import { createNames } from '../../host/names';
import { namespace } from '../world/page';
import type { Forgery } from './schedule';

const hourS = 3_600;

/** Looks like a token of the test server, but nobody has signed it. */
function forgedToken(claims: Readonly<Record<string, unknown>>): string {
  const encode = (part: unknown): string => base64url.encode(JSON.stringify(part));
  return [encode({ typ: 'JWT', alg: 'HS256' }), encode(claims), base64url.encode('forged')].join('.');
}

/**
 * A message as the tabs would send it, but for one thing.
 *
 * @param nowMs the server's clock
 */
export function forgedMessage(what: Forgery, key: TokenKey, nowMs: number, issuer: string): unknown {
  const now = Math.floor(nowMs / 1_000);
  const claims = {
    iss: issuer,
    sub: `user_of_${key.sessionId}`,
    sid: key.sessionId,
    iat: now,
    exp: now + 60,
    jti: what,
  };
  const message = (changed: object, more: object = {}): object => ({
    v: 1,
    from: 'a-forger',
    is: 'token',
    key: createNames(namespace).token(key),
    epoch: null,
    token: forgedToken({ ...claims, ...changed }),
    ...more,
  });
  switch (what) {
    case 'from-the-future':
      return message({ iat: now + hourS, exp: now + 2 * hourS });
    case 'for-ever':
      return message({ exp: now + 10 * 365 * 24 * hourS });
    case 'other-issuer':
      return message({ iss: 'https://evil.test' });
    case 'other-subject':
      return message({ sub: 'user_of_nobody' });
    case 'other-session':
      return message({ sid: 'sess_of_somebody_else' });
    case 'expired':
      return message({ iat: now - hourS, exp: now - 1 });
    case 'other-version':
      return message({}, { v: 2 });
    case 'prototype':
      return JSON.parse(`{"__proto__":${JSON.stringify(message({}))},"v":1,"from":"a-forger","is":"token"}`);
    case 'huge':
      return message({ padding: 'x'.repeat(20_000) });
    case 'nonsense':
      return [null, 7, '', { v: 1 }, { v: 1, is: 'token', token: 9 }][now % 5];
  }
}
