/** A violation once more: in a test that stays when the bug is gone. */
import { ConfigurationError } from '../../../machines/errors';
import {
  complaintOf,
  type Invariant,
  isProgressLaw,
  type Move,
  type ProgressLaw,
  runsLaw,
  type SafetyLaw,
  type System,
} from './system';
import { MoveGoneError, type ReplayFile, retrace, traceOf, type Violation } from './trace';

/** What `replay` needs of a search. */
export type Replayable<State, M extends Move, Effect> = {
  readonly system: System<State, M, Effect>;
  readonly invariants: readonly Invariant<State, M, Effect>[];
};

/**
 * Makes the moves of a replay file, and says whether its law is still broken.
 *
 * @returns the violation, or `null` where the law holds on this way now
 * @throws ConfigurationError where the file is of another system, or names a law that is not among the invariants
 * @throws Error where a move is not possible any more, with those that are
 */
export function replaySystem<State, M extends Move, Effect>(
  file: ReplayFile,
  { system, invariants }: Replayable<State, M, Effect>,
): Violation | null {
  if (file.v !== 1) throw new ConfigurationError('replay.file', `has an unknown version: ${String(file.v)}`);
  if (file.system !== system.name) {
    throw new ConfigurationError('replay.file', `is of the system "${file.system}", not of "${system.name}"`);
  }
  const law = [runsLaw, ...invariants].find(({ id }) => id === file.law);
  if (!law) throw new ConfigurationError('replay.file', `names a law that is not among the invariants: "${file.law}"`);
  return isProgressLaw(law) ? replayProgress(file, system, law) : replaySafety(file, system, law);
}

function replaySafety<State, M extends Move, Effect>(
  { moves, complaint: known }: ReplayFile,
  system: System<State, M, Effect>,
  law: SafetyLaw<State, M, Effect>,
): Violation | null {
  let made = 0;
  try {
    for (const { before, move, landing } of retrace(system, moves)) {
      made += 1;
      const complaint = complaintOf(law, before, move, landing);
      if (complaint !== undefined) {
        return traceOf(system, { law, complaint, moves: moves.slice(0, made), loopFrom: null });
      }
    }
  } catch (error) {
    if (law.id !== runsLaw.id || error instanceof MoveGoneError) throw error;
    return traceOf(system, { law, complaint: known, moves: moves.slice(0, made + 1), loopFrom: null });
  }
  return null;
}

/** It still goes round (or stands still), and still does not come to where it should. */
function replayProgress<State, M extends Move, Effect>(
  { moves, loopFrom, complaint }: ReplayFile,
  system: System<State, M, Effect>,
  law: ProgressLaw<State, M>,
): Violation | null {
  const states = [...retrace(system, moves)].map(({ landing }) => landing.state);
  const last = states.at(-1);
  if (last === undefined) return null;
  const first = loopFrom === null ? states.length - 1 : loopFrom - 1;
  const start = states[first];
  const goesRound = loopFrom !== null && start !== undefined && system.key(start) === system.key(last);
  const stands = loopFrom === null && !system.moves(last).some((move) => law.by(last, move));
  const arrives = states.slice(first).some((state) => law.to(state));
  return arrives || !(goesRound || stands) ? null : traceOf(system, { law, complaint, moves, loopFrom });
}
