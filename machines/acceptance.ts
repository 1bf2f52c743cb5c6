/** Whether a minted token is taken, in one verdict (lifecycle.md §7 and §9). Serves guards and actions alike. */
import type { InvalidTokenReason } from './errors';
import {
  freshnessOrder,
  isBeforeStalePoint,
  isFromTheFuture,
  isUnexpired,
  isUsable,
  lifetimeMs,
  type Moment,
  remainingMs,
  staleAtMs,
  type TokenFacts,
} from './held-token';
import type { RefreshPolicy } from './policy';
import type { TokenKey } from './ports';
import {
  contradictsProof,
  isAheadOfProof,
  isAsBefore,
  learnFromMint,
  type MintSample,
  type ServerClock,
  serverNowMs,
} from './server-time';
import type { Instant } from './time';

/** What came back from a mint, decoded but not yet judged. Epoch ms; `null` where neither token nor source says. */
export type MintedToken = Omit<TokenFacts, 'issuedAt' | 'expiresAt' | 'from'> & {
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  /** For opaque tokens: counted from the start of the request. */
  readonly expiresInMs: number | null;
  readonly serverDate: number | null;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
};

export type Verdict =
  /** T7: taken. */
  | { readonly is: 'accepted'; readonly token: TokenFacts }
  /** T8: valid, but not better than what is held. */
  | { readonly is: 'kept' }
  /** R9.8: looks expired or aged away; one more mint tells a wrong clock from an old token. Held meanwhile if it still serves. */
  | { readonly is: 'asked-again'; readonly token: TokenFacts | null }
  /** Aged again: better than nothing, but no success. */
  | { readonly is: 'aged'; readonly token: TokenFacts }
  | { readonly is: 'invalid'; readonly reason: InvalidTokenReason };

export type Judgement = Verdict & {
  /** What this mint taught about the server's clock. */
  readonly clock: ServerClock;
};

/** What the verdict depends on. */
export type JudgingContext = {
  readonly key: TokenKey;
  readonly policy: RefreshPolicy;
  readonly clock: ServerClock;
  readonly held: TokenFacts | null;
  readonly rejected: readonly string[];
  /** A token has been asked for once more already. */
  readonly askedAgain: boolean;
};

/** A claim that is present must match what was asked for; an absent one is no failure (R7.2, R7.3). */
export function mismatch(
  key: TokenKey,
  token: Pick<TokenFacts, 'sessionId' | 'organizationId'>,
): InvalidTokenReason | null {
  if (token.sessionId !== undefined && token.sessionId !== key.sessionId) return 'other_session';
  const { organizationId: asked } = key;
  if (asked !== undefined && token.organizationId !== undefined && token.organizationId !== asked)
    return 'other_organization';
  return null;
}

function factsOf(minted: MintedToken, clock: ServerClock): TokenFacts | null {
  const { serverDate: _, sentAt, receivedAt: __, expiresInMs, issuedAt, expiresAt, ...rest } = minted;
  const requestedAt = serverNowMs(clock, sentAt);
  const end = expiresAt ?? (expiresInMs === null ? null : (issuedAt ?? requestedAt) + expiresInMs);
  if (end === null) return null;
  return { ...rest, issuedAt: issuedAt ?? Math.min(requestedAt, end), expiresAt: end, from: 'mint' };
}

/** Whether a held token has nothing to say any more: over, refused by an API, or of a time that has not come (R7.9, R7.10). */
const isOver = (held: TokenFacts, rejected: readonly string[], at: Moment): boolean =>
  !isUsable(held, at) ||
  rejected.includes(held.fingerprint) ||
  isFromTheFuture(held.issuedAt, serverNowMs(at.clock, at.now));

/** Whether `incoming` may take the place of `held` (R7.6 to R7.10). */
export function beats(incoming: TokenFacts, held: TokenFacts | null, rejected: readonly string[], at: Moment): boolean {
  if (rejected.includes(incoming.fingerprint)) return false;
  if (held === null || isOver(held, rejected, at)) return true;
  return freshnessOrder(incoming, held) >= 0;
}

function capLead(token: TokenFacts, at: Moment): TokenFacts {
  const left = remainingMs(token, at);
  return left < lifetimeMs(token) / 2 ? { ...token, leadCapMs: left / 2 } : token;
}

/** An `iat` that is not before the token's own end is nobody's time. */
const sampleOf = (minted: MintedToken): MintSample => {
  const { issuedAt, expiresAt } = minted;
  return issuedAt !== null && expiresAt !== null && expiresAt <= issuedAt ? { ...minted, issuedAt: null } : minted;
};

/** Judges a minted token and learns from it. */
export function judgeMint(context: JudgingContext, minted: MintedToken): Judgement {
  const { policy, held, rejected } = context;
  const sample = sampleOf(minted);
  const clock = learnFromMint(context.clock, sample);
  const at: Moment = { policy, clock, now: minted.receivedAt };
  const verdict = (): Verdict => {
    const reason = mismatch(context.key, minted);
    if (reason) return { is: 'invalid', reason };
    const token = factsOf(minted, clock);
    if (token === null || token.expiresAt <= token.issuedAt) return { is: 'invalid', reason: 'no_lifetime' };
    if (held?.fingerprint === token.fingerprint || rejected.includes(token.fingerprint)) {
      return isUnexpired(token, at) ? { is: 'kept' } : { is: 'invalid', reason: 'expired' };
    }
    const better = beats(token, held, rejected, at);
    /** How much longer it is good for than the held one; whatever there is beats nothing. */
    const gainMs = (incoming: TokenFacts): number =>
      held === null || isOver(held, rejected, at)
        ? Number.POSITIVE_INFINITY
        : staleAtMs(incoming, policy) - staleAtMs(held, policy);
    if (!isBeforeStalePoint(token, at)) {
      const serves = isUnexpired(token, at);
      if (serves && !better) return { is: 'kept' };
      const isDoubtful =
        !contradictsProof(context.clock, sample) ||
        isAheadOfProof(context.clock, sample) ||
        isAsBefore(context.clock, sample);
      if (!context.askedAgain && isDoubtful) {
        // What is good for longer is not given up for what is about to end (S3).
        return { is: 'asked-again', token: serves && gainMs(token) >= 0 ? token : null };
      }
      if (!serves) return { is: 'invalid', reason: 'aged' };
      return gainMs(token) >= 0 ? { is: 'aged', token } : { is: 'kept' };
    }
    const capped = capLead(token, at);
    return better && gainMs(capped) > 0 ? { is: 'accepted', token: capped } : { is: 'kept' };
  };
  return { ...verdict(), clock };
}
