/** Our own session machine, ready to be explored: who is signed in, with a token machine per key as an actor that only listens. */
import { keyId, keyOf } from '../../../../machines/key';
import type { ExploreOptions } from '../explore';
import { pathOf } from '../machine-system';
import { happenings } from './happenings';
import { sessionLaws } from './laws';
import { ada, freshToken, policy, seenAt } from './people';
import type { SessionMachine, SessionState } from './state';

/** Epochs count by what is to come of them: whether the session began with the last one. */
function sessionKey(state: SessionState): string {
  const { snapshot, timers, jobs } = state;
  const { context } = snapshot;
  return [
    pathOf(snapshot.value),
    context.session ? keyId(keyOf(context.session)) : '',
    context.nobody,
    context.given === undefined ? '' : context.given === null ? 'none' : 'given',
    context.epoch - context.signInEpoch > 1 ? 'later' : context.epoch - context.signInEpoch,
    context.outageMarked,
    context.pause === null,
    context.rejected.length,
    context.answerLost,
    context.clock.evidence,
    Math.min(context.restoreTries, context.policy.offlineRetries + 1),
    context.seen.presence,
    Object.keys(context.keys).sort(),
    timers.map(({ id }) => id).sort(),
    jobs.map(({ id }) => id).sort(),
  ].join('|');
}

/**
 * What `explore` and `replay` need to know of the session machine, or of a changed copy of it: sign-in, switch and sign-out at
 * any moment, two users, two organizations, stores that cannot be read, sessions in doubt.
 *
 * @param options.limit states after which it gives up
 * @example explore(sessionMachine, sessionExploration()).violation // null
 */
export function sessionExploration({ limit }: { readonly limit?: number } = {}): ExploreOptions<SessionMachine> {
  const common = { seen: seenAt('focused'), policy };
  return {
    starts: [
      { id: 'unknown', says: 'a page opens, and nobody says who is signed in', input: common, world: undefined },
      { id: 'ada', says: 'a page opens for Ada', input: { ...common, session: ada }, world: undefined },
      {
        id: 'token',
        says: 'a page opens for Ada, with a token',
        input: { ...common, session: ada, token: freshToken },
        world: undefined,
      },
      {
        id: 'nobody',
        says: 'a page opens, and nobody is signed in',
        input: { ...common, session: null },
        world: undefined,
      },
    ],
    events: happenings,
    key: sessionKey,
    describe: ({ snapshot }) => {
      const { session } = snapshot.context;
      const who = session ? ` as ${session.id}${session.organizationId ? ` for ${session.organizationId}` : ''}` : '';
      return `${pathOf(snapshot.value)}${who}`;
    },
    invariants: sessionLaws,
    ...(limit !== undefined && { limit }),
  };
}
