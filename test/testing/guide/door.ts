import { assign, setup } from 'xstate';
import { explore } from '../../../adapters/testing/index';

const door = setup({
  types: { context: {} as { locked: boolean }, events: {} as { type: 'push' } | { type: 'turn key' } },
}).createMachine({
  id: 'door',
  context: { locked: false },
  initial: 'closed',
  states: {
    closed: { on: { push: 'open', 'turn key': { actions: assign({ locked: true }) } } },
    open: { on: { push: 'closed' } },
  },
});

const report = explore(door, {
  events: [{ type: 'push' }, { type: 'turn key' }],
  invariants: [
    {
      id: 'D1',
      says: 'An open door is not locked.',
      inState: ({ snapshot }) => (snapshot.value === 'open' && snapshot.context.locked ? 'It is both.' : undefined),
    },
  ],
});
console.log(String(report.violation));
