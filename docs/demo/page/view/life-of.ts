import { decodeJwt } from 'jose';
import type { LifecycleState } from '../../../../index';
import { readCookie } from './cookie';
import type { Life } from './life';

/**
 * The life of the held token. The state says when it ends and turns stale; when it was minted stands in the token, and the
 * cookie has that even after the token has expired.
 */
export function lifeOf({ state, expiresAt, staleAt }: LifecycleState): Life | null {
  if (state === 'signed-out' || expiresAt === null || staleAt === null) return null;
  const value = readCookie('__session');
  const issuedAt = value === undefined ? undefined : decodeJwt(value).iat;
  // Without a cookie the bar starts where the token would be stale for its second half.
  return { issuedAt: issuedAt === undefined ? 2 * staleAt - expiresAt : issuedAt * 1000, expiresAt, staleAt };
}
