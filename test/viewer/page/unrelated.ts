/** Somebody else's machine: it knows nothing of tokens, and uses the inspector of Stately as its documentation says. */
import { createBrowserInspector } from '@statelyai/inspect';
import { assign, createActor, createMachine, fromPromise } from 'xstate';
import './prompt';

const tea = createMachine({
  id: 'tea',
  context: { cups: 0 },
  initial: 'empty',
  states: {
    empty: { description: 'Nothing in the pot.', on: { fill: 'heating' } },
    heating: {
      invoke: {
        id: 'kettle',
        src: fromPromise(async () => 100),
        onDone: { target: 'steeping', description: 'The water boils.' },
      },
    },
    steeping: {
      type: 'parallel',
      states: { leaves: { initial: 'sinking', states: { sinking: {}, sunk: {} } }, cup: {} },
      on: { pour: 'poured' },
    },
    poured: { entry: assign({ cups: ({ context }) => context.cups + 1 }), on: { fill: 'heating' } },
  },
});

const { inspect } = createBrowserInspector({ iframe: document.querySelector('iframe'), url: '/viewer' });
const actor = createActor(tea, { inspect });
actor.start();

for (const type of ['fill', 'pour']) {
  document.querySelector(`#${type}`)?.addEventListener('click', () => actor.send({ type }));
}
