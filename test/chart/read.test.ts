import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { type ChartModel, nodeAt, readModel } from '../../docs/chart';
import { readChart } from '../../machines/chart';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { unrelated } from './unrelated';

const model = readModel(unrelated);
const said = model.edges.map(
  ({ from, label, guard, to }) => `${from} ${label}${guard ? ` [${guard}]` : ''} > ${to.join()}`,
);

describe('a chart is read', () => {
  it.each([
    ['token', tokenMachine],
    ['session', sessionMachine],
    ['handshake', handshakeMachine],
  ] as const)('from the %s machine, with the very states and transitions that its own reader finds', (_, machine) => {
    const chart = readChart(machine);
    const read = readModel(machine);
    const line = (
      from: string,
      event: string,
      guard: string | undefined,
      to: readonly string[],
      ids: readonly string[],
    ) => [from, event, guard, to.join(), ids.join()].join(' | ');
    expect(read.nodes.slice(1).map(({ id, tags }) => [id, tags])).toEqual(
      chart.states.map(({ path, tags }) => [path, tags]),
    );
    expect(read.edges.map((edge) => line(edge.from, edge.label, edge.guard, edge.to, edge.ids)).sort()).toEqual(
      chart.transitions.map((one) => line(one.from, one.event, one.guard, one.to, one.ids)).sort(),
    );
  });

  it('with every kind of transition', () => {
    expect(said.sort()).toEqual(
      [
        'stopped play [hasRecord and not isBroken] > playing',
        'stopped play > stopped.shrugging',
        'stopped needle.* > ',
        'stopped after 1.5 s > off',
        'stopped after longPause [(inline)] > off',
        'stopped.shrugging after 300 ms > stopped.resting',
        'playing done > stopped',
        'playing (inline) done > stopped',
        'playing (inline) failed > off',
        'playing clock changed > ',
        'playing stop > stopped',
        'playing any event > ',
        'playing jump > playing.side.b,playing.volume.loud',
        'playing again > playing',
        'playing.side.a turn > playing.side.b',
        'playing.side.b turn > playing.side.a',
        'playing.side.b last > playing.side.out',
        'playing.side.before at first > playing.side.a',
        'playing.volume.soft always [isDeaf] > playing.volume.loud',
        'playing.volume.loud hush > stopped',
        'playing.volume.loud back > playing.side.before',
      ].sort(),
    );
  });

  it('with the types, beginnings and names of states', () => {
    expect(model.nodes[0]).toMatchObject({ id: '', parent: null, initial: ['stopped'], description: 'Plays records.' });
    expect(nodeAt(model, 'playing')).toMatchObject({ type: 'parallel', initial: ['playing.side', 'playing.volume'] });
    expect(nodeAt(model, 'playing')?.invokes.map(({ id, src }) => `${id} ${src}`)).toEqual([
      '(inline) (inline)',
      'clock ticks',
    ]);
    expect(nodeAt(model, 'playing.side.before')).toMatchObject({ type: 'history', history: 'deep', initial: [] });
    expect(nodeAt(model, 'playing.side.out')?.type).toBe('final');
    expect(nodeAt(model, 'off')).toMatchObject({ type: 'final', stateId: 'gone', parent: '' });
    expect(nodeAt(model, 'stopped')).toMatchObject({ tags: ['quiet'], entry: ['dim'], type: 'compound' });
  });

  it('the same from a config, from its JSON, and from a machine', () => {
    const { edges, nodes } = readModel(JSON.stringify(tokenMachine.config));
    expect({ edges, nodes }).toEqual({ edges: readModel(tokenMachine).edges, nodes: readModel(tokenMachine).nodes });
  });

  it('from a definition, which lacks `always` and guards that are functions', () => {
    const fromDefinition = readModel(JSON.stringify(unrelated));
    const lost = model.edges.filter(({ kind }) => kind === 'always').length;
    expect(lost).toBeGreaterThan(0);
    expect(fromDefinition.nodes).toEqual(model.nodes);
    expect(fromDefinition.edges.map(({ id }) => id).sort()).toEqual(
      model.edges
        .filter(({ kind, label }) => kind !== 'always' && label !== 'at first')
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('with ids that name each transition once', () => {
    const ids = model.edges.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['stopped:play:0', 'stopped:play:1', 'playing.volume.soft:always:0']));
  });

  it.each(['[]', 'null', '1', null, undefined, 3])('and %j is refused', (definition) => {
    expect(() => readModel(definition)).toThrow(TypeError);
  });

  it('tolerantly: what an inspector cut off does not hinder the rest', () => {
    const cut = {
      id: 'cut',
      initial: 'a',
      states: { a: { on: { go: '[Object]' }, after: '[Object]' }, b: '[Object]' },
    };
    expect(readModel(cut).nodes.map(({ id }) => id)).toEqual(['', 'a']);
    expect(readModel(cut).edges.map(({ to }) => to)).toEqual([[]]);
    expect(readModel({ id: 'promise' }).nodes).toHaveLength(1);
  });
});

describe('what @statelyai/inspect sends', () => {
  it('is a config, so that only the parts of a combined guard are missing', () => {
    const sent: StatelyInspectionEvent[] = [];
    createInspector({ send: (event) => sent.push(event) }).actor(createActor(unrelated));
    const [actor] = sent;
    const read = readModel(actor?.type === '@xstate.actor' ? actor.definition : undefined);
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
    const lines = ({ nodes, edges }: ChartModel, parts: (guard: string | undefined) => string | undefined) => ({
      nodes: nodes
        .map((node) => ({ ...node, children: [...node.children].sort(), initial: [...node.initial].sort() }))
        .sort(byId),
      edges: edges.map((edge) => ({ ...edge, guard: parts(edge.guard) })).sort(byId),
    });
    expect(lines(read, (guard) => guard)).toEqual(
      lines(model, (guard) => guard?.replace('hasRecord and not isBroken', 'and')),
    );
  });
});
