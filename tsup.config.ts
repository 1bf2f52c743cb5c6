import { readdirSync, readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';
import { buildViewer } from './docs/viewer/build';

const common: Options = { format: ['esm', 'cjs'], sourcemap: true, target: 'es2022' };

/** One declaration build for all entries: they share the types of the facade. */
const declarations = {
  index: 'index.ts',
  inspect: 'adapters/inspect/index.ts',
  'inspect-relay': 'adapters/inspect/relay/index.ts',
  oauth: 'adapters/oauth/index.ts',
  react: 'adapters/react/index.ts',
  redis: 'adapters/redis/index.ts',
  server: 'adapters/server/index.ts',
  testing: 'adapters/testing/index.ts',
  'testing-fast-check': 'adapters/testing/arbitraries/index.ts',
  viewer: 'adapters/viewer/index.ts',
};

/** Whoever imports the viewer finds it in its own entry: no copy of it in theirs, in either format. */
const viewerApart: Plugin = {
  name: 'viewer-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/viewer\/index$/ }, () => ({ path: 'token-lifecycle/viewer', external: true }));
  },
};

/** Built out of docs/viewer, and written down as text. */
const viewerPage: Plugin = {
  name: 'viewer-page',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^virtual:viewer-page$/ }, ({ path }) => ({ path, namespace: 'viewer-page' }));
    onLoad({ filter: /.*/, namespace: 'viewer-page' }, async () => ({ contents: await buildViewer(), loader: 'text' }));
  },
};

const main: Options = {
  ...common,
  entry: {
    index: 'index.ts',
    inspect: 'adapters/inspect/index.ts',
    'inspect-relay': 'adapters/inspect/relay/index.ts',
    oauth: 'adapters/oauth/index.ts',
    redis: 'adapters/redis/index.ts',
    server: 'adapters/server/index.ts',
    testing: 'adapters/testing/index.ts',
    'testing-fast-check': 'adapters/testing/arbitraries/index.ts',
    // Not exported. They cut the ES module build into chunks that a bundler can leave out one by one.
    'parts/errors': 'machines/errors.ts',
    'parts/machines': 'machines/session/machine.ts',
    'parts/lifecycle': 'adapters/host/create.ts',
    'parts/source': 'adapters/source/http.ts',
    'parts/cookie': 'adapters/cookie/document.ts',
    'parts/token': 'adapters/token/decode.ts',
  },
  dts: { entry: declarations },
  clean: true,
  treeshake: true,
  esbuildPlugins: [viewerApart],
};

/** The page of the viewer is larger than all the rest together: an entry alone, read where somebody wants it. */
const viewer: Options = {
  ...common,
  entry: { viewer: 'adapters/viewer/index.ts' },
  sourcemap: false,
  esbuildPlugins: [viewerPage],
};

/** Of its own, since the directive has to stay on top: tree-shaking by rollup would drop it. */
const react: Options = {
  ...common,
  entry: { react: 'adapters/react/index.ts' },
  external: ['react'],
  banner: { js: "'use client';" },
};

/** Packages inside the bin, so that whoever installs the library gets no more of them than it needs itself. */
const inBin = [
  'commander',
  'cli-table3',
  'string-width',
  'strip-ansi',
  'ansi-regex',
  'is-fullwidth-code-point',
  'emoji-regex',
  'pure-rand',
];

function licenceOf(name: string): string {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return file === undefined ? '' : `${name}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}`;
}

/** ES module for Node alone. What it brings along is CommonJS and asks for `require`. */
const cli: Options = {
  entry: { cli: 'adapters/cli/main.ts' },
  format: ['esm'],
  platform: 'node',
  target: 'node20',
  external: ['@colors/colors'],
  noExternal: inBin,
  banner: {
    js: [
      `/*! Contains:\n\n${inBin.map(licenceOf).join('\n\n')}\n*/`,
      "import { createRequire } from 'node:module';",
      'const require = createRequire(import.meta.url);',
    ].join('\n'),
  },
};

export default defineConfig([main, react, viewer, cli]);
