import { beforeAll, describe, expect, it } from 'vitest';
import { type ChartLayout, collapse, isWithin, layoutChart, readModel } from '../../docs/chart';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { holds, overlaps, pairs } from './support';
import { unrelated } from './unrelated';

const machines = [
  ['unrelated', unrelated, 'right'],
  ['handshake', handshakeMachine, 'down'],
  ['session', sessionMachine, 'right'],
  ['token', tokenMachine, 'right'],
] as const;

describe.each(machines)('the %s machine, laid out', (_, machine, direction) => {
  const model = readModel(machine);
  let layout: ChartLayout;

  beforeAll(async () => {
    layout = await layoutChart(model, { direction });
  });

  it('shows each transition: on an arrow, or as a line in its state', () => {
    const onArrows = layout.edges.flatMap(({ transitions }) => transitions);
    const inBoxes = layout.nodes.flatMap(({ lines }) => lines.flatMap(({ transition }) => transition ?? []));
    expect(new Set([...onArrows, ...inBoxes])).toEqual(new Set(model.edges.map(({ id }) => id)));
    expect(onArrows.filter((id) => inBoxes.includes(id))).toEqual([]);
  });

  it('has each state inside the one around it, and beside its neighbours', () => {
    for (const drawn of layout.nodes.slice(1)) {
      const around = layout.nodes.find(({ id }) => id === drawn.node.parent);
      expect(around && holds(around, drawn), drawn.id).toBe(true);
    }
    const siblings = pairs(layout.nodes).filter(([a, b]) => a.node.parent === b.node.parent);
    expect(siblings.filter(([a, b]) => overlaps(a, b)).map(([a, b]) => `${a.id} ${b.id}`)).toEqual([]);
  });

  it('has no label on another label or on a box, and none outside of the drawing', () => {
    const labels = layout.edges.flatMap(({ id, label }) => (label ? [{ id, ...label }] : []));
    const leaves = layout.nodes.filter(({ node }) => node.children.length === 0);
    const clashes = pairs(labels).filter(([a, b]) => overlaps(a, b));
    const covered = labels.flatMap((label) =>
      leaves.filter((leaf) => overlaps(leaf, label)).map(({ id }) => `${label.id} ${id}`),
    );
    expect(clashes.map(([a, b]) => `${a.id} ${b.id}`)).toEqual([]);
    expect(covered).toEqual([]);
    expect(labels.filter((label) => !holds({ x: 0, y: 0, ...layout }, label))).toEqual([]);
  });

  it('has room for every line of text', () => {
    const faults = layout.nodes.flatMap((box) =>
      box.lines
        .filter(({ x, y, width, size }) => !holds(box, { x, y: y - size, width, height: size }))
        .map(() => box.id),
    );
    expect(faults).toEqual([]);
    for (const { label } of layout.edges) {
      for (const { x, y, width, size } of label?.lines ?? []) {
        expect(label && holds(label, { x, y: y - size, width, height: size }, 1)).toBe(true);
      }
    }
  });

  it('begins each arrow at its source and ends it at its target', () => {
    const edgeOf = (path: string, x: number, y: number): boolean => {
      const box = layout.nodes.find(({ id }) => id === path);
      return box !== undefined && holds(box, { x, y, width: 0, height: 0 }, 1);
    };
    for (const { id, from, to, d, head } of layout.edges) {
      const [x = Number.NaN, y = Number.NaN] = (/^M(\S+) (\S+?)L/.exec(d) ?? []).slice(1).map(Number);
      expect(edgeOf(from, x, y), `${id} begins`).toBe(true);
      expect(edgeOf(to, head.x, head.y), `${id} ends`).toBe(true);
      expect(Math.abs(head.angle) % 90, id).toBe(0);
    }
  });
});

describe('a layout', () => {
  const model = collapse(readModel(tokenMachine), ({ id }) => id !== '');

  it('is the same each time', async () => {
    expect(await layoutChart(model)).toEqual(await layoutChart(model));
  });

  it('marks where a state begins', async () => {
    const { starts } = await layoutChart(readModel(unrelated));
    expect(starts.map(({ within, to }) => `${within}>${to}`)).toEqual([
      '>stopped',
      'stopped>stopped.resting',
      'playing.side>playing.side.a',
      'playing.volume>playing.volume.soft',
    ]);
  });

  it('can leave arrows without text', async () => {
    const { edges, nodes } = await layoutChart(model, { say: () => [] });
    expect(edges.filter(({ label }) => label)).toEqual([]);
    expect(nodes.find(({ id }) => id === 'fresh')?.lines).toHaveLength(1);
    const between = readModel(tokenMachine).edges.filter(
      ({ from, to }) => isWithin(from, 'stale') && to.some((state) => isWithin(state, 'refreshing')),
    );
    expect(between.length).toBeGreaterThan(3);
    const drawn = edges.find(({ id }) => id === 'stale>refreshing')?.transitions;
    expect(new Set(drawn)).toEqual(new Set(between.map(({ id }) => id)));
  });
});
