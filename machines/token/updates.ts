/** What changes in a token machine's context, one function per named action. Pure. */
import { type Judgement, judgeMint, type MintedToken } from '../acceptance';
import type { MintOutcome, Seen, SharedTries, TurnOutcome } from '../events';
import { type Failure, invalidToken } from '../failure';
import { leadMs, type TokenFacts } from '../held-token';
import type { MintCause } from '../ports';
import {
  aboveFloor,
  backoffMs,
  floorIn,
  mergeTries,
  type Pause,
  pauseLeftMs,
  recentTries,
  spreadMs,
} from '../schedule';
import { adoptOffset, followWall, type ServerClock, setBackByMs } from '../server-time';
import type { TokenContext } from './context';
import { believedClock, canPresent, hasUnexpiredToken, hasUsableToken, presentsFromStart } from './laws';
import { closeTries, countFailure, notBeforeFloor } from './retry';

type Change = Partial<TokenContext>;
type Granted = Extract<TurnOutcome, { is: 'granted' }>;

/** More than a handful of refused tokens is no memory but a leak. */
const rememberedRejections = 20;

export function look(context: TokenContext, seen: Seen): Change {
  const { clock, pause, check, seen: before } = context;
  const lostMs = setBackByMs(before.now, seen.now);
  if (lostMs === 0) return { seen };
  // What is still to come is told on the wall clock as it is now; the waits themselves are on the elapsed scale.
  return {
    seen,
    clock: followWall(clock, before.now, seen.now),
    pause: moved(pause, lostMs),
    check: moved(check, lostMs),
  };
}

const moved = (pause: Pause | null, lostMs: number): Pause | null =>
  pause && { ...pause, since: { ...pause.since, wallMs: pause.since.wallMs - lostMs } };

export const judge = (context: TokenContext, minted: MintedToken): Judgement => judgeMint(context, minted);

/** What an answer says of the server's time, whatever becomes of its token: one that is refused was issued all the same (R9.3). */
export const clockAfter = (context: TokenContext, outcome: MintOutcome): ServerClock =>
  outcome.is === 'minted' ? judge(context, outcome.token).clock : context.clock;

/** What the other keys have to hear of it: another time at the server, or that what was told of it is right; else `null`. */
export function learnedClock({ clock: before }: TokenContext, clock: ServerClock): ServerClock | null {
  const isConfirmed = before.evidence === 'shared' && clock.evidence !== 'shared';
  return clock.offsetMs !== before.offsetMs || isConfirmed ? clock : null;
}

/** What failed, as the chart classes it: a token that the acceptance rules refuse is a failure too. */
export function failureOf(context: TokenContext, outcome: MintOutcome): Failure | null {
  // Nothing (more) to hand in: a refusal like any other (R5.9).
  const unanswerable =
    outcome.is === 'failed' && outcome.failure.class === 'expired-token-required' && !canPresent(context);
  if (outcome.is === 'failed') return unanswerable ? { ...outcome.failure, class: 'rejected' } : outcome.failure;
  const judgement = judge(context, outcome.token);
  return judgement.is === 'invalid' ? invalidToken(judgement.reason) : null;
}

/** For what only runs after a failure. */
export const failureIn = (context: TokenContext, outcome: MintOutcome): Failure =>
  failureOf(context, outcome) ?? { class: 'transient' };

/** No answer within the time: what that means depends on the network and on what was sent. */
export function overdueFailure(context: TokenContext): Failure {
  if (context.credential.kind === 'rotating') return { class: 'ambiguous' };
  return { class: context.seen.online ? 'timed-out' : 'offline' };
}

export function startMint(context: TokenContext): Change {
  const presenting = presentsFromStart(context);
  return {
    mints: context.mints + 1,
    lastStart: context.seen.now,
    presenting,
    spread: null,
    outage: context.outage.marked ? { marked: true, refreshes: context.outage.refreshes + 1 } : context.outage,
  };
}

/** T11: the same request once more, with the held token, at once. */
export const startPresenting = (context: TokenContext): Change => ({
  mints: context.mints + 1,
  lastStart: context.seen.now,
  presenting: true,
});

/** A success: everything that failures left behind is over. */
function settled(context: TokenContext): Change {
  return {
    failedStarts: [],
    failedTries: 0,
    failures: 0,
    error: null,
    // Who was told to wait, over this key or another, still waits: that is not over because somebody was answered.
    pause: floorIn(context.pause, context.seen.now),
    spread: null,
    askedAgain: false,
    answerLost: false,
    offlineChecks: 0,
    readSinceMint: false,
    wanted: false,
    ...(context.forcedAfter !== null && context.mints > context.forcedAfter && { forcedAfter: null }),
  };
}

