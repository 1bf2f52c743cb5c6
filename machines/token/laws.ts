/** Questions about a token machine's context. Pure, total, and the only place where they are answered. */

import { beats, mismatch } from '../acceptance';
import type { SharedTries, SignOutReason } from '../events';
import type { Failure } from '../failure';
import {
  cutoffMs,
  freshnessOrder,
  isBeforeStalePoint,
  isUnexpired,
  isUsable,
  leadMs,
  type Moment,
  remainingMs,
  type TokenFacts,
} from '../held-token';
import { keyId } from '../key';
import { backoffMs, isPaused, mergeTries, pauseLeftMs, windowLeftMs } from '../schedule';
import { adoptOffset, type ServerClock } from '../server-time';
import { clampTimer, elapsedMs, type Instant, maxTimerMs } from '../time';
import type { TokenContext } from './context';

/** A timer this late did not just slip: the machine was asleep, or the page was frozen. */
const suspendedMs = 1_000;
/** A refresh this late in a context that nobody looks at is left to the next read or wake (R9.21). */
const overdueMs = 5_000;

export const momentOf = ({ policy, clock, seen }: TokenContext): Moment => ({ policy, clock, now: seen.now });

export const hasUsableToken = (context: TokenContext): boolean =>
  context.held !== null && isUsable(context.held, momentOf(context));

export const hasUnexpiredToken = (context: TokenContext): boolean =>
  context.held !== null && isUnexpired(context.held, momentOf(context));

export const hasFreshToken = (context: TokenContext): boolean =>
  context.held !== null && isBeforeStalePoint(context.held, momentOf(context));

/** Readers get the held token while a mint may still succeed: usable, and no API has refused it. */
export const isServable = (context: TokenContext): boolean =>
  hasUsableToken(context) && !context.rejected.includes(context.held?.fingerprint ?? '');

export const isOffline = ({ seen }: TokenContext): boolean => !seen.online;

export const isForced = ({ forcedAfter }: TokenContext): boolean => forcedAfter !== null;

export const isPausing = ({ pause, seen }: TokenContext): boolean => isPaused(pause, seen.now);

/** A pause that a forced read does not cut either: the server asked for it, or refused (T25). */
export const isRefused = (context: TokenContext): boolean =>
  isPausing(context) && (context.pause?.kind === 'retry-after' || context.pause?.kind === 'decay');

/** Nor one until nothing can be lost any more (R5.16), where that is longer than any other wait: tokens may live for days (L1). */
export const isForcedInVain = (context: TokenContext): boolean => {
  const { pause, policy, seen } = context;
  return isRefused(context) || (pause?.kind === 'ambiguous' && pauseLeftMs(pause, seen.now) > policy.retryMaxMs);
};

/** What readers are told who are refused without a request. */
export const lastFailure = ({ error, pause }: TokenContext): Failure =>
  error ?? { class: pause?.kind === 'retry-after' ? 'rate-limited' : 'transient' };

export const isBudgetSpent = ({ failures, policy }: TokenContext): boolean => failures > policy.retries;

const isUnattended = ({ seen }: TokenContext): boolean => seen.presence === 'hidden' || seen.presence === 'headless';

/** Refused without anybody waiting: one try per `retryMaxMs` is enough (T12). */
const pauseForTimersMs = ({ pause, policy }: TokenContext): number =>
  pause?.kind === 'decay' ? Math.max(pause.ms, policy.retryMaxMs) : (pause?.ms ?? 0);

const proactivePauseLeftMs = (context: TokenContext): number =>
  context.pause ? Math.max(0, pauseForTimersMs(context) - elapsedMs(context.pause.since, context.seen.now)) : 0;

function lateByMs(context: TokenContext): number {
  const { held, pause, policy, seen } = context;
  const sincePause = pause ? elapsedMs(pause.since, seen.now) - pauseForTimersMs(context) : Number.POSITIVE_INFINITY;
  const sinceStale = held ? leadMs(held, policy) - remainingMs(held, momentOf(context)) : 0;
  return Math.min(sincePause, sinceStale);
}

/** A refresh so late that the machine must have slept: many wake in the same instant (R9.20). */
export const isLate = (context: TokenContext): boolean => context.held !== null && lateByMs(context) > overdueMs;

/** A timer has fired long after its time in a context that nobody looks at, and nobody waits (R9.21). */
export const isLateAndUnattended = (context: TokenContext): boolean =>
  isUnattended(context) &&
  !context.wanted &&
  !isForced(context) &&
  !hasUnexpiredToken(context) &&
  lateByMs(context) > overdueMs;

const isHiddenForLong = ({ seen, policy }: TokenContext): boolean =>
  seen.presence === 'hidden' &&
  seen.hiddenSince !== null &&
  elapsedMs(seen.hiddenSince, seen.now) >= policy.hiddenForMs;

/** Whether a refresh may start without anybody having asked (T6). */
export const isProactiveRefreshDue = (context: TokenContext): boolean =>
  (context.active || context.readSinceMint) &&
  proactivePauseLeftMs(context) === 0 &&
  !isHiddenForLong(context) &&
  !isLateAndUnattended(context);

/** Somebody waits, and nothing forbids to ask (T6). */
export const isReadRefreshDue = (context: TokenContext): boolean => context.wanted && !isPausing(context);

/** How long until the next mint may start: the floor, the window of S9, the spread of those who return together. */
export const spacingLeftMs = ({
  lastStart,
  policy,
  seen,
  failedStarts,
  spread,
  askedAgain,
  pause,
}: TokenContext): number =>
  Math.max(
    0,
    lastStart ? Math.max(policy.mintFloorMs, askedAgain ? 1_000 : 0) - elapsedMs(lastStart, seen.now) : 0,
    askedAgain ? 0 : windowLeftMs(failedStarts, seen.now),
    pauseLeftMs(spread, seen.now),
    pause?.kind === 'retry-after' ? pauseLeftMs(pause, seen.now) : 0,
  );

