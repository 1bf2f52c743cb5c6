/** A diagram can be read where it is shown: on a page about 850 pixels wide, nothing on top of anything else. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChartLayout } from '../../docs/chart';
import { overviewLayout } from '../../docs/diagrams/overview';
import { partLayout, parts } from '../../docs/diagrams/parts';
import { holds, overlaps, pairs } from '../chart/support';

const shownAt = 850;
const readable = 10;

describe.each([
  ['overview', overviewLayout],
  ...parts.map((part) => [part.name, () => partLayout(part)] as const),
] as const)('the diagram %s', (_, draw) => {
  let layout: ChartLayout;

  beforeAll(async () => {
    layout = await draw();
  });

  it('has text of a size that can be read', () => {
    const scale = Math.min(1, shownAt / layout.width);
    const sizes = layout.nodes.flatMap(({ lines }) => lines.map(({ size }) => size));
    expect(Math.min(...sizes) * scale).toBeGreaterThan(readable);
  });

  it('has nothing on top of anything else, and nothing outside', () => {
    const labels = layout.edges.flatMap(({ label }) => label ?? []);
    const leaves = layout.nodes.filter(({ node }) => node.children.length === 0);
    expect(pairs([...labels, ...leaves]).filter(([a, b]) => overlaps(a, b))).toEqual([]);
    expect([...labels, ...leaves].filter((box) => !holds({ x: 0, y: 0, ...layout }, box))).toEqual([]);
    for (const box of layout.nodes) {
      const texts = box.lines.map(({ x, y, width, size }) => ({ x, y: y - size, width, height: size }));
      expect(
        texts.filter((text) => !holds(box, text)),
        box.id,
      ).toEqual([]);
    }
  });
});
