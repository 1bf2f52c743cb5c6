import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources, readText, root } from './support/sources';
import { deadLinks, foreignPaths, type LockFile, otherRegistries, textFiles, tooLong } from './support/tidiness';

const limit = 400;
/** Tests are lists; they may be longer. */
const testLimit = 500;

describe('the house: files', () => {
  it(`no source file is longer than ${limit} lines`, () => {
    expect(tooLong(readSources('index.ts', 'machines', 'adapters', 'docs'), limit)).toEqual([]);
    expect(tooLong(readSources('test'), testLimit)).toEqual([]);
  });

  it('no file points into somebody’s machine', () => {
    const files = textFiles();
    expect(files.size).toBeGreaterThan(20);
    expect(foreignPaths(files)).toEqual([]);
  });

  it('every relative link in a document leads somewhere', () => {
    expect(deadLinks(textFiles(), (path) => existsSync(join(root, path)))).toEqual([]);
  });

  it('every dependency comes from the public registry', () => {
    expect(otherRegistries(JSON.parse(readText('package-lock.json')) as LockFile)).toEqual([]);
  });
});

describe('the gates bite', () => {
  it('on a long file', () => {
    expect(tooLong(new Map([['a.ts', 'x\n'.repeat(5)]]), 4)).toEqual(['a.ts has 5 lines']);
  });

  it('on a path into a machine, and not on a route or a link', () => {
    const path = ['', 'home', 'me', 'notes'].join('/');
    const text = `see ${path}, GET /tokens, https://example.com/home/me and ./home/me`;
    expect(foreignPaths(new Map([['a.md', text]]))).toEqual([`a.md: ${['', 'home', 'me'].join('/')}`]);
  });

  it('on a dead link', () => {
    const text = '[a](there.md#part) [b](gone.md) [c](https://example.com) [d](#here)';
    expect(deadLinks(new Map([['docs/a.md', text]]), (path) => path === 'docs/there.md')).toEqual([
      'docs/a.md: gone.md',
    ]);
  });

  it('on a package from elsewhere', () => {
    const packages = { '': {}, 'node_modules/a': { resolved: 'https://mirror.example/a.tgz' } };
    expect(otherRegistries({ packages })).toEqual(['node_modules/a']);
  });
});
