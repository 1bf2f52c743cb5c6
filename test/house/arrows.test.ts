import { describe, expect, it } from 'vitest';
import { ambientReads, runtimeStatements } from './support/ambient';
import { importCycles, packagesBehind, wrongArrows } from './support/arrows';
import { readSources, type Sources } from './support/sources';

const sources = readSources('machines', 'adapters', 'index.ts');
const machines = readSources('machines');
const made = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files));

describe('the house: imports', () => {
  it('finds the sources that it judges', () => {
    expect(machines.size).toBeGreaterThan(4);
    expect(sources.size).toBeGreaterThan(machines.size);
  });

  it('no import runs the wrong way', () => {
    expect(wrongArrows(sources)).toEqual([]);
  });

  it('no imports form a cycle', () => {
    expect(importCycles(sources)).toEqual([]);
  });

  it('machines/ports holds types only', () => {
    expect(runtimeStatements('machines/ports.ts', machines.get('machines/ports.ts') ?? '?')).toEqual([]);
  });

  it('the main entry brings nothing along but its two dependencies and its peer', () => {
    const allowed = /^(?:xstate|jose|@noble\/hashes\/.+)$/;
    expect(packagesBehind('index.ts', sources).filter((name) => !allowed.test(name))).toEqual([]);
  });
});

describe('the house: machines take nothing from the platform', () => {
  it.each([...machines])('%s reads no global, clock or chance', (path, text) => {
    expect(ambientReads(path, text)).toEqual([]);
  });
});

describe('the gates bite', () => {
  const ports = { 'machines/ports.ts': 'export type A = 1;', 'machines/errors.ts': '', 'adapters/host/host.ts': '' };

  it.each([
    ['a machine that imports an adapter', 'machines/token/chart.ts', '../../adapters/host/host'],
    ['a machine that imports a library', 'machines/token/chart.ts', 'jose'],
    ['a machine that imports Node', 'machines/token/chart.ts', 'node:fs'],
    ['ports that import anything', 'machines/ports.ts', './errors'],
    ['a leaf that imports the host', 'adapters/cache/memory.ts', '../host/host'],
    ['a leaf that imports a machine', 'adapters/cache/memory.ts', '../../machines/token/machine'],
    ['a leaf that imports another leaf', 'adapters/cache/memory.ts', '../store/memory'],
    ['a leaf that imports Node', 'adapters/cache/memory.ts', 'node:fs'],
    ['a host that imports the test kit', 'adapters/host/host.ts', '../testing/clock'],
    ['an entry that imports the test kit', 'index.ts', './adapters/testing/clock'],
    ['a file in a folder without a rule', 'adapters/misc/util.ts', '../../machines/ports'],
    ['an import that leads nowhere', 'adapters/cache/memory.ts', '../../machines/gone'],
  ])('on %s', (_, path, specifier) => {
    const tree = made({
      ...ports,
      'machines/token/machine.ts': '',
      'adapters/store/memory.ts': '',
      'adapters/testing/clock.ts': '',
      [path]: `import type { A } from '${specifier}';`,
    });
    expect(wrongArrows(tree)).toEqual([expect.stringContaining(path)]);
  });

  it('but not on the arrows that are meant', () => {
    const tree = made({
      ...ports,
      'machines/token/machine.ts': "import { setup } from 'xstate';\nimport type { A } from '../ports';",
      'adapters/cache/own.ts': '',
      'adapters/cache/memory.ts':
        "import type { A } from '../../machines/ports';\nimport { own } from './own';\nimport 'idb';",
      'adapters/host/host.ts':
        "import { machine } from '../../machines/token/machine';\nimport { memory } from '../cache/memory';",
      'index.ts': "export { host } from './adapters/host/host';",
    });
    expect(wrongArrows(tree)).toEqual([]);
  });

  it('on a re-export and on a dynamic import', () => {
    const tree = made({
      ...ports,
      'adapters/cache/a.ts': "export { x } from '../host/host';",
      'adapters/cache/b.ts': "export const late = () => import('../host/host');",
      'adapters/cache/c.ts': "export type Late = import('../host/host').Host;",
    });
    expect(wrongArrows(tree)).toHaveLength(3);
  });

  it('on a cycle, and names the way round', () => {
    const tree = made({ 'a.ts': "import './b';", 'b.ts': "import './c';", 'c.ts': "import './a';" });
    expect(importCycles(tree)).toEqual(['a.ts → b.ts → c.ts → a.ts']);
  });

  it('on a package that the entry drags in', () => {
    const tree = made({
      'index.ts': "export { a } from './a';",
      'a.ts': "import { b } from 'react';\nimport type { C } from 'x';",
    });
    expect(packagesBehind('index.ts', tree)).toEqual(['react']);
  });

  it.each([
    'window',
    'document.cookie',
    'navigator.onLine',
    'localStorage.getItem("a")',
    'globalThis.window',
    'Date.now()',
    'new Date()',
    'performance.now()',
    'setTimeout(() => {}, 1)',
    'queueMicrotask(() => {})',
    'Math.random()',
    'crypto.randomUUID()',
    'fetch("/")',
    'console.log(1)',
    'process.env',
    '{ fetch }',
    '{ a: fetch }',
    '((run = setTimeout) => run)()',
  ])('on %s in a machine', (expression) => {
    expect(ambientReads('machines/a.ts', `export const a = ${expression};`)).toEqual([
      expect.stringMatching(/^machines\/a\.ts:1 /),
    ]);
  });

  it('on destructured chance', () => {
    expect(ambientReads('machines/a.ts', 'const { random } = Math;')).toEqual(['machines/a.ts:1 Math']);
  });

  it.each([
    ['a comment', '// Date.now() and window'],
    ['a type', 'export type A = { at: Date; signal: AbortSignal };'],
    ['an own name', 'export const a = (window: { from: number }) => window.from;'],
    ['a member', 'export const a = (source: { fetch(): void }) => source.fetch();'],
    ['a key', 'export const a = { fetch: 1, console: 2 };'],
    ['an import', "import { fetch } from './b';\nexport const a = fetch;"],
    ['pure arithmetic', 'export const a = Math.max(1, Number("2"), Date.UTC(2020, 1));'],
    ['an own error', 'export class A extends Error {}'],
  ])('but not on %s', (_, text) => {
    expect(ambientReads('machines/a.ts', text)).toEqual([]);
  });

  it('on a value in a file of types', () => {
    expect(runtimeStatements('machines/ports.ts', "import type { B } from './b';\nexport const a = 1;")).toEqual([
      'machines/ports.ts:2',
    ]);
  });
});
