/** The graph that elkjs lays out, and the options that make it look like a statechart. */
import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api';
import type { Arranged, Bundle } from './arrange';
import type { Content } from './content';
import type { ChartModel, ChartNode } from './model';

export type Direction = 'right' | 'down';

export type Spacing = {
  /** Between neighbours, between layers, and around what a state holds, in pixels. */
  readonly nodes: number;
  readonly layers: number;
  readonly padding: number;
};

export type Parts = {
  readonly model: ChartModel;
  readonly arranged: Arranged;
  readonly contents: ReadonlyMap<string, Content>;
  readonly labels: ReadonlyMap<string, Content>;
  readonly direction: Direction;
  readonly spacing: Spacing;
  readonly elkOptions: LayoutOptions;
};

/** No path is called so: the root's is empty, and keys hold no `/`. */
export const startOf = (path: string): string => `${path}/start`;
export const nodeId = (path: string): string => `${path}/`;
export const startRadius = 4.5;

const isSmall = (node: ChartNode): boolean => node.type === 'history';
export const historySize = 22;

const common = (direction: Direction, { nodes, layers }: Spacing): LayoutOptions => ({
  'elk.algorithm': 'layered',
  'elk.direction': direction === 'right' ? 'RIGHT' : 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.spacing.nodeNode': `${nodes}`,
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.componentComponent': `${nodes}`,
  'elk.layered.spacing.nodeNodeBetweenLayers': `${layers}`,
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '40',
});

const paddingOf = (top: number, side: number): string => `[top=${top},left=${side},bottom=${side},right=${side}]`;

/** elkjs 0.12 works sideways and turns the result, but not what it was told here. */
const minimum = ({ width, height }: Content, direction: Direction): string =>
  direction === 'right' ? `(${width},${height})` : `(${height},${width})`;

function boxOf(node: ChartNode, parts: Parts): ElkNode {
  const { model, contents, direction, spacing } = parts;
  const content = contents.get(node.id) ?? { width: 0, height: 0, lines: [], ruleY: undefined };
  if (isSmall(node)) return { id: nodeId(node.id), width: historySize, height: historySize };
  if (node.children.length === 0) return { id: nodeId(node.id), width: content.width, height: content.height };
  const inside = model.nodes.filter(({ parent }) => parent === node.id);
  const start = node.type !== 'parallel' && node.initial.length > 0;
  const side = node.parent === null ? 12 : spacing.padding;
  return {
    id: nodeId(node.id),
    layoutOptions: {
      ...common(direction, spacing),
      ...parts.elkOptions,
      'elk.padding': paddingOf(content.height + (content.lines.length === 0 ? 0 : 8), side),
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': minimum(content, direction),
    },
    children: [
      ...(start ? [{ id: startOf(node.id), width: 2 * startRadius, height: 2 * startRadius }] : []),
      ...inside.map((child) => boxOf(child, parts)),
    ],
  };
}

const arrow = (bundle: Bundle, { labels }: Parts): ElkExtendedEdge => {
  const label = labels.get(bundle.id);
  const text = label && {
    id: `${bundle.id}/label`,
    text: bundle.id,
    width: label.width,
    height: label.height,
    layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
  };
  return {
    id: bundle.id,
    sources: [nodeId(bundle.from)],
    targets: [nodeId(bundle.to)],
    ...(text ? { labels: [text] } : {}),
  };
};

const starts = ({ nodes }: ChartModel): ElkExtendedEdge[] =>
  nodes
    .filter(({ type, initial }) => type !== 'parallel' && initial.length > 0)
    .flatMap(({ id, initial }) =>
      initial.map((to, index) => ({
        id: `${startOf(id)}>${index}`,
        sources: [startOf(id)],
        targets: [nodeId(to)],
      })),
    );

/** Everything as elkjs wants it, with coordinates asked for from the corner of the whole. */
export function graphOf(parts: Parts): ElkNode {
  const [root] = parts.model.nodes;
  if (!root) return { id: 'empty' };
  const graph = boxOf(root, parts);
  return {
    ...graph,
    layoutOptions: {
      ...common(parts.direction, parts.spacing),
      ...graph.layoutOptions,
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
    },
    edges: [...starts(parts.model), ...parts.arranged.bundles.map((bundle) => arrow(bundle, parts))],
  };
}
