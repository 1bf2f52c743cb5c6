/** What docs/guides/testing.md says is true of the code. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { malformedKinds } from '../../adapters/testing/token-server/malformed';
import { snippetsIn } from '../house/support/snippets';
import { readText, root } from '../house/support/sources';

const guide = readText('docs/guides/testing.md');
const snippets = snippetsIn(guide);

/** @playwright/test is too large to have it only for this: what the example uses of it. */
const playwright = `
declare module '@playwright/test' {
  import type { Page } from 'playwright-core';
  export function test(title: string, body: (fixtures: { page: Page }) => Promise<void>): void;
  export function expect(actual: unknown): { toBeVisible(): Promise<void> };
}`;

/** Of all of them at once: the types of the tools around take most of the time. */
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

describe('the guide to testing', { timeout: 120_000 }, () => {
  it('§12 has examples that compile', () => {
    expect(snippets).toHaveLength(7);
    expect(faultsOf(snippets)).toEqual([]);
  });

  it.each(['origin-down.node.ts', 'closed-tab.test.ts', 'faults.ts', 'laws.ts'])(
    '§12 %s is the example that is shown',
    (file) => {
      expect(snippets).toContain(example(file));
    },
  );

  it('§12 the kit works under node:test', () => {
    const file = join(root, 'test/testing/guide/origin-down.node.ts');
    const args = ['--import', 'tsx', '--test', '--test-reporter', 'tap', file];
    // Vitest's own marks would have node:test report to it.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    expect(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })).toMatch(/^# pass 1$/m);
  });

  it('§12 names behaviours and kinds that exist', () => {
    const kinds = [...guide.matchAll(/do: '([\w-]+)'/g)].map((match) => match[1]);
    expect(new Set(kinds)).toEqual(
      new Set(['mint', 'status', 'outage', 'malformed', 'hang', 'delay', 'late', 'drop', 'unreachable']),
    );
    const listed = /usable: (.*?), … \|/.exec(guide)?.[1]?.match(/[\w-]+/g) ?? [];
    expect(listed.length).toBeGreaterThan(3);
    expect(malformedKinds).toEqual(expect.arrayContaining([...listed]));
  });
});
