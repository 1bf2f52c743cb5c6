import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../house/support/sources';

/** What the compiler says to the TypeScript blocks of a guide, with this project's entries in the place of the package. */
export function guideFaults(guide: string): string[] {
  const texts = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  if (texts.length === 0) return ['no examples'];
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
      'token-lifecycle/redis': [join(root, 'adapters/redis/index.ts')],
      'token-lifecycle/server': [join(root, 'adapters/server/index.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, version) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile.call(host, name, version) : ts.createSourceFile(name, text, version);
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
