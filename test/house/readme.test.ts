/** What the README says is true of the code. */
import { describe, expect, it } from 'vitest';
import { readChart } from '../../machines/chart';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { snippetFaults, snippetsIn } from '../support/snippets';
import { readText } from './support/sources';

const readme = readText('README.md');

describe('the README', () => {
  it('has examples that compile', { timeout: 60_000 }, () => {
    const snippets = snippetsIn(readme);
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippetFaults(snippets, { compiler: { types: [] } })).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm cit');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test', 'docs', 'diagrams']));
  });

  it('lists the states that there are', () => {
    const table = readme.slice(readme.indexOf('## The states'), readme.indexOf('## What it promises'));
    const listed = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]);
    const top = [tokenMachine, sessionMachine].flatMap((machine) =>
      readChart(machine)
        .states.map(({ path }) => path)
        .filter((path) => !path.includes('.')),
    );
    expect(listed).toHaveLength(7);
    expect(listed.filter((state) => !top.includes(String(state)))).toEqual([]);
  });
});

describe('the gate on examples bites', () => {
  it('on a name that the library does not export', { timeout: 60_000 }, () => {
    expect(snippetFaults(["import { nothing } from 'token-lifecycle';\nnothing();"])).not.toEqual([]);
  });
});
