/** What both states with a request in flight share: its input, and how its outcome reaches guards and actions. */
import type { DoneActorEvent } from 'xstate';
import type { MintInput, MintOutcome } from '../../events';
import type { Failure } from '../../failure';
import type { TokenContext } from '../context';
import { failureIn, overdueFailure } from '../updates';

type Done = { readonly context: TokenContext; readonly event: DoneActorEvent<MintOutcome> };

/** Params of what judges an outcome. */
export const outcome = ({ event }: Pick<Done, 'event'>): { outcome: MintOutcome } => ({ outcome: event.output });

/** Params of what records a failure. */
export const failure = ({ context, event }: Done): { failure: Failure } => ({
  failure: failureIn(context, event.output),
});

/** Params where the server refused for good (T12). */
export const refusal = (done: Done): { failure: Failure; decays: boolean } => ({ ...failure(done), decays: true });

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
