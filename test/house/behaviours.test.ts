/** Every rule has a transition and a test, and docs/behaviours.md says which. `npm run docs` writes it anew. */
import { describe, expect, it } from 'vitest';
import { readChart } from '../../machines/chart';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { behaviours, undrawn, unknownIds, untested } from './support/behaviours';
import { demanded, readRules } from './support/rules';
import { readSources, readText } from './support/sources';
import { readTitles } from './support/titles';

const rules = readRules(readText('docs/lifecycle.md'));
const ids = demanded(rules);
const charts = [
  { name: 'token', chart: readChart(tokenMachine) },
  { name: 'session', chart: readChart(sessionMachine) },
  { name: 'handshake', chart: readChart(handshakeMachine) },
];
const tests = new Map([...readSources('test')].filter(([path]) => !path.startsWith('test/house/')));
const titles = readTitles(tests);

describe('the house: behaviours', () => {
  it('the specification and the tests were found', () => {
    expect(ids).toEqual(expect.arrayContaining(['T1', 'T30', 'R4.1', 'R9.21', 'S11', 'L4']));
    expect(titles.length).toBeGreaterThan(100);
  });

  it('ids are defined once', () => {
    const all = rules.map(({ id }) => id);
    expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
  });

  it('charts and titles name no id that the specification does not have', () => {
    expect(unknownIds(rules, charts, titles)).toEqual([]);
  });

  it('each transition of section 3 is in a chart', () => {
    expect(undrawn(ids, charts)).toEqual([]);
  });

  it('each rule has a test that names it', () => {
    expect(untested(ids, titles)).toEqual([]);
  });

  it('docs/behaviours.md is up to date', async () => {
    await expect(behaviours(rules, charts, titles)).toMatchFileSnapshot('../../docs/behaviours.md');
  });
});
