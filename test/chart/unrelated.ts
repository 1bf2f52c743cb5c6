/** A machine that has nothing to do with tokens, and something of everything that a chart can have. */
import { and, createMachine, fromPromise, not } from 'xstate';

export const unrelated = createMachine(
  {
    id: 'player',
    description: 'Plays records.',
    initial: 'stopped',
    states: {
      stopped: {
        tags: ['quiet'],
        entry: 'dim',
        on: {
          play: [
            { guard: and(['hasRecord', not('isBroken')]), target: 'playing', actions: ['spin', () => undefined] },
            { target: '.shrugging' },
          ],
          'needle.*': {},
        },
        after: { 1500: 'off', longPause: { target: 'off', guard: () => true } },
        initial: 'resting',
        states: {
          resting: {},
          shrugging: { after: { 300: 'resting' } },
        },
      },
      playing: {
        type: 'parallel',
        invoke: [
          { src: fromPromise(async () => 'a record'), onDone: 'stopped', onError: { target: '#gone' } },
          { id: 'clock', src: 'ticks', onSnapshot: { actions: 'show' } },
        ],
        on: {
          stop: 'stopped',
          '*': { actions: 'wonder' },
          jump: { target: ['.side.b', '.volume.loud'], reenter: true },
          again: { target: 'playing', reenter: true },
        },
        onDone: 'stopped',
        states: {
          side: {
            initial: 'a',
            states: {
              a: { on: { turn: 'b' } },
              b: { on: { turn: 'a', last: 'out' } },
              out: { type: 'final' },
              before: { type: 'history', history: 'deep', target: 'a' },
            },
          },
          volume: {
            initial: 'soft',
            states: {
              soft: { always: { guard: 'isDeaf', target: 'loud' } },
              loud: { on: { hush: '#player.stopped', back: '#player.playing.side.before' } },
            },
          },
        },
      },
      off: { id: 'gone', type: 'final', description: 'Nothing plays <ever> & again.' },
    },
  },
  { delays: { longPause: 60_000 } },
);
