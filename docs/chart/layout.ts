/** A chart → where everything goes, by elkjs. */
import ELK, { type ELK as Elk, type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import { arrange } from './arrange';
import { type Content, contentOf, labelOf, type Style, sayTransition } from './content';
import { type Direction, graphOf, nodeId, type Spacing, startOf, startRadius } from './graph';
import type { ChartLayout, DrawnEdge, DrawnNode, DrawnStart, TextLine } from './layout-types';
import { headOf, type Point, roundedPath, straightened } from './lines';
import { measureText } from './measure';
import type { ChartModel } from './model';

export type LayoutChoices = Partial<Style> & {
  /** Where most arrows point. Default `right`. */
  readonly direction?: Direction;
  readonly spacing?: Partial<Spacing>;
  /** More options for elkjs, for the whole and each state in it. */
  readonly elkOptions?: LayoutOptions;
  /** An instance that works in a worker; otherwise one is made that works here. */
  readonly elk?: Pick<Elk, 'layout'>;
};

const defaults: Style & { readonly spacing: Spacing } = {
  measure: measureText,
  descriptionWidth: 190,
  labelWidth: 230,
  rowWidth: 260,
  titleSize: 13,
  textSize: 11,
  descriptions: false,
  say: sayTransition,
  title: ({ key, parent }) => (parent === null ? 'in every state' : key),
  spacing: { nodes: 24, layers: 28, padding: 14 },
};

const cornerRadius = 6;

const moved = (lines: readonly TextLine[], x: number, y: number): TextLine[] =>
  lines.map((line) => ({ ...line, x: line.x + x, y: Math.round((line.y + y) * 10) / 10 }));

function flat(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(flat)];
}

const pointsOf = ({ sections = [] }: ElkExtendedEdge): readonly Point[] =>
  straightened(sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]));

function labelAt(edge: ElkExtendedEdge, content: Content | undefined): DrawnEdge['label'] {
  const [label] = edge.labels ?? [];
  if (!label || !content) return undefined;
  const { x = 0, y = 0 } = label;
  return { x, y, width: content.width, height: content.height, lines: moved(content.lines, x, y) };
}

/**
 * Lays a chart out. The same chart and choices give the same drawing, in Node and in a browser.
 *
 * @example const layout = await layoutChart(readModel(machine), { direction: 'down' });
 */
export async function layoutChart(model: ChartModel, choices: LayoutChoices = {}): Promise<ChartLayout> {
  const { direction = 'right', elkOptions = {}, elk = new ELK(), spacing, ...style } = choices;
  const chosen = { ...defaults, ...style };
  const arranged = arrange(model);
  const contents = new Map(
    model.nodes.map((node) => [node.id, contentOf(node, arranged.rows.get(node.id) ?? [], chosen)]),
  );
  const labels = new Map(
    arranged.bundles.flatMap(({ id, edges }) => {
      const label = labelOf(edges, chosen);
      return label ? [[id, label] as const] : [];
    }),
  );
  const parts = {
    model,
    arranged,
    contents,
    labels,
    direction,
    spacing: { ...defaults.spacing, ...spacing },
    elkOptions,
  };
  const graph = await elk.layout(graphOf(parts));
  const placed = new Map(flat(graph).map((node) => [node.id, node]));
  const routed = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));

  const nodes = model.nodes.map((node): DrawnNode => {
    const { x = 0, y = 0, width = 0, height = 0 } = placed.get(nodeId(node.id)) ?? {};
    const content = contents.get(node.id);
    const ruleY = content?.ruleY;
    return {
      id: node.id,
      node,
      depth: node.id === '' ? 0 : node.id.split('.').length,
      x,
      y,
      width,
      height,
      lines: moved(content?.lines ?? [], x, y),
      ruleY: ruleY === undefined ? undefined : y + ruleY,
    };
  });
  const edges = arranged.bundles.flatMap(({ id, from, to, edges: bundled }): DrawnEdge[] => {
    const edge = routed.get(id);
    if (!edge) return [];
    const points = pointsOf(edge);
    const transitions = bundled.map((one) => one.id);
    const label = labelAt(edge, labels.get(id));
    return [{ id, from, to, transitions, d: roundedPath(points, cornerRadius), head: headOf(points), label }];
  });
  const starts = model.nodes.flatMap(({ id, initial }) =>
    initial.flatMap((to, index): DrawnStart[] => {
      const [dot, edge] = [placed.get(startOf(id)), routed.get(`${startOf(id)}>${index}`)];
      if (!dot || !edge) return [];
      const points = pointsOf(edge);
      const centre = { x: (dot.x ?? 0) + startRadius, y: (dot.y ?? 0) + startRadius };
      const line = { d: roundedPath(points, cornerRadius), head: headOf(points) };
      return [{ within: id, to, ...centre, radius: startRadius, ...line }];
    }),
  );
  const { width = 0, height = 0 } = graph;
  return { model, width: Math.ceil(width), height: Math.ceil(height), nodes, edges, starts };
}
