/** How a violation is told: in steps that need no knowledge of state machines, and as a file that replays it. */
import type { Invariant, Landing, Move, System } from './system';

/** A violation as JSON. `replay` makes the same moves again. */
export type ReplayFile = {
  readonly v: 1;
  readonly system: string;
  readonly law: string;
  readonly complaint: string;
  /** Ids of moves; the first one is how it begins. */
  readonly moves: readonly string[];
  /** For what never comes to an end: how many moves are made before it goes round. */
  readonly loopFrom: number | null;
};

export type TraceStep = {
  /** What happened. */
  readonly says: string;
  /** What was to be seen of it: who got what. */
  readonly notes: readonly string[];
  /** Where that led. */
  readonly leadsTo: string;
};

export type Violation = {
  readonly law: string;
  /** The law in one sentence. */
  readonly says: string;
  /** How it is broken. */
  readonly complaint: string;
  readonly steps: readonly TraceStep[];
  readonly file: ReplayFile;
  /** All of it, for people. */
  toString(): string;
};

export type Broken<State, M extends Move, Effect> = {
  readonly law: Pick<Invariant<State, M, Effect>, 'id' | 'says'>;
  readonly complaint: string;
  readonly moves: readonly string[];
  readonly loopFrom: number | null;
};

/** A trace names a move that the system does not offer there (any more). */
export class MoveGoneError extends Error {
  override readonly name = 'MoveGoneError';
}

/** Goes a way again, move by move. @throws MoveGoneError where a move is not possible any more */
export function* retrace<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  ids: readonly string[],
): Generator<{ readonly before: State | null; readonly move: M; readonly landing: Landing<State, Effect> }> {
  let before: State | null = null;
  for (const [place, id] of ids.entries()) {
    const here: State | null = before;
    const possible: readonly M[] = here === null ? system.starts : system.moves(here);
    const move = possible.find((one) => one.id === id);
    if (!move) {
      const others = possible.map((one) => one.id).join(', ');
      throw new MoveGoneError(`Step ${place} of the trace, "${id}", is not possible. What is: ${others || 'nothing'}.`);
    }
    const landing: Landing<State, Effect> = here === null ? system.enter(move) : system.take(here, move);
    yield { before: here, move, landing };
    before = landing.state;
  }
}

const numbered = ({ says, notes, leadsTo }: TraceStep, place: number): string =>
  [`${String(place).padStart(3)}. ${says}  →  ${leadsTo}`, ...notes.map((note) => `       ${note}`)].join('\n');

function stepsOf<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  moves: readonly string[],
): TraceStep[] {
  const steps: TraceStep[] = [];
  try {
    for (const { move, landing } of retrace(system, moves)) {
      const notes = landing.effects.map((effect) => system.tell(effect)).filter((told) => told !== undefined);
      steps.push({ says: move.says, notes, leadsTo: system.describe(landing.state) });
    }
  } catch (error) {
    if (error instanceof MoveGoneError) throw error;
    // The last move is the one that made it throw.
    steps.push({ says: moves[steps.length] ?? '', notes: [], leadsTo: 'it throws' });
  }
  return steps;
}

/** The trace of a violation: shortest, since the search is breadth first. */
export function traceOf<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  { law, complaint, moves, loopFrom }: Broken<State, M, Effect>,
): Violation {
  const steps = stepsOf(system, moves);
  const after = moves.length - 1;
  return {
    law: law.id,
    says: law.says,
    complaint,
    steps,
    file: { v: 1, system: system.name, law: law.id, complaint, moves, loopFrom },
    toString: () =>
      [
        `${law.id} is broken after ${after} ${after === 1 ? 'step' : 'steps'}: ${law.says}`,
        ...steps.flatMap((step, place) => [
          ...(loopFrom !== null && place === loopFrom ? ['     — from here it goes round —'] : []),
          numbered(step, place),
        ]),
        complaint,
      ].join('\n'),
  };
}
