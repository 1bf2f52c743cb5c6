import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The script of a tab with the whole library in it, built from the sources. */
export async function bundleTab(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('tabs-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles.map(({ text }) => text).join('');
}
