/**
 * A definition → a chart. Reads both shapes that there are: the `config` that a machine was made from (what
 * `@statelyai/inspect` sends), and the `definition` that a machine makes of it (what `JSON.stringify(machine)` gives).
 */
import { type ChartEdge, type ChartModel, type ChartNode, isWithin, type NodeType } from './model';
import { actionNames, guardName, sayEvent } from './names';
import { entriesOf, idsOf, isRecord, listOf, type Plain, plain, textOf, textsOf } from './plain';

/** A state as found, with what is needed to resolve targets. */
type Found = { readonly path: readonly string[]; readonly stateId: string; readonly config: Plain };

const dotted = (path: readonly string[]): string => path.join('.');
const parentOf = (path: readonly string[]): readonly string[] => path.slice(0, -1);

function find(config: Plain, machineId: string, path: readonly string[] = []): Found[] {
  const stateId = textOf(config.id) ?? [machineId, ...path].join('.');
  const inside = entriesOf(config.states).filter(([, state]) => isRecord(state));
  return [
    { path, stateId, config },
    ...inside.flatMap(([key, state]) => find(state as Plain, machineId, [...path, key])),
  ];
}

function typeOf({ type, states, history }: Plain): NodeType {
  const known: readonly unknown[] = ['atomic', 'compound', 'parallel', 'final', 'history'];
  if (known.includes(type)) return type as NodeType;
  if (entriesOf(states).length > 0) return 'compound';
  return history ? 'history' : 'atomic';
}

/** As XState does: `#id.below`, `.child`, or a sibling and what is below it. */
function resolver(all: readonly Found[]): (from: Found, target: string) => string | undefined {
  const paths = new Set(all.map(({ path }) => dotted(path)));
  const known = (path: string): string | undefined => (paths.has(path) ? path : undefined);
  return (from, target) => {
    if (target.startsWith('#')) {
      const id = target.slice(1);
      const owner = all
        .filter(({ stateId }) => isWithin(id, stateId))
        .sort((a, b) => b.stateId.length - a.stateId.length)[0];
      return owner && known(dotted([...owner.path, ...id.slice(owner.stateId.length).split('.').filter(Boolean)]));
    }
    if (target.startsWith('.')) return known(dotted([...from.path, target.slice(1)]));
    return known(dotted([...parentOf(from.path), target]));
  };
}

type Arrow = { readonly event: string; readonly config: Plain };

const arrowsOf = (event: string, value: unknown): Arrow[] =>
  listOf(value)
    .map((one) => (typeof one === 'string' ? { target: one } : one))
    .filter(isRecord)
    .map((config) => ({ event, config }));

/** Where an actor has no name, XState makes one up: `xstate.invoke.0.door.open`. */
const srcOf = ({ src }: Plain): string => {
  const name = textOf(isRecord(src) ? src.id : src);
  return name === undefined || name.startsWith('xstate.invoke.') ? '(inline)' : name;
};

/** The id of an actor that was given none. */
const placeOf = (index: number, stateId: string): string => `${index}.${stateId}`;

const invokesOf = ({ config, stateId }: Found) =>
  listOf(config.invoke)
    .filter(isRecord)
    .map((invoke, index) => {
      const own = textOf(invoke.id);
      const src = srcOf(invoke);
      return { id: own ?? placeOf(index, stateId), src, name: own?.includes(stateId) === false ? own : src, invoke };
    });

/** In the order in which XState tries them: `always` first, then events as they are written. */
function arrowsFrom(found: Found): Arrow[] {
  const { config, stateId } = found;
  const always = arrowsOf('', config.always);
  if (Array.isArray(config.transitions)) {
    const made = config.transitions.filter(isRecord);
    return [...always, ...made.map((one) => ({ event: textOf(one.eventType) ?? '', config: one }))];
  }
  return [
    ...always,
    ...entriesOf(config.on).flatMap(([event, value]) => arrowsOf(event, value)),
    ...arrowsOf(`xstate.done.state.${stateId}`, config.onDone),
    ...invokesOf(found).flatMap(({ id, invoke }) => [
      ...arrowsOf(`xstate.done.actor.${id}`, invoke.onDone),
      ...arrowsOf(`xstate.error.actor.${id}`, invoke.onError),
      ...arrowsOf(`xstate.snapshot.${id}`, invoke.onSnapshot),
    ]),
    ...entriesOf(config.after).flatMap(([delay, value]) => arrowsOf(`xstate.after.${delay}.${stateId}`, value)),
  ];
}

