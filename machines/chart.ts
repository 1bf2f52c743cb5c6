/** A machine's chart as data, Markdown and Mermaid, so that the docs are drawn from what runs. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export type ChartState = {
  /** Dotted from the root: `refreshing.minting`. */
  readonly path: string;
  readonly final: boolean;
  /** The substate that is entered first, as a path. */
  readonly initial: string | undefined;
  readonly children: readonly string[];
  readonly description: string | undefined;
  /** Behaviour ids of docs/lifecycle.md, from `meta.ids`. */
  readonly ids: readonly string[];
  readonly tags: readonly string[];
};

export type ChartTransition = {
  /** Path of the source; empty for a transition of the root, which every state has. */
  readonly from: string;
  /** The event as a reader would say it: `read`, `after staleDelay`, `mint done`, `always`. */
  readonly event: string;
  readonly guard: string | undefined;
  /** Paths; none for a transition that stays where it is. */
  readonly to: readonly string[];
  readonly description: string | undefined;
  readonly ids: readonly string[];
};

export type Chart = {
  readonly id: string;
  readonly initial: string | undefined;
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
};

const pathOf = (node: AnyStateNode): string => node.path.join('.');

function idsOf(meta: unknown): readonly string[] {
  const ids = (meta as { ids?: unknown } | undefined)?.ids;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}

const implicit: readonly (readonly [string, (rest: string) => string])[] = [
  ['xstate.done.actor.', (actor) => `${actor} done`],
  ['xstate.error.actor.', (actor) => `${actor} failed`],
  ['xstate.snapshot.actor.', (actor) => `${actor} changed`],
  ['xstate.done.state.', () => 'done'],
];

function eventName(type: string, node: AnyStateNode): string {
  const after = 'xstate.after.';
  if (type.startsWith(after)) return `after ${type.slice(after.length).replace(`.${node.id}`, '')}`;
  const found = implicit.find(([prefix]) => type.startsWith(prefix));
  return found ? found[1](type.slice(found[0].length)) : type;
}

/** `and`, `or` and `not` arrive as functions that carry the guards they combine. */
function guardName(guard: unknown): string | undefined {
  if (guard === undefined) return undefined;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null) return String((guard as { type?: unknown }).type);
  const { name, guards } = guard as { name: string; guards?: readonly unknown[] };
  const parts = guards?.map((one) => guardName(one) ?? '') ?? [];
  return name === 'not' ? `not ${parts.join('')}` : parts.length > 0 ? parts.join(` ${name} `) : '(inline)';
}

type Arrow = {
  readonly eventType: string;
  readonly guard?: unknown;
  readonly target: readonly AnyStateNode[] | undefined;
  readonly description?: string | undefined;
  readonly meta?: unknown;
};

const arrowFrom =
  (node: AnyStateNode, name?: string) =>
  (arrow: Arrow): ChartTransition => ({
    from: pathOf(node),
    event: name ?? eventName(arrow.eventType, node),
    guard: guardName(arrow.guard),
    to: (arrow.target ?? []).map(pathOf),
    description: arrow.description,
    ids: idsOf(arrow.meta),
  });

function nodes(root: AnyStateNode): AnyStateNode[] {
  return [root, ...Object.values(root.states as Record<string, AnyStateNode>).flatMap(nodes)];
}

/**
 * Reads a machine's states and transitions, in the order in which they are written.
 *
 * @param machine any machine; nothing of it is run
 * @example readChart(tokenMachine).states.map((state) => state.path) // ['restoring', 'fresh', …]
 */
