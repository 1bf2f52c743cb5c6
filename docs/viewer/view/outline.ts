/** A chart made smaller: what is inside a state is left out, and what leads there leads to the state itself. */
import { type ChartEdge, type ChartModel, type ChartNode, isWithin } from '../../chart/model';
import type { Opened } from './types';

/** Up to so many states a chart is drawn whole unless somebody says otherwise. */
const smallEnough = 14;

export const openedAtFirst = (model: ChartModel): Opened =>
  model.nodes.length <= smallEnough ? { is: 'all' } : { is: 'overview' };

export type Outline = {
  readonly model: ChartModel;
  /** By id of a transition in the whole chart: the one that stands for it here. */
  readonly standsFor: ReadonlyMap<string, string>;
};

const isVisible = ({ parent, id }: ChartNode, opened: Opened): boolean => {
  if (opened.is === 'all' || parent === null || parent === '') return true;
  return opened.is === 'one' && isWithin(id, opened.state);
};

/** `T5`: of the ids of a transition, those that name it among the transitions of the specification. */
const isTransitionId = (id: string): boolean => /^T\d+$/.test(id);

function labelOf(edges: readonly ChartEdge[]): string {
  const ids = [...new Set(edges.flatMap((edge) => edge.ids.filter(isTransitionId)))];
  const said = ids.length > 0 ? ids : [...new Set(edges.map(({ label }) => label))];
  const sorted = ids.length > 0 ? said.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })) : said;
  return sorted.length > 4 ? `${sorted.slice(0, 4).join(', ')}, …` : sorted.join(', ');
}

/** What several transitions from one state to another have in common. */
function merged(id: string, from: string, to: string, edges: readonly ChartEdge[]): ChartEdge {
  const said = [...new Set(edges.flatMap(({ description }) => description ?? []))];
  return {
    id,
    from,
    to: [to],
    kind: 'event',
    event: '',
    label: labelOf(edges),
    guard: undefined,
    actions: [],
    reenter: false,
    description: said.join('\n') || undefined,
    ids: [...new Set(edges.flatMap(({ ids }) => ids))],
  };
}

/**
 * The top-level states, or one of them with all that is inside it and what it is joined to.
 *
 * @example outline(readModel(tokenMachine), { is: 'overview' }).model.nodes // the root and seven states
 */
export function outline(model: ChartModel, opened: Opened): Outline {
  if (opened.is === 'all') return { model, standsFor: new Map(model.edges.map(({ id }) => [id, id])) };
  const visible = new Set(model.nodes.filter((node) => isVisible(node, opened)).map(({ id }) => id));
  const inFocus = (path: string): boolean => opened.is === 'one' && isWithin(path, opened.state);
  const lift = (path: string): string => {
    let here = path;
    while (!visible.has(here)) here = here.slice(0, Math.max(0, here.lastIndexOf('.')));
    return here;
  };

  const edges: ChartEdge[] = [];
  const standsFor = new Map<string, string>();
  const bundles = new Map<string, { from: string; to: string; edges: ChartEdge[] }>();
  for (const edge of model.edges) {
    if (inFocus(edge.from) && (edge.to.length === 0 || edge.to.every(inFocus))) {
      edges.push(edge);
      standsFor.set(edge.id, edge.id);
      continue;
    }
    const from = lift(edge.from);
    if (opened.is === 'one' && !inFocus(from) && !edge.to.some(inFocus)) continue;
    for (const target of edge.to) {
      const to = lift(target);
      if (from === to || isWithin(to, from) || isWithin(from, to)) continue;
      const id = `${from}>${to}`;
      const bundle = bundles.get(id) ?? { from, to, edges: [] };
      bundle.edges.push(edge);
      bundles.set(id, bundle);
      standsFor.set(edge.id, id);
    }
  }
  for (const [id, { from, to, edges: bundled }] of bundles) edges.push(merged(id, from, to, bundled));

  const joined = new Set(edges.flatMap(({ from, to }) => [from, ...to]));
  const stays = ({ id, parent }: ChartNode): boolean =>
    visible.has(id) && (opened.is === 'overview' || parent === null || inFocus(id) || joined.has(id));
  const kept = new Set(model.nodes.filter(stays).map(({ id }) => id));
  const nodes = model.nodes
    .filter(({ id }) => kept.has(id))
    .map((node): ChartNode => {
      const children = node.children.filter((child) => kept.has(child));
      const collapsed = node.children.length > 0 && children.length === 0;
      const type = collapsed && node.type !== 'final' ? 'atomic' : node.type;
      const closed = collapsed ? { invokes: [] } : {};
      return { ...node, ...closed, type, children, initial: node.initial.filter((one) => kept.has(one)) };
    });
  return { model: { ...model, nodes, edges }, standsFor };
}
