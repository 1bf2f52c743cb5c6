/** What both states with a request in flight share: its input, and how its outcome reaches guards and actions. */
import type { DoneActorEvent } from 'xstate';
import type { MintInput, MintOutcome } from '../../events';
import type { Failure } from '../../failure';
import type { TokenFacts } from '../../held-token';
import type { ServerClock } from '../../server-time';
import type { TokenContext } from '../context';
import { clockAfter, failureIn, overdueFailure } from '../updates';

type Done = { readonly context: TokenContext; readonly event: DoneActorEvent<MintOutcome> };

type PeerToken = { readonly event: { readonly token: TokenFacts; readonly clock: ServerClock | null } };

/** Params of what weighs a token of another tab. */
export const peerToken = ({ event: { token, clock } }: PeerToken) => ({ token, clock });

/** Params of what judges an outcome. */
export const outcome = ({ event }: Pick<Done, 'event'>): { outcome: MintOutcome } => ({ outcome: event.output });

/** Params of what records a failure. A token that is refused tells the time all the same. */
export const failure = ({ context, event: { output } }: Done) => ({
  failure: failureIn(context, output),
  clock: clockAfter(context, output),
  ...(output.is === 'minted' && { generation: output.token.generation }),
});

/** Params where the server refused for good (T12). */
export const refusal = (done: Done) => ({
  ...failure(done),
  decays: true,
});

/** Params where there is no outcome, because the time is over. */
export const overdue = ({ context }: Pick<Done, 'context'>): { failure: Failure } => ({
  failure: overdueFailure(context),
});

export const mintInput = ({ context }: Pick<Done, 'context'>): MintInput => ({
  key: context.key,
  number: context.mints,
  attempt: context.failedTries + 1,
  cause: context.cause,
  presence: context.seen.presence,
  present: context.presenting ? (context.held?.generation ?? null) : null,
  startedAt: context.seen.now,
});

/** Wakes the machine when a mint has had its time. It only arms: `always` decides what that means. */
export const timeout = {
  untilOverdue: {
    description: 'The time for the request is over; the clock decides what that means.',
    meta: { ids: ['R5.5'] },
  },
};

/** The mint actor itself broke; it is written not to. */
export const broken = { failure: { class: 'transient' } } as const;

/** Outcomes that mean the same, with or without the last token in the request. */
export const sharedOutcomes = [
  {
    guard: { type: 'isKept', params: outcome },
    target: '#token.fresh',
    actions: [
      { type: 'tellSuccess', params: outcome },
      { type: 'keepHeld', params: outcome },
    ],
    description: 'Valid, but no progress: its own callers get it, the held one stays, the next try waits.',
    meta: { ids: ['T8'] },
  },
  {
    guard: { type: 'isToBeAskedAgain', params: outcome },
    target: '#token.refreshing.spacing',
    actions: { type: 'askAgain', params: outcome },
    description:
      'It looks expired or aged away on arrival: asked for once more, to tell a wrong clock from an old token.',
    meta: { ids: ['R9.8'] },
  },
  {
    guard: { type: 'failedOffline', params: outcome },
    target: '#token.offline-retrying',
    actions: { type: 'recordOffline', params: failure },
    description: 'The network went away. Nothing is cleared, nothing is emitted as empty.',
    meta: { ids: ['T9', 'T11'] },
  },
  {
    guard: { type: 'failedUnauthenticated', params: outcome },
    target: '#token.refreshing.confirming-sign-out',
    actions: { type: 'recordDoubt', params: failure },
    description: 'The server does not know us. That alone signs nobody out: the session is asked about.',
    meta: { ids: ['T11', 'T13', 'R5.13'] },
  },
] as const;

/** What a time-out means that is no failure of the origin. */
export const sharedTimeouts = [
  {
    guard: 'isOverdueBySuspension',
    target: '#token.fresh',
    actions: 'forgetMint',
    description: 'The computer slept through the time-out: void. Asked anew if somebody still wants it.',
    meta: { ids: ['R5.6'] },
  },
  {
    guard: 'isOverdueOffline',
    target: '#token.offline-retrying',
    actions: { type: 'recordOffline', params: { failure: { class: 'offline' } } },
    description: 'No answer within the time, and no network.',
    meta: { ids: ['T9', 'R5.1'] },
  },
] as const;

/** T23 while a request is in flight that has to end: the token is taken, the request goes on. */
export const adoptWhileBound = {
  'peer.token': {
    guard: { type: 'isFresherWhileBound', params: peerToken },
    actions: { type: 'adoptFromPeer', params: peerToken },
    description:
      'Another tab minted: readers are served. The own request goes on, since somebody forced it or a single-use credential is spent on it.',
    meta: { ids: ['T23', 'T25'] },
  },
} as const;
