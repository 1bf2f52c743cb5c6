/** The exhaustive search of one machine. */
import type { AnyStateMachine, EventFromLogic, InputFrom } from 'xstate';
import type { ChartTransition } from '../../../machines/chart';
import { neverWalked, transitionLine } from './coverage';
import {
  type Choice,
  type Explored,
  type ExploredEffect,
  type MachineMove,
  type MachineSystem,
  type MachineSystemOptions,
  machineSystem,
} from './machine-system';
import { replaySystem } from './replay';
import { type SearchOptions, type SearchReport, search } from './search';
import type { Job, JobResult } from './stepper';
import type { Invariant } from './system';
import type { ReplayFile, Violation } from './trace';

/** What an invoked actor may come to. */
export type JobOutcome = { readonly says: string } & JobResult;

export type ExploreOptions<M extends AnyStateMachine, World = undefined> = Omit<
  MachineSystemOptions<M, World>,
  'choices'
> &
  Omit<SearchOptions<Explored<M, World>, MachineMove<M, World>, ExploredEffect<M>>, 'invariants'> & {
    /** What may be sent in any state; or, state by state, everything that may happen, timers and actors included. */
    readonly events: readonly EventFromLogic<M>[] | ((state: Explored<M, World>) => readonly Choice<M, World>[]);
    readonly invariants: readonly Invariant<Explored<M, World>, MachineMove<M, World>, ExploredEffect<M>>[];
    /** Where `events` is a list: what an invoked actor may come to. Default: it never ends. */
    readonly outcomes?: (job: Job) => readonly JobOutcome[];
  };

export type ExploreReport = SearchReport & {
  /** Declared transitions that were never taken. */
  readonly neverWalked: readonly ChartTransition[];
  /** All of it, for people. */
  toString(): string;
};

const labelOf = (event: { readonly type: string }): string => {
  const { type, ...rest } = event;
  return Object.keys(rest).length === 0 ? type : `${type} ${JSON.stringify(rest)}`;
};

/** Every event at any time; the timer that is due first; each actor with each outcome. */
function plainChoices<M extends AnyStateMachine, World>(
  events: readonly EventFromLogic<M>[],
  outcomes: (job: Job) => readonly JobOutcome[],
): (state: Explored<M, World>) => readonly Choice<M, World>[] {
  const sends = events.map((event): Choice<M, World> => {
    const label = labelOf(event as { readonly type: string });
    return { id: label, says: label, does: ({ send }) => send(event) };
  });
  return ({ timers, jobs, at }) => {
    const first = Math.min(...timers.map(({ due }) => due));
    const fires = timers
      .filter(({ due }) => due === first)
      .map((timer): Choice<M, World> => {
        const name = timer.id.replace(/^xstate\.after\./, 'after ');
        const waits = Math.max(0, timer.due - at);
        return {
          id: timer.id,
          says: `${waits} ms pass: ${name}`,
          does: ({ pass, fire }) => {
            pass(waits);
            fire(timer);
          },
        };
      });
    const ends = jobs.flatMap((job) =>
      outcomes(job).map(
        ({ says, ...result }): Choice<M, World> => ({
          id: `${job.id}: ${says}`,
          says: `${job.id}: ${says}`,
          does: ({ settle }) => settle(job, result as JobResult),
        }),
      ),
    );
    return [...sends, ...fires, ...ends];
  };
}

function systemOf<M extends AnyStateMachine, World>(
  machine: M,
  { events, outcomes = () => [], ...options }: ExploreOptions<M, World>,
): MachineSystem<M, World> {
  const choices = typeof events === 'function' ? events : plainChoices<M, World>(events, outcomes);
  return machineSystem(machine, { ...options, choices });
}

/**
 * Walks every state that a machine can come to, breadth first and without running anything, and checks what must hold in
 * each. Stops at the first violation and tells the shortest way to it.
 *
 * @param machine a machine as XState makes it; its guards and actions must be pure
 * @param options.events what may be sent; or a function that lists everything that may happen in a state
 * @param options.invariants what has to hold in each state, on each step, or in the end
 * @param options.limit states after which it gives up; default 1,000,000

 * @example
 * const report = explore(door, { events: [{ type: 'open' }, { type: 'lock' }], invariants: [neverOpenAndLocked] });
 * console.log(report.violation ?? `${report.states} states, all well`);
 */
export function explore<M extends AnyStateMachine, World = undefined>(
  machine: M,
  options: ExploreOptions<M, World>,
): ExploreReport {
  const system = systemOf(machine, options);
  const found = search(system, options);
  const missed = neverWalked(machine, system.stepper.walked);
  return { ...found, neverWalked: missed, toString: () => inWords(found, missed) };
}

/**
 * Makes the moves of a replay file with a machine, and says whether the law is still broken.
 *
 * @param options the same as for `explore`
 * @returns the violation, or `null` where the law holds on this way now
 * @throws ConfigurationError where the file is of another machine or names an unknown law
 * @throws Error where a move is not possible any more
 * @example expect(replay(JSON.parse(file), machine, options)).toBeNull();
 */
export function replay<M extends AnyStateMachine, World = undefined>(
  file: ReplayFile,
  machine: M,
  options: ExploreOptions<M, World>,
): Violation | null {
  return replaySystem(file, { system: systemOf(machine, options), invariants: options.invariants });
}

/** A report for people. */
export function inWords(report: SearchReport, missed: readonly ChartTransition[] = []): string {
  const { states, transitions, depth, exhaustive, seconds, statesPerSecond, violation, longestWays } = report;
  const count = (value: number): string => value.toLocaleString('en');
  return [
    `${count(states)} states, ${count(transitions)} transitions, depth ${depth}, ${seconds.toFixed(1)} s, ${count(statesPerSecond)} states/s`,
    violation === null
      ? exhaustive
        ? 'Exhaustive: every invariant holds.'
        : 'Stopped at the limit: every invariant holds as far as that.'
      : String(violation),
    ...Object.entries(longestWays).map(([law, moves]) => `${law}: at most ${moves} moves`),
    ...(missed.length > 0 ? ['Never taken:', ...missed.map((one) => `  ${transitionLine(one)}`)] : []),
  ].join('\n');
}

export type { InputFrom };
