/** `explore` on machines so small that the right answer can be counted by hand. */
import { describe, expect, it } from 'vitest';
import { assign, createMachine, fromPromise, setup } from 'xstate';
import { type ExploreOptions, explore, replay } from '../../adapters/testing/explore/explore';
import type { ReplayFile } from '../../adapters/testing/explore/trace';
import { ConfigurationError } from '../../machines/errors';

/** A door that may be locked while it is open: somebody forgot a guard. */
const door = setup({
  types: { context: {} as { readonly locked: boolean }, events: {} as { type: 'push' } | { type: 'turn key' } },
}).createMachine({
  id: 'door',
  context: { locked: true },
  initial: 'closed',
  states: {
    closed: {
      on: {
        push: { guard: ({ context }) => !context.locked, target: 'open' },
        'turn key': { actions: assign({ locked: ({ context }) => !context.locked }) },
      },
    },
    open: { on: { push: 'closed', 'turn key': { actions: assign({ locked: true }) } } },
  },
});

type DoorOptions = ExploreOptions<typeof door>;
const neverOpenAndLocked: DoorOptions['invariants'][number] = {
  id: 'D1',
  says: 'An open door is not locked.',
  inState: ({ snapshot }) =>
    snapshot.matches('open') && snapshot.context.locked ? 'It is open and locked.' : undefined,
};
const doorOptions: DoorOptions = {
  events: [{ type: 'push' }, { type: 'turn key' }],
  invariants: [neverOpenAndLocked],
};

describe('explore: a violation', () => {
  it('issue 3 comes with the shortest trace, in words', () => {
    const { violation, exhaustive } = explore(door, doorOptions);
    expect(violation?.file.moves).toEqual(['start', 'turn key', 'push', 'turn key']);
    expect(exhaustive).toBe(false);
    expect(String(violation)).toBe(
      [
        'D1 is broken after 3 steps: An open door is not locked.',
        '  0. it begins  →  closed',
        '  1. turn key  →  closed',
        '  2. push  →  open',
        '  3. turn key  →  open',
        'It is open and locked.',
      ].join('\n'),
    );
  });

  it('issue 3 is replayed from its file, and is gone when the machine is mended', () => {
    const { violation } = explore(door, doorOptions);
    const file = JSON.parse(JSON.stringify(violation?.file)) as ReplayFile;
    expect(String(replay(file, door, doorOptions))).toBe(String(violation));
    const mended = { ...doorOptions, invariants: [{ ...neverOpenAndLocked, inState: () => undefined }] };
    expect(replay(file, door, mended)).toBeNull();
  });

  it('issue 3 a law on steps sees before, move, after and effects', () => {
    const seen: string[] = [];
    explore(door, {
      ...doorOptions,
      invariants: [
        {
          id: 'D2',
          says: 'Nobody pushes.',
          onStep: ({ before, move, after }) => {
            seen.push(`${before.snapshot.value} ${move.id} ${after.snapshot.value} ${after.snapshot.context.locked}`);
            return undefined;
          },
        },
      ],
    });
    expect(seen).toEqual([
      'closed push closed true',
      'closed turn key closed false',
      'closed push open false',
      'closed turn key closed true',
      'open push closed false',
      'open turn key open true',
      'open push closed true',
      'open turn key open true',
    ]);
  });

  it('issue 3 a machine that throws is a violation too, with the way to it', () => {
    const fragile = createMachine({
      id: 'fragile',
      initial: 'a',
      states: {
        a: { on: { next: 'b' } },
        b: {
          on: {
            next: {
              guard: () => {
                throw new Error('boom');
              },
              target: 'a',
            },
          },
        },
      },
    });
    const options = { events: [{ type: 'next' }], invariants: [] };
    const { violation } = explore(fragile, options);
    expect(violation).toMatchObject({ law: 'runs', file: { moves: ['start', 'next', 'next'] } });
    expect(violation?.complaint).toContain('boom');
    expect(replay((violation as { file: ReplayFile }).file, fragile, options)?.law).toBe('runs');
  });

  it('issue 3 a context factory that throws is no empty graph that keeps every law', () => {
    const broken = createMachine({
      context: () => {
        throw new Error('no input');
      },
    });
    const { violation, states } = explore(broken, { events: [], invariants: [] });
    expect(violation).toMatchObject({ law: 'runs', complaint: 'no input' });
    expect(states).toBe(0);
  });
});

describe('explore: the whole space', () => {
  const all = { ...doorOptions, invariants: [] };

  it('issue 3 counts states, transitions and depth', () => {
    expect(explore(door, all)).toMatchObject({
      states: 4,
      transitions: 8,
      depth: 3,
      exhaustive: true,
      violation: null,
    });
  });

  it('issue 3 says where it gave up', () => {
    expect(explore(door, { ...all, limit: 4 })).toMatchObject({ states: 4, exhaustive: true });
    const cut = explore(door, { ...all, limit: 3 });
    expect(cut).toMatchObject({ states: 3, exhaustive: false, violation: null });
    expect(String(cut)).toContain('Stopped at the limit');
  });

  it.each([0, 1.5, Number.NaN])('issue 3 refuses a limit of %s', (limit) => {
    expect(() => explore(door, { ...all, limit })).toThrow(ConfigurationError);
  });

  it('issue 3 lists the transitions that nothing leads to', () => {
    const { neverWalked } = explore(door, { ...all, events: [{ type: 'turn key' }] });
    expect(neverWalked.map(({ from, event }) => `${from} ${event}`)).toEqual([
      'closed push',
      'open push',
      'open turn key',
    ]);
  });
});

