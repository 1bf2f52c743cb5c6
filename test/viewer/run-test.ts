/** Runs the text of a test as somebody who pasted it into a project would: strict types first, then for real. */
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { expect } from 'vitest';
import { root } from '../house/support/sources';

const entries: Readonly<Record<string, string>> = {
  'token-lifecycle': join(root, 'index.ts'),
  'token-lifecycle/testing': join(root, 'adapters/testing/index.ts'),
};

/** Complaints of the compiler, with the packages where they are in this project. */
export function typeFaults(text: string): string[] {
  const name = join(root, 'test/viewer/pasted.test.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const paths = Object.fromEntries(Object.entries(entries).map(([from, to]) => [from, [to]]));
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, paths, baseUrl: root }, root);
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) : getSourceFile(file, ...rest);
  const program = ts.createProgram([name], options, host);
  const source = program.getSourceFile(name);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/**
 * Runs it.
 *
 * @returns the titles of the tests that passed
 * @throws what a test throws
 */
export async function runTest(text: string): Promise<string[]> {
  const { outputFiles } = await build({
    stdin: { contents: text, loader: 'ts', resolveDir: root },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vitest'],
    alias: { ...entries },
    logLevel: 'error',
  });
  const passed: string[] = [];
  const it = (title: string, run: () => void): void => {
    run();
    passed.push(title);
  };
  const load = (name: string): unknown => (name === 'vitest' ? { it, expect } : process.getBuiltinModule(name));
  new Function('require', 'module', 'exports', outputFiles[0]?.text ?? '')(load, { exports: {} }, {});
  return passed;
}
