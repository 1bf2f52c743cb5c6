import { beforeAll, describe, expect, it } from 'vitest';
import { type ChartLayout, drawChart, layoutChart, reactProps, readModel, type Shape, toSvg } from '../../docs/chart';
import { unrelated } from './unrelated';

const model = readModel(unrelated);
let layout: ChartLayout;

beforeAll(async () => {
  layout = await layoutChart(model, { descriptions: true });
});

const flat = (shape: Shape): Shape[] => [
  shape,
  ...shape.children.flatMap((child) => (typeof child === 'string' ? [] : flat(child))),
];
const attributes = (name: string): unknown[] =>
  drawChart(layout)
    .flatMap(flat)
    .flatMap((shape) => shape.attributes[name] ?? []);

describe('a drawing', () => {
  it('names each state, arrow and transition', () => {
    expect(attributes('data-state').sort()).toEqual(
      model.nodes
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
    expect(new Set(attributes('data-transition'))).toEqual(new Set(model.edges.map(({ id }) => id)));
    expect(attributes('data-edge')).toEqual(layout.edges.map(({ id }) => id));
  });

  it('pins each line of text to the width that it was measured at', () => {
    const texts = drawChart(layout)
      .flatMap(flat)
      .filter(({ tag }) => tag === 'text');
    const pinned = texts.filter((shape) => Number(shape.attributes.textLength) > 0);
    const marks = texts.filter((shape) => shape.attributes['text-anchor'] === 'middle');
    expect(texts.length - pinned.length).toBe(marks.length);
    expect(marks).toHaveLength(1);
  });

  it('has attributes as React wants them', () => {
    const shape = {
      tag: 'text',
      attributes: { class: 'a', 'font-size': 11, 'data-state': 'x', textLength: 3 },
      children: [],
    };
    expect(reactProps(shape)).toEqual({ className: 'a', fontSize: 11, 'data-state': 'x', textLength: 3 });
  });
});

describe('a file', () => {
  const written = () => toSvg(layout, { title: 'A <player> & more', description: 'Of "records"' });

  it('says what it is to those who do not see it', () => {
    expect(written()).toContain('role="img" aria-labelledby="title description"');
    expect(written()).toContain('<title id="title">A &lt;player&gt; &amp; more</title>');
    expect(written()).toContain('<desc id="description">Of &quot;records&quot;</desc>');
    expect(written()).toContain('Nothing plays &lt;ever&gt; &amp; again.');
  });

  it('has a theme for the dark, unless told not to', () => {
    expect(written()).toContain('@media (prefers-color-scheme:dark)');
    expect(toSvg(layout, { title: 'x', dark: null })).not.toContain('prefers-color-scheme');
  });

  it('is well-formed: every element that is opened is closed', () => {
    const open: string[] = [];
    for (const [, close, name, selfClosed] of written().matchAll(/<(\/?)([\w:]+)(?:[^">]|"[^"]*")*?(\/?)>/g)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!selfClosed) open.push(String(name));
    }
    expect(open).toEqual([]);
    expect(written().startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ')).toBe(true);
  });
});
