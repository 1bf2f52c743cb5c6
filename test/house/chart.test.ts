/** The gates on charts and titles, tried on things made up for them. */
import { describe, expect, it } from 'vitest';
import { and, assign, fromPromise, not, setup } from 'xstate';
import { readChart, statesTable, toMermaid, transitionsTable } from '../../machines/chart';
import { behaviours, undrawn, unknownIds, untested } from './support/behaviours';
import { meaningFaults, structureFaults } from './support/chart-faults';
import { demanded, idsIn, readRules } from './support/rules';
import { readTitles } from './support/titles';

const parts = setup({
  types: { events: {} as { type: 'go' } | { type: 'sign-out' } },
  actors: { mint: fromPromise(() => new Promise<never>(() => undefined)) },
  guards: { ready: () => true, late: () => false },
  actions: { note: () => undefined },
  delays: { soon: () => 1 },
});

const said = (description: string, ...ids: string[]) => ({ description, meta: { ids } });

const toy = parts.createMachine({
  id: 'toy',
  initial: 'a-one',
  on: { 'sign-out': { target: '.b', ...said('out', 'T3') } },
  states: {
    'a-one': {
      ...said('first | one', 'R4.1'),
      tags: ['waiting'],
      invoke: {
        id: 'mint',
        src: 'mint',
        onDone: { target: 'b.inner', guard: and(['ready', not('late')]), ...said('got', 'T1') },
      },
      after: { soon: { target: 'b', ...said('late', 'T2') } },
    },
    b: {
      ...said('second', 'R4.2'),
      initial: 'inner',
      states: {
        inner: { ...said('in', 'R4.2'), always: { target: 'rest', guard: { type: 'ready' }, ...said('on', 'T1') } },
        rest: { ...said('rest', 'S1'), on: { go: { actions: 'note', ...said('noted', 'T2') } } },
      },
    },
  },
});

const specification = `
| id | from | event | to | and |
|---|---|---|---|---|
| T1 | a | minted | b | once |
| T2 | a | late | b | |
| T3 | any | sign-out | b | *comes later.* Not yet |
| T29 | any | switch | b | |

| id | rule |
|---|---|
| R4.1 | One |
| R4.2 | Two. Other tabs *comes later* |
| R10.1 | Ten |
| S1 | Always |
| H2b | Server |
`;

describe('a chart as data', () => {
  const chart = readChart(toy);

  it('has the states in order, with initial substates, tags and ids', () => {
    expect(chart.initial).toBe('a-one');
    expect(chart.states.map(({ path }) => path)).toEqual(['a-one', 'b', 'b.inner', 'b.rest']);
    expect(chart.states[0]).toMatchObject({ tags: ['waiting'], ids: ['R4.1'], children: [] });
    expect(chart.states[1]).toMatchObject({ initial: 'b.inner', children: ['b.inner', 'b.rest'] });
  });

  it('says events and guards as a reader would', () => {
    expect(chart.transitions.map(({ from, event, guard, to }) => [from, event, guard, to.join()])).toEqual([
      ['', 'sign-out', undefined, 'b'],
      ['a-one', 'mint done', 'ready and not late', 'b.inner'],
      ['a-one', 'after soon', undefined, 'b'],
      ['b.inner', 'always', 'ready', 'b.rest'],
      ['b.rest', 'go', undefined, ''],
    ]);
  });

  it('turns into tables whose cells hold no stray bars', () => {
    expect(statesTable(chart)).toContain('| `a-one` | `waiting` | first \\| one | R4.1 |');
    expect(transitionsTable(chart)).toContain(
      '| `a-one` | `mint done` if `ready and not late` | `b.inner` | got | T1 |',
    );
    expect(transitionsTable(chart)).toContain('| any | `sign-out` | `b` | out | T3 |');
    expect(transitionsTable(chart)).toContain('| `b.rest` | `go` | stays | noted | T2 |');
  });

  it('turns into Mermaid: the states at the top', () => {
    expect(toMermaid(chart).split('\n')).toEqual([
      'stateDiagram-v2',
      '  state "a-one" as a_one',
      '  state "b" as b',
      '  [*] --> a_one',
      '  a_one --> b : T1, T2',
    ]);
  });

  it('turns into Mermaid: the inside of one of them, and what is next to it', () => {
    expect(toMermaid(chart, 'b').split('\n')).toEqual([
      'stateDiagram-v2',
      '  state "b.inner" as b_inner',
      '  state "b.rest" as b_rest',
      '  state "a-one" as a_one',
      '  [*] --> b_inner',
      '  a_one --> b_inner : T1, T2',
      '  b_inner --> b_rest : T1',
    ]);
  });

  it('turns into Mermaid: regions side by side by their states', () => {
    const regions = parts.createMachine({
      id: 'regions',
      initial: 'all',
      states: {
        all: {
          type: 'parallel',
          states: {
            left: { initial: 'on', states: { on: { on: { go: 'off' } }, off: {} } },
            right: { initial: 'up', states: { up: {} } },
          },
        },
      },
    });
    expect(toMermaid(readChart(regions), 'all').split('\n')).toEqual([
      'stateDiagram-v2',
      '  state "all.left.on" as all_left_on',
      '  state "all.left.off" as all_left_off',
      '  state "all.right.up" as all_right_up',
      '  [*] --> all_left_on',
      '  [*] --> all_right_up',
      '  all_left_on --> all_left_off : go',
    ]);
  });
});