/** T7, T16: the token is held. */
export function accept(context: TokenContext, minted: MintedToken): Change {
  const judgement = judge(context, minted);
  if (judgement.is !== 'accepted') return {};
  const { clock, token: held } = judgement;
  return { ...settled(context), clock, held, ...outageAfterSuccess(context) };
}

/** A success with the held token in the request keeps the outage mark, one without it ends the outage (T16). */
function outageAfterSuccess({ presenting, outage, policy }: TokenContext, answeredOutage = false): Change {
  const marked = answeredOutage || (outage.marked && presenting && policy.presentHeldToken === 'on-demand');
  return {
    outage: marked ? { marked, refreshes: answeredOutage ? 0 : outage.refreshes } : { marked: false, refreshes: 0 },
    status: marked ? 'degraded' : 'ok',
  };
}

/** T23: a token that another tab minted. What this tab's own failures left behind is over. */
export function adoptFromPeer(context: TokenContext, token: TokenFacts, clock: ServerClock | null): Change {
  const { forcedAfter, outage } = context;
  const believed = believedClock(context, clock);
  return {
    ...settled(context),
    // Whoever insisted still gets a mint of its own.
    forcedAfter,
    held: token,
    unexplored: false,
    status: outage.marked ? 'degraded' : 'ok',
    ...(believed !== context.clock && { clock: believed }),
  };
}

/** R10.8: the focused tab goes first. What is left of the token's life bounds the grace. */
export function leaveToFocused(context: TokenContext): Change {
  const { sharing, seen, policy, held } = context;
  if (!sharing.peers || seen.presence === 'focused' || seen.presence === 'headless' || !held) return {};
  const graceMs = Math.min(policy.takeoverGraceMs, leadMs(held, policy) / 4);
  return { spread: { since: seen.now, ms: Math.floor(graceMs * (1 + policy.jitter * seen.roll)), kind: 'backoff' } };
}

/** Tries that failed in other tabs count for the window of S9 as well. */
export const noteTries = (context: TokenContext, { failedStarts, answerLost }: Granted): Change => ({
  failedStarts: mergeTries(context.failedStarts, failedStarts, context.seen.now),
  answerLost: context.answerLost || answerLost,
});

/** Another tab failed a moment ago: as if it had happened here. */
export const shareTries = (context: TokenContext, { attempt, failure, pause }: SharedTries): Change => ({
  failedTries: attempt,
  failures: hasUsableToken(context) ? context.failures : Math.max(context.failures, attempt),
  error: failure,
  pause: notBeforeFloor(context, pause),
});

/** T16: minted from the last token while the origin is away. */
export function acceptInOutage(context: TokenContext, minted: MintedToken): Change {
  return { ...accept(context, minted), ...outageAfterSuccess(context, true) };
}

/** T8: the held one stays, and the try counts as failed. */
export function keepHeld(context: TokenContext, minted: MintedToken): Change {
  const judgement = judge(context, minted);
  const held = judgement.is === 'aged' ? judgement.token : context.held;
  const after = { ...context, clock: judgement.clock, held };
  const answered = context.forcedAfter !== null && context.mints > context.forcedAfter;
  return {
    clock: judgement.clock,
    held,
    askedAgain: false,
    ...(hasUnexpiredToken(after) && { wanted: false }),
    ...(answered && { forcedAfter: null }),
    ...countFailure(after, null),
  };
}

/** R9.8: remembers what came, and holds it meanwhile if it still serves. */
export function askAgain(context: TokenContext, minted: MintedToken): Change {
  const judgement = judge(context, minted);
  const token = judgement.is === 'asked-again' ? judgement.token : null;
  const after = { ...context, clock: judgement.clock, held: token ?? context.held };
  return {
    clock: judgement.clock,
    held: after.held,
    askedAgain: true,
    // Who is not served by it goes on waiting.
    ...(hasUsableToken(after) && { wanted: false }),
  };
}

/** T10, T12, T15: a try failed. The `clock` is what its answer taught. */
export const recordFailure = (
  context: TokenContext,
  failure: Failure,
  { decays = false, clock = context.clock } = {},
): Change => ({
  ...countFailure({ ...context, clock }, failure, decays),
  clock,
  askedAgain: false,
  answerLost: context.answerLost || failure.class === 'ambiguous',
});

/** What the server asked for, for every key (R5.7). */
export const floorOf = ({ seen }: TokenContext, { retryAfterMs }: Failure): Pause | null =>
  retryAfterMs ? { since: seen.now, ms: retryAfterMs, kind: 'retry-after' } : null;

export { putOff } from './retry';

