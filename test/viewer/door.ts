import { createMachine } from 'xstate';

/** Somebody's own machine. */
export const door = createMachine({
  id: 'door',
  types: {} as { events: { type: 'push' } | { type: 'knock' } },
  initial: 'shut',
  states: { shut: { on: { push: 'open' } }, open: { on: { push: 'shut' } } },
});
