#!/usr/bin/env node
/** The bin `token-lifecycle`: hands the process to a command. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { run } from './program';
import { type Terminal, wantsColor } from './terminal';

/** The package's own; this file is its `dist/cli.js`. */
function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

const { stdout, stderr, stdin, env } = process;

const terminal: Terminal = {
  write: (said) => void stdout.write(said),
  writeError: (said) => void stderr.write(said),
  // A terminal that does not know its width says 0.
  columns: stdout.columns || 100,
  color: wantsColor(stdout, env),
  interactive: stdout.isTTY === true,
  readStdin: () => text(stdin),
  now: () => Date.now(),
  fetch: (url, init) => fetch(url, init),
};

// Whoever reads may stop reading: `| head`.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(process.argv.slice(2), versionOf(), terminal);
