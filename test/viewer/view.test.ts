import { describe, expect, it } from 'vitest';
import { readModel } from '../../docs/chart/read';
import { record } from '../../docs/viewer/trace/record';
import { emptyTrace, type Received } from '../../docs/viewer/trace/types';
import { meaningOf } from '../../docs/viewer/ui/shortcuts';
import { openedAtFirst, outline } from '../../docs/viewer/view/outline';
import { lastChange, messagesOf, rowsOf, shownActorKey, snapshotAt, treeOf } from '../../docs/viewer/view/select';
import { initialState, placeOf, reduceView } from '../../docs/viewer/view/state';
import type { ViewerAction, ViewerState } from '../../docs/viewer/view/types';
import { tokenMachine } from '../../machines/token/machine';

const definition = (id: string, states: readonly string[]): string =>
  JSON.stringify({ id, initial: states[0], states: Object.fromEntries(states.map((name) => [name, {}])) });

let clock = 0;
const send = (sessionId: string, type: string, more: object, source = 'a'): Received => {
  clock += 10;
  return { source, data: { _version: '1', sessionId, rootId: 'x:0', createdAt: String(clock), type, ...more } };
};
const actor = (id: string, name: string, states: readonly string[], more: object = {}): Received =>
  send(id, '@xstate.actor', { name, definition: definition(name, states), snapshot: { value: states[0] }, ...more });
const step = (id: string, event: string, value: string, context: object = {}, source = 'a'): Received =>
  send(id, '@xstate.snapshot', { event: { type: event }, snapshot: { value, context, status: 'active' } }, source);
const message = (id: string, event: string, sourceId?: string): Received =>
  send(id, '@xstate.event', { event: { type: event }, sourceId });

const received: readonly Received[] = [
  actor('x:0', 'session', ['out', 'in']),
  step('x:0', 'xstate.init', 'out'),
  actor('x:1', 'token', ['none', 'fresh', 'stale'], { parentId: 'x:0' }),
  step('x:1', 'xstate.init', 'none', { held: 0 }),
  message('x:1', 'mint.done'),
  step('x:1', 'mint.done', 'fresh', { held: 1 }),
  message('x:1', 'clock.tick', 'x:0'),
  step('x:1', 'clock.tick', 'fresh', { held: 1 }),
  message('x:1', 'clock.tick', 'x:0'),
  step('x:1', 'clock.tick', 'stale', { held: 1 }),
  message('x:0', 'sign-in'),
  step('x:0', 'sign-in', 'in'),
];

const play = (...actions: readonly ViewerAction[]): ViewerState =>
  actions.reduce(reduceView, reduceView(initialState, { type: 'received', batch: received }));
const texts = (state: ViewerState): readonly string[] =>
  rowsOf(state).map(({ event, after }) => `${event.type} ${after.value}`);

describe('issue 5 viewer: what is shown', () => {
  it('issue 5 shows the machine with the most states, until somebody chooses', () => {
    expect(shownActorKey(play())).toBe('a/x:1');
    expect(shownActorKey(play({ type: 'actor.picked', actor: 'a/x:0' }))).toBe('a/x:0');
    expect(treeOf(play().trace, 'a').map(({ actor: { name }, depth }) => [name, depth])).toEqual([
      ['session', 0],
      ['token', 1],
    ]);
  });

  it('issue 5 lists what changed a state; all events when asked', () => {
    const changes = ['xstate.init out', 'xstate.init none', 'mint.done fresh', 'clock.tick stale', 'sign-in in'];
    expect(texts(play())).toEqual(changes);
    const everything = play({ type: 'filtered', filter: { everything: true } });
    expect(texts(everything)).toEqual([...changes.slice(0, 3), 'clock.tick fresh', ...changes.slice(3)]);
  });

  it.each([
    ['an event', 'mint', ['mint.done fresh']],
    ['a state and an actor', 'TOKEN stale', ['clock.tick stale']],
    ['nothing that happened', 'espresso', []],
  ])('issue 5 filters by %s', (_, text, rows) => {
    expect(texts(play({ type: 'filtered', filter: { text } }))).toEqual(rows);
  });

  it('issue 5 filters by actor', () => {
    expect(texts(play({ type: 'filtered', filter: { thisActor: true } }))).toEqual([
      'xstate.init none',
      'mint.done fresh',
      'clock.tick stale',
    ]);
  });

  it('issue 5 draws messages that changed something, and all when asked', () => {
    const types = (state: ViewerState) => messagesOf(state, 50).map(({ event }) => event.type);
    expect(types(play())).toEqual(['mint.done', 'clock.tick', 'sign-in']);
    expect(types(play({ type: 'filtered', filter: { everything: true } }))).toHaveLength(4);
    const early = play({ type: 'step.chosen', seq: rowsOf(play())[2]?.seq ?? -1 });
    expect(types(early)).toEqual(['mint.done']);
  });
});

