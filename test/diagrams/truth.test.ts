/** A diagram cannot lie: what it draws is in a machine, and what is in a machine is drawn. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type ChartEdge, type ChartLayout, type ChartModel, isWithin, nodeAt, readModel } from '../../docs/chart';
import { topStates, topSteps } from '../../docs/diagrams/lift';
import { overviewLayout } from '../../docs/diagrams/overview';
import { partLayout, parts } from '../../docs/diagrams/parts';
import { arrowTexts, leftOut, stateTexts } from '../../docs/diagrams/texts';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { readText } from '../house/support/sources';

const machines = [tokenMachine, sessionMachine, handshakeMachine].map(readModel);
const machineOf = (name: string): ChartModel => machines.find(({ id }) => id === name) ?? (machines[0] as ChartModel);

const layouts = new Map<string, ChartLayout>();

beforeAll(async () => {
  for (const part of parts) layouts.set(part.name, await partLayout(part));
});

const linesOf = (layout: ChartLayout) => [
  ...layout.nodes.flatMap(({ lines }) => lines),
  ...layout.edges.flatMap(({ label }) => label?.lines ?? []),
];
const textOf = (layout: ChartLayout): string =>
  linesOf(layout)
    .map(({ runs }) => runs.map(({ text }) => text).join(''))
    .join('\n');
const drawnIn = (layout: ChartLayout): string[] => linesOf(layout).flatMap(({ transition }) => transition ?? []);

describe.each(parts.map(({ name }) => name))('the diagram %s', (name) => {
  const layout = (): ChartLayout => layouts.get(name) as ChartLayout;
  const machine = machineOf(name);
  const edges = new Map(machine.edges.map((edge) => [edge.id, edge]));

  it('has states of the machine alone, with its own descriptions', () => {
    for (const { id, node } of layout().nodes.slice(1)) {
      expect(nodeAt(machine, id), id).toBeDefined();
      expect([undefined, nodeAt(machine, id)?.description], id).toContain(node.description);
    }
  });

  it('has arrows that are transitions of the machine, from and to where they lead there', () => {
    for (const { from, to, transitions } of layout().edges) {
      expect(transitions.length).toBeGreaterThan(0);
      for (const id of transitions) {
        expect(edges.get(id)?.from, id).toBe(from);
        expect(edges.get(id)?.to, id).toContain(to);
      }
    }
  });

  it('says of each line in a box what the machine says of that transition', () => {
    for (const box of layout().nodes) {
      const rows = new Map<string, string>();
      for (const { transition, runs } of box.lines) {
        if (transition === undefined) continue;
        rows.set(transition, `${rows.get(transition) ?? ''}${runs.map(({ text }) => text).join('')}`);
      }
      for (const [id, text] of rows) {
        const edge = edges.get(id);
        expect(edge?.from, id).toBe(box.id);
        expect(text).toContain(edge?.label);
        if (edge?.guard) expect(text).toContain(`[${edge.guard}]`);
        if (edge?.to.length && edge.to[0] !== edge.from) expect(text).toContain(`→ ${edge.to.join(', ')}`);
      }
    }
  });
});

describe('all diagrams of parts together', () => {
  const isServed = (model: ChartModel, path: string): boolean => nodeAt(model, `${path}.serving`) !== undefined;
  const shape = ({ event, guard, to, from, actions, ids, reenter }: ChartEdge, around: string, stateId: string) => ({
    from: from.slice(around.length),
    event: event.replace(stateId, ''),
    guard,
    to: to.map((path) => path.slice(around.length)),
    actions,
    ids,
    reenter,
  });

  it('draw every transition of the three machines; of states that are made alike inside, one of each kind', () => {
    const drawn = new Set([...layouts.values()].flatMap(drawnIn));
    for (const model of machines) {
      const insideOf = (path: string) =>
        model.edges
          .filter(({ from }) => from !== path && isWithin(from, path))
          .map((edge) => shape(edge, path, `${nodeAt(model, edge.from)?.stateId}`));
      const served = model.nodes.map(({ id }) => id).filter((id) => isServed(model, id));
      const kinds = ['stale', 'offline-retrying.waiting'].map(insideOf);
      const missing = model.edges.filter(({ id }) => !drawn.has(id));
      for (const edge of missing) {
        const around = served.find((path) => edge.from !== path && isWithin(edge.from, path));
        expect(around, `${model.id} ${edge.id} is in no diagram`).toBeDefined();
      }
      for (const path of served) expect(kinds, path).toContainEqual(insideOf(path));
    }
  });

  it('show each id of section 3 that a transition carries', () => {
    const shown = [...layouts.values()].map(textOf).join('\n');
    const ids = new Set(
      machines.flatMap(({ edges }) => edges.flatMap((edge) => edge.ids)).filter((id) => /^T\d/.test(id)),
    );
    expect(ids.size).toBeGreaterThan(25);
    expect([...ids].filter((id) => !new RegExp(`\\b${id}\\b`).test(shown))).toEqual([]);
  });
});

describe('the overview', () => {
  const steps = topSteps();
  const keys = steps.map(({ key }) => key);

  it('has the seven states of the token machine, and those of the README', () => {
    expect(Object.keys(stateTexts)).toEqual(topStates());
    const readme = readText('README.md');
    expect(topStates().filter((state) => !readme.includes(`| \`${state}\` |`))).toEqual([]);
  });

  it('draws each step between them, or says why not', () => {
    const told = [...Object.keys(arrowTexts), ...Object.keys(leftOut)];
    expect(told.filter((key, index) => told.indexOf(key) !== index)).toEqual([]);
    expect(keys.filter((key) => !told.includes(key))).toEqual([]);
    expect(told.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it('calls each by a behaviour that a transition of that step carries', () => {
    const faults = Object.entries({ ...arrowTexts, ...leftOut }).filter(
      ([key, { id }]) => !steps.find((step) => step.key === key)?.edges.some(({ ids }) => ids.includes(id)),
    );
    expect(faults).toEqual([]);
  });

  it('promises readers what the tags of the states say', () => {
    const model = machineOf('token');
    const tagsWithin = (state: string) =>
      new Set(model.nodes.filter(({ id }) => isWithin(id, state)).flatMap(({ tags }) => tags));
    for (const [state, { reader }] of Object.entries(stateTexts)) {
      const tags = tagsWithin(state);
      const [serves, waits] = [tags.has('serving'), tags.has('waiting')];
      if (reader.endsWith('gives it')) expect([serves, waits], state).toEqual([true, false]);
      else if (reader.endsWith('while it lasts')) expect([serves, waits], state).toEqual([true, true]);
      else if (reader.endsWith('waits')) expect([serves, waits], state).toEqual([false, true]);
      else expect([serves, waits, reader], state).toEqual([false, false, 'getToken() gives null']);
    }
  });

  it('has an arrow or a line for each text, and nothing else', async () => {
    const layout = await overviewLayout();
    const drawn = [
      ...layout.edges.flatMap(({ transitions }) => transitions),
      ...(layout.nodes[0]?.lines ?? []).flatMap(({ transition }) => transition ?? []),
    ];
    expect(drawn.sort()).toEqual(Object.keys(arrowTexts).sort());
    for (const { from, to, transitions } of layout.edges) expect(transitions).toEqual([`${from}>${to}`]);
  });
});
