/** The package as a user gets it: built, put into a node_modules folder, imported and required. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './support/sources';

/** Packages that only one entry may need. Whatever else asks for one of them gives it to everybody. */
const optional = [
  '@statelyai/inspect',
  '@xstate/react',
  'commander',
  'elkjs',
  'fast-check',
  'ioredis',
  'oauth4webapi',
  'pure-rand',
  'react',
  'react-dom',
  'ws',
];

/** What each entry may bring along, besides what the main one needs. */
const brings: Readonly<Record<string, readonly string[]>> = {
  'token-lifecycle': [],
  'token-lifecycle/inspect': ['@statelyai/inspect'],
  'token-lifecycle/inspect/relay': ['ws'],
  'token-lifecycle/oauth': ['oauth4webapi'],
  'token-lifecycle/react': ['react'],
  'token-lifecycle/redis': [],
  'token-lifecycle/server': [],
  'token-lifecycle/testing': ['pure-rand'],
  'token-lifecycle/testing/fast-check': ['fast-check', 'pure-rand'],
  'token-lifecycle/viewer': [],
};

const entries = Object.keys(brings).flatMap((name) => name.split(/\/(.*)/)[1] ?? []);

let consumer = '';

const run = (...args: string[]): string =>
  execFileSync(process.execPath, ['--no-warnings', ...args], { cwd: consumer, encoding: 'utf8' }).trim();

/** Reading any of these while loading would break somebody: a server, a worker, a page without storage. */
const traps = `
for (const name of ['window', 'document', 'localStorage', 'sessionStorage', 'indexedDB', 'BroadcastChannel', 'Worker']) {
  Object.defineProperty(globalThis, name, { configurable: true, get() { throw new Error('read ' + name); } });
}
`;

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'token-lifecycle-'));
  const modules = join(consumer, 'node_modules');
  const target = join(modules, 'token-lifecycle');
  mkdirSync(target, { recursive: true });
  cpSync(join(root, 'package.json'), join(target, 'package.json'));
  for (const name of [
    'xstate',
    'jose',
    '@noble',
    'pure-rand',
    'fast-check',
    'oauth4webapi',
    'react',
    '@statelyai',
    'ws',
  ])
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  const args = ['--out-dir', join(target, 'dist'), '--no-clean', '--no-dts', '--silent'];
  execFileSync(process.execPath, [tsup, ...args], { cwd: root, stdio: 'pipe' });
}, 120_000);

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

const names = "Object.keys(library).filter((name) => name !== 'default' && name !== '__esModule').sort().join(' ')";
const imported = () =>
  run('--input-type=module', '-e', `${traps}; const library = await import('token-lifecycle'); console.log(${names})`);
const required = () => run('-e', `${traps}; const library = require('token-lifecycle'); console.log(${names})`);

describe('the package', { timeout: 30_000 }, () => {
  it('can be imported, and touches no platform by that', () => {
    expect(imported().split(' ')).toEqual(expect.arrayContaining(['createTokenLifecycle', 'httpTokenSource']));
  });

  it('can be required, with the same names', () => {
    expect(required()).toBe(imported());
  });

  it.each(entries)('has an entry %s that can be imported and required', (entry) => {
    const library = `token-lifecycle/${entry}`;
    const byImport = run(
      '--input-type=module',
      '-e',
      `const library = await import('${library}'); console.log(${names})`,
    );
    expect(byImport).toMatch(/^\w{8,}/);
    expect(run('-e', `const library = require('${library}'); console.log(${names})`)).toBe(byImport);
  });

  it('has a bin that runs, and brings its own libraries and their licences', () => {
    const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Readonly<Record<string, string>>;
      version: string;
    };
    const file = join(consumer, 'node_modules/token-lifecycle', bin['token-lifecycle'] ?? '');
    const text = readFileSync(file, 'utf8');
    expect(run(file, '--version')).toBe(version);
    expect(run(file, 'simulate', '--minutes', '1')).toContain('Everything that must always hold did.');
    expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(text).toContain('TJ Holowaychuk');
    const bare = /^(?:import|export) .*from ["']((?:@[^/"']+\/)?[^/"'.]+)/gm;
    const packages = new Set([...text.matchAll(bare)].map((match) => match[1] ?? ''));
    const outside = ['xstate', 'jose', '@noble/hashes'];
    expect([...packages].filter((name) => !isBuiltin(name) && !outside.includes(name))).toEqual([]);
  });

  it('keeps the directive of the React entry on top', () => {
    for (const file of ['react.js', 'react.cjs']) {
      const text = readFileSync(join(consumer, 'node_modules/token-lifecycle/dist', file), 'utf8');
      expect(text.replace('"use strict";', '').trimStart()).toMatch(/^['"]use client['"];/);
    }
  });

  it.each(Object.entries(brings))('%s brings along what it needs and nothing of another entry', async (entry, own) => {
    const { metafile } = await build({
      stdin: { contents: `export * from '${entry}';`, resolveDir: consumer },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      logLevel: 'silent',
      platform: entry.endsWith('relay') ? 'node' : 'browser',
      external: optional,
    });
    const files = Object.entries(metafile.inputs);
    const inside = files.flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    const outside = files.flatMap(([, { imports }]) =>
      imports.filter(({ external }) => external).map(({ path }) => path),
    );
    const packages = new Set([
      ...inside,
      ...outside.filter((path) => !isBuiltin(path)).map((path) => /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]),
    ]);
    expect(packages).toContain('token-lifecycle');
    for (const name of [...own, 'token-lifecycle', 'xstate', 'jose', '@noble/hashes']) packages.delete(name);
    expect([...packages]).toEqual([]);
  });

  it('the viewer is in its own entry, and in no other', () => {
    const dist = join(consumer, 'node_modules/token-lifecycle/dist');
    const large = readdirSync(dist).filter(
      (name) => /js$/.test(name) && readFileSync(join(dist, name), 'utf8').includes('<div id="root">'),
    );
    expect(large.sort()).toEqual(['viewer.cjs', 'viewer.js']);
  });

  it('leaves out of a bundle what is not used', async () => {
    const contents = "export { OfflineError } from 'token-lifecycle';";
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: consumer },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      logLevel: 'silent',
    });
    expect(outputFiles[0]?.contents.byteLength).toBeGreaterThan(100);
    expect(outputFiles[0]?.contents.byteLength).toBeLessThan(6_000);
  });
});
