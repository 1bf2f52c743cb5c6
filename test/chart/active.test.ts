import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { activeStates, readModel, transitionsTaken } from '../../docs/chart';
import { unrelated } from './unrelated';

const model = readModel(unrelated);

describe('active states', () => {
  it.each([
    ['fresh', ['fresh']],
    [{ refreshing: { minting: 'serving' } }, ['refreshing', 'refreshing.minting', 'refreshing.minting.serving']],
    [{ a: 'x', b: {} }, ['a', 'a.x', 'b']],
    [undefined, []],
  ])('of %j are told around first', (value, expected) => {
    expect(activeStates(value)).toEqual(expected);
  });

  it('of a running machine are states of its chart', () => {
    const actor = createActor(unrelated).start();
    const paths = model.nodes.map(({ id }) => id);
    expect(activeStates(actor.getSnapshot().value)).toEqual(['stopped', 'stopped.resting']);
    expect(activeStates(actor.getSnapshot().value).every((path) => paths.includes(path))).toBe(true);
    actor.stop();
  });
});

describe('the transition that was taken', () => {
  const resting = { stopped: 'resting' };
  const soft = { playing: { side: 'a', volume: 'soft' } };

  it.each([
    ['play', resting, soft, ['stopped:play:0']],
    ['play', resting, { stopped: 'shrugging' }, ['stopped:play:1']],
    ['needle.up', resting, resting, ['stopped:needle.*:0']],
    [
      'xstate.after.300.player.stopped.shrugging',
      { stopped: 'shrugging' },
      resting,
      ['stopped.shrugging:xstate.after.300.player.stopped.shrugging:0'],
    ],
    ['turn', soft, { playing: { side: 'b', volume: 'soft' } }, ['playing.side.a:turn:0']],
    ['stop', soft, resting, ['playing:stop:0']],
    ['whatever', soft, soft, ['playing:*:0']],
    ['unheard', resting, resting, []],
    ['play', resting, { playing: { side: 'a', volume: 'loud' } }, ['stopped:play:0']],
    [
      'turn',
      { playing: { side: 'a', volume: 'soft' } },
      { playing: { side: 'b', volume: 'loud' } },
      ['playing.side.a:turn:0'],
    ],
  ])('by %s is told from the states before and after', (event, before, after, expected) => {
    expect(transitionsTaken(model, { event, before, after })).toEqual(expected);
  });

  it('an `always` that followed it is told as well', () => {
    const router = readModel({
      id: 'router',
      initial: 'a',
      states: {
        a: { on: { go: 'hub' } },
        hub: { always: [{ guard: 'isLeft', target: 'left' }, { target: 'right' }] },
        left: {},
        right: {},
      },
    });
    expect(transitionsTaken(router, { event: 'go', before: 'a', after: 'right' })).toEqual(['a:go:0', 'hub:always:1']);
  });
});
