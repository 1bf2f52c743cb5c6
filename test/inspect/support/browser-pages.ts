/** Pages for a real browser: an application, and a viewer of another origin. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { buildViewer } from '../../../docs/viewer/build';
import { root } from '../../house/support/sources';

const viewerPage: Plugin = {
  name: 'viewer-page',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^virtual:viewer-page$/ }, ({ path }) => ({ path, namespace: 'viewer-page' }));
    onLoad({ filter: /.*/, namespace: 'viewer-page' }, async () => ({ contents: await buildViewer(), loader: 'text' }));
  },
};

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/inspect/page', file)],
    plugins: [viewerPage],
    define: { 'process.env.NODE_ENV': '"development"' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

export type Pages = {
  /** The application, on 127.0.0.1. */
  readonly app: string;
  /** A viewer on localhost: the same server, and another origin. */
  readonly receiver: string;
  close(): Promise<void>;
};

export async function servePages(): Promise<Pages> {
  const scripts = new Map([
    ['/app.js', await bundle('app.ts')],
    ['/receiver.js', await bundle('receiver.ts')],
  ]);
  const server = createServer(({ url = '' }, answer) => {
    const script = scripts.get(url);
    if (script !== undefined) {
      answer.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(script);
      return;
    }
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    const name = url.startsWith('/receiver') ? 'receiver' : 'app';
    const body = `<button onclick="app.open()">Inspect</button><script type="module" src="/${name}.js"></script>`;
    answer.end(`<!doctype html><title>Notes</title><link rel="icon" href="data:,">${body}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    app: `http://127.0.0.1:${port}/app`,
    receiver: `http://localhost:${port}/receiver`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => {});
    },
  };
}
