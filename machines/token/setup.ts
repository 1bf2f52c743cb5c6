/** The vocabulary of the token chart: types, guards, actions, delays and placeholder actors, by name. */
import { assign, emit, enqueueActions, fromPromise, setup } from 'xstate';
import type {
  Confirmation,
  MintInput,
  MintOutcome,
  Seen,
  SignOutReason,
  TokenEmitted,
  TokenEvent,
  TurnInput,
  TurnOutcome,
} from '../events';
import type { Failure } from '../failure';
import type { TokenFacts } from '../held-token';
import type { MintCause, TokenKey } from '../ports';
import type { Pause } from '../schedule';
import type { ServerClock } from '../server-time';
import type { TokenContext, TokenInput } from './context';
import * as laws from './laws';
import * as updates from './updates';

type OutcomeParams = { readonly outcome: MintOutcome };
type PeerParams = { readonly token: TokenFacts; readonly clock: ServerClock | null };
type TurnParams = { readonly turn: TurnOutcome };
type FailureParams = {
  readonly failure: Failure;
  /** Asking again soon is pointless: readers meanwhile get the same error (T12). */
  readonly decays?: boolean;
  /** What the answer taught about the server's clock, where one came. */
  readonly clock?: ServerClock;
  /** Of the token that it brought, and that is refused. */
  readonly generation?: number;
};

const verdictIs = (context: TokenContext, { outcome }: OutcomeParams, is: string): boolean =>
  outcome.is === 'minted' && updates.judge(context, outcome.token).is === is;

const failureIs = (context: TokenContext, { outcome }: OutcomeParams, ...classes: readonly string[]): boolean => {
  const failure = updates.failureOf(context, outcome);
  return failure !== null && classes.includes(failure.class);
};

/** A placeholder never settles: a machine that nobody provided for waits in a named state instead of passing. */
const unprovided = () => new Promise<never>(() => {});

