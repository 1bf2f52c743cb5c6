/** What a hook adds to a bundle. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../../house/support/sources';

/** What can be imported, and measured: with the provider, since no hook works without it. */
export const measured: Readonly<Record<string, readonly string[]>> = {
  TokenLifecycleProvider: [],
  useToken: ['useToken'],
  useTokenState: ['useTokenState'],
  useGetToken: ['useGetToken'],
  useReady: ['useReady'],
  useTokenActor: ['useTokenActor'],
  useTokenLifecycle: ['useTokenLifecycle'],
  everything: ['useToken', 'useTokenState', 'useGetToken', 'useReady', 'useTokenActor', 'useTokenLifecycle'],
};

/** The provider and `names`, minified and zipped, in bytes; React is the application's own. */
export async function sizeOf(names: readonly string[]): Promise<{ minified: number; zipped: number }> {
  const exported = ['TokenLifecycleProvider', ...names].join(', ');
  const { outputFiles } = await build({
    stdin: { contents: `export { ${exported} } from './adapters/react/index';`, resolveDir: root },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['react'],
    legalComments: 'none',
    logLevel: 'error',
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: code.byteLength, zipped: gzipSync(code, { level: 9 }).byteLength };
}
