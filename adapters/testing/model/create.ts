/** Paths through what a user's app may live through, to be driven along in any test runner. */
import type { SnapshotFrom } from 'xstate';
import { type StatePath, TestModel } from 'xstate/graph';
import { checkKnown, checkObject, checkOneOf } from '../../../machines/check';
import { ConfigurationError } from '../../../machines/errors';
import {
  type ModelEvent,
  type ModelEventType,
  type ModelStateName,
  modelEvents,
  modelMachine,
  modelStates,
} from './machine';
import { transitionPaths } from './paths';

type Snapshot = SnapshotFrom<typeof modelMachine>;
type EventOf<Type extends ModelEventType> = Extract<ModelEvent, { readonly type: Type }>;

/** Makes that happen to the app. */
export type EventExecutors = {
  readonly [Type in ModelEventType]?: (event: EventOf<Type>) => void | Promise<void>;
};
/** Looks whether the app is in that state; throws if not. `'*'` looks at those that have no check of their own. */
export type StateChecks = {
  readonly [Name in ModelStateName | '*']?: (state: ModelStateName) => void | Promise<void>;
};

export type LifecycleModelOptions = {
  readonly events?: EventExecutors;
  readonly states?: StateChecks;
  /** How an origin may fail. Default: status 503. */
  readonly statuses?: readonly number[];
  /** Events that cannot happen to this app; no path has them. */
  readonly without?: readonly ModelEventType[];
};

export type PathOptions = {
  /** `transitions` (default): each transition is taken by some path. `states`: each state is reached; fewer and shorter. */
  readonly cover?: 'transitions' | 'states';
};

export type ModelPath = {
  /** `network.lost, time.passes → offline-expired` */
  readonly description: string;
  readonly events: readonly ModelEvent[];
  /** The states on the way, the first one and the last one included. */
  readonly states: readonly ModelStateName[];
  /**
   * Makes each event happen, and looks at each state on the way.
   *
   * @param cases executors and checks for this run; they go before those of the model
   * @throws ConfigurationError before anything happens, where an event has no executor or a state no check
   */
  test(cases?: { readonly events?: EventExecutors; readonly states?: StateChecks }): Promise<void>;
};

export type LifecycleModel = {
  getPaths(options?: PathOptions): readonly ModelPath[];
  /** What each state means, in a few words. */
  readonly states: Readonly<Record<ModelStateName, string>>;
};

const nameOf = ({ value }: Snapshot): ModelStateName => value as ModelStateName;
const sentence = (event: ModelEvent): string =>
  event.type === 'origin.fails' ? `${event.type} (${event.status})` : event.type;

type Path = StatePath<Snapshot, ModelEvent>;
/** The first step of a path is how it begins. */
const eventsOf = ({ steps }: Path): readonly ModelEvent[] =>
  steps.map(({ event }) => event).filter(({ type }) => modelEvents.includes(type));

function checkCases(
  where: string,
  { events = {}, states = {} }: Pick<LifecycleModelOptions, 'events' | 'states'>,
): void {
  checkObject(`${where}.events`, events);
  checkKnown(`${where}.events`, events, modelEvents);
  checkObject(`${where}.states`, states);
  checkKnown(`${where}.states`, states, [...modelStates, '*']);
}

/** XState leaves out what has no executor, and the path passes. */
function missing(path: ModelPath, events: EventExecutors, states: StateChecks): void {
  const event = path.events.find(({ type }) => !events[type]);
  if (event)
    throw new ConfigurationError('path.test.events', `has no executor for "${event.type}" (path: ${path.description})`);
  const state = path.states.find((name) => !states[name] && !states['*']);
  if (state)
    throw new ConfigurationError(
      'path.test.states',
      `has no check for "${state}", and none for "*" (path: ${path.description})`,
    );
}

/**
 * A model of what an app with a token lives through: networks that go away, origins that fail, sessions that end. Each path
 * says what happens and which states it leads through; your executors make it happen, your checks look at the app.
 *
 * @param options.events one executor per event; may also be given to each path
 * @param options.states one check per state; may also be given to each path
 * @throws ConfigurationError for an unknown event or state
 * @example
 * for (const path of createLifecycleModel({ without: ['page.hidden'] }).getPaths()) {
 *   it(path.description, () => path.test({ events: { 'network.lost': () => page.context().setOffline(true), … }, states }));
 * }
 */
export function createLifecycleModel(options: LifecycleModelOptions = {}): LifecycleModel {
  const { statuses = [503], without = [], ...defaults } = options;
  checkObject('createLifecycleModel', options);
  checkKnown('createLifecycleModel', options, ['events', 'states', 'statuses', 'without']);
  checkCases('createLifecycleModel', defaults);
  for (const event of without) checkOneOf('createLifecycleModel.without', event, modelEvents);

  const events = modelEvents
    .filter((type) => !without.includes(type))
    .flatMap((type): ModelEvent[] =>
      type === 'origin.fails' ? statuses.map((status) => ({ type, status })) : [{ type }],
    );
  const model = new TestModel<Snapshot, ModelEvent, unknown>(modelMachine, {
    // What means nothing in a state does not happen there: `offline` again while offline.
    events: (state) => events.filter((event) => state.can(event)),
    stateMatcher: (state, name) => name === nameOf(state),
    serializeState: ({ value, context }) => `${String(value)} ${context.trouble}`,
  });

  function modelPath(path: ReturnType<typeof model.getPaths>[number]): ModelPath {
    const happened = eventsOf(path);
    const last = nameOf(path.state);
    const made: ModelPath = {
      description: happened.length === 0 ? last : `${happened.map(sentence).join(', ')} → ${last}`,
      events: happened,
      states: path.steps.map(({ state }) => nameOf(state)),
      test: async (given = {}) => {
        checkCases('path.test', given);
        const executors: EventExecutors = { ...defaults.events, ...given.events };
        const checks: StateChecks = { ...defaults.states, ...given.states };
        missing(made, executors, checks);
        const look = async (name: ModelStateName): Promise<void> => {
          await (checks[name] ?? checks['*'])?.(name);
        };
        await path.test({
          events: Object.fromEntries(
            modelEvents.map((type) => [
              type,
              async ({ event }: { readonly event: ModelEvent }) => {
                await (executors[type] as ((event: ModelEvent) => void | Promise<void>) | undefined)?.(event);
              },
            ]),
          ),
          states: Object.fromEntries(modelStates.map((name) => [name, () => look(name)])),
        });
      },
    };
    return made;
  }

  return {
    states: Object.fromEntries(
      modelStates.map((name) => [name, modelMachine.states[name]?.description ?? '']),
    ) as Record<ModelStateName, string>,
    getPaths: ({ cover = 'transitions' } = {}) => {
      checkOneOf('getPaths.cover', cover, ['transitions', 'states'] as const);
      const found = cover === 'states' ? model.getShortestPaths() : model.getPaths(transitionPaths);
      return found.map(modelPath);
    },
  };
}
