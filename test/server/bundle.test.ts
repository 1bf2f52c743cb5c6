/** The server entry needs a web platform and nothing else: it runs on edges, in workers, in Deno, in Bun. */
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../house/support/sources';
import { type Keys, makeKeys, makeStage } from './support/stage';

const entry = join(root, 'adapters/server/index.ts');

/** Every import that is no file of ours or of a package that was found: what a platform would have to have. */
async function bundle(platform: 'neutral' | 'browser', contents = `export * from ${JSON.stringify(entry)};`) {
  const wanted: string[] = [];
  const watch: Plugin = {
    name: 'watch',
    setup: ({ onResolve }) => {
      onResolve({ filter: /.*/ }, ({ path }) => {
        const isBuiltin = path.startsWith('node:') || builtinModules.includes(path);
        if (isBuiltin) wanted.push(path);
        return isBuiltin ? { path, external: true } : undefined;
      });
    },
  };
  const options: BuildOptions = {
    stdin: { contents, resolveDir: root, loader: 'ts' },
    plugins: [watch],
    platform,
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'server',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    logLevel: 'silent',
  };
  const { outputFiles } = await build(options);
  return { wanted, text: outputFiles?.[0]?.text ?? '' };
}

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

describe('token-lifecycle/server', () => {
  it.each(['neutral', 'browser'] as const)('H6 brings no Node built-in along (platform %s)', async (platform) => {
    const { wanted, text } = await bundle(platform);
    expect(wanted).toEqual([]);
    expect(text.length).toBeGreaterThan(10_000);
    expect(text).not.toMatch(/\bprocess\.|\bBuffer\b|\brequire\(|\b__dirname\b/);
  });

  it('H6 H8 runs where Node’s own globals are missing', async () => {
    const { text } = await bundle('neutral');
    const { session, clock } = await makeStage(keys);
    const given = { keys: keys.jwks, now: () => clock.at, token: await session() };
    // The same realm, with these names taken away from it.
    const missing = ['process', 'Buffer', 'require', 'module', 'exports', 'global', 'setImmediate', '__dirname'];
    const run = new Function(
      'given',
      ...missing,
      `'use strict'; ${text};
      return (async () => {
        const authenticate = server.createRequestAuthenticator({
          keys: given.keys,
          issuer: 'https://auth.example.com',
          audience: 'https://api.example.com',
          appOrigin: 'https://app.example.com',
          cookie: { name: '__session' },
          marker: { cookie: 'uat' },
          handshake: { url: 'https://auth.example.com/handshake' },
          clock: { now: given.now },
        });
        const go = (headers) => authenticate(new Request('https://app.example.com/', { headers }));
        return [
          await go({ authorization: 'Bearer ' + given.token }),
          await go({ cookie: 'uat=5', 'sec-fetch-dest': 'document' }),
        ].map(({ status }) => status);
      })();`,
    );
    expect(await run(given)).toEqual(['signed-in', 'handshake']);
  });
});

describe('the gate bites', () => {
  it('on a built-in, with and without its prefix', async () => {
    const { wanted } = await bundle('neutral', "import 'node:crypto'; import { join } from 'path'; join('a');");
    expect(wanted).toEqual(['node:crypto', 'path']);
  });
});
