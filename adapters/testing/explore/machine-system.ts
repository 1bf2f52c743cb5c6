/** A machine as a system to be searched: its events, its timers and what its actors may answer are the moves. */
import type { AnyStateMachine, EventFromLogic, InputFrom } from 'xstate';
import {
  createStepper,
  type Job,
  type JobResult,
  type MachineEffect,
  type MachineState,
  type MachineStep,
  type Stepper,
  type Timer,
} from './stepper';
import type { Landing, Move, System } from './system';

/** A machine between two moves, with what is known beside it. */
export type Explored<M extends AnyStateMachine, World> = MachineState<M> & { readonly world: World };

/** Something worth telling that no machine said. */
export type Note = { readonly is: 'noted'; readonly says: string };
export type ExploredEffect<M extends AnyStateMachine> = MachineEffect<M> | Note;

/** What a choice may do; several things in a row make one move. */
export type Hands<M extends AnyStateMachine, World> = {
  readonly state: Explored<M, World>;
  send(event: EventFromLogic<M>): void;
  /** A timer goes off. */
  fire(timer: Timer): void;
  /** An invoked actor ends. */
  settle(job: Job, result: JobResult): void;
  /** Time passes; timers that fall due wait for `fire`. */
  pass(ms: number): void;
  remember(change: Partial<World>): void;
  note(says: string): void;
};

export type Choice<M extends AnyStateMachine, World> = Move & {
  does(hands: Hands<M, World>): void;
};

export type MachineSystemOptions<M extends AnyStateMachine, World> = {
  readonly input?: InputFrom<M>;
  /** Several ways to begin. Default: one, with `input`. */
  readonly starts?: readonly (Move & { readonly input: InputFrom<M>; readonly world: World })[];
  readonly choices: (state: Explored<M, World>) => readonly Choice<M, World>[];
  /** What follows in the world from what the machine said: after every signal. */
  readonly absorb?: (state: Explored<M, World>, effects: readonly MachineEffect<M>[]) => Absorbed<World>;
  readonly key?: (state: Explored<M, World>) => string;
  readonly describe?: (state: Explored<M, World>) => string;
};

export type Absorbed<World> = { readonly world: World; readonly notes: readonly string[] };

export type MachineMove<M extends AnyStateMachine, World> = Choice<M, World>;
export type MachineSystem<M extends AnyStateMachine, World> = System<
  Explored<M, World>,
  MachineMove<M, World>,
  ExploredEffect<M>
> & { readonly stepper: Stepper<M> };

/** `{ a: { b: 'c' } }` → `a.b.c`; regions side by side stand in brackets. */
export function pathOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([name, inner]) => {
    const rest = pathOf(inner);
    return rest === '' || rest === '{}' ? name : `${name}.${rest}`;
  });
  return parts.length === 1 ? (parts[0] ?? '') : `{${parts.join(', ')}}`;
}

const leftOf = ({ timers, at }: Pick<MachineState<AnyStateMachine>, 'timers' | 'at'>): string =>
  timers
    .map(({ id, due }) => `${id}:${due - at}`)
    .sort()
    .join(' ');

/** Everything but instants: value, context, running actors, and how long armed timers still have. */
export function defaultKey<M extends AnyStateMachine, World>(state: Explored<M, World>): string {
  const { snapshot, jobs, world } = state;
  const { value, context, status } = snapshot as { value: unknown; context: unknown; status: string };
  return JSON.stringify([value, context, status, leftOf(state), jobs.map(({ id }) => id).sort(), world]);
}

/** XState catches what a context factory throws, and goes on with a snapshot that takes no events. */
function checkActive<M extends AnyStateMachine>({ state }: MachineStep<M>): void {
  const { status, error } = state.snapshot as { status: string; error?: unknown };
  if (status === 'error') {
    throw error instanceof Error ? error : new Error(`The machine has come to an error: ${String(error)}`);
  }
}

export function machineSystem<M extends AnyStateMachine, World>(
  machine: M,
  options: MachineSystemOptions<M, World>,
): MachineSystem<M, World> {
  const {
    choices,
    absorb,
    key = defaultKey,
    describe = ({ snapshot }) => pathOf((snapshot as { value: unknown }).value),
  } = options;
  const begins = { id: 'start', says: 'it begins', input: options.input as InputFrom<M>, world: undefined as World };
  const starts = options.starts ?? [begins];
  const stepper = createStepper(machine, starts[0]?.input);

  function follow(from: Explored<M, World>): {
    readonly hands: Hands<M, World>;
    land(): Landing<Explored<M, World>, ExploredEffect<M>>;
  } {
    let state = from;
    const effects: ExploredEffect<M>[] = [];
    const note = (says: string): void => {
      effects.push({ is: 'noted', says });
    };
    const arrive = (step: MachineStep<M>): void => {
      checkActive(step);
      state = { ...step.state, world: state.world };
      effects.push(...step.effects);
      if (!absorb) return;
      const { world, notes } = absorb(state, step.effects);
      if (world !== state.world) state = { ...state, world };
      for (const says of notes) note(says);
    };
    return {
      hands: {
        get state() {
          return state;
        },
        send: (event) => arrive(stepper.send(state, event)),
        fire: (timer) => arrive(stepper.fire(state, timer)),
        settle: (job, result) => arrive(stepper.settle(state, job, result)),
        pass: (ms) => {
          state = { ...state, at: state.at + ms };
        },
        remember: (change) => {
          state = { ...state, world: { ...state.world, ...change } };
        },
        note,
      },
      land: () => ({ state, effects }),
    };
  }

  return {
    name: machine.id,
    stepper,
    starts: starts.map(({ id, says }) => ({ id, says, does: () => {} })),
    enter: ({ id }) => {
      const start = starts.find((one) => one.id === id) ?? begins;
      const step = stepper.begin(start.input);
      checkActive(step);
      const state = { ...step.state, world: start.world };
      const { world, notes } = absorb?.(state, step.effects) ?? { world: start.world, notes: [] };
      return {
        state: { ...state, world },
        effects: [...step.effects, ...notes.map((says): Note => ({ is: 'noted', says }))],
      };
    },
    moves: choices,
    take: (state, move) => {
      const { hands, land } = follow(state);
      move.does(hands);
      return land();
    },
    key,
    describe,
    tell: (effect) => (effect.is === 'noted' ? effect.says : undefined),
  };
}
