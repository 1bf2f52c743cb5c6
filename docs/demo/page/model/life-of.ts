import { decodeJwt } from 'jose';
import type { LifecycleState } from '../../../../index';
import { readCookie, tokenCookieName } from './cookie';
import { demoPolicy } from './policy';

/** What the bar shows; instants on the server's clock, epoch ms. */
export type Life = {
  readonly issuedAt: number;
  readonly staleAt: number;
  readonly expiringAt: number;
  readonly expiresAt: number;
};

/**
 * The life of the held token. The state says when it ends and turns stale; when it was minted stands in the token, and the
 * cookie has that even after the token has expired.
 */
export function lifeOf({
  state,
  expiresAt,
  staleAt,
}: Pick<LifecycleState, 'state' | 'expiresAt' | 'staleAt'>): Life | null {
  if (state === 'signed-out' || expiresAt === null || staleAt === null) return null;
  const value = readCookie(tokenCookieName);
  const iat = value === undefined ? undefined : decodeJwt(value).iat;
  // Without a cookie the bar starts where the token would be stale for its second half.
  const issuedAt = iat === undefined ? 2 * staleAt - expiresAt : iat * 1000;
  const cutoffMs = Math.min(demoPolicy.cutoffMs, (expiresAt - issuedAt) / 2);
  return { issuedAt, staleAt, expiringAt: Math.max(staleAt, expiresAt - cutoffMs), expiresAt };
}
