import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { planSchedule } from '../../adapters/testing/simulate/plan';
import { runSchedule } from '../../adapters/testing/simulate/run-schedule';
import { activeStates, readModel, transitionsTaken } from '../../docs/chart';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
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
    ['play', resting, { playing: { side: 'a', volume: 'loud' } }, ['stopped:play:0', 'playing.volume.soft:always:0']],
    [
      'turn',
      { playing: { side: 'a', volume: 'soft' } },
      { playing: { side: 'b', volume: 'loud' } },
      ['playing.side.a:turn:0', 'playing.volume.soft:always:0'],
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

  it('by regions side by side, together', () => {
    const both = readModel({
      id: 'both',
      type: 'parallel',
      states: {
        left: { initial: 'a', states: { a: { on: { go: 'b' } }, b: { on: { home: 'a' } } } },
        right: { initial: 'a', states: { a: { on: { go: 'b', on: 'b' } }, b: {} } },
      },
    });
    const [start, end] = [
      { left: 'a', right: 'a' },
      { left: 'b', right: 'b' },
    ];
    expect(transitionsTaken(both, { event: 'go', before: start, after: end })).toEqual(['left.a:go:0', 'right.a:go:0']);
    expect(transitionsTaken(both, { event: 'go', before: start, after: { left: 'b', right: 'a' } })).toEqual([
      'left.a:go:0',
    ]);
    expect(transitionsTaken(both, { event: 'home', before: start, after: end })).toEqual([]);
  });

  it('back by a history, to whatever it remembered', () => {
    const stopped = { stopped: 'resting' };
    const loud = { playing: { side: 'b', volume: 'loud' } };
    expect(
      transitionsTaken(model, { event: 'back', before: loud, after: { playing: { side: 'a', volume: 'soft' } } }),
    ).toEqual(['playing.volume.loud:back:0']);
    expect(transitionsTaken(model, { event: 'hush', before: loud, after: stopped })).toEqual([
      'playing.volume.loud:hush:0',
    ]);
  });
});

describe('a run of the lifecycle', () => {
  type Seen = {
    readonly type: string;
    readonly actorRef: object;
    readonly snapshot?: unknown;
    readonly event: { readonly type: string };
    readonly _transitions?: readonly unknown[];
  };
  type Taken = {
    readonly source?: { readonly path: readonly string[] };
    readonly eventType: string;
    readonly target?: readonly unknown[];
  };

  it('is explained from its snapshots alone: each change has a walk that leads there, told in full where no other does', async () => {
    const charts = new Map([sessionMachine, tokenMachine].map((machine) => [machine.id, readModel(machine)]));
    const last = new Map<object, unknown>();
    const micro = new Map<object, Taken[]>();
    const told = { changes: 0, unexplained: 0, exact: 0 };
    const inspect = (seen: Seen): void => {
      const { actorRef: ref, type, _transitions = [] } = seen;
      const chart = charts.get((ref as { logic?: { id?: string } }).logic?.id ?? '');
      if (!chart) return;
      if (type === '@xstate.microstep') micro.set(ref, [...(micro.get(ref) ?? []), ...(_transitions as Taken[])]);
      if (type !== '@xstate.snapshot') return;
      const [before, after] = [last.get(ref), (seen.snapshot as { value: unknown }).value];
      const truth = (micro.get(ref) ?? [])
        .filter(({ source }) => source)
        .map(({ source, eventType }) => `${source?.path.join('.')}:${eventType || 'always'}`);
      last.set(ref, after);
      micro.delete(ref);
      if (before === undefined || JSON.stringify(before) === JSON.stringify(after)) return;
      const guess = transitionsTaken(chart, { before, after, event: seen.event.type });
      told.changes += 1;
      if (guess.length === 0) told.unexplained += 1;
      if (guess.map((id) => id.replace(/:\d+$/, '')).join() === truth.join()) told.exact += 1;
    };
    const offline = { do: 'offline', tab: null, silent: false, forMs: 50_000 } as const;
    const failing = {
      do: 'server',
      answers: { do: 'status', status: 503 },
      all: true,
      forMs: 60_000,
      every: 1,
    } as const;
    const { setting } = planSchedule(1);
    await runSchedule(
      {
        setting: { ...setting, tabs: 2, ttlSeconds: 60, serverAheadMs: 0 },
        steps: [
          { after: 50_000, ...offline },
          { after: 150_000, ...failing },
        ],
        restMs: 120_000,
      },
      { recover: false, world: { lifecycle: () => ({ inspect: (seen) => inspect(seen as unknown as Seen) }) } },
    );
    expect(told.changes).toBeGreaterThan(40);
    expect(told.unexplained).toBe(0);
    expect(told.exact / told.changes).toBeGreaterThan(0.6);
  });
});
