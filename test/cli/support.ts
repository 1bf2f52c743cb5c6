/** The bin, as a process and as a function. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { run } from '../../adapters/cli/program';
import type { Terminal } from '../../adapters/cli/terminal';
import { root } from '../house/support/sources';

export type Said = { readonly code: number | null; readonly out: string; readonly err: string };

export type Bin = {
  run(
    args: readonly string[],
    more?: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<Said>;
  remove(): void;
};

/** Builds it once, as the package has it: an ES module beside its package.json, its libraries inside. */
export async function buildBin(): Promise<Bin> {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'cli-'));
  const outfile = join(folder, 'dist/cli.js');
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  await build({
    entryPoints: [join(root, 'adapters/cli/main.ts')],
    bundle: true,
    outfile,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['xstate', 'jose', '@noble/hashes', 'pure-rand', '@colors/colors'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  const { PATH = '' } = process.env;
  return {
    run: (args, { stdin = '', env = {} } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [outfile, ...args], { env: { PATH, ...env } });
        const said = { out: '', err: '' };
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said.out += text;
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said.err += text;
        });
        child.on('error', reject).on('close', (code) => resolve({ code, ...said }));
        child.stdin.on('error', () => {}).end(stdin);
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a command line in this process. */
export async function say(
  args: readonly string[],
  given: Partial<Terminal> & { readonly stdin?: string } = {},
): Promise<Said> {
  const said = { out: '', err: '' };
  const { stdin = '', ...more } = given;
  const code = await run(args, '1.2.3', {
    write: (text) => {
      said.out += text;
    },
    writeError: (text) => {
      said.err += text;
    },
    columns: 100,
    color: false,
    interactive: false,
    readStdin: async () => stdin,
    now: () => 1_800_000_000_000,
    fetch: () => Promise.reject(new Error('No request is expected.')),
    ...more,
  });
  return { code, ...said };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT with a signature that nobody checks. */
export const jwtOf = (
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string => `${part({ alg: 'ES256', typ: 'JWT', ...header })}.${part(claims)}.c2lnbmF0dXJlLXRoYXQtbm9ib2R5LWNoZWNrcw`;

/** Whether any 12 characters of the secret stand in the text. */
export function leaks(text: string, secret: string): boolean {
  for (let at = 0; at + 12 <= secret.length; at += 1) if (text.includes(secret.slice(at, at + 12))) return true;
  return false;
}
