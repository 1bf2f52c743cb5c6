/** A site with the viewer and pages that embed it, on a free port of the loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildViewer } from '../../docs/viewer/build';
import { root } from '../house/support/sources';

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/viewer/page', name)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

const pageOf = (script: string, buttons: readonly string[]): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">
<style>body{margin:0;display:flex;flex-direction:column;height:100dvh}iframe{flex:1;border:0}p{margin:0;padding:4px}</style>
<p>${buttons.map((id) => `<button id="${id}">${id}</button>`).join(' ')}</p>
<iframe title="Inspector"></iframe>
<script>${script.replaceAll('</script', '<\\/script')}</script></html>`;

export async function openViewerSite() {
  const [viewer, app, unrelated] = await Promise.all([buildViewer(), bundle('app.ts'), bundle('unrelated.ts')]);
  const pages: Readonly<Record<string, string>> = {
    '/viewer': viewer,
    '/app': pageOf(app, ['sign-out', 'sign-in', 'read']),
    '/unrelated': pageOf(unrelated, ['fill', 'pour']),
  };
  const server = createServer(({ url = '/' }, answer) => {
    const page = pages[new URL(url, 'http://localhost').pathname];
    answer.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type ViewerSite = Awaited<ReturnType<typeof openViewerSite>>;
