/** What docs/guides/simulation.md says is true of the code. */
import { describe, expect, it } from 'vitest';
import { invariants } from '../../adapters/testing/invariants';
import { families } from '../../adapters/testing/simulate/families';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/simulation.md');

describe('docs/guides/simulation.md', () => {
  it('§12 every example compiles', { timeout: 120_000 }, () => {
    const snippets = snippetsIn(guide);
    expect(snippets.length).toBeGreaterThanOrEqual(5);
    expect(snippetFaults(snippets)).toEqual([]);
  });

  it('§12 the table has every invariant, in order', () => {
    const rows = [...guide.matchAll(/^\| ([SLR]\d+) \|/gm)].map((match) => match[1]);
    expect(rows).toEqual(invariants.map(({ id }) => id));
  });

  it('§12 the table has every family of faults, once', () => {
    const rows = guide.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
    const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
    expect(named.filter((name) => name && name in families).sort()).toEqual(Object.keys(families).sort());
  });
});
