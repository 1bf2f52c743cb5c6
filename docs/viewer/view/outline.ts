/** A chart made smaller, with one arrow for all that lead from one state to another. */
import { type ChartEdge, type ChartModel, type ChartNode, isWithin } from '../../chart/model';
import { collapse, focus } from '../../chart/narrow';
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

/** `T5`: of the ids of a transition, those that name it among the transitions of the specification. */
const isTransitionId = (id: string): boolean => /^T\d+$/.test(id);
const mostIds = 4;

function labelOf(edges: readonly ChartEdge[]): string {
  const ids = [...new Set(edges.flatMap((edge) => edge.ids.filter(isTransitionId)))];
  const said =
    ids.length > 0
      ? ids.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      : [...new Set(edges.map(({ label }) => label))];
  return said.length > mostIds ? `${said.slice(0, mostIds).join(', ')}, …` : said.join(', ');
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

/** A closed state says nothing of what is inside it. */
const asBox = (node: ChartNode, whole: ChartModel): ChartNode => {
  const had = whole.nodes.find(({ id }) => id === node.id)?.children.length ?? 0;
  return had > 0 && node.children.length === 0 ? { ...node, type: 'atomic', invokes: [], initial: [] } : node;
};

/**
 * The top-level states, or one of them with all that is inside it and what it is joined to.
 *
 * @example outline(readModel(tokenMachine), { is: 'overview' }).model.nodes // the root and seven states
 */
export function outline(model: ChartModel, opened: Opened): Outline {
  if (opened.is === 'all') return { model, standsFor: new Map(model.edges.map(({ id }) => [id, id])) };
  const narrow = opened.is === 'one' ? focus(model, opened.state) : collapse(model, () => true);
  const inFocus = (path: string): boolean => opened.is === 'one' && isWithin(path, opened.state);

  const edges: ChartEdge[] = [];
  const standsFor = new Map<string, string>();
  const bundles = new Map<string, { from: string; to: string; edges: ChartEdge[] }>();
  for (const edge of narrow.edges) {
    const { id, from } = edge;
    if (inFocus(from) && edge.to.every(inFocus)) {
      edges.push(edge);
      standsFor.set(id, id);
      continue;
    }
    for (const to of edge.to) {
      if (isWithin(to, from) || isWithin(from, to)) continue;
      const pair = `${from}>${to}`;
      const bundle = bundles.get(pair) ?? { from, to, edges: [] };
      bundle.edges.push(edge);
      bundles.set(pair, bundle);
      standsFor.set(id, pair);
    }
  }
  for (const [id, { from, to, edges: bundled }] of bundles) edges.push(merged(id, from, to, bundled));
  return { model: { ...narrow, nodes: narrow.nodes.map((node) => asBox(node, model)), edges }, standsFor };
}
