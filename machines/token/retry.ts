/** What a failed try leads to: counted, and the next one put off (lifecycle.md §5). Pure. */
import type { Failure } from '../failure';
import { type Moment, remainingMs } from '../held-token';
import {
  aboveFloor,
  backgroundRetryMs,
  backoffMs,
  floorIn,
  jittered,
  type Pause,
  pauseLeftMs,
  recentTries,
  windowLeftMs,
} from '../schedule';
import { elapsedMs } from '../time';
import type { TokenContext } from './context';
import { hasUsableToken, isForced, momentOf } from './laws';

type Change = Partial<TokenContext>;

/** Tries in the background come ever closer; after this many they keep their distance, or none would be left by S9. */
export const closeTries = 3;

/** How long the next try is put off, before the server's own wishes (R5.19, R5.23). */
function plannedMs(
  { policy, seen, held, failures, failedTries }: TokenContext,
  at: Moment,
  background: boolean,
): number {
  const put = (tries: number) => Math.max(policy.mintFloorMs, jittered(backoffMs(policy, tries), policy, seen.roll));
  const sinceClose = failedTries - closeTries + 1;
  if (!background || !held) return put(Math.max(failures, sinceClose));
  const close = backgroundRetryMs(held, at, put(failedTries));
  return failedTries < closeTries ? close : Math.max(close, put(sinceClose));
}

/** Counts a failed try and puts the next one off (§5). `failure` is `null` where the answer was valid but no better (T8). */
export function countFailure(context: TokenContext, failure: Failure | null, decays = false): Change {
  const { seen, failures, failedTries, lastStart } = context;
  const background = hasUsableToken(context);
  const counts = !background || isForced(context);
  const failedStarts = recentTries(lastStart ? [...context.failedStarts, lastStart] : context.failedStarts, seen.now);
  const planned = plannedMs(context, momentOf(context), background);
  return {
    failedTries: failedTries + 1,
    failures: failures + (counts ? 1 : 0),
    failedStarts,
    pause: notBeforeFloor(
      context,
      pauseAfter({ ...context, failedStarts }, failure, planned, decays ? 'decay' : 'backoff'),
    ),
    ...(failure && { error: failure }),
  };
}

/** No request was sent, since it is not this tab's turn: the next try is put off like after a failure. */
export function putOff(context: TokenContext, failure: Failure): Change {
  const { seen, held, failures, failedTries, answerLost } = context;
  const background = hasUsableToken(context);
  const at = momentOf(context);
  const planned = plannedMs(context, at, background);
  // The answer to a single-use credential was lost somewhere: nobody sends it again before the held token is over (R5.16).
  const isAmbiguous = failure.class === 'ambiguous';
  const ms = isAmbiguous && held ? Math.max(planned, Math.ceil(remainingMs(held, at))) : planned;
  return {
    error: failure,
    failedTries: failedTries + 1,
    failures: failures + (background ? 0 : 1),
    answerLost: answerLost || isAmbiguous,
    pause: notBeforeFloor(context, { since: seen.now, ms, kind: isAmbiguous ? 'ambiguous' : 'backoff' }),
  };
}

/** A `Retry-After` that another key was given in the meantime is not cut short (S10). */
export const notBeforeFloor = ({ pause, seen }: Pick<TokenContext, 'pause' | 'seen'>, next: Pause): Pause =>
  aboveFloor(next, floorIn(pause, seen.now), seen.now);

function pauseAfter(context: TokenContext, failure: Failure | null, planned: number, kind: 'backoff' | 'decay'): Pause {
  const { seen } = context;
  const pause = ownPause(context, failure, planned, kind);
  const { retryAfterMs } = failure ?? {};
  if (retryAfterMs === undefined) return pause;
  const floor: Pause = { since: seen.now, ms: retryAfterMs, kind: 'retry-after' };
  return retryAfterMs >= pauseLeftMs(pause, seen.now) ? floor : aboveFloor(pause, floor, seen.now);
}

/** Before the server's own wishes. */
function ownPause(context: TokenContext, failure: Failure | null, planned: number, kind: 'backoff' | 'decay'): Pause {
  const { seen, lastStart, held, failedStarts } = context;
  const since = seen.now;
  const silent = failure?.class === 'timed-out' || failure?.class === 'ambiguous';
  // The window of S9 is part of the pause: whoever waits for it is told when it ends.
  const least = Math.max(planned, windowLeftMs(failedStarts, since));
  if (failure?.class === 'ambiguous' && held) {
    return { since, ms: Math.max(least, Math.ceil(remainingMs(held, momentOf(context)))), kind: 'ambiguous' };
  }
  if (silent || !lastStart) return { since, ms: least, kind };
  // From start to start, so that latency does not shift the schedule; a slow refusal still gets half a pause after it.
  const tookMs = elapsedMs(lastStart, since);
  const windowMs = tookMs + windowLeftMs(failedStarts, since);
  return { since: lastStart, ms: Math.max(planned, windowMs, tookMs + Math.floor(planned / 2)), kind };
}