describe('issue 5 viewer: through time', () => {
  const back = { type: 'stepped', by: -1 } as const;
  const forward = { type: 'stepped', by: 1 } as const;
  const value = (state: ViewerState) => snapshotAt(state, 'a/x:1')?.value;

  it('issue 5 steps back and forward; state and context follow', () => {
    expect(value(play())).toBe('stale');
    const one = play(back);
    expect([value(one), one.picked]).toEqual(['stale', 'a/x:1']);
    const two = play(back, back);
    expect([value(two), snapshotAt(two, 'a/x:1')?.context]).toEqual(['fresh', { held: 1 }]);
    expect(value(play(back, back, back))).toBe('none');
    expect(value(play(back, back, forward))).toBe('stale');
    expect(play(back, forward, forward).at).toBeNull();
  });

  it('issue 5 stops at the first step, and shows other actors as they were then', () => {
    const first = play(...Array.from({ length: 9 }, () => back));
    expect(first.at).toBe(rowsOf(first)[0]?.seq);
    expect(snapshotAt(first, 'a/x:0')?.value).toBe('out');
    expect(play({ type: 'went.first' }).at).toBe(first.at);
    expect(placeOf(rowsOf(first), first.at)).toBe(0);
    expect(placeOf(rowsOf(first), null)).toBe(5);
  });

  it('issue 5 the last transition is traced up to the moment that is looked at', () => {
    expect(lastChange(play(), 'a/x:1')?.event.type).toBe('clock.tick');
    expect(lastChange(play(back, back), 'a/x:1')?.event.type).toBe('mint.done');
  });

  it('issue 5 paused, it waits; resumed, it has missed nothing', () => {
    const more = { type: 'received', batch: [step('x:1', 'mint.done', 'fresh')] } as const;
    const paused = play({ type: 'paused' }, more);
    expect([value(paused), paused.waiting.length]).toEqual(['stale', 1]);
    const resumed = reduceView(paused, { type: 'resumed' });
    expect([value(resumed), resumed.waiting.length]).toEqual(['fresh', 0]);
  });

  it('issue 5 what is looked at stays while more arrives', () => {
    const state = play(back, back, { type: 'received', batch: [step('x:1', 'mint.done', 'fresh')] });
    expect(value(state)).toBe('fresh');
    expect(state.trace.entries.at(-1)?.seq).toBeGreaterThan(state.at ?? Number.POSITIVE_INFINITY);
  });

  it('issue 5 a file is looked at while the live trace goes on', () => {
    const trace = received.slice(0, 4).reduce(record, emptyTrace);
    const loaded = play(back, { type: 'file.loaded', name: 'a.json', trace });
    expect(value(loaded)).toBe('none');
    const meanwhile = reduceView(loaded, { type: 'received', batch: [step('x:1', 'mint.done', 'fresh')] });
    expect(value(meanwhile)).toBe('none');
    expect(value(reduceView(meanwhile, { type: 'file.closed' }))).toBe('fresh');
  });
});

describe('issue 5 viewer: keys', () => {
  it.each([
    ['ArrowLeft', { type: 'stepped', by: -1 }],
    ['j', { type: 'stepped', by: 1 }],
    ['p', { type: 'paused' }],
    ['a', { type: 'filtered', filter: { everything: true } }],
    ['2', { type: 'panel.chosen', panel: 'timeline' }],
    ['/', 'filter'],
    ['q', undefined],
    ['6', undefined],
  ])('issue 5 %s', (key, meaning) => {
    expect(meaningOf(key, initialState)).toEqual(meaning);
  });
});

describe('issue 5 viewer: how much of a chart', () => {
  const model = readModel(tokenMachine);

  it('issue 5 a large chart begins with its top-level states, joined once per pair', () => {
    expect(openedAtFirst(model)).toEqual({ is: 'overview' });
    const { model: small, standsFor } = outline(model, { is: 'overview' });
    expect(small.nodes.map(({ id }) => id)).toEqual(['', ...(model.nodes[0]?.children ?? [])]);
    const pairs = small.edges.map(({ from, to }) => `${from}>${to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).toContain('fresh>stale');
    for (const id of standsFor.values()) expect(pairs).toContain(id);
  });

  it('issue 5 an opened state keeps what is inside it, and its neighbours', () => {
    const { model: part } = outline(model, { is: 'one', state: 'refreshing' });
    const ids = part.nodes.map(({ id }) => id);
    expect(ids).toContain('refreshing.minting.serving');
    expect(ids).toContain('fresh');
    expect(ids).not.toContain('restoring.sorting');
    for (const { from, to } of part.edges) for (const end of [from, ...to]) expect(ids).toContain(end);
  });
});
