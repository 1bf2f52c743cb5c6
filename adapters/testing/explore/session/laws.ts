/** The invariants of lifecycle.md §12 and §8 that a session machine shows. */
import { keyFromId } from '../../../../machines/key';
import type { ExploredEffect } from '../machine-system';
import type { Invariant } from '../system';
import type { SessionChoice, SessionMachine, SessionState } from './state';

export type SessionLaw = Invariant<SessionState, SessionChoice, ExploredEffect<SessionMachine>>;

const isSignedOut = ({ snapshot }: SessionState): boolean => snapshot.hasTag('signed-out');

const endings = /signs out|signed out|has proof|every store says/;

const told = (effects: readonly ExploredEffect<SessionMachine>[], type: string): number =>
  effects.filter((effect) => effect.is === 'emitted' && effect.event.type === type).length;

const s1: SessionLaw = {
  id: 'S1',
  says: 'Only a sign-out, proof, or stores that all say "nobody" lead to signed-out.',
  onStep: ({ before, move, after }) =>
    isSignedOut(after) && !isSignedOut(before) && !endings.test(move.id) && !before.snapshot.context.nobody
      ? `Signed out, because ${move.says}.`
      : undefined,
};

const s7: SessionLaw = {
  id: 'S7',
  says: 'Signed out, no key has a machine, and nothing runs.',
  inState: (state) =>
    isSignedOut(state) && state.jobs.length + state.timers.length + Object.keys(state.snapshot.context.keys).length > 0
      ? 'Something is left of the session.'
      : undefined,
};

const keys: SessionLaw = {
  id: 'R7.6',
  says: 'Each key of the session has one machine, and no other has one.',
  inState: ({ snapshot, jobs }) => {
    const running = jobs.filter(({ src }) => src === 'token').map(({ id }) => id);
    const { keys: open, session } = snapshot.context;
    const known = Object.keys(open);
    const foreign = known.find((id) => keyFromId(id)?.sessionId !== session?.id);
    if (foreign !== undefined) return `${foreign} is the key of another session.`;
    return running.sort().join() === known.sort().join()
      ? undefined
      : `Running: ${running.join()}; known: ${known.join()}.`;
  },
};

const epochs: SessionLaw = {
  id: 'R8.15',
  says: 'The epoch never goes down, and a sign-in, a sign-out and a switch raise it.',
  onStep: ({ before, after, effects }) => {
    const [was, is] = [before.snapshot.context.epoch, after.snapshot.context.epoch];
    if (is < was) return `The epoch went from ${was} to ${is}.`;
    const isNew =
      told(effects, 'session.signed-out') > 0 ||
      told(effects, 'session.switched') > 0 ||
      effects.some(
        (effect) => effect.is === 'emitted' && effect.event.type === 'session.signed-in' && !effect.event.restored,
      );
    return isNew && is === was ? 'Somebody else is signed in now, under the same epoch.' : undefined;
  },
};

const t27: SessionLaw = {
  id: 'T27',
  says: 'A sign-out is told once.',
  onStep: ({ before, after, effects }) => {
    const times = told(effects, 'session.signed-out');
    if (times > 1) return `It was told ${times} times.`;
    return before.snapshot.hasTag('signed-in') && isSignedOut(after) && times === 0 ? 'Nobody was told.' : undefined;
  },
};

export const sessionLaws: readonly SessionLaw[] = [s1, s7, keys, epochs, t27];
