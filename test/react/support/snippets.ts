/** The TSX examples in a document, compiled as a user's files would be. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../house/support/sources';

export const tsxIn = (markdown: string): string[] =>
  [...markdown.matchAll(/^```tsx\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');

/** What the compiler says to `texts`: the first is the file './app' of the others. */
export function tsxFaults(texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, at) => [join(root, at === 0 ? 'app.tsx' : `snippet-${at}.tsx`), text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    jsx: ts.JsxEmit.ReactJSX,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    types: [],
    paths: {
      'token-lifecycle': [join(root, 'index.ts')],
      'token-lifecycle/react': [join(root, 'adapters/react/index.ts')],
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