export const tokenSetup = setup({
  types: {
    context: {} as TokenContext,
    input: {} as TokenInput,
    events: {} as TokenEvent,
    emitted: {} as TokenEmitted,
    tags: {} as 'serving' | 'waiting' | 'failing',
    meta: {} as { readonly ids: readonly string[] },
  },
  actors: {
    /** Reads the cache for this key: the facts of a token that was minted before, or `null`. */
    recall: fromPromise<TokenFacts | null, { readonly key: TokenKey }>(unprovided),
    /** Waits for this tab's turn to mint. Answers a `TurnOutcome`, whatever happens. */
    turn: fromPromise<TurnOutcome, TurnInput>(unprovided),
    /** One request to the source. Answers a `MintOutcome`, whatever happens. */
    mint: fromPromise<MintOutcome, MintInput>(unprovided),
    /** Asks whether the session still exists. */
    confirmSession: fromPromise<Confirmation, { readonly sessionId: string }>(unprovided),
  },
  delays: {
    untilStale: ({ context }) => laws.delaysMs.untilStale(context),
    untilExpiring: ({ context }) => laws.delaysMs.untilExpiring(context),
    untilExpired: ({ context }) => laws.delaysMs.untilExpired(context),
    untilSpaced: ({ context }) => laws.delaysMs.untilSpaced(context),
    untilOverdue: ({ context }) => laws.delaysMs.untilOverdue(context),
    untilPauseEnds: ({ context }) => laws.delaysMs.untilPauseEnds(context),
    untilNextTry: ({ context }) => laws.delaysMs.untilNextTry(context),
    untilProbe: ({ context }) => laws.delaysMs.untilProbe(context),
    untilOfflineCheck: ({ context }) => laws.delaysMs.untilOfflineCheck(context),
    untilLookAgain: ({ context }) => laws.delaysMs.untilLookAgain(context),
  },
  guards: {
    isExplored: ({ context }) => !context.unexplored,
    isRecalledUsable: ({ context }, { token }: { token: TokenFacts | null }) =>
      laws.isServable({ ...context, held: token }),
    wasGivenUsable: ({ context }) => laws.isServable(context),
    isExploredWithin: ({ context }) => !context.unexplored && laws.isPausing(context),
    isPastStalePoint: ({ context }) => !laws.hasFreshToken(context),
    isWithheld: ({ context }) => !laws.isServable(context),
    isExpired: ({ context }) => !laws.hasUnexpiredToken(context),
    isServable: ({ context }) => laws.isServable(context),
    isUnexpired: ({ context }) => laws.hasUnexpiredToken(context),

    isOffline: ({ context }) => laws.isOffline(context),
    isOnline: ({ context }) => !laws.isOffline(context),
    isOnlineWithin: ({ context }) => !laws.isOffline(context) && laws.isPausing(context),
    isOnlineAndFresh: ({ context }) =>
      !laws.isOffline(context) && laws.hasFreshToken(context) && !laws.isForced(context),
    isOfflineBudgetLeft: ({ context }) => context.offlineChecks + 1 < context.policy.offlineRetries,
    isOfflineBudgetSpent: ({ context }) => context.offlineChecks >= context.policy.offlineRetries,

    isForced: ({ context }) => laws.isForced(context) && !laws.isForcedInVain(context),
    isForcedRead: (_, { forced }: { forced: boolean }) => forced,
    isWaitingRead: (_, { waiting }: { waiting: boolean }) => waiting,
    isForcedWhileRefused: ({ context }, { forced }: { forced: boolean }) => forced && laws.isForcedInVain(context),
    isWaitingWhileRefused: ({ context }, { forced, waiting }: { forced: boolean; waiting: boolean }) =>
      !forced && waiting && laws.isRefused(context),
    isRefused: ({ context }) => laws.isRefused(context),
    isForcedAndRefused: ({ context }) => laws.isForced(context) && laws.isForcedInVain(context),
    isPausing: ({ context }) => laws.isPausing(context),
    isAwakened: ({ context }) => context.seen.woke && !laws.isPausing(context),
    isPauseOver: ({ context }) => !laws.isPausing(context),
    isReadRefreshDue: ({ context }) => laws.isReadRefreshDue(context),
    isProactiveRefreshDue: ({ context }) => laws.isProactiveRefreshDue(context),
    isLateAndUnattended: ({ context }) => laws.isLateAndUnattended(context),
    isSpaced: ({ context }) => laws.isSpaced(context),
    isSpacedAmongOthers: ({ context }) => laws.isSpaced(context) && context.sharing.turns,
    isFresherPeerToken: ({ context }, { token, clock }: PeerParams) => laws.takesFromPeer(context, token, clock),
    /** The own mint has to end: a credential is spent on it, or somebody forced it. */
    isFresherWhileBound: ({ context }, { token, clock }: PeerParams) =>
      laws.takesFromPeer(context, token, clock) && laws.isBoundToMint(context),
    hasAdopted: ({ context }, { turn }: TurnParams) =>
      turn.is === 'adopted' && laws.takesFromPeer(context, turn.token, turn.clock),
    isRefusedTurn: (_, { turn }: TurnParams) => turn.is === 'refused',
    isRefusedElsewhere: ({ context }, { turn }: TurnParams) => {
      const tries = turn.is === 'granted' ? turn.tries : null;
      return tries?.pause.kind === 'decay' && laws.isHeldOff(context, tries);
    },
    isHeldOff: ({ context }, { turn }: TurnParams) =>
      turn.is === 'granted' && turn.tries !== null && laws.isHeldOff(context, turn.tries),
    isWindowSpent: ({ context }, { turn }: TurnParams) =>
      turn.is === 'granted' && laws.isWindowSpent(context, turn.failedStarts),
    isGranted: (_, { turn }: TurnParams) => turn.is === 'granted',
    isBudgetSpent: ({ context }) => laws.isBudgetSpent(context),
    isHeldToken: ({ context }, { fingerprint }: { fingerprint: string }) =>
      context.held?.fingerprint === fingerprint && !context.rejected.includes(fingerprint),

    isAccepted: ({ context }, params: OutcomeParams) => verdictIs(context, params, 'accepted'),
    isKept: ({ context }, params: OutcomeParams) =>
      verdictIs(context, params, 'kept') || verdictIs(context, params, 'aged'),
    isToBeAskedAgain: ({ context }, params: OutcomeParams) => verdictIs(context, params, 'asked-again'),
    failedOffline: ({ context }, params: OutcomeParams) => failureIs(context, params, 'offline'),
    failedForWantOfLastToken: ({ context }, params: OutcomeParams) =>
      failureIs(context, params, 'expired-token-required') &&
      laws.canPresent(context) &&
      !laws.isOffline(context) &&
      !laws.isRefused(context),
    failedUnauthenticated: ({ context }, params: OutcomeParams) => failureIs(context, params, 'unauthenticated'),
    failedRejected: ({ context }, params: OutcomeParams) => failureIs(context, params, 'rejected'),
    mayRepeatAtOnce: ({ context }, params: OutcomeParams) =>
      failureIs(context, params, 'ambiguous') && laws.isWithinReuseGrace(context),

    isOverdue: ({ context }) => laws.isOverdue(context),
    isOverdueBySuspension: ({ context }) => laws.isOverdue(context) && laws.wasSuspended(context),
    isOverdueOffline: ({ context }) => laws.isOverdue(context) && updates.overdueFailure(context).class === 'offline',
    isOverdueInReuseGrace: ({ context }) =>
      laws.isOverdue(context) &&
      updates.overdueFailure(context).class === 'ambiguous' &&
      laws.isWithinReuseGrace(context),

    isGone: ({ context }, { verdict }: { verdict: Confirmation }) =>
      verdict === 'gone' ||
      (verdict === 'nobody' && context.policy.terminalCodes.includes(context.error?.serverCode ?? '')),
    isStillActive: (_, { verdict }: { verdict: Confirmation }) => verdict === 'active' || verdict === 'nobody',
  },
  actions: {
    look: assign(({ context }, { seen }: { seen: Seen }) => updates.look(context, seen)),
    hold: assign((_, { token }: { token: TokenFacts | null }) => ({ held: token, unexplored: false })),
    begin: assign((_, { token }: { token: TokenFacts | null }) => updates.begin(token)),
    end: assign(() => updates.end()),

    dueTo: assign((_, { cause }: { cause: MintCause }) => updates.dueTo(cause)),
    spreadOut: assign(({ context }) => updates.spreadOut(context)),
    spreadOutIfLate: assign(({ context }) => (laws.isLate(context) ? updates.spreadOut(context) : {})),
    noteRead: assign(({ context }, { waiting }: { waiting: boolean }) => updates.noteRead(context, waiting)),
    noteForced: assign(({ context }) => updates.noteForced(context)),
    noteUse: assign(() => ({ readSinceMint: true })),
    noteRejection: assign(({ context }, { fingerprint }: { fingerprint: string }) =>
      updates.rejectToken(context, fingerprint),
    ),
    noteOutage: assign(({ context }, { marked }: { marked: boolean }) => updates.noteOutage(context, marked)),
    raiseFloor: assign(({ context }, { pause }: { pause: Pause }) => updates.raiseFloor(context, pause)),
    setActive: assign((_, { active }: { active: boolean }) => ({ active })),
    adoptClock: assign(({ context }, { clock }: { clock: ServerClock }) => updates.adoptClock(context, clock)),
    liftPause: assign(({ context }) => (laws.isPausing(context) ? {} : updates.liftPause())),

    /** T23: what a peer minted is as good as a mint of our own. */
    adoptFromPeer: enqueueActions(({ context, enqueue }, { token, clock }: PeerParams) => {
      const change = updates.adoptFromPeer(context, token, clock);
      enqueue.assign(change);
      if (change.clock) enqueue.emit({ type: 'clock.learned', clock: change.clock });
    }),
    /** Nothing was sent, and the next try is put off all the same. */
    putOff: enqueueActions(({ context, enqueue }, { failure }: FailureParams) => {
      enqueue.assign(updates.putOff(context, failure));
      enqueue.emit({ type: 'mint.failed', number: context.mints, attempt: context.failedTries + 1, failure });
    }),
    leaveToFocused: assign(({ context }) => updates.leaveToFocused(context)),
    noteTries: assign(({ context }, { turn }: TurnParams) =>
      turn.is === 'granted' ? updates.noteTries(context, turn) : {},
    ),
    /** Another tab failed a moment ago: its failure is ours, and so is the wait. */
    shareTries: assign(({ context }, { turn }: TurnParams) =>
      turn.is === 'granted' && turn.tries ? updates.shareTries(context, turn.tries) : {},
    ),
    startMint: assign(({ context }) => updates.startMint(context)),
    startPresenting: assign(({ context }) => updates.startPresenting(context)),
    announceMint: emit(({ context }) => ({
      type: 'mint.started' as const,
      number: context.mints,
      attempt: context.failedTries + 1,
      cause: context.cause,
    })),
    forgetMint: assign(() => updates.forgetMint()),
    accept: assign(({ context }, { outcome }: OutcomeParams) =>
      outcome.is === 'minted' ? updates.accept(context, outcome.token) : {},
    ),
    /** T16: the same, and the session is marked as in an outage. */
    acceptInOutage: assign(({ context }, { outcome }: OutcomeParams) =>
      outcome.is === 'minted' ? updates.acceptInOutage(context, outcome.token) : {},
    ),
    keepHeld: assign(({ context }, { outcome }: OutcomeParams) =>
      outcome.is === 'minted' ? updates.keepHeld(context, outcome.token) : {},
    ),
    askAgain: enqueueActions(({ context, enqueue }, { outcome }: OutcomeParams) => {
      if (outcome.is !== 'minted') return;
      enqueue.assign(updates.askAgain(context, outcome.token));
      const clock = updates.learnedClock(context, updates.clockAfter(context, outcome));
      if (clock) enqueue.emit({ type: 'clock.learned', clock });
    }),
    /** What the host, the siblings and the mint's own callers hear of a valid token. */
    tellSuccess: enqueueActions(({ context, enqueue }, { outcome }: OutcomeParams) => {
      if (outcome.is !== 'minted') return;
      const judgement = updates.judge(context, outcome.token);
      const clock = updates.learnedClock(context, judgement.clock);
      if (clock) enqueue.emit({ type: 'clock.learned', clock });
      if (context.outage.marked && !context.presenting) enqueue.emit({ type: 'outage.noticed', marked: false });
      enqueue.emit({
        type: 'mint.succeeded',
        number: context.mints,
        generation: outcome.token.generation,
        held: judgement.is !== 'kept',
        attempt: context.failedTries + 1,
      });
    }),

    tellOutage: emit({ type: 'outage.noticed' as const, marked: true }),

    recordFailure: enqueueActions(({ context, enqueue }, { failure, generation, ...more }: FailureParams) => {
      enqueue.assign(updates.recordFailure(context, failure, more));
      const clock = more.clock ? updates.learnedClock(context, more.clock) : null;
      if (clock) enqueue.emit({ type: 'clock.learned', clock });
      const floor = updates.floorOf(context, failure);
      if (floor) enqueue.emit({ type: 'floor.raised', pause: floor });
      enqueue.emit({
        type: 'mint.failed',
        number: context.mints,
        attempt: context.failedTries + 1,
        failure,
        ...(generation !== undefined && { generation }),
      });
    }),
    recordOffline: enqueueActions(({ context, enqueue }, { failure }: { failure: Failure | null }) => {
      enqueue.assign(updates.recordOffline(context, failure));
      if (failure)
        enqueue.emit({ type: 'mint.failed', number: context.mints, attempt: context.failedTries + 1, failure });
    }),
    /** T11, T13: the error is known, what it means is not. */
    recordDoubt: assign((_, { failure }: FailureParams) => ({ error: failure })),
    becomeOffline: assign(({ context }) => updates.becomeOffline(context)),
    becomeDegraded: assign(({ context }) => updates.becomeDegraded(context)),
    becomeOk: assign(({ context }) => updates.becomeOk(context)),
    scheduleCheck: assign(({ context }) => updates.scheduleCheck(context, laws.delaysMs.untilOfflineCheck(context))),
    scheduleLook: assign(({ context }) => updates.scheduleCheck(context, laws.delaysMs.untilLookAgain(context))),
    countOfflineCheck: assign(({ context }) => updates.countOfflineCheck(context)),

    /** Everybody who waits gets the error. */
    failReaders: enqueueActions(({ context, enqueue }) => {
      enqueue.emit({ type: 'reads.failed', readers: 'all', failure: laws.lastFailure(context) });
      enqueue.assign(updates.dismissReaders());
    }),
    failForced: enqueueActions(({ context, enqueue }) => {
      enqueue.emit({ type: 'reads.failed', readers: 'forced', failure: laws.lastFailure(context) });
      enqueue.assign(updates.dismissForced());
    }),
    failPlain: enqueueActions(({ context, enqueue }) => {
      enqueue.emit({ type: 'reads.failed', readers: 'plain', failure: laws.lastFailure(context) });
      enqueue.assign(updates.dismissPlain());
    }),
    failReadersOffline: enqueueActions(({ context, enqueue }) => {
      const failure: Failure = context.error?.class === 'offline' ? context.error : { class: 'offline' };
      enqueue.emit({ type: 'reads.failed', readers: 'all', failure });
      enqueue.assign(updates.dismissReaders());
    }),
    tellGone: emit(({ context }, { confirmed }: { confirmed: boolean }) => ({
      type: 'session.gone' as const,
      reason: laws.goneReason(context, confirmed) satisfies SignOutReason,
    })),
  },
});
