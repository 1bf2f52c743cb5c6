import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Hosts that need no DNS. Those under `localhost` are secure contexts, `.test` is not and wants `insecureHosts`. */
export type Host = 'app.shop.localhost' | 'evil.shop.localhost' | 'app.beta.localhost' | 'app.shop.test';

/** Makes `*.test` lead to this machine. */
export const insecureHosts = '--host-resolver-rules=MAP *.test 127.0.0.1';

export type LeafPages = {
  /** Address of an empty page whose scripts find the bundle as `leaves`. */
  url(
    host: Host,
    options?: { readonly path?: string; readonly csp?: string; readonly set?: readonly string[] },
  ): string;
  /** Address that answers with the `Cookie` header it was sent. */
  echo(host: Host): string;
  close(): Promise<void>;
};

const root = fileURLToPath(new URL('../../..', import.meta.url));

async function bundle(exports: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: exports, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'leaves',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/**
 * Serves pages for adapters by themselves, without a lifecycle around them.
 *
 * @param exports what the bundle has, as export statements with paths from the project's root
 * @example serveLeaves("export { systemClock } from './adapters/clock/system'");
 */
export async function serveLeaves(exports: string): Promise<LeafPages> {
  const script = await bundle(exports);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, body: string, headers: Record<string, string | string[]> = {}): void => {
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(body);
    };
    if (pathname === '/leaves.js') return send('text/javascript', script, { 'service-worker-allowed': '/' });
    if (pathname === '/echo') return send('text/plain', request.headers.cookie ?? '', { 'cache-control': 'no-store' });
    const csp = searchParams.get('csp');
    const set = searchParams.getAll('set');
    send('text/html', '<!doctype html><title>leaf</title><script src="/leaves.js"></script><p>leaf</p>', {
      ...(csp !== null && { 'content-security-policy': csp }),
      ...(set.length > 0 && { 'set-cookie': set }),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (host, { path = '/', csp, set = [] } = {}) => {
      const url = new URL(path, `http://${host}:${port}`);
      if (csp !== undefined) url.searchParams.set('csp', csp);
      for (const one of set) url.searchParams.append('set', one);
      return url.href;
    },
    echo: (host) => `http://${host}:${port}/echo`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
