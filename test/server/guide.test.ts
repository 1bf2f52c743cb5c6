/** What docs/guides/server.md says is true of the code. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readText, root } from '../house/support/sources';

const guide = readText('docs/guides/server.md');
const snippets = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');

/** Not installed here; what the example uses of it. */
const next = `export declare class NextResponse extends Response {
  static next(init: { request: { headers: Headers } }): NextResponse;
}`;

/** Snippets that others import, by the name under which they do. */
const named: Readonly<Record<string, (text: string) => boolean>> = {
  'hono.ts': (text) => text.includes('createMiddleware'),
  'express.ts': (text) => text.includes('export function toRequest'),
};

/** What the compiler says to the snippets, as files of a user. */
function faults(texts: readonly string[]): string[] {
  const nameOf = (text: string, at: number): string =>
    Object.keys(named).find((name) => named[name]?.(text)) ?? `snippet-${at}.ts`;
  const files = new Map(texts.map((text, at) => [join(root, nameOf(text, at)), text]));
  files.set(join(root, 'next-server.d.ts'), next);
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    paths: {
      'token-lifecycle': [join(root, 'index.ts')],
      'token-lifecycle/server': [join(root, 'adapters/server/index.ts')],
      'next/server': [join(root, 'next-server.d.ts')],
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
    .map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

describe('the guide to servers', () => {
  it('has examples that compile', { timeout: 60_000 }, () => {
    expect(snippets).toHaveLength(10);
    expect(faults(snippets)).toEqual([]);
  });

  it.each(['hono', 'express'])('shows the %s example as it is tested', (name) => {
    const source = readText(`docs/examples/server-${name}/authentication.ts`);
    const shown = source.replaceAll("'../../../adapters/server/index'", "'token-lifecycle/server'");
    expect(snippets).toContain(shown);
  });

  it('lists every reason, and none that there is not', () => {
    const defined = readText('machines/handshake/reasons.ts').match(/'[a-z-]+'/g) ?? [];
    const hindrances = ['no-refresh-credential', 'method', 'prefetch', 'read-only'];
    const known = new Set(defined.map((text) => text.slice(1, -1)).filter((text) => !hindrances.includes(text)));
    const table = guide.slice(guide.indexOf('## Reasons'));
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? '');
    expect([...listed].sort()).toEqual([...known].sort());
    for (const one of hindrances) expect(table).toContain(`\`${one}\``);
  });
});

describe('the gate on examples bites', () => {
  it('on a name that the entry does not export', { timeout: 60_000 }, () => {
    expect(faults(["import { nothing } from 'token-lifecycle/server';\nnothing();"])).toEqual([
      expect.stringContaining("no exported member 'nothing'"),
    ]);
  });
});
