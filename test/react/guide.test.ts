/** What docs/guides/react.md says is true of the code. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as entry from '../../adapters/react/index';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';
import { measured, sizeOf } from './support/size';

const guide = readText('docs/guides/react.md');

/** The first is the file './app' of the others. */
const tsxFaults = (texts: readonly string[]): string[] =>
  snippetFaults(texts, {
    nameOf: (_, at) => (at === 0 ? 'app.tsx' : `snippet-${at}.tsx`),
    compiler: { jsx: ts.JsxEmit.ReactJSX, types: [] },
  });

/** The table of hooks: what is imported, and what it is said to cost. */
const rows = [...guide.matchAll(/^\| `?(\w+)[^|]*\|[^|]*\|[^|]*\| (\d+) \|$/gm)].map(
  ([, name = '', cost]) => [name, Number(cost)] as const,
);

describe('the guide to React', () => {
  it('has examples that compile', { timeout: 60_000 }, () => {
    const snippets = snippetsIn(guide, 'tsx');
    expect(snippets).toHaveLength(4);
    expect(tsxFaults(snippets)).toEqual([]);
  });

  it('names all that the entry exports', () => {
    expect(rows.map(([name]) => name).filter((name) => name !== 'everything')).toEqual(
      expect.arrayContaining(Object.keys(entry)),
    );
  });

  it.each(rows)('tells what %s costs, give or take a twentieth', async (name, cost) => {
    const { zipped } = await sizeOf(measured[name] ?? ['?']);
    expect(Math.abs(zipped - cost) / cost, `${name} costs ${zipped} now`).toBeLessThan(0.05);
  });
});

describe('the gate on examples bites', () => {
  it('on a hook that there is not', { timeout: 60_000 }, () => {
    expect(tsxFaults(["import { useNothing } from 'token-lifecycle/react';\nuseNothing();"])).not.toEqual([]);
  });
});
