/** Who gets what, by the rules of the host (adapters/host/keys.ts), as far as they can be seen without one. */
import { isUnexpired } from '../../../../machines/held-token';
import { momentOf } from '../../../../machines/token/laws';
import type { Absorbed } from '../machine-system';
import {
  elapsedOf,
  isUnexpiredNow,
  look,
  type TokenHands,
  type TokenMachineEffect,
  type TokenState,
  type TokenWorld,
  type Waiting,
} from './world';

export const nobody: Waiting = { plain: false, forced: null };

export const isWaiting = ({ world: { waiting } }: TokenState): boolean => waiting.plain || waiting.forced !== null;

const served = 'the reader gets the held token';
/** What S4 looks for. */
export const gotExpired = 'the reader gets an expired token';

/** By what the machine last saw: that is what the host goes by. */
const isUnexpiredAsSeen = ({ snapshot: { context } }: TokenState): boolean =>
  context.held !== null && isUnexpired(context.held, momentOf(context));

type Settling = { plain: boolean; forced: number | null; readonly notes: string[] };

function serve(state: TokenState, settling: Settling): void {
  if (settling.plain) settling.notes.push(isUnexpiredNow(state) ? served : gotExpired);
  settling.plain = false;
}

function hear(state: TokenState, effect: TokenMachineEffect, settling: Settling): void {
  if (effect.is !== 'emitted') return;
  const { event } = effect;
  if (event.type === 'mint.succeeded') {
    if (settling.forced !== null && event.number > settling.forced) {
      settling.forced = null;
      settling.notes.push('who forced a refresh gets what this mint brought');
    }
    // The mint that they waited for is over: an expiring token is better than none (T8, R4.6).
    if (isUnexpiredAsSeen(state)) serve(state, settling);
  }
  if (event.type !== 'reads.failed') return;
  const error = `gets the error: ${event.failure.class}`;
  if (event.readers !== 'plain' && settling.forced !== null) {
    settling.forced = null;
    settling.notes.push(`who forced a refresh ${error}`);
  }
  if (event.readers === 'forced' || !settling.plain) return;
  // The held token is the last resort (R4.6).
  if (isUnexpiredAsSeen(state)) serve(state, settling);
  else settling.notes.push(`the reader ${error}`);
  settling.plain = false;
}

function settle(state: TokenState, effects: readonly TokenMachineEffect[]): Settling {
  const { snapshot, world } = state;
  const settling: Settling = { ...world.waiting, notes: [] };
  for (const effect of effects) hear(state, effect, settling);
  if (snapshot.hasTag('serving') && isUnexpiredAsSeen(state)) serve(state, settling);
  if (snapshot.matches('signed-out') && (settling.plain || settling.forced !== null)) {
    settling.notes.push('whoever waits gets null: signed out');
    Object.assign(settling, nobody);
  }
  return settling;
}

/** S9 counts what went out and failed. */
function count(state: TokenState, effects: readonly TokenMachineEffect[]): Partial<TokenWorld> {
  let { lastStart, failedStarts } = state.world;
  for (const effect of effects) {
    if (effect.is === 'started' && effect.job.src === 'mint') lastStart = elapsedOf(state);
    if (effect.is !== 'emitted') continue;
    if (effect.event.type === 'mint.failed') failedStarts = [...failedStarts, lastStart];
    if (effect.event.type === 'mint.succeeded' && effect.event.held) failedStarts = [];
  }
  return { lastStart, failedStarts };
}

/** What follows from what the machine said: readers are settled, and tries are counted. */
export function absorb(state: TokenState, effects: readonly TokenMachineEffect[]): Absorbed<TokenWorld> {
  const { world } = state;
  const { plain, forced, notes } = settle(state, effects);
  return { world: { ...world, ...count(state, effects), waiting: { plain, forced } }, notes };
}

/** A plain read: served at once where the machine serves, else it waits. */
export function read(hands: TokenHands): void {
  look(hands);
  const { snapshot, world } = hands.state;
  if (snapshot.hasTag('serving')) {
    hands.note(isUnexpiredNow(hands.state) ? served : gotExpired);
    if (snapshot.matches('stale')) hands.send({ type: 'token.read', forced: false, waiting: false });
    else hands.send({ type: 'token.used' });
    return;
  }
  hands.remember({ waiting: { ...world.waiting, plain: true } });
  hands.send({ type: 'token.read', forced: false, waiting: true });
}

/** A forced read: only a mint that starts after it will do. */
export function force(hands: TokenHands): void {
  look(hands);
  const { snapshot, world } = hands.state;
  hands.remember({ waiting: { ...world.waiting, forced: snapshot.context.mints } });
  hands.send({ type: 'token.read', forced: true, waiting: true });
}