const targetsOf = (value: unknown): readonly string[] => textsOf(isRecord(value) ? value.target : value);

function readNode(found: Found, all: readonly Found[], resolve: ReturnType<typeof resolver>): ChartNode {
  const { path, stateId, config } = found;
  const type = typeOf(config);
  const id = dotted(path);
  const inside = all.filter((one) => one.path.length === path.length + 1 && isWithin(dotted(one.path), id));
  const children = inside.map((one) => dotted(one.path));
  const below = (target: string): string | undefined =>
    target.startsWith('#') ? resolve(found, target) : resolve(found, `.${target.replace(/^\./, '')}`);
  const entered = type === 'history' ? [] : targetsOf(config.initial).map(below);
  return {
    id,
    stateId,
    key: path.at(-1) ?? stateId,
    parent: path.length === 0 ? null : dotted(parentOf(path)),
    children,
    type,
    history: type === 'history' ? (config.history === 'deep' ? 'deep' : 'shallow') : undefined,
    initial: type === 'parallel' ? children : entered.filter((one) => one !== undefined),
    description: textOf(config.description),
    tags: textsOf(config.tags),
    ids: idsOf(config.meta),
    entry: actionNames(config.entry),
    exit: actionNames(config.exit),
    invokes: invokesOf(found).map(({ name, src }) => ({ id: name, src })),
  };
}

function readEdges(found: Found, resolve: ReturnType<typeof resolver>): ChartEdge[] {
  const from = dotted(found.path);
  const seen = new Map<string, number>();
  const invokes = invokesOf(found);
  const actorName = (id: string): string => invokes.find((one) => one.id === id)?.name ?? id;
  return arrowsFrom(found).map(({ event, config }) => {
    const index = seen.get(event) ?? 0;
    seen.set(event, index + 1);
    return {
      id: `${from}:${event === '' ? 'always' : event}:${index}`,
      from,
      to: textsOf(config.target).flatMap((target) => resolve(found, target) ?? []),
      ...sayEvent(event, found.stateId, actorName),
      event,
      guard: guardName(config.guard),
      actions: actionNames(config.actions),
      reenter: config.reenter === true,
      description: textOf(config.description),
      ids: idsOf(config.meta),
    };
  });
}

/** A history state says where to go when there is none to remember. */
function historyEdges(found: Found, resolve: ReturnType<typeof resolver>): ChartEdge[] {
  if (typeOf(found.config) !== 'history') return [];
  const to = textsOf(found.config.target).flatMap((target) => resolve(found, target) ?? []);
  if (to.length === 0) return [];
  const from = dotted(found.path);
  const plainEdge = { guard: undefined, actions: [], reenter: false, description: undefined, ids: [] };
  return [{ id: `${from}:default:0`, from, to, kind: 'always', event: '', label: 'at first', ...plainEdge }];
}

/**
 * Reads the chart of any XState v5 machine.
 *
 * @param definition a machine, its `config` or its `definition`, or one of the latter as JSON text. The `definition` alone
 *   has lost `always` and inline guards (XState leaves them out); prefer the machine or its `config`
 * @throws TypeError where there is no object in it
 * @example readModel(tokenMachine).nodes.map((node) => node.id) // ['', 'restoring', 'restoring.sorting', …]
 */
export function readModel(definition: unknown): ChartModel {
  const root = plain(definition);
  const id = textOf(root.id) ?? '(machine)';
  const all = find(root, id);
  const resolve = resolver(all);
  return {
    id,
    description: textOf(root.description),
    nodes: all.map((found) => readNode(found, all, resolve)),
    edges: all.flatMap((found) => [...readEdges(found, resolve), ...historyEdges(found, resolve)]),
  };
}