/** Waits for an answer for 5 s; asks again once. */
const asker = setup({
  types: {
    context: {} as { readonly tries: number },
    events: {} as { type: 'ask' },
    emitted: {} as { type: 'gave up' },
  },
  actors: { answer: fromPromise<string>(() => new Promise(() => {})) },
}).createMachine({
  id: 'asker',
  context: { tries: 0 },
  initial: 'idle',
  states: {
    idle: { on: { ask: 'asking' } },
    asking: {
      entry: assign({ tries: ({ context }) => context.tries + 1 }),
      invoke: {
        id: 'answer',
        src: 'answer',
        onDone: 'answered',
        onError: { target: 'idle', actions: assign({ tries: 0 }) },
      },
      after: {
        5000: [
          { guard: ({ context }) => context.tries < 2, target: 'asking', reenter: true },
          { target: 'idle', actions: assign({ tries: 0 }) },
        ],
      },
    },
    answered: {},
  },
});
type AskerOptions = ExploreOptions<typeof asker>;

describe('explore: timers and invoked actors', () => {
  const answers: AskerOptions['outcomes'] = () => [
    { says: 'yes', output: 'yes' },
    { says: 'broken', error: new Error('broken') },
  ];

  it('issue 3 are moves like any other', () => {
    const report = explore(asker, { events: [{ type: 'ask' }], outcomes: answers, invariants: [], limit: 100 });
    // idle and asking after 0 to 2 tries; answered after 1 or 2.
    expect(report).toMatchObject({ exhaustive: true, violation: null, neverWalked: [] });
    const places = new Set<string>();
    explore(asker, {
      events: [{ type: 'ask' }],
      outcomes: answers,
      limit: 100,
      invariants: [
        {
          id: 'see',
          says: '',
          inState: ({ snapshot, timers, jobs }) => {
            places.add(`${snapshot.value} ${timers.length} ${jobs.length}`);
            return undefined;
          },
        },
      ],
    });
    expect([...places].sort()).toEqual(['answered 0 0', 'asking 1 1', 'idle 0 0']);
  });

  it('issue 3 an actor without outcomes never ends, and what hangs for ever is found', () => {
    const settles: AskerOptions['invariants'][number] = {
      id: 'P1',
      says: 'Who asks is answered.',
      from: ({ snapshot }) => snapshot.matches('asking'),
      to: ({ snapshot }) => snapshot.matches('answered'),
      by: () => true,
    };
    const options: AskerOptions = { events: [{ type: 'ask' }], invariants: [settles], limit: 100 };
    const { violation } = explore(asker, options);
    expect(violation).toMatchObject({ law: 'P1', complaint: 'From there it can go round for ever.' });
    expect(violation?.file.moves).toEqual(['start', 'ask', 'ask']);
    expect(replay((violation as { file: ReplayFile }).file, asker, options)?.law).toBe('P1');
  });

  it('issue 3 who waits is answered where time passes, and it says how long that takes', () => {
    const settles: AskerOptions['invariants'][number] = {
      id: 'P2',
      says: 'Who asks comes to an end.',
      from: ({ snapshot }) => snapshot.matches('asking'),
      to: ({ snapshot }) => !snapshot.matches('asking'),
      by: (_, { id }) => id !== 'ask',
    };
    const report = explore(asker, { events: [{ type: 'ask' }], outcomes: answers, invariants: [settles], limit: 100 });
    expect(report.violation).toBeNull();
    expect(report.longestWays).toEqual({ P2: 2 });
  });
});

describe('replay: files', () => {
  const file: ReplayFile = { v: 1, system: 'door', law: 'D1', complaint: '', moves: ['start'], loopFrom: null };

  it.each<[string, Partial<ReplayFile>, RegExp]>([
    ['of another system', { system: 'window' }, /of the system "window", not of "door"/],
    ['of an unknown version', { v: 2 as 1 }, /unknown version/],
    ['that names an unknown law', { law: 'D9' }, /not among the invariants: "D9"/],
  ])('issue 3 one %s is refused', (_, change, message) => {
    expect(() => replay({ ...file, ...change }, door, doorOptions)).toThrow(message);
  });

  it('issue 3 a move that is gone is named, with those that there are', () => {
    expect(() => replay({ ...file, moves: ['start', 'kick'] }, door, doorOptions)).toThrow(
      'Step 1 of the trace, "kick", is not possible. What is: push, turn key.',
    );
  });
});
