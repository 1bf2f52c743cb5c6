/** S11: nothing but the protocol's own fields goes out, whatever the library adds to an event one day. */
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { seal } from '../../adapters/inspect/seal';

const base = { sessionId: 'x:1', rootId: 'x:0', id: null, createdAt: '5', _version: '0.7.2', logic: { token: 'abc' } };
const source = { id: 'a1', label: 'Notes' };

describe('the last step', () => {
  it.each([
    [
      { type: '@xstate.actor', name: 'a', definition: '{}', parentId: 'x:0', snapshot: { status: 'active' } },
      ['event'],
    ],
    [{ type: '@xstate.event', event: { type: 'go' }, sourceId: 'x:0' }, ['snapshot', 'definition']],
    [{ type: '@xstate.snapshot', event: { type: 'go' }, snapshot: { status: 'active' } }, ['definition', 'actorRef']],
  ])('S11 $type keeps its own fields and no other', (own, foreign) => {
    const more = Object.fromEntries(foreign.map((name) => [name, 'secret']));
    const { logic: _, ...kept } = base;
    const event = { ...base, ...more, ...own } as unknown as StatelyInspectionEvent;
    expect(seal(event, { at: 7, source })).toEqual({ ...kept, ...own, createdAt: '7', source });
  });

  it('issue 5 a snapshot says which transitions led to it; other events do not', () => {
    const transitions = ['fresh:token.read:1'];
    const snapshot = { ...base, type: '@xstate.snapshot' } as unknown as StatelyInspectionEvent;
    const message = { ...base, type: '@xstate.event' } as unknown as StatelyInspectionEvent;
    expect(seal(snapshot, { at: 7, source, transitions })).toMatchObject({ transitions });
    expect(seal(message, { at: 7, source, transitions })).not.toHaveProperty('transitions');
  });
});
