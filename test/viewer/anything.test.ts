import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asTest } from '../../docs/viewer/trace/as-test';
import { traceFromFile, traceToFile } from '../../docs/viewer/trace/file';
import { record } from '../../docs/viewer/trace/record';
import { emptyTrace } from '../../docs/viewer/trace/types';
import { openedAtFirst, outline } from '../../docs/viewer/view/outline';
import { messagesOf, rowsOf, shownActorKey, snapshotAt, treeOf } from '../../docs/viewer/view/select';
import { initialState, reduceView } from '../../docs/viewer/view/state';

const names = fc.constantFrom('a', 'b', 'c', 'a.b', '', '__proto__', 'constructor');
const json = fc.jsonValue({ maxDepth: 3 });

/** Nearly a machine: targets that lead nowhere, states that are none. */
const config = fc.oneof(
  json,
  fc.record({
    id: names,
    initial: fc.oneof(names, json),
    states: fc.dictionary(
      names,
      fc.record({
        type: fc.constantFrom(undefined, 'parallel', 'final', 'history', 7),
        on: fc.oneof(json, fc.dictionary(names, fc.oneof(names, json))),
        always: fc.oneof(json, fc.record({ target: names, guard: json })),
        states: fc.oneof(json, fc.dictionary(names, json)),
      }),
    ),
  }),
);

const data = fc.record({
  _version: fc.constantFrom('0.7.2', 1),
  type: fc.constantFrom('@xstate.actor', '@xstate.event', '@xstate.snapshot', '@statelyai.disconnected'),
  sessionId: names,
  parentId: names,
  sourceId: names,
  source: fc.oneof(json, fc.record({ id: names, label: names })),
  createdAt: json,
  name: fc.oneof(names, json),
  definition: fc.oneof(
    fc.string(),
    config.map((value) => JSON.stringify(value)),
  ),
  event: fc.oneof(json, fc.record({ type: fc.constantFrom('xstate.init', 'peer.token', 'a', '') })),
  snapshot: fc.oneof(json, fc.record({ value: fc.oneof(names, json), context: json, status: names })),
  transitions: fc.oneof(json, fc.array(names)),
});

describe('issue 5 viewer: anything may be posted', () => {
  it('issue 5 nothing that is posted breaks the page, and a trace of it can be exported and loaded', () => {
    fc.assert(
      fc.property(fc.array(data, { maxLength: 12 }), (all) => {
        const batch = all.map((one, index) => ({ source: `s${index % 2}`, data: one }));
        const state = reduceView(initialState, { type: 'received', batch });
        for (const by of [-1, -1, 1]) rowsOf(reduceView(state, { type: 'stepped', by }));
        messagesOf(state, 20);
        const shown = shownActorKey(state);
        if (shown !== null) snapshotAt(state, shown);
        for (const { id } of state.trace.sources) treeOf(state.trace, id);
        for (const key of Object.keys(state.trace.actors)) asTest(state.trace, key, null);
        for (const model of Object.values(state.trace.models)) {
          outline(model, openedAtFirst(model));
          outline(model, { is: 'overview' });
          for (const { id } of model.nodes.slice(1)) outline(model, { is: 'one', state: id });
        }
        const loaded = traceFromFile(JSON.stringify(traceToFile(state.trace, 0)));
        expect(loaded.entries).toHaveLength(state.trace.entries.length);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('issue 5 an actor that is its own parent is shown once', () => {
    const actor = (sessionId: string, parentId: string) => ({
      source: 's',
      data: {
        _version: '1',
        type: '@xstate.actor',
        sessionId,
        parentId,
        createdAt: '0',
        name: sessionId,
        snapshot: {},
      },
    });
    const trace = [actor('x:1', 'x:1'), actor('x:2', 'x:3'), actor('x:3', 'x:2')].reduce(record, emptyTrace);
    expect(treeOf(trace, 's').map(({ actor: { name } }) => name)).toEqual(['x:1', 'x:2', 'x:3']);
  });
});
