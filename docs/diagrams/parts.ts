/** One diagram per part of the machines. */
import type { AnyStateMachine } from 'xstate';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import {
  type ChartEdge,
  type ChartLayout,
  type ChartModel,
  type ChartNode,
  collapse,
  isWithin,
  type LayoutChoices,
  layoutChart,
  type Run,
  readModel,
  select,
  toSvg,
} from '../chart';

/** The ids of section 3 of docs/lifecycle.md say enough; what has none is told by its other ids. */
function idsOf({ ids }: ChartEdge): string {
  const transitions = ids.filter((id) => /^T\d/.test(id));
  return (transitions.length > 0 ? transitions : ids).join(' ');
}

const say = (edge: ChartEdge): readonly Run[] => [
  { text: `${idsOf(edge)}  `, role: 'detail' },
  { text: edge.label, role: 'event' },
  ...(edge.guard === undefined ? [] : [{ text: ` [${edge.guard}]`, role: 'guard' as const }]),
];

/** States with the same two inside: whether readers are served. Drawn once, in `serving`. */
const isServed = ({ children, id }: ChartNode): boolean => children.includes(`${id}.serving`);

/** Without what `path` does and says itself: that is in another diagram. */
const without = (model: ChartModel, path: string): ChartModel => ({
  ...model,
  nodes: model.nodes.map((node) => (node.id === path ? { ...node, description: undefined, invokes: [] } : node)),
  edges: model.edges.filter(({ from }) => from !== path),
});

const partsOf = (machine: AnyStateMachine, ...paths: readonly string[]): ChartModel =>
  select(collapse(readModel(machine), isServed), ({ id }) => paths.some((path) => isWithin(id, path)));

const partOf = (machine: AnyStateMachine, path: string): ChartModel => without(partsOf(machine, path), '');

/** The inside of `path`, and nothing of what it does itself. */
function insideOf(path: string): ChartModel {
  const around = path.split('.').map((_, index, keys) => keys.slice(0, index + 1).join('.'));
  const model = select(readModel(tokenMachine), ({ id }) => isWithin(id, path) || around.includes(id));
  return [...around, ''].reduce(without, model);
}

/** The inside of both kinds, side by side. */
function servingModel(): ChartModel {
  const [toCutoff, toExpiry] = [insideOf('stale'), insideOf('offline-retrying.waiting')];
  const [root] = toCutoff.nodes;
  const inside = [...toCutoff.nodes.slice(1), ...toExpiry.nodes.slice(1)];
  return {
    ...toCutoff,
    nodes: [...(root ? [{ ...root, children: ['stale', 'offline-retrying'], initial: [] }] : []), ...inside],
    edges: [...toCutoff.edges, ...toExpiry.edges],
  };
}

export type Part = {
  /** Also the name of the file. */
  readonly name: string;
  readonly title: string;
  readonly model: () => ChartModel;
  readonly choices?: LayoutChoices;
};

/** In the order in which a reader would look at them. */
export const parts: readonly Part[] = [
  {
    name: 'at-rest',
    title: 'Token machine: fresh, stale and signed-out, and what every state does',
    model: () => partsOf(tokenMachine, 'fresh', 'stale', 'signed-out'),
    choices: { direction: 'right' },
  },
  {
    name: 'restoring',
    title: 'Token machine: restoring',
    model: () => partOf(tokenMachine, 'restoring'),
    choices: { direction: 'right' },
  },
  { name: 'refreshing', title: 'Token machine: refreshing', model: () => partOf(tokenMachine, 'refreshing') },
  {
    name: 'offline-retrying',
    title: 'Token machine: offline-retrying',
    model: () => partOf(tokenMachine, 'offline-retrying'),
    choices: { direction: 'right' },
  },
  {
    name: 'outage-fallback',
    title: 'Token machine: outage-fallback',
    model: () => partOf(tokenMachine, 'outage-fallback'),
  },
  {
    name: 'serving',
    title: 'Token machine: whether readers are served',
    model: servingModel,
    choices: { direction: 'right' },
  },
  {
    name: 'session',
    title: 'Session machine',
    model: () => readModel(sessionMachine),
    choices: { descriptionWidth: 170, labelWidth: 160, spacing: { nodes: 16, layers: 22 } },
  },
  {
    name: 'handshake',
    title: 'Handshake machine: how a request is answered',
    model: () => select(readModel(handshakeMachine), ({ tags }) => !tags.includes('decided')),
    choices: { rowWidth: 270, descriptionWidth: 230 },
  },
];

export const partLayout = ({ model, choices }: Part): Promise<ChartLayout> =>
  layoutChart(model(), {
    direction: 'down',
    descriptions: true,
    descriptionWidth: 250,
    labelWidth: 200,
    rowWidth: 320,
    titleSize: 13.5,
    textSize: 11.5,
    say,
    ...choices,
  });

export async function partSvg(part: Part): Promise<string> {
  const layout = await partLayout(part);
  const states = layout.nodes.slice(1).map(({ id }) => id);
  return toSvg(layout, { title: part.title, description: `States: ${states.join(', ')}.` });
}
