/** The examples in a document, compiled as files of a user's project would be. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readText, root } from '../house/support/sources';

/** The blocks of a language in a Markdown text. */
export const snippetsIn = (markdown: string, language: 'ts' | 'tsx' = 'ts'): string[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');

/** The entries of the package, by where their sources are. */
const entries: Readonly<Record<string, string>> = {
  'token-lifecycle': 'index.ts',
  'token-lifecycle/inspect': 'adapters/inspect/index.ts',
  'token-lifecycle/inspect/relay': 'adapters/inspect/relay/index.ts',
  'token-lifecycle/oauth': 'adapters/oauth/index.ts',
  'token-lifecycle/react': 'adapters/react/index.ts',
  'token-lifecycle/redis': 'adapters/redis/index.ts',
  'token-lifecycle/server': 'adapters/server/index.ts',
  'token-lifecycle/testing': 'adapters/testing/index.ts',
  'token-lifecycle/testing/fast-check': 'adapters/testing/arbitraries/index.ts',
  'token-lifecycle/viewer': 'adapters/viewer/index.ts',
};

export type SnippetOptions = {
  /** What a snippet is called, for those that import each other. Default `snippet-0.mts`, … */
  readonly nameOf?: (text: string, at: number) => string;
  /** Further files by name: what is not installed here and an example uses. */
  readonly files?: Readonly<Record<string, string>>;
  /** Packages by the name of a file. */
  readonly paths?: Readonly<Record<string, string>>;
  readonly compiler?: ts.CompilerOptions;
};

/**
 * What the compiler says to `texts`, where the package is this project, as `file: message`. All of them at once: the types of
 * the tools around take most of the time.
 */
export function snippetFaults(texts: readonly string[], options: SnippetOptions = {}): string[] {
  const { nameOf = (_, at) => `snippet-${at}.mts`, files: more = {}, paths = {}, compiler = {} } = options;
  const files = new Map(texts.map((text, at) => [join(root, nameOf(text, at)), text]));
  for (const [name, text] of Object.entries(more)) files.set(join(root, name), text);
  const settings: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    paths: Object.fromEntries(
      Object.entries({ ...entries, ...paths }).map(([name, place]) => [name, [join(root, place)]]),
    ),
    ...compiler,
  };
  const host = ts.createCompilerHost(settings);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile.call(host, name, version) : ts.createSourceFile(name, text, version);
  };
  host.fileExists = (name) => files.has(name) || existsSync(name);
  return ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], settings, host)).map(({ messageText, file }) => {
    const name = file?.fileName.slice(root.length + 1) ?? 'options';
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** A file of ours as a user would have it: with packages where it has paths into this project. */
export function asUserHas(path: string): string {
  const inside = Object.entries(entries).map(([name, place]) => [name, place.replace(/\.ts$/, '')] as const);
  return inside.reduce(
    (text, [name, place]) => text.replaceAll(new RegExp(`'(?:\\.\\./)+${place}'`, 'g'), `'${name}'`),
    readText(path),
  );
}
