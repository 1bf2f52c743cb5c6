/** The invariants of lifecycle.md §12, as far as one machine shows them. */
import { freshnessOrder, isUsable } from '../../../../machines/held-token';
import { momentOf } from '../../../../machines/token/laws';
import { healthyAnswers } from './answers';
import { tries } from './key';
import { noBetter } from './peers';
import { gotExpired, isWaiting } from './readers';
import { silentMs, type TokenEffect, type TokenLaw, type TokenState } from './world';

const isSignedOut = ({ snapshot }: TokenState): boolean => snapshot.matches('signed-out');
const mintsStarted = (effects: readonly TokenEffect[]): number =>
  effects.filter((effect) => effect.is === 'started' && effect.job.src === 'mint').length;

/** What ends a session: the user, or proof from the server. */
const endings: readonly string[] = [
  'sign out',
  'confirmSession: the source says that the session is gone',
  'confirmSession: there is nobody to ask about the session',
];

const s1: TokenLaw = {
  id: 'S1',
  says: 'Only an explicit sign-out, or proof from the server, signs out.',
  onStep: ({ before, move, after }) =>
    isSignedOut(after) && !isSignedOut(before) && !endings.includes(move.id)
      ? `Signed out, because ${move.says}.`
      : undefined,
};

const s3: TokenLaw = {
  id: 'S3',
  says: 'A token that is still usable is served, whatever happens to a refresh.',
  inState: ({ snapshot }) => {
    const { context } = snapshot;
    const { held, rejected } = context;
    if (!held || snapshot.matches('restoring') || snapshot.matches('signed-out')) return undefined;
    const isGood = isUsable(held, momentOf(context)) && !rejected.includes(held.fingerprint);
    return isGood && !snapshot.hasTag('serving') ? 'The held token is usable, and readers wait.' : undefined;
  },
  onStep: ({ before, after }) =>
    before.snapshot.context.held && !after.snapshot.context.held && !isSignedOut(after)
      ? 'The held token is gone.'
      : undefined,
};

const s4: TokenLaw = {
  id: 'S4',
  says: 'No reader gets a token that has expired in server time.',
  onStep: ({ effects }) =>
    effects.some((effect) => effect.is === 'noted' && effect.says === gotExpired)
      ? 'The token has expired.'
      : undefined,
};

const s5: TokenLaw = {
  id: 'S5',
  says: 'One mint runs at most, and no timer or request outlives the state that started it.',
  inState: ({ snapshot, timers, jobs }) => {
    const isMinting = snapshot.matches({ refreshing: 'minting' });
    const isPresenting = snapshot.matches({ 'outage-fallback': 'presenting-expired-token' });
    const running = jobs.filter(({ src }) => src === 'mint').length;
    if (running !== (isMinting || isPresenting ? 1 : 0)) return `${running} mints run here.`;
    const active = new Set(snapshot._nodes.map(({ id }) => id));
    const stray = timers.find(({ id }) => ![...active].some((node) => id.endsWith(`.${node}`)));
    return stray ? `The timer ${stray.id} is still armed.` : undefined;
  },
  onStep: ({ effects }) => (mintsStarted(effects) > 2 ? 'More than two requests went out at once.' : undefined),
};

const s7: TokenLaw = {
  id: 'S7',
  says: 'After sign-out nothing is held, armed, sent or said.',
  inState: ({ snapshot, timers, jobs }) => {
    if (!snapshot.matches('signed-out')) return undefined;
    if (snapshot.context.held) return 'A token is still held.';
    return timers.length + jobs.length > 0 ? 'A timer or a request is left.' : undefined;
  },
  onStep: ({ before, after, effects }) =>
    isSignedOut(before) && isSignedOut(after) && effects.some(({ is }) => is !== 'noted')
      ? 'Something was said or started.'
      : undefined,
};

const s8: TokenLaw = {
  id: 'S8',
  says: 'The held token only ever gets fresher, unless it has run out or was refused.',
  onStep: ({ before, after }) => {
    const { held, rejected } = before.snapshot.context;
    const next = after.snapshot.context.held;
    if (!held || !next || held.fingerprint === next.fingerprint || isSignedOut(before)) return undefined;
    // What was usable until now, by the clock as it is now.
    const moment = momentOf(after.snapshot.context);
    const counts = isUsable(held, moment) && !rejected.includes(held.fingerprint);
    return counts && freshnessOrder(next, held) < 0 ? 'A less fresh token took the place of a good one.' : undefined;
  },
};

/** The most tries that may fail within a minute (lifecycle.md §12). */
const mostTries = 7;

const s9: TokenLaw = {
  id: 'S9',
  says: 'In any minute at most 7 tries fail.',
  inState: (state) => {
    const failed = tries(state).length;
    return failed > mostTries ? `${failed} tries failed within a minute.` : undefined;
  },
};

const s10: TokenLaw = {
  id: 'S10',
  says: 'No request goes out without a network, or before a Retry-After is over.',
  onStep: ({ after, effects }) => {
    if (mintsStarted(effects) === 0) return undefined;
    if (!after.world.online) return 'A request went out without a network.';
    const left = silentMs(after);
    return left > 0 ? `A request went out ${left / 1_000} s before the Retry-After was over.` : undefined;
  },
};

const status: TokenLaw = {
  id: 'status',
  says: 'The status tells what is wrong, and that nothing is.',
  inState: ({ snapshot }) => {
    const { status: shown, outage, held } = snapshot.context;
    if (snapshot.matches('offline-retrying') && shown !== 'offline') return `Offline, and the status is ${shown}.`;
    // A peer's token ends it, also while the own request goes on for somebody who forced it (T23).
    const isAdopted = snapshot.matches({ 'outage-fallback': 'presenting-expired-token' }) && held?.from === 'peer';
    if (snapshot.matches('outage-fallback') && shown !== 'degraded' && !isAdopted)
      return `The origin fails, and the status is ${shown}.`;
    return outage.marked && shown === 'ok' ? 'In an outage, and the status is ok.' : undefined;
  },
  onStep: ({ after, effects }) => {
    const { status: shown, outage } = after.snapshot.context;
    const isNew = effects.some(
      (effect) => effect.is === 'emitted' && effect.event.type === 'mint.succeeded' && effect.event.held,
    );
    const isSettled = after.snapshot.matches('fresh') && !outage.marked;
    return isNew && isSettled && shown !== 'ok' ? `A mint succeeded, and the status is ${shown}.` : undefined;
  },
};

const l1: TokenLaw = {
  id: 'L1',
  says: 'Whoever waits is answered, whatever becomes of requests and network.',
  from: isWaiting,
  to: (state) => !isWaiting(state),
  by: (_, { id }) => id !== noBetter && (id === 'wait' || /^(mint|recall|confirmSession|turn): /.test(id)),
};

/** What happens where all is well: answers at once, else time passes; a network comes back, and somebody looks. */
function isHealthy({ jobs, world }: TokenState, id: string): boolean {
  if (jobs.length > 0) return healthyAnswers.includes(id);
  if (!world.online) return id === 'online';
  return world.presence === 'hidden' ? id === 'show' : id === 'wait';
}

const l2: TokenLaw = {
  id: 'L2',
  says: 'Where network and origin are healthy, every state but signed-out leads to fresh, without the user.',
  from: (state) => !isSignedOut(state),
  to: ({ snapshot }) => snapshot.matches('fresh'),
  by: (state, { id }) => isHealthy(state, id),
};

/** Every law that one machine shows. */
export const lifecycleLaws: readonly TokenLaw[] = [s1, s3, s4, s5, s7, s8, s9, s10, status, l1, l2];
