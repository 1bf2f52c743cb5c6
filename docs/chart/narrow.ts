/** Less of a chart: states closed to boxes, or one state and what is next to it. Ids of transitions stay as they were. */
import { type ChartEdge, type ChartModel, type ChartNode, isWithin, nodeAt } from './model';

type Lift = (path: string) => string;

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

const lifted = (edge: ChartEdge, lift: Lift): ChartEdge => ({
  ...edge,
  from: lift(edge.from),
  to: unique(edge.to.map(lift)),
});

/** What only goes on inside one closed box is not drawn; what a drawn state does itself is. */
const isSeen = (before: ChartEdge, after: ChartEdge): boolean =>
  before.from === after.from || after.to.some((to) => to !== after.from);

const kept = (node: ChartNode, lift: Lift, shown: ReadonlySet<string>): ChartNode => ({
  ...node,
  children: node.children.filter((child) => shown.has(child)),
  initial: unique(node.initial.map(lift)).filter((path) => path !== node.id),
});

function narrowed(model: ChartModel, lift: Lift, wanted: (edge: ChartEdge) => boolean): ChartModel {
  const nodes = model.nodes.filter(({ id }) => lift(id) === id);
  const shown = new Set(nodes.map(({ id }) => id));
  const edges = model.edges.flatMap((edge) => {
    const after = lifted(edge, lift);
    return isSeen(edge, after) && wanted(after) ? [after] : [];
  });
  return { ...model, nodes: nodes.map((node) => kept(node, lift, shown)), edges };
}

/**
 * The chart with some states closed: a closed state is a box, its transitions start and end at it, and what only goes on
 * inside it is left out.
 *
 * @param isClosed asked for every state but the root; what lies in a closed state is not drawn
 * @example collapse(model, ({ id }) => !id.includes('.')) // the top-level states alone
 */
export function collapse(model: ChartModel, isClosed: (node: ChartNode) => boolean): ChartModel {
  const closed = model.nodes.filter((node) => node.parent !== null && isClosed(node)).map(({ id }) => id);
  const lift: Lift = (path) =>
    closed.filter((box) => isWithin(path, box)).sort((a, b) => a.length - b.length)[0] ?? path;
  return narrowed(model, lift, () => true);
}

/**
 * Some states of the chart, without the others. What leads from one that is drawn to one that is not stays, and is listed in
 * the box that it leaves.
 *
 * @param isDrawn asked for every state but the root; what lies in a state that is not drawn is not drawn either
 * @example select(model, ({ id }) => isWithin(id, 'refreshing'))
 */
export function select(model: ChartModel, isDrawn: (node: ChartNode) => boolean): ChartModel {
  const hidden = model.nodes.filter((node) => node.parent !== null && !isDrawn(node)).map(({ id }) => id);
  const shown = model.nodes.filter(({ id }) => !hidden.some((box) => isWithin(id, box)));
  const ids = new Set(shown.map(({ id }) => id));
  const here = (paths: readonly string[]): readonly string[] => paths.filter((path) => ids.has(path));
  return {
    ...model,
    nodes: shown.map((node) => ({ ...node, children: here(node.children), initial: here(node.initial) })),
    edges: model.edges.filter(({ from }) => ids.has(from)),
  };
}

/**
 * One state with all that is in it, and the states that it comes from and goes to, closed.
 *
 * @param path of a state in the chart
 * @throws RangeError where there is no such state
 * @example focus(model, 'refreshing')
 */
export function focus(model: ChartModel, path: string): ChartModel {
  if (!nodeAt(model, path)) throw new RangeError(`The chart ${model.id} has no state ${path}.`);
  const inside = (at: string): boolean => isWithin(at, path);
  /** The outermost state that is not around the one in focus. */
  const lift: Lift = (at) => {
    if (inside(at) || isWithin(path, at)) return at;
    const keys = at.split('.');
    const prefixes = keys.map((_, index) => keys.slice(0, index + 1).join('.'));
    return prefixes.find((prefix) => !isWithin(path, prefix)) ?? at;
  };
  const touches = ({ from, to }: ChartEdge): boolean => inside(from) || to.some(inside);
  const all = narrowed(model, lift, touches);
  const ends = new Set(all.edges.flatMap(({ from, to }) => [from, ...to]));
  const shown = all.nodes.filter(({ id }) => inside(id) || isWithin(path, id) || ends.has(id));
  const ids = new Set(shown.map(({ id }) => id));
  return {
    ...all,
    nodes: shown.map((node) => ({
      ...node,
      children: node.children.filter((child) => ids.has(child)),
      initial: node.initial.filter((one) => ids.has(one) && (inside(node.id) || inside(one))),
    })),
  };
}
