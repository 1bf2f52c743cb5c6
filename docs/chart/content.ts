/** What stands in the box of a state and on an arrow: lines of text, and how much room they take. */
import type { Role, Run, TextLine } from './layout-types';
import { cutText, type Measure, wrapText } from './measure';
import type { ChartEdge, ChartNode } from './model';

export type Style = {
  readonly measure: Measure;
  /** Pixels that a line of a description or label may take. */
  readonly descriptionWidth: number;
  readonly labelWidth: number;
  /** The same for a transition that is listed in a box. */
  readonly rowWidth: number;
  readonly titleSize: number;
  readonly textSize: number;
  readonly descriptions: boolean;
  /** What an arrow says of a transition. */
  readonly say: (edge: ChartEdge) => readonly Run[];
  readonly title: (node: ChartNode) => string;
};

export type Content = {
  readonly width: number;
  readonly height: number;
  /** From the top left corner of the box. */
  readonly lines: readonly TextLine[];
  readonly ruleY: number | undefined;
};

type Draft = {
  readonly runs: readonly Run[];
  readonly size: number;
  readonly bold: boolean;
  readonly transition?: string;
};

const padding = { x: 10, top: 8, bottom: 8 };
const leading = 1.36;
const indent = '\u00a0\u00a0\u00a0\u00a0';

const widthOf = ({ runs, size, bold }: Draft, { measure }: Style): number =>
  runs.reduce((sum, { text }) => sum + measure(text, size, bold), 0);

const line = (style: Style, role: Role, text: string): Draft => ({
  runs: [{ text, role }],
  size: role === 'title' ? style.titleSize : style.textSize,
  bold: role === 'title',
});

/** Lays drafts out below each other. */
function stack(
  drafts: readonly Draft[],
  style: Style,
  left: number,
  top: number,
): { lines: TextLine[]; bottom: number } {
  let y = top;
  const lines = drafts.map((draft) => {
    const height = draft.size * leading;
    const baseline = y + height / 2 + draft.size * 0.36;
    y += height;
    return { ...draft, x: left, y: Math.round(baseline * 10) / 10, width: widthOf(draft, style) };
  });
  return { lines, bottom: y };
}

/** A transition as a line; what does not fit goes to a second one, a little further in. */
function transitionLines(edge: ChartEdge, runs: readonly Run[], style: Style, width: number): Draft[] {
  if (runs.length === 0) return [];
  const base = { size: style.textSize, bold: false, transition: edge.id };
  const fits = (text: string): number => style.measure(text, style.textSize, false);
  const lines: Run[][] = [[]];
  for (const run of runs) {
    const last = lines.at(-1) ?? [];
    const room = width - widthOf({ ...base, runs: last }, style);
    if (last.length === 0 || fits(run.text) <= room) last.push({ ...run, text: cutText(run.text, room, fits) });
    else lines.push([{ ...run, text: cutText(indent + run.text.trimStart(), width, fits) }]);
  }
  return lines.map((line) => ({ ...base, runs: line }));
}

const joined = (edge: ChartEdge): string => edge.to.join(', ');

/** A transition that has no arrow: it stays, comes back, or goes to what its own box holds. */
function rowOf(edge: ChartEdge, style: Style): Draft[] {
  const back = edge.to.length === 1 && edge.to[0] === edge.from;
  const where = edge.to.length === 0 ? '' : back ? ' ↻' : ` → ${joined(edge)}`;
  const runs = style.say(edge);
  const whole = where === '' || runs.length === 0 ? runs : [...runs, { text: where, role: 'detail' as const }];
  return transitionLines(edge, whole, style, style.rowWidth);
}

/**
 * The text in a state's box.
 *
 * @param rows transitions that are listed in it
 */
export function contentOf(node: ChartNode, rows: readonly ChartEdge[], style: Style): Content {
  if (node.type === 'history') return { width: 0, height: 0, lines: [], ruleY: undefined };
  const fits = (text: string): number => style.measure(text, style.textSize, false);
  const said = style.descriptions ? (node.description ?? '').replaceAll('`', '') : '';
  const room = style.descriptionWidth * (node.children.length > 0 ? 1.8 : 1);
  const head = [
    ...(node.parent === null && rows.length === 0 ? [] : [line(style, 'title', style.title(node))]),
    ...wrapText(said, room, fits).map((text) => line(style, 'description', text)),
  ];
  const below = [
    ...node.invokes.map(({ id, src }) => line(style, 'detail', id === src ? `runs ${src}` : `runs ${src} as ${id}`)),
    ...rows.flatMap((edge) => rowOf(edge, style)),
  ];
  const top = stack(head, style, padding.x, padding.top);
  const gap = head.length > 0 && below.length > 0 ? 9 : 0;
  const rest = stack(below, style, padding.x, top.bottom + gap);
  const lines = [...top.lines, ...rest.lines];
  return {
    width: Math.ceil(Math.max(0, ...lines.map(({ width }) => width)) + 2 * padding.x),
    height: Math.ceil(rest.bottom + padding.bottom),
    lines,
    ruleY: gap > 0 ? Math.round(top.bottom + gap / 2) : undefined,
  };
}

/** The text on an arrow: a line or two per transition that goes its way. Empty where nothing is said. */
export function labelOf(edges: readonly ChartEdge[], style: Style): Content | undefined {
  const drafts = edges.flatMap((edge) => transitionLines(edge, style.say(edge), style, style.labelWidth));
  if (drafts.length === 0) return undefined;
  const { lines, bottom } = stack(drafts, style, 5, 2);
  const width = Math.ceil(Math.max(...lines.map((one) => one.width)) + 10);
  return { width, height: Math.ceil(bottom + 2), lines, ruleY: undefined };
}

/** `event [guard]`. */
export const sayTransition = ({ label, guard }: ChartEdge): readonly Run[] => [
  { text: label, role: 'event' },
  ...(guard === undefined ? [] : [{ text: ` [${guard}]`, role: 'guard' as const }]),
];
