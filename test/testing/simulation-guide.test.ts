/** What docs/guides/simulation.md says is true of the code. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { invariants } from '../../adapters/testing/invariants';
import { families } from '../../adapters/testing/simulate/families';
import { snippetsIn } from '../house/support/snippets';
import { readText, root } from '../house/support/sources';

const guide = readText('docs/guides/simulation.md');

/** All snippets at once: the types of the tools around take most of the time. */
function faultsOf(texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, at) => [join(root, `snippet-${at}.mts`), text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    paths: {
      'token-lifecycle': [join(root, 'index.ts')],
      'token-lifecycle/testing': [join(root, 'adapters/testing/index.ts')],
      'token-lifecycle/testing/fast-check': [join(root, 'adapters/testing/arbitraries/index.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile.call(host, name, version) : ts.createSourceFile(name, text, version);
  };
  host.fileExists = (name) => files.has(name) || existsSync(name);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('docs/guides/simulation.md', () => {
  it('§12 every example compiles', { timeout: 120_000 }, () => {
    const snippets = snippetsIn(guide);
    expect(snippets.length).toBeGreaterThanOrEqual(5);
    expect(faultsOf(snippets)).toEqual([]);
  });

  it('§12 the table has every invariant, in order', () => {
    const rows = [...guide.matchAll(/^\| ([SLR]\d+) \|/gm)].map((match) => match[1]);
    expect(rows).toEqual(invariants.map(({ id }) => id));
  });

  it('§12 the table has every family of faults, once', () => {
    const rows = guide.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
    const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
    expect(named.filter((name) => name && name in families).sort()).toEqual(Object.keys(families).sort());
  });
});
