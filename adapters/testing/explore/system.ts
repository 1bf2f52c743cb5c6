/** What a search walks, and what has to hold on the way. Nothing here knows XState. */

/** One thing that may happen next. */
export type Move = {
  /** The same thing has the same id in every state: replay files name moves by it. */
  readonly id: string;
  /** The same for people: `the mint fails: 503`. */
  readonly says: string;
};

/** Where a move led. */
export type Landing<State, Effect> = {
  readonly state: State;
  /** What was said, started and stopped on the way, in order. */
  readonly effects: readonly Effect[];
};

/** Anything that has states and moves between them: one machine, or several with a network in between. */
export type System<State, M extends Move, Effect> = {
  /** Goes into replay files. */
  readonly name: string;
  /** How it may begin; each start is entered like a move. */
  readonly starts: readonly M[];
  enter(start: M): Landing<State, Effect>;
  moves(state: State): readonly M[];
  take(state: State, move: M): Landing<State, Effect>;
  /** Two states with one key are taken for the same. Whatever decides the future belongs in it. */
  key(state: State): string;
  /** A state in a few words. */
  describe(state: State): string;
  /** An effect in a few words, where people want to know of it. */
  tell(effect: Effect): string | undefined;
};

export type Step<State, M extends Move, Effect> = {
  readonly before: State;
  readonly move: M;
  readonly after: State;
  readonly effects: readonly Effect[];
};

/** What holds in every state and on every step. Says what is wrong, or nothing. */
export type SafetyLaw<State, M extends Move, Effect> = {
  readonly id: string;
  /** The law in one sentence. */
  readonly says: string;
  inState?(state: State): string | undefined;
  onStep?(step: Step<State, M, Effect>): string | undefined;
};

/** From each state `from`, whichever of the moves `by` are made, a state `to` is reached: nothing goes round for ever. */
export type ProgressLaw<State, M extends Move> = {
  readonly id: string;
  readonly says: string;
  from(state: State): boolean;
  to(state: State): boolean;
  by(state: State, move: M): boolean;
};

export type Invariant<State, M extends Move, Effect> = SafetyLaw<State, M, Effect> | ProgressLaw<State, M>;

export const isProgressLaw = <State, M extends Move, Effect>(
  law: Invariant<State, M, Effect>,
): law is ProgressLaw<State, M> => 'from' in law;

/** What a step breaks of a law: the step itself first, then the state that it led to. */
export function complaintOf<State, M extends Move, Effect>(
  law: SafetyLaw<State, M, Effect>,
  before: State | null,
  move: M,
  { state: after, effects }: Landing<State, Effect>,
): string | undefined {
  const aboutStep = before === null ? undefined : law.onStep?.({ before, move, after, effects });
  return aboutStep ?? law.inState?.(after);
}

/** Holds for every system without being asked for. */
export const runsLaw = { id: 'runs', says: 'Nothing that happens makes it throw.' } as const;
