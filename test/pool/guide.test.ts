/** What docs/guides/pool.md says is true of the code. */
import { describe, expect, it } from 'vitest';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';
import { createFleet } from './support/fleet';

const guide = readText('docs/guides/pool.md');

describe('the guide to the pool', () => {
  it('H06 has examples that compile', { timeout: 60_000 }, () => {
    const snippets = snippetsIn(guide);
    expect(snippets.length).toBeGreaterThan(1);
    expect(snippetFaults(snippets)).toEqual([]);
  });

  it('H06 lists the calls and the scripts that there are', () => {
    const pool = createFleet({ shares: false }).process();
    const table = guide.slice(guide.indexOf('| call |'), guide.indexOf('The session id is taken'));
    const listed = [...table.matchAll(/`(\w+)\(/g)].map((match) => match[1]);
    expect([...new Set(listed)].sort()).toEqual(Object.keys(pool).sort());
    pool.stop();
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    for (const [, name] of guide.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name);
  });
});
