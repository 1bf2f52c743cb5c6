import { describe, expect, it } from 'vitest';
import { collapse, focus, readModel } from '../../docs/chart';
import { tokenMachine } from '../../machines/token/machine';
import { unrelated } from './unrelated';

const model = readModel(unrelated);
const arrows = ({ edges }: ReturnType<typeof readModel>) =>
  edges.map(({ id, from, to }) => `${id} ${from}>${to.join()}`);

describe('a chart is collapsed', () => {
  const top = collapse(model, ({ id }) => id === 'playing');

  it('to boxes that hold nothing any more', () => {
    expect(top.nodes.map(({ id }) => id)).toEqual([
      '',
      'stopped',
      'stopped.resting',
      'stopped.shrugging',
      'playing',
      'off',
    ]);
    expect(top.nodes.find(({ id }) => id === 'playing')).toMatchObject({ children: [], initial: [], type: 'parallel' });
  });

  it('transitions that leave one start at it, those that stay inside are gone', () => {
    expect(arrows(top)).toContain('playing.volume.loud:hush:0 playing>stopped');
    expect(arrows(top)).toContain('playing:jump:0 playing>playing');
    expect(arrows(top).filter((arrow) => arrow.startsWith('playing.side'))).toEqual([]);
    expect(top.edges.every(({ id }) => model.edges.some((edge) => edge.id === id))).toBe(true);
  });

  it('the outermost of closed states counts', () => {
    const all = collapse(readModel(tokenMachine), ({ id }) => id !== '');
    expect(all.nodes.slice(1).map(({ id }) => id)).toEqual([
      'restoring',
      'fresh',
      'stale',
      'refreshing',
      'offline-retrying',
      'outage-fallback',
      'signed-out',
    ]);
    expect(all.nodes[0]?.initial).toEqual(['restoring']);
  });
});

describe('a chart in focus', () => {
  it('is one state, all in it, and its neighbours closed', () => {
    const near = focus(model, 'playing.side');
    expect(near.nodes.map(({ id }) => id)).toEqual([
      '',
      'playing',
      'playing.side',
      'playing.side.a',
      'playing.side.b',
      'playing.side.out',
      'playing.side.before',
      'playing.volume',
    ]);
    expect(arrows(near)).toContain('playing.volume.loud:back:0 playing.volume>playing.side.before');
    expect(arrows(near)).not.toContain('playing:stop:0 playing>stopped');
  });

  it('leaves out what it has nothing to do with', () => {
    const near = focus(readModel(tokenMachine), 'restoring');
    expect(near.nodes.slice(1).map(({ id }) => id.split('.')[0])).toEqual(
      expect.arrayContaining(['restoring', 'fresh', 'refreshing', 'outage-fallback', 'signed-out']),
    );
    expect(near.nodes.map(({ id }) => id)).not.toContain('stale');
    expect(near.nodes[0]?.initial).toEqual(['restoring']);
    expect(near.edges.map(({ id }) => id)).toContain('signed-out:session.given:0');
  });

  it('and a state that is not there is refused', () => {
    expect(() => focus(model, 'flying')).toThrow('The chart player has no state flying.');
  });
});