describe('the gates on charts bite', () => {
  it('and leave a chart alone that has a name and a purpose for everything', () => {
    expect([...structureFaults(toy), ...meaningFaults(toy)]).toEqual([]);
  });

  it('on everything without a name', () => {
    const inline = parts.createMachine({
      id: 'inline',
      initial: 'a',
      on: { '*': { actions: assign({}) } },
      states: {
        a: {
          entry: () => undefined,
          invoke: { src: fromPromise(async () => 1), onDone: { guard: () => true } },
          after: { 500: 'end' },
          always: { guard: not(() => true), target: 'end' },
        },
        end: { type: 'final' },
      },
    });
    expect(structureFaults(inline).sort()).toEqual(
      [
        "(root): a transition on '*'",
        '(root) *: an action without a name',
        'a: an entry or exit action without a name',
        'a: an actor without a name',
        'a: an actor without an id',
        'a onDone: a guard without a name',
        'a after 500: a delay without a name',
        'a always: a guard without a name',
        'end: a final state at the top',
      ].sort(),
    );
  });

  it('on a state or transition without a purpose', () => {
    const mute = parts.createMachine({ id: 'mute', initial: 'a', states: { a: { on: { go: { actions: 'note' } } } } });
    expect(meaningFaults(mute)).toEqual([
      'mute a: no description',
      'mute a: no meta.ids',
      'mute a on go: no description',
      'mute a on go: no meta.ids',
    ]);
  });
});

describe('ids', () => {
  it('are found in a text, and those of incidents are not', () => {
    expect(idsIn('T5 and R4.10, (S11) T30: H4b L2 — H01 L10 J02 K04 R4 MST5 v1.2')).toEqual([
      'T5',
      'R4.10',
      'S11',
      'T30',
      'H4b',
      'L2',
    ]);
  });

  it('are read from the tables of the specification', () => {
    const rules = readRules(specification);
    expect(rules.map(({ id }) => id)).toEqual(['T1', 'T2', 'T3', 'T29', 'R4.1', 'R4.2', 'R10.1', 'S1', 'H2b']);
    expect(rules[0]?.text).toBe('a: minted → b (once)');
    expect(demanded(rules)).toEqual(['T1', 'T2', 'T29', 'R4.1', 'R4.2', 'R10.1', 'S1', 'H2b']);
  });
});

describe('titles', () => {
  const read = (text: string) =>
    readTitles(new Map([['a.test.ts', text]])).map(({ title, ids }) => [title, ids.join()]);

  it.each([
    ["it('T1 goes', () => {});", [['T1 goes', 'T1']]],
    ["describe('T1', () => { test('S1 holds', () => {}); });", [['T1 › S1 holds', 'T1,S1']]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a test
    ['it(`T1 ${name} in ${place}`, () => {});', [['T1 … in …', 'T1']]],
    ["it.each([1, 2])('T2 with %s', () => {});", [['T2 with %s', 'T2']]],
    [
      "it.each([['T1 a', 0], ['R4.2 b', 1]])('%s', () => {});",
      [
        ['T1 a', 'T1'],
        ['R4.2 b', 'R4.2'],
      ],
    ],
    ["const rows = [{ id: 'S1' }] as const; it.each(rows)('$id holds', () => {});", [['S1 holds', 'S1']]],
    ["describeInChromium('L2', () => { it('wakes', () => {}); });", [['L2 › wakes', 'L2']]],
    ["it.concurrent('T1', () => {}, 5000);", [['T1', 'T1']]],
    ["it.skip('T1', () => {}); it.todo('T2'); describe.skip('S1', () => { it('x', () => {}); });", []],
    ["hit('T1'); // it('T2', () => {})", []],
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('the gates on behaviours bite', () => {
  const rules = readRules(specification);
  const charts = [{ name: 'toy', chart: readChart(toy) }];
  const titles = readTitles(new Map([['a.test.ts', "it('T1 R4.1 goes', () => {}); it('T9 S1 flies', () => {});"]]));

  it('on a demanded id without a test', () => {
    expect(untested(demanded(rules), titles)).toEqual(['T2', 'T29', 'R4.2', 'R10.1', 'H2b']);
  });

  it('on a transition that no chart has', () => {
    expect(undrawn(['T1', 'T2', 'T7', 'R4.9'], charts)).toEqual(['T7']);
  });

  it('on an id that the specification does not have', () => {
    expect(unknownIds(rules, charts, titles)).toEqual(['T9 in a.test.ts "T9 S1 flies"']);
  });

  it('and the document lists rule, transition and test together', () => {
    const text = behaviours(rules, charts, titles);
    const section = text.slice(text.indexOf('### T1\n'), text.indexOf('### T2\n'));
    expect(section).toContain('> a: minted → b (once)');
    expect(section).toContain('toy machine, `a-one` on `mint done` if `ready and not late` → `b.inner`: got');
    expect(section).toContain('- a.test.ts\n  - `T1 R4.1 goes`');
    expect(text).toContain('### H2b\n\n> Server\n\nNo test names it.');
    expect(text).toContain('### T3\n\n> any: sign-out → b (*comes later.* Not yet)');
    expect(text).toContain('any state on `sign-out` → `b`: out (T3)');
  });
});
