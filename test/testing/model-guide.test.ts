/** What docs/guides/model-based-tests.md says is true of the code. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it, vi } from 'vitest';
import { sceneNames } from '../../adapters/testing/explore/lifecycle/exploration';
import { createLifecycleModel } from '../../adapters/testing/model/create';
import { modelEvents } from '../../adapters/testing/model/machine';
import { snippetsIn } from '../house/support/snippets';
import { readText, root } from '../house/support/sources';

const guide = readText('docs/guides/model-based-tests.md');
const snippets = snippetsIn(guide);

/** What the example uses of @playwright/test. */
const playwright = `
declare module '@playwright/test' {
  import type { Locator, Page } from 'playwright-core';
  export function test(title: string, body: (fixtures: { page: Page }) => Promise<void>): void;
  export function expect(actual: Locator): { toBeVisible(): Promise<void> };
}`;

function faultsOf(texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, at) => [join(root, `snippet-${at}.mts`), text]));
  files.set(join(root, 'playwright.d.ts'), playwright);
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
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version) => {
    const own = files.get(name);
    return own === undefined ? getSourceFile.call(host, name, version) : ts.createSourceFile(name, own, version);
  };
  host.fileExists = (name) => files.has(name) || existsSync(name);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** A file of ours as a user would have it. */
const example = (file: string): string =>
  readText(`test/testing/guide/${file}`)
    .replaceAll("'../../../adapters/testing/index'", "'token-lifecycle/testing'")
    .replaceAll("'../../../index'", "'token-lifecycle'");

describe('the guide to tests from a model', { timeout: 120_000 }, () => {
  it('issue 3 has examples that compile', () => {
    expect(snippets).toHaveLength(5);
    expect(faultsOf(snippets)).toEqual([]);
  });

  it.each(['model.test.ts', 'door.ts'])('issue 3 %s is the example that is shown', (file) => {
    expect(snippets).toContain(example(file));
  });

  it('issue 3 prints what the guide says that it prints', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import('./guide/door');
    const printed = log.mock.calls.map(([line]) => `${String(line)}\n`);
    log.mockRestore();
    expect(printed).toHaveLength(1);
    expect(guide).toContain(`\`\`\`text\n${printed[0]}\`\`\``);
  });

  it('issue 3 names every state, event and scene, and no other', () => {
    const cells = [...guide.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) => [...(row[1] ?? '').matchAll(/`([^`]+)`/g)]);
    const named = new Set(cells.map((match) => match[1]));
    const states = Object.keys(createLifecycleModel().states);
    expect(named).toEqual(new Set([...states, ...modelEvents, ...sceneNames]));
  });
});
