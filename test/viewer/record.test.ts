import { beforeAll, describe, expect, it } from 'vitest';
import { createActor, createMachine, fromPromise } from 'xstate';
import { record } from '../../docs/viewer/trace/record';
import { emptyTrace, ownLabel, type Received, type StepEntry, type Trace } from '../../docs/viewer/trace/types';
import { createRecording, settled } from './recording';

const kettle = createMachine({
  id: 'kettle',
  context: { poured: 0 },
  initial: 'cold',
  states: {
    cold: { on: { heat: { target: 'hot', description: 'Somebody wants tea.', meta: { ids: ['K1'] } }, look: {} } },
    hot: {
      invoke: {
        id: 'whistle',
        src: fromPromise(async () => 'loud'),
        onDone: { target: 'whistling', description: 'It boils.' },
      },
    },
    whistling: { on: { pour: { target: 'cold', meta: { ids: ['K2', 'K3'] } } } },
  },
});

const steps = (trace: Trace): readonly StepEntry[] => trace.entries.filter((entry) => entry.is === 'step');
const event = (type: string, more: object): Received => ({
  source: 'a',
  data: { _version: '1', sessionId: 'x:9', createdAt: '1000', type, ...more },
});

describe('issue 5 viewer: a trace', () => {
  let received: readonly Received[];
  let trace: Trace;

  beforeAll(async () => {
    const recording = createRecording('a');
    const actor = createActor(kettle, { inspect: recording.inspect });
    actor.start();
    actor.send({ type: 'look' });
    actor.send({ type: 'heat' });
    await settled();
    actor.send({ type: 'pour' });
    await settled();
    received = recording.received;
    trace = received.reduce(record, emptyTrace);
  });

  it('issue 5 holds each step with state, ids, description', () => {
    const told = steps(trace)
      .filter(({ actor }) => trace.actors[actor]?.name === 'kettle')
      .map(({ event, after, ids, description, changed }) => [event.type, after.value, ids, description, changed]);
    expect(told).toEqual([
      ['xstate.init', 'cold', [], undefined, true],
      ['look', 'cold', [], undefined, false],
      ['heat', 'hot', ['K1'], 'Somebody wants tea.', true],
      ['xstate.done.actor.whistle', 'whistling', [], 'It boils.', true],
      ['pour', 'cold', ['K2', 'K3'], undefined, true],
    ]);
  });

  it('issue 5 knows actors, parents and who has ended', () => {
    const [kettleActor, whistle] = Object.values(trace.actors);
    expect(kettleActor).toMatchObject({ name: 'kettle', ended: false, begins: expect.any(Number) });
    expect(whistle).toMatchObject({ name: 'whistle', parent: kettleActor?.key, definition: undefined, ended: true });
    expect(trace.models[kettleActor?.definition ?? '']?.nodes.map(({ id }) => id)).toEqual([
      '',
      'cold',
      'hot',
      'whistling',
    ]);
  });

  it('issue 5 tells messages from inside and from outside', () => {
    const messages = trace.entries.filter((entry) => entry.is === 'message');
    const [kettleActor, whistle] = Object.values(trace.actors);
    expect(messages.find(({ event }) => event.type === 'heat')).toMatchObject({
      from: undefined,
      actor: kettleActor?.key,
    });
    expect(messages.find(({ event }) => event.type === 'xstate.done.actor.whistle')).toMatchObject({
      from: whistle?.key,
      actor: kettleActor?.key,
    });
  });

  it('issue 5 measures how long the state before lasted', () => {
    const at = (createdAt: number, type: string, value: string): Received =>
      event('@xstate.snapshot', {
        createdAt: String(createdAt),
        event: { type },
        snapshot: { value, status: 'active' },
      });
    const timed = [at(1_000, 'xstate.init', 'a'), at(1_300, 'tick', 'a'), at(4_500, 'go', 'b')].reduce(
      record,
      emptyTrace,
    );
    expect(steps(timed).map(({ lasted }) => lasted)).toEqual([undefined, undefined, 3_500]);
  });

  it('issue 5 believes an inspector that says which transitions were taken', () => {
    const rivals = JSON.stringify({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          on: {
            go: [
              { guard: 'first', target: 'b', description: 'One.' },
              { guard: 'second', target: 'b', description: 'Two.' },
            ],
          },
        },
        b: {},
      },
    });
    const begin = [
      event('@xstate.actor', { name: 'm', definition: rivals, snapshot: { value: 'a' } }),
      event('@xstate.snapshot', { event: { type: 'xstate.init' }, snapshot: { value: 'a' } }),
    ].reduce(record, emptyTrace);
    const go = { event: { type: 'go' }, snapshot: { value: 'b' } };
    const guess = steps(record(begin, event('@xstate.snapshot', go))).at(-1);
    expect(guess).toMatchObject({ description: 'One.', guessed: true });
    const sure = steps(record(begin, event('@xstate.snapshot', { ...go, transitions: ['a:go:1'] }))).at(-1);
    expect(sure).toMatchObject({ description: 'Two.', guessed: false, taken: ['a:go:1'] });
  });

  it('issue 5 keeps tabs apart that use the same session ids, the own one first', () => {
    const both = [...received, ...received.map(({ data }) => ({ source: 'b', label: ownLabel, data }))].reduce(
      record,
      emptyTrace,
    );
    expect(both.sources.map(({ label }) => label)).toEqual([ownLabel, 'Tab 2']);
    expect(Object.keys(both.actors)).toHaveLength(2 * Object.keys(trace.actors).length);
    expect(steps(both)).toHaveLength(2 * steps(trace).length);
  });

  it('issue 5 numbers tabs that have the same name', () => {
    const named = (id: string): Received => ({
      ...event('@xstate.actor', { name: 'm', snapshot: {}, source: { id, label: 'Shop' } }),
      source: 'relay',
    });
    const { sources } = [named('one'), named('two'), named('one')].reduce(record, emptyTrace);
    expect(sources.map(({ id, label }) => [id, label])).toEqual([
      ['one', 'Shop'],
      ['two', 'Tab 3'],
    ]);
  });

  it('issue 5 draws a token that is handed over as a message from the tab that has it', () => {
    const token = (source: string, held: string): Received[] => [
      { ...event('@xstate.actor', { name: 'token', snapshot: {} }), source },
      {
        ...event('@xstate.snapshot', {
          event: { type: 'xstate.init' },
          snapshot: { value: 'fresh', context: { held: { fingerprint: held } } },
        }),
        source,
      },
    ];
    const handOver = (fingerprint: string) => ({
      ...event('@xstate.event', { event: { type: 'peer.token', token: { fingerprint } } }),
      source: 'b',
    });
    const trace = [...token('a', 'aaaa'), ...token('b', 'bbbb'), ...token('c', 'cccc'), handOver('cccc')].reduce(
      record,
      emptyTrace,
    );
    expect(trace.entries.at(-1)).toMatchObject({ from: 'c/x:9', actor: 'b/x:9', acrossTabs: true });
    const unknown = record(trace, handOver('dddd'));
    expect(unknown.entries.at(-1)).toMatchObject({ from: undefined, acrossTabs: false });
  });

  it('issue 5 notes that a tab has said goodbye', () => {
    const gone = record(trace, { source: 'a', data: { type: '@statelyai.disconnected' } });
    expect(gone.sources).toEqual([{ id: 'a', label: 'Tab 2', closed: true }]);
  });

  it('issue 5 forgets the oldest when there is too much, and never a definition', () => {
    const many = Array.from({ length: 3_100 }, (_, n) =>
      event('@xstate.snapshot', { event: { type: `e${n}` }, snapshot: { value: 'a' } }),
    );
    const full = [event('@xstate.actor', { name: 'm', snapshot: {} }), ...many].reduce(record, emptyTrace);
    expect(full.entries.length).toBeLessThanOrEqual(3_000);
    expect(full.dropped).toBe(500);
    expect(full.entries.at(-1)?.event.type).toBe('e3099');
    expect(full.log[0]?.data).toMatchObject({ type: '@xstate.actor' });
  });
});
