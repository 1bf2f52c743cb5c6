import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantsColor } from '../../adapters/cli/terminal';
import { readText } from '../house/support/sources';
import { type Bin, buildBin, jwtOf, leaks } from './support';

let bin: Bin;
const { version } = JSON.parse(readText('package.json')) as { version: string };
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const escapes = /\u001b\[/;

beforeAll(async () => {
  bin = await buildBin();
}, 60_000);
afterAll(() => bin?.remove());

describe('the bin, as a process', { timeout: 60_000 }, () => {
  it('R15.5 knows its version and its commands', async () => {
    expect(await bin.run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const help = await bin.run(['--help']);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/simulate[\s\S]*inspect/);
  });

  it('R15.5 explains itself by examples', async () => {
    const [simulate, inspect] = await Promise.all([bin.run(['simulate', '--help']), bin.run(['inspect', '--help'])]);
    expect(simulate.out).toContain('$ token-lifecycle simulate --fault offline@60s+30s');
    expect(simulate.out).toContain('status=503[,retry-after=30s]');
    expect(inspect.out).toContain('$ token-lifecycle inspect - < cookie.txt');
    for (const { out } of [simulate, inspect]) expect(out).toContain('Exit code: 0; 1 ');
  });

  it('R15.1 R15.6 simulates, without colour where nobody looks', async () => {
    const { code, out, err } = await bin.run(['simulate', '--minutes', '1']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Everything that must always hold did.');
    expect(out).not.toMatch(escapes);
  });

  it('R15.6 colours where it is told to, and not where NO_COLOR stands', async () => {
    const forced = await bin.run(['simulate', '--minutes', '1'], { env: { FORCE_COLOR: '1' } });
    expect(forced.out).toMatch(escapes);
    const both = await bin.run(['simulate', '--minutes', '1'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(both.out).not.toMatch(escapes);
  });

  it('R15.2 S11 inspects what comes by standard input', async () => {
    const seconds = Math.floor(Date.now() / 1_000);
    const token = jwtOf({ sub: 'somebody', iat: seconds, exp: seconds + 3_600 });
    const { code, out, err } = await bin.run(['inspect', '-'], { stdin: `${token}\n` });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('fresh: given to readers');
    expect(leaks(out, token)).toBe(false);
  });

  it('R15.5 ends with 1 for bad news and 2 for wrong usage', async () => {
    const [expired, wrong] = await Promise.all([
      bin.run(['inspect', '-'], { stdin: jwtOf({ iat: 1, exp: 2 }) }),
      bin.run(['simulate', '--fault', 'flood@1m']),
    ]);
    expect(expired).toMatchObject({ code: 1, err: '' });
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('There is no such fault');
  });
});

describe('colour', () => {
  const terminal = { isTTY: true, hasColors: () => true };

  it.each([
    [terminal, {}, true],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [{ isTTY: true, hasColors: () => false }, {}, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [terminal, { FORCE_COLOR: '0' }, false],
  ])('R15.6 of %j under %j: %s', (stream, env, expected) => {
    expect(wantsColor(stream, env)).toBe(expected);
  });
});