export function readChart(machine: AnyStateMachine): Chart {
  const all = nodes(machine.root);
  const first = (node: AnyStateNode): string | undefined => {
    const key = Object.keys(node.states).length > 0 ? node.config.initial : undefined;
    return key === undefined ? undefined : [...node.path, String(key)].join('.');
  };
  return {
    id: machine.id,
    initial: first(machine.root),
    states: all.slice(1).map((node) => ({
      path: pathOf(node),
      final: node.type === 'final',
      initial: first(node),
      children: Object.values(node.states as Record<string, AnyStateNode>).map(pathOf),
      description: node.description,
      ids: idsOf(node.config.meta),
      tags: node.tags,
    })),
    transitions: all.flatMap((node) => [
      ...(node.always ?? []).map(arrowFrom(node, 'always')),
      ...[...node.transitions.values()].flat().map(arrowFrom(node)),
    ]),
  };
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** The states as a Markdown table: name, tags, what for, ids. */
export function statesTable(chart: Chart): string {
  const rows = chart.states.map((state) => [
    code(state.path),
    state.tags.map(code).join(' '),
    cell(state.description ?? ''),
    state.ids.join(', '),
  ]);
  return table(['state', 'tags', 'what for', 'ids'], rows);
}

/** The transitions as a Markdown table: from, event and guard, to, what for, ids. */
export function transitionsTable(chart: Chart): string {
  const rows = chart.transitions.map(({ from, event, guard, to, description, ids }) => [
    from === '' ? 'any' : code(from),
    guard === undefined ? code(event) : `${code(event)} if ${code(guard)}`,
    to.length === 0 ? 'stays' : to.map(code).join(' '),
    cell(description ?? ''),
    ids.join(', '),
  ]);
  return table(['from', 'event', 'to', 'what for', 'ids'], rows);
}

/** Mermaid takes neither dots nor hyphens in the name of a state. */
const alias = (path: string): string => path.replaceAll(/[^A-Za-z0-9]/g, '_');
const topOf = (path: string): string => path.split('.')[0] ?? path;

const transitionId = /^T\d+$/;
const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The ids of section 3 say enough; an arrow that has none is told by its other ids, or by its event. */
function labelOf(parts: ReadonlySet<string>): string {
  const all = [...parts].sort(byNumber);
  const transitions = all.filter((part) => transitionId.test(part));
  return (transitions.length > 0 ? transitions : all).join(', ').replaceAll(':', ' ');
}

type View = {
  readonly opened: string | undefined;
  /** The states drawn for its inside, and the first of them. */
  readonly inside: readonly string[];
  readonly first: readonly string[];
};

/** What is opened, down to its direct substates; regions that run side by side are drawn by theirs. */
function viewOf(chart: Chart, opened: string | undefined): View {
  const at = (path: string) => chart.states.find((state) => state.path === path);
  const state = opened === undefined ? undefined : at(opened);
  const tops = chart.states.map(({ path }) => path).filter((path) => topOf(path) === path);
  if (!state) return { opened, inside: tops, first: [chart.initial].filter((path) => path !== undefined) };
  const frames = state.initial === undefined ? state.children.map(at) : [state];
  return {
    opened,
    inside: frames.flatMap((frame) => frame?.children ?? []),
    first: frames.map((frame) => frame?.initial).filter((path) => path !== undefined),
  };
}

/**
 * Which box of a drawing a state belongs to. Mermaid cannot draw an arrow between the insides of two states, so one at most
 * is opened, and its frame left out.
 */
function boxOf(path: string, { inside }: View): string {
  return inside.find((box) => path === box || path.startsWith(`${box}.`)) ?? topOf(path);
}

type Arrows = ReadonlyMap<string, { readonly ends: readonly string[]; readonly label: Set<string> }>;

/** One arrow per pair of boxes, with the ids of all that take it. */
function arrows(chart: Chart, view: View): Arrows {
  const { opened, first } = view;
  const found = new Map<string, { ends: readonly string[]; label: Set<string> }>();
  for (const { from, event, to, ids } of chart.transitions) {
    for (const target of from === '' ? [] : to) {
      const entered = target === opened && first.length === 1 ? (first[0] ?? target) : target;
      const ends = [boxOf(from, view), boxOf(entered, view)];
      const outside = opened !== undefined && !ends.some((end) => topOf(end) === opened);
      if (outside || ends[0] === ends[1]) continue;
      const arrow = ends.map(alias).join(' --> ');
      const { label } = found.get(arrow) ?? { label: new Set<string>() };
      for (const part of ids.length > 0 ? ids : [event]) label.add(part);
      found.set(arrow, { ends, label });
    }
  }
  return found;
}

/**
 * A Mermaid `stateDiagram-v2` of the top-level states, or of what is inside one of them and next to it. Transitions of the
 * root leave from every state and are left out: name them in the text.
 *
 * @param opened the top-level state to look into
 * @example toMermaid(readChart(tokenMachine))
 * @example toMermaid(readChart(tokenMachine), 'refreshing')
 */
export function toMermaid(chart: Chart, opened?: string): string {
  const view = viewOf(chart, opened);
  const found = arrows(chart, view);
  const boxes = new Set([...view.inside, ...[...found.values()].flatMap(({ ends }) => ends)]);
  const name = (path: string): string => (path === opened ? `anywhere in ${path}` : path);
  return [
    'stateDiagram-v2',
    ...[...boxes].map((path) => `  state "${name(path)}" as ${alias(path)}`),
    ...view.first.map((path) => `  [*] --> ${alias(path)}`),
    ...[...found].map(([arrow, { label }]) => `  ${arrow} : ${labelOf(label)}`),
  ].join('\n');
}
