import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { listenSomewhere } from '../../docs/demo/server/listen';
import { createDemoServer, type DemoServer } from '../../docs/demo/server/server';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the port', () => {
  const servers: DemoServer[] = [];
  const make = async () => {
    const server = await createDemoServer();
    servers.push(server);
    return server;
  };

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('demo takes a free port where the usual one is taken', async () => {
    const first = new URL(await (await make()).listen(0));
    const { url, usual } = await listenSomewhere(await make(), Number(first.port));
    expect(usual).toBe(false);
    expect(new URL(url).port).not.toBe(first.port);
    expect((await fetch(`${url}/demo/settings`)).status).toBe(200);
  });

  it('demo takes the usual port where it is free', async () => {
    const free = createServer();
    const port = await new Promise<number>((resolve) => {
      free.listen(0, '127.0.0.1', () => {
        const address = free.address();
        free.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
    expect(await listenSomewhere(await make(), port)).toEqual({ url: `http://127.0.0.1:${port}`, usual: true });
  });

  it('demo does not hide another reason why it cannot listen', async () => {
    const refused = Object.assign(new Error('denied'), { code: 'EACCES' });
    await expect(listenSomewhere({ listen: () => Promise.reject(refused) }, 80)).rejects.toBe(refused);
  });
});

describe('npm start', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('demo prints its address, serves the whole page and ends on SIGTERM', async () => {
    // As `npm start` does, without npm's own process between us and the signal.
    const child = spawn(process.execPath, ['--import', 'tsx', 'docs/demo/start.ts'], { cwd: root });
    children.push(child);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
        if (address) resolve(address);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      void ended.then(() => reject(new Error(output)));
    });

    const document = await fetch(url);
    expect(document.headers.get('content-security-policy')).toContain("script-src 'self'");
    const linked = [...(await document.text()).matchAll(/(?:href|src)="(\/[^"#]+)"/g)].map(([, path]) => path ?? '');
    expect(linked).toEqual(expect.arrayContaining(['/main.js', '/style.css', '/icon.svg']));
    for (const path of [...linked, '/sw.js']) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 30_000);
});
