/**
 * A layout → elements, as plain data: a file is one way to write them (`toSvg`), React's `createElement` and the DOM's
 * `createElementNS` are others. Each state has `data-state`, each transition `data-transition`, each arrow `data-edge`.
 */
import { historySize } from './graph';
import type { ChartLayout, DrawnEdge, DrawnNode, DrawnStart, Head, TextLine } from './layout-types';
import type { ChartEdge } from './model';

export type Shape = {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Shape | string)[];
};

const shape = (tag: string, attributes: Shape['attributes'], children: Shape['children'] = []): Shape => ({
  tag,
  attributes,
  children,
});

const round = (value: number): number => Math.round(value * 10) / 10;

/** What a pointer that rests on it is told. */
const tooltip = (text: string | undefined): Shape[] => (text === undefined ? [] : [shape('title', {}, [text])]);

const tell = (edge: ChartEdge | undefined): string | undefined => {
  if (!edge) return undefined;
  const { label, guard, actions, description, ids } = edge;
  const parts = [
    guard === undefined ? label : `${label} [${guard}]`,
    description,
    actions.length > 0 ? `does ${actions.join(', ')}` : undefined,
    ids.length > 0 ? ids.join(', ') : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('\n');
};

/** SVG drops white space at the ends of a text. */
const keepEnds = (text: string): string => text.replaceAll(/^ | $/g, '\u00a0');

type Told = (transition: string) => string | undefined;

function textOf({ x, y, size, width, runs, transition }: TextLine, told: Told): Shape {
  const spans = runs.map(({ text, role }) => shape('tspan', { class: role }, [keepEnds(text)]));
  const pinned = { x: round(x), y: round(y), 'font-size': size, textLength: round(width) };
  const about = transition === undefined ? [] : tooltip(told(transition));
  return shape('text', transition === undefined ? pinned : { ...pinned, 'data-transition': transition }, [
    ...about,
    ...spans,
  ]);
}

const arrowHead = ({ x, y, angle }: Head): Shape =>
  shape('path', { class: 'head', d: 'M0 0L-8 -3.6L-8 3.6Z', transform: `translate(${x} ${y}) rotate(${angle})` });

function classOf({ node }: DrawnNode, inParallel: boolean): string {
  const closed = node.children.length === 0 && (node.type === 'compound' || node.type === 'parallel');
  return [
    'state',
    node.type,
    node.children.length > 0 ? 'holds' : '',
    closed ? 'closed' : '',
    inParallel ? 'region' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function drawNode(drawn: DrawnNode, inParallel: boolean, told: Told): Shape {
  const { id, node, x, y, width, height, lines, ruleY } = drawn;
  const rect = { class: 'box', x: round(x), y: round(y), width: round(width), height: round(height), rx: 8 };
  const attributes = { class: classOf(drawn, inParallel), 'data-state': id };
  if (node.type === 'history') {
    const radius = historySize / 2;
    const [cx, cy] = [round(x + radius), round(y + radius)];
    const mark = node.history === 'deep' ? 'H*' : 'H';
    return shape('g', attributes, [
      ...tooltip(node.description ?? `history of ${node.parent ?? ''}`),
      shape('circle', { class: 'box', cx, cy, r: radius }),
      shape('text', { x: cx, y: cy + 4, 'font-size': 11, 'text-anchor': 'middle' }, [mark]),
    ]);
  }
  const inner = { x: rect.x + 3, y: rect.y + 3, width: rect.width - 6, height: rect.height - 6, rx: 5 };
  return shape('g', attributes, [
    ...tooltip(node.description),
    shape('rect', rect),
    ...(node.type === 'final' ? [shape('rect', { class: 'box', ...inner })] : []),
    ...(ruleY === undefined
      ? []
      : [shape('path', { class: 'rule', d: `M${rect.x} ${round(ruleY)}H${round(x + width)}` })]),
    ...lines.map((line) => textOf(line, told)),
  ]);
}

function drawEdge({ id, d, head, label, transitions, from, to }: DrawnEdge, inside: boolean, told: Told): Shape {
  const box = label && { x: round(label.x), y: round(label.y), width: label.width, height: label.height, rx: 3 };
  return shape('g', { class: inside ? 'edge inside' : 'edge', 'data-edge': id, 'data-from': from, 'data-to': to }, [
    ...tooltip(transitions.length === 1 ? told(transitions[0] ?? '') : undefined),
    shape('path', { class: 'line', d }),
    arrowHead(head),
    ...(label && box
      ? [shape('g', { class: 'label' }, [shape('rect', box), ...label.lines.map((line) => textOf(line, told))])]
      : []),
  ]);
}

const drawStart = ({ within, x, y, radius, d, head }: DrawnStart): Shape =>
  shape('g', { class: 'start', 'data-start': within }, [
    shape('circle', { class: 'dot', cx: round(x), cy: round(y), r: radius }),
    shape('path', { class: 'line', d }),
    arrowHead(head),
  ]);

/** The deepest state that holds both ends. */
function commonParent(from: string, to: string): string {
  const [a, b] = [from.split('.'), to.split('.')];
  const shared = a.findIndex((key, index) => key !== b[index]);
  return a.slice(0, shared < 0 ? a.length - 1 : shared).join('.');
}

/**
 * The elements of a drawing, those behind first. What is around them (`<svg>`, background, style) is not among them.
 *
 * @example drawChart(layout).map(toReactElement)
 */
export function drawChart(layout: ChartLayout): readonly Shape[] {
  const edges = new Map(layout.model.edges.map((edge) => [edge.id, edge]));
  const types = new Map(layout.model.nodes.map(({ id, type }) => [id, type]));
  const told: Told = (transition) => tell(edges.get(transition));
  return [
    ...layout.nodes.flatMap((drawn) => {
      const { parent } = drawn.node;
      if (parent === null) return drawn.lines.map((line) => textOf(line, told));
      return [drawNode(drawn, types.get(parent) === 'parallel', told)];
    }),
    ...layout.starts.map(drawStart),
    ...layout.edges.map((edge) => drawEdge(edge, commonParent(edge.from, edge.to) !== '', told)),
  ];
}
