/** The package as a user gets it: built, put into a node_modules folder, imported and required. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './support/sources';

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
  for (const name of ['xstate', 'jose', '@noble'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  const args = ['--out-dir', join(target, 'dist'), '--no-clean', '--no-dts', '--silent'];
  execFileSync(process.execPath, [tsup, ...args], { cwd: root, stdio: 'pipe' });
}, 60_000);

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