/** T9: the network went away under a request. No backoff comes of it: the network is asked, not the origin. */
export function recordOffline(context: TokenContext, failure: Failure | null): Change {
  const sent = failure !== null && context.lastStart !== null;
  const starts = context.lastStart ? [...context.failedStarts, context.lastStart] : context.failedStarts;
  const failedStarts = recentTries(starts, context.seen.now);
  return {
    error: failure ?? { class: 'offline' },
    askedAgain: false,
    ...(sent && {
      failedTries: context.failedTries + 1,
      failedStarts,
      // A link that flaps fast would use up S9's window in seconds: its tries keep a distance as well.
      ...(failedStarts.length >= closeTries && {
        pause: notBeforeFloor(context, {
          since: context.seen.now,
          ms: backoffMs(context.policy, failedStarts.length - closeTries),
          kind: 'backoff',
        }),
      }),
    }),
  };
}

/** A time-out that straddled a suspension is void: not a failure, only a mint to be had again (R5.6). */
export const forgetMint = (): Change => ({ askedAgain: false });

export const becomeOffline = (context: TokenContext): Change => ({
  status: 'offline',
  ...(hasUnexpiredToken(context) && { wanted: false }),
});

export const becomeDegraded = (context: TokenContext): Change => ({
  status: 'degraded',
  ...(hasUnexpiredToken(context) && { wanted: false }),
});

/** Back online with a token that needs no refresh: nothing is wrong any more, and no request had to prove it. */
export const becomeOk = (context: TokenContext): Change => ({
  status: context.outage.marked ? 'degraded' : 'ok',
  offlineChecks: 0,
  error: null,
});

/** For `getState()`: when the network is looked at again. */
export const scheduleCheck = ({ seen }: TokenContext, ms: number): Change => ({
  check: { since: seen.now, ms, kind: 'backoff' },
});

export const countOfflineCheck = (context: TokenContext): Change => ({ offlineChecks: context.offlineChecks + 1 });

export const dueTo = (cause: MintCause): Change => ({ cause });

/** Spreads those who come back together (T20, T26). */
export const spreadOut = ({ seen, policy }: TokenContext): Change => ({
  spread: { since: seen.now, ms: spreadMs(policy, seen.roll), kind: 'backoff' },
});

export const noteRead = (context: TokenContext, waiting: boolean): Change => ({
  readSinceMint: true,
  wanted: context.wanted || waiting,
  // Somebody waits now: the crowd may be spread by other means.
  ...(waiting && { spread: null }),
});

/** T24, T25: only a mint that starts after this will do. */
export const noteForced = (context: TokenContext): Change => ({
  readSinceMint: true,
  forcedAfter: context.mints,
  spread: null,
});

export const dismissReaders = (): Change => ({ wanted: false, forcedAfter: null });

export const dismissForced = (): Change => ({ forcedAfter: null });

export const dismissPlain = (): Change => ({ wanted: false });

/** A pause that is over says nothing about the next stale point. */
export const liftPause = (): Change => ({ pause: null });

export function rejectToken(context: TokenContext, fingerprint: string): Change {
  if (context.rejected.includes(fingerprint)) return {};
  return { rejected: [...context.rejected, fingerprint].slice(-rememberedRejections) };
}

/** What this tab learned by another key counts for all of its keys; what another tab learned, where nothing is known better. */
export const adoptClock = (context: TokenContext, clock: ServerClock): Change => ({
  clock: clock.evidence === 'shared' ? adoptOffset(context.clock, clock, context.seen.now) : clock,
});

export const noteOutage = (context: TokenContext, marked: boolean): Change => ({
  outage: marked === context.outage.marked ? context.outage : { marked, refreshes: 0 },
  ...(marked && context.status === 'ok' && { status: 'degraded' as const }),
  ...(!marked && context.status === 'degraded' && context.error === null && { status: 'ok' as const }),
});

/** Over another key the source asked to be left alone: that holds here too, and shortens nothing. */
export function raiseFloor({ pause, seen, error }: TokenContext, floor: Pause): Change {
  const isLonger = pauseLeftMs(floor, seen.now) > pauseLeftMs(pause, seen.now);
  if (!isLonger) return pause ? { pause: aboveFloor(pause, floor, seen.now) } : {};
  return { pause: floor, error: error ?? { class: 'rate-limited' } };
}

/** T28: a new identity on this key; nothing of the old one counts. */
export const begin = (token: TokenFacts | null): Change => ({
  unexplored: token === null,
  held: token,
  failedStarts: [],
  failedTries: 0,
  failures: 0,
  error: null,
  pause: null,
  spread: null,
  askedAgain: false,
  answerLost: false,
  offlineChecks: 0,
  status: 'ok',
  outage: { marked: false, refreshes: 0 },
  wanted: false,
  forcedAfter: null,
  cause: 'restore',
});

/** Signed out: nothing is held. */
export const end = (): Change => ({ ...begin(null), rejected: [] });
