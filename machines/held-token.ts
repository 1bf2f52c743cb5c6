/** What a machine knows of a token (never the token itself), and the laws that hold for it. */
import type { RefreshPolicy } from './policy';
import { type ServerClock, serverNowMs } from './server-time';
import type { Instant } from './time';

/** The facts that decide. The raw string stays in the host's vault, under `generation`. */
export type TokenFacts = {
  /** Where the vault keeps the string. */
  readonly generation: number;
  /** First 8 hex digits of the token's SHA-256. */
  readonly fingerprint: string;
  /** Epoch ms on the server's clock. */
  readonly issuedAt: number;
  /** Epoch ms on the server's clock. */
  readonly expiresAt: number;
  /** When the origin vouched for it (header `oiat`), epoch ms; `null` where the token does not say. */
  readonly originIssuedAt: number | null;
  /** What the token says it is for; absent where it does not say. */
  readonly sessionId?: string;
  readonly organizationId?: string | null;
  readonly from: 'mint' | 'given' | 'cache' | 'cookie' | 'peer';
  /** Arrived with less than half its life left: it turns stale when half of that is gone, or each would be replaced at once. */
  readonly leadCapMs?: number;
};

type Lifetime = Pick<TokenFacts, 'issuedAt' | 'expiresAt' | 'leadCapMs'>;

export const lifetimeMs = (token: Lifetime): number => Math.max(0, token.expiresAt - token.issuedAt);

/** With less left than this a token is kept from readers while a mint may still succeed. */
export const cutoffMs = (token: Lifetime, policy: RefreshPolicy): number =>
  Math.min(policy.cutoffMs, lifetimeMs(token) / 2);

/** How long before its end a token turns stale. */
export const leadMs = (token: Lifetime, policy: RefreshPolicy): number =>
  Math.min(policy.leewayMs + policy.leadMarginMs, lifetimeMs(token) / 2, token.leadCapMs ?? Number.POSITIVE_INFINITY);

/** When a token turns stale, epoch ms on the server's clock. */
export const staleAtMs = (token: Lifetime, policy: RefreshPolicy): number => token.expiresAt - leadMs(token, policy);

/** A machine's view of now. */
export type Moment = { readonly policy: RefreshPolicy; readonly clock: ServerClock; readonly now: Instant };

/** Estimated server time until the end; negative once expired. */
export const remainingMs = (token: Lifetime, at: Moment): number => token.expiresAt - serverNowMs(at.clock, at.now);

export const isBeforeStalePoint = (token: Lifetime, at: Moment): boolean =>
  remainingMs(token, at) > leadMs(token, at.policy);

export const isUsable = (token: Lifetime, at: Moment): boolean => remainingMs(token, at) > cutoffMs(token, at.policy);

export const isUnexpired = (token: Lifetime, at: Moment): boolean => remainingMs(token, at) > 0;

/** A token may be this much ahead of the server's clock as it is believed to be. */
export const aheadMs = 5_000;

/** Issued later than now: whatever it claims, it is not what the server gives out now (R7.18). */
export const isFromTheFuture = (issuedAt: number, serverNow: number): boolean => issuedAt > serverNow + aheadMs;

type Age = Pick<TokenFacts, 'originIssuedAt' | 'issuedAt'>;

/**
 * Orders two tokens of one key by freshness: positive where `a` is fresher, negative where `b` is, 0 on a full tie.
 * The origin's own time decides first, and a token that carries it beats one that does not; then `iat` (R7.2).
 */
export function freshnessOrder(a: Age, b: Age): number {
  const origins = [a.originIssuedAt ?? Number.NEGATIVE_INFINITY, b.originIssuedAt ?? Number.NEGATIVE_INFINITY] as const;
  if (origins[0] !== origins[1]) return origins[0] > origins[1] ? 1 : -1;
  return Math.sign(a.issuedAt - b.issuedAt);
}