export const isSpaced = (context: TokenContext): boolean => spacingLeftMs(context) === 0;

const runningMs = ({ lastStart, seen }: TokenContext): number => (lastStart ? elapsedMs(lastStart, seen.now) : 0);

/** The running mint has had its time (R5.5). An answer that is here is never late, whatever the clocks did meanwhile. */
export const isOverdue = (context: TokenContext): boolean =>
  context.seen.answered !== keyId(context.key) && runningMs(context) >= context.policy.requestTimeoutMs;

/** The computer slept meanwhile: the timer is late, or one clock ran on without the other (R5.6). */
export const wasSuspended = (context: TokenContext): boolean => {
  const { lastStart, seen, policy } = context;
  if (!lastStart) return false;
  const awakeMs = seen.now.monotonicMs - lastStart.monotonicMs;
  const wallMs = seen.now.wallMs - lastStart.wallMs;
  return runningMs(context) > policy.requestTimeoutMs + suspendedMs || wallMs - awakeMs > suspendedMs / 2;
};

/** Whether the next mint carries the held token from its start (T16, R6.3). */
export const presentsFromStart = ({ held, outage, policy }: TokenContext): boolean => {
  if (held === null) return false;
  if (policy.presentHeldToken === 'always') return true;
  return outage.marked && (outage.refreshes + 1) % policy.outageProbeEvery !== 0;
};

/** The server wants the last token, there is one, and it was not in the request (T11). */
export const canPresent = ({ held, presenting }: TokenContext): boolean => held !== null && !presenting;

/** A spent credential may be sent once more: the server forgives it for a while (R5.15). */
export const isWithinReuseGrace = (context: TokenContext): boolean =>
  !isOffline(context) && !context.answerLost && runningMs(context) < context.credential.reuseGraceMs;

/** Whoever has no evidence of its own believes the tab that has (R9.12). */
export const believedClock = (
  { clock, seen }: Pick<TokenContext, 'clock' | 'seen'>,
  theirs: ServerClock | null,
): ServerClock => (theirs ? adoptOffset(clock, theirs, seen.now) : clock);

/** Whether a token of another tab is better than what is held (T23). A tie changes nothing: two tabs would trade for ever. */
export function takesFromPeer(context: TokenContext, token: TokenFacts, theirs: ServerClock | null): boolean {
  const { held, rejected } = context;
  const at = momentOf({ ...context, clock: believedClock(context, theirs) });
  if (!isUsable(token, at) || mismatch(context.key, token) !== null) return false;
  if (held?.fingerprint === token.fingerprint) return false;
  return beats(token, held, rejected, at) && (!isServable(context) || held === null || freshnessOrder(token, held) > 0);
}

/** The running mint is not given up for a peer's token: a credential is spent on it, or somebody forced it (T23). */
export const isBoundToMint = (context: TokenContext): boolean =>
  context.credential.kind === 'rotating' || isForced(context);

/** Another tab failed a moment ago, and the wait that follows from it is not over. */
export const isHeldOff = ({ seen }: TokenContext, { pause }: SharedTries): boolean => isPaused(pause, seen.now);

/** All tabs together have used up what S9 allows. */
export const isWindowSpent = ({ failedStarts, seen, askedAgain }: TokenContext, shared: readonly Instant[]): boolean =>
  !askedAgain && windowLeftMs(mergeTries(failedStarts, shared, seen.now), seen.now) > 0;

/** Why the session is over, as far as the answers tell (T14, R5.17). */
export function goneReason({ answerLost, error }: TokenContext, confirmed: boolean): SignOutReason {
  if (answerLost && error?.serverCode === 'invalid_grant') return 'lost_response';
  return confirmed ? 'session_gone' : 'credential_refused';
}

/** Delays of the chart's timers, in ms. They only arm; guards decide. */
export const delaysMs = {
  untilStale: (context: TokenContext): number => {
    const { held } = context;
    return held ? clampTimer(remainingMs(held, momentOf(context)) - leadMs(held, context.policy)) : 0;
  },
  untilExpiring: (context: TokenContext): number => {
    const { held } = context;
    return held ? clampTimer(remainingMs(held, momentOf(context)) - cutoffMs(held, context.policy)) : 0;
  },
  untilExpired: (context: TokenContext): number =>
    context.held ? clampTimer(remainingMs(context.held, momentOf(context))) : 0,
  untilSpaced: (context: TokenContext): number => clampTimer(spacingLeftMs(context)),
  untilOverdue: (context: TokenContext): number => clampTimer(context.policy.requestTimeoutMs - runningMs(context)),
  untilPauseEnds: (context: TokenContext): number => clampTimer(pauseLeftMs(context.pause, context.seen.now)),
  /** In `stale`: when somebody may ask again; for ever where only a read or a wake may. */
  untilNextTry: (context: TokenContext): number => {
    const left = context.wanted ? pauseLeftMs(context.pause, context.seen.now) : proactivePauseLeftMs(context);
    return left > 0 ? clampTimer(left) : maxTimerMs;
  },
  untilProbe: ({ policy, pause, seen }: TokenContext): number =>
    clampTimer(Math.max(policy.retryMaxMs, pauseLeftMs(pause, seen.now))),
  /** Offline waits are exact: no request comes of them, so there is no crowd to spread. */
  untilOfflineCheck: ({ policy, offlineChecks }: TokenContext): number => backoffMs(policy, offlineChecks),
  untilLookAgain: ({ policy }: TokenContext): number => policy.retryMaxMs,
};
