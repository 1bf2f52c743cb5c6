/**
 * One machine, one signal at a time, without running anything: timers and invoked actors are two small tables beside the
 * snapshot.
 *
 * The machine's own pure `transition(snapshot, event, scope)` is called. XState's `transition()` does the same, but makes
 * an actor for every call (a third of the speed), and does not tell which transitions were taken.
 */
import {
  type AnyStateMachine,
  type AnyTransitionDefinition,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

/** An armed timer. */
export type Timer = {
  readonly id: string;
  /** On the scale of `MachineState.at`. */
  readonly due: number;
  /** What the machine is sent then. */
  readonly event: { readonly type: string };
};

/** A running actor. */
export type Job = { readonly id: string; readonly src: string; readonly input: unknown };

/** A machine between two signals. */
export type MachineState<M extends AnyStateMachine> = {
  readonly snapshot: SnapshotFrom<M>;
  readonly timers: readonly Timer[];
  readonly jobs: readonly Job[];
  /** Milliseconds since it began. */
  readonly at: number;
};

export type MachineEffect<M extends AnyStateMachine> =
  | { readonly is: 'emitted'; readonly event: EmittedFrom<M> }
  | { readonly is: 'started'; readonly job: Job }
  | { readonly is: 'stopped'; readonly id: string }
  /** For another actor. */
  | { readonly is: 'sent'; readonly to: string; readonly event: { readonly type: string } }
  /** An action that is none of XState's own. */
  | { readonly is: 'action'; readonly name: string; readonly params: unknown };

export type MachineStep<M extends AnyStateMachine> = {
  readonly state: MachineState<M>;
  readonly effects: readonly MachineEffect<M>[];
};

/** How a job ended. */
export type JobResult = { readonly output: unknown } | { readonly error: unknown };

export type Stepper<M extends AnyStateMachine> = {
  readonly machine: M;
  begin(input: InputFrom<M> | undefined): MachineStep<M>;
  send(state: MachineState<M>, event: EventFromLogic<M>): MachineStep<M>;
  fire(state: MachineState<M>, timer: Timer): MachineStep<M>;
  settle(state: MachineState<M>, job: Job, result: JobResult): MachineStep<M>;
  /** Every transition that was taken so far. */
  readonly walked: ReadonlySet<AnyTransitionDefinition>;
};

type Executed = { readonly type: string; readonly params: unknown };
type Scope = Parameters<AnyStateMachine['transition']>[2];
type Tables = { timers: Timer[]; jobs: Job[] };

type Raised = { readonly id: string; readonly delay?: number; readonly event: { readonly type: string } };
type Sent = {
  readonly to?: { readonly id?: string } | string;
  readonly targetId?: string;
  readonly event: { readonly type: string };
};

function apply<M extends AnyStateMachine>(
  tables: Tables,
  at: number,
  { type, params }: Executed,
): MachineEffect<M> | null {
  switch (type) {
    case 'xstate.raise': {
      const { id, delay, event } = params as Raised;
      // Without a delay it has been handled already.
      if (delay === undefined) return null;
      tables.timers = [...tables.timers.filter((timer) => timer.id !== id), { id, due: at + delay, event }];
      return null;
    }
    case 'xstate.cancel': {
      const { sendId } = params as { readonly sendId: string };
      tables.timers = tables.timers.filter((timer) => timer.id !== sendId);
      return null;
    }
    case 'xstate.spawnChild': {
      const { id, src, input } = params as Job;
      const job = { id, src: String(src), input };
      tables.jobs = [...tables.jobs.filter((one) => one.id !== id), job];
      return { is: 'started', job };
    }
    case 'xstate.stopChild': {
      const { id } = params as { readonly id: string };
      if (!tables.jobs.some((one) => one.id === id)) return null;
      tables.jobs = tables.jobs.filter((one) => one.id !== id);
      return { is: 'stopped', id };
    }
    case 'xstate.emit':
      return { is: 'emitted', event: (params as { readonly event: EmittedFrom<M> }).event };
    case 'xstate.sendTo': {
      const { to, targetId, event } = params as Sent;
      return { is: 'sent', to: targetId ?? (typeof to === 'object' ? (to.id ?? '') : String(to)), event };
    }
    default:
      return { is: 'action', name: type, params };
  }
}

/** @param input what the machine needs to be made at all; `begin` may be given others */
export function createStepper<M extends AnyStateMachine>(machine: M, input: InputFrom<M> | undefined): Stepper<M> {
  const walked = new Set<AnyTransitionDefinition>();
  let executed: Executed[] = [];
  const actor = createActor(machine, {
    ...(input !== undefined && { input }),
    inspect: (event) => {
      if (event.type === '@xstate.microstep') for (const one of event._transitions) walked.add(one);
    },
  });
  const nothing = (): void => {};
  /** A scope that runs nothing and writes down what it is told to. */
  const scope = {
    self: actor,
    system: actor.system,
    id: actor.id,
    sessionId: actor.sessionId,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action: Executed) => executed.push(action),
  } as unknown as Scope;

  function land(snapshot: SnapshotFrom<M>, before: Tables, at: number): MachineStep<M> {
    const tables = { timers: before.timers, jobs: before.jobs };
    const effects: MachineEffect<M>[] = [];
    for (const action of executed) {
      const effect = apply<M>(tables, at, action);
      if (effect) effects.push(effect);
    }
    executed = [];
    return { state: { snapshot, timers: tables.timers, jobs: tables.jobs, at }, effects };
  }

  function take({ snapshot, timers, jobs, at }: MachineState<M>, event: { readonly type: string }): MachineStep<M> {
    executed = [];
    const next = machine.transition(snapshot, event, scope) as SnapshotFrom<M>;
    return land(next, { timers: [...timers], jobs: [...jobs] }, at);
  }

  return {
    machine,
    walked,
    begin: (given) => {
      executed = [];
      return land(machine.getInitialSnapshot(scope, given) as SnapshotFrom<M>, { timers: [], jobs: [] }, 0);
    },
    send: (state, event) => take(state, event as { readonly type: string }),
    fire: (state, timer) => take({ ...state, timers: state.timers.filter(({ id }) => id !== timer.id) }, timer.event),
    settle: (state, { id }, result) => {
      const left = { ...state, jobs: state.jobs.filter((job) => job.id !== id) };
      const event = 'output' in result ? `xstate.done.actor.${id}` : `xstate.error.actor.${id}`;
      const done: { readonly type: string } & JobResult = { type: event, ...{ actorId: id }, ...result };
      return take(left, done);
    },
  };
}
