import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { buildViewer } from '../../viewer/build';
import { buildCharts } from './chart-build';
import type { PageAsset, PageAssets } from './page';

const pageFile = (name: string): string => fileURLToPath(new URL(`../page/${name}`, import.meta.url));

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** `token-lifecycle/inspect` brings the viewer along for those who have no address of one; this server has. */
const viewerApart: Plugin = {
  name: 'viewer-apart',
  setup: ({ onResolve }) => onResolve({ filter: /\/viewer\/index$/ }, () => ({ path: '/viewer', external: true })),
};

/** It brings a policy of its own, by the hashes of its script and style. */
const viewerAsset = async (): Promise<PageAsset> => ({
  type: 'text/html; charset=utf-8',
  body: await buildViewer(),
  policy: "frame-ancestors 'self'",
});

/**
 * Bundles the page in memory: nothing is written, and nothing has to be built before.
 *
 * @param options.mode React's build: the one for development mounts everything twice and complains about mistakes
 */
export async function buildPage({
  mode = 'production',
}: {
  mode?: 'production' | 'development';
} = {}): Promise<PageAssets> {
  const { outputFiles } = await build({
    entryPoints: { main: pageFile('main.tsx'), sw: pageFile('sw.ts'), style: pageFile('style/index.css') },
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: mode === 'production',
    jsx: 'automatic',
    plugins: [viewerApart],
    define: { 'process.env.NODE_ENV': JSON.stringify(mode), CHARTS: JSON.stringify(await buildCharts()) },
    logLevel: 'error',
  });
  const assets = new Map<string, PageAsset>();
  for (const { path, text } of outputFiles) {
    const name = path.split(/[\\/]/).at(-1) ?? '';
    assets.set(`/${name}`, { type: types[name.split('.').at(-1) ?? ''] ?? 'text/plain', body: text });
  }
  const [html, icon, viewer] = await Promise.all([
    readFile(pageFile('index.html'), 'utf8'),
    readFile(pageFile('icon.svg'), 'utf8'),
    viewerAsset(),
  ]);
  assets.set('/', { type: 'text/html; charset=utf-8', body: html });
  assets.set('/viewer', viewer);
  assets.set('/icon.svg', { type: 'image/svg+xml', body: icon });
  return assets;
}
