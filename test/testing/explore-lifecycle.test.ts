/** Our own token machine, explored; and copies of it that lack one rule, which are found by the shortest way. */
import { describe, expect, it } from 'vitest';
import { type ExploreReport, explore, replay } from '../../adapters/testing/explore/explore';
import { lifecycleExploration, sceneNames } from '../../adapters/testing/explore/lifecycle/exploration';
import { machineSystem } from '../../adapters/testing/explore/machine-system';
import type { ReplayFile } from '../../adapters/testing/explore/trace';
import { ConfigurationError } from '../../machines/errors';
import { tokenMachine } from '../../machines/token/machine';

/** Breadth first takes a while where others work on the same cores. */
const patient = { timeout: 180_000 };

type Guards = NonNullable<Parameters<typeof tokenMachine.provide>[0]['guards']>;
const without = (guards: Guards) => tokenMachine.provide({ guards });

const movesOf = ({ violation }: ExploreReport): readonly string[] => violation?.file.moves ?? [];

describe('explore: the token machine', () => {
  it('S1 S3 S4 S5 S7 S8 S10 L1 L2 hold where waits grow, in every state there is', patient, () => {
    const report = explore(tokenMachine, lifecycleExploration({ scene: 'growing' }));
    expect(String(report.violation ?? 'all well')).toBe('all well');
    expect(report.exhaustive).toBe(true);
    // As many as last time: fewer would mean that something is no longer reached.
    expect(report.states).toBeGreaterThan(4_000);
    expect(report.states).toBeLessThan(7_000);
    expect(report.longestWays.L2).toBeLessThan(10);
  });

  it('R5.14 S6 a lost answer to a single-use credential is asked again at most once at once', patient, () => {
    const report = explore(tokenMachine, lifecycleExploration({ scene: 'rotating', limit: 3_000 }));
    expect(String(report.violation ?? 'all well')).toBe('all well');
  });

  it('issue 3 states with one key go on alike', patient, () => {
    const options = lifecycleExploration({ scene: 'growing', limit: 400 });
    const { events, key } = options;
    if (typeof events !== 'function' || !key) throw new Error('a scene lists its moves and has a key');
    const system = machineSystem(tokenMachine, { ...options, choices: events });
    const first = new Map<string, Parameters<typeof key>[0]>();
    const differences: string[] = [];
    let compared = 0;
    const nexts = (state: Parameters<typeof key>[0]) =>
      events(state).map((move) => `${move.id} → ${key(system.take(state, move).state)}`);
    explore(tokenMachine, {
      ...options,
      key: (state) => {
        const name = key(state);
        const known = first.get(name);
        if (!known) first.set(name, state);
        else if (name.length % 5 === 0) {
          compared += 1;
          const [one, other] = [nexts(known), nexts(state)];
          differences.push(...one.filter((line, place) => line !== other[place]));
        }
        return name;
      },
    });
    expect(compared).toBeGreaterThan(50);
    expect(differences).toEqual([]);
  });

  it('issue 3 finds the same, run after run', patient, () => {
    const counts = () => {
      const { states, transitions, depth } = explore(tokenMachine, lifecycleExploration({ scene: 'tab', limit: 500 }));
      return { states, transitions, depth };
    };
    expect(counts()).toEqual(counts());
    expect(counts()).toMatchObject({ states: 500 });
  });

  it('issue 3 refuses a scene that there is not', () => {
    expect(() => lifecycleExploration({ scene: 'moon' as never })).toThrow(ConfigurationError);
    expect(sceneNames).toContain('tab');
  });
});

describe('explore: copies of the token machine that lack a rule', () => {
  it('S10 without a look at the network a request goes out: two moves', patient, () => {
    const report = explore(without({ isOffline: () => false }), lifecycleExploration());
    expect(report.violation).toMatchObject({ law: 'S10', complaint: 'A request went out without a network.' });
    expect(movesOf(report)).toEqual(['start', 'offline', 'recall: the cache is empty']);
  });

  it('S1 a session that is still there is not signed out: three moves', patient, () => {
    const report = explore(without({ isGone: () => true }), lifecycleExploration());
    expect(report.violation?.law).toBe('S1');
    expect(movesOf(report)).toEqual([
      'start',
      'recall: the cache is empty',
      'mint: fails: 401, the session is unknown',
      'confirmSession: the source says that the session is there',
    ]);
  });

  it('S10 without pauses a Retry-After is ignored', patient, () => {
    const machine = without({ isPauseOver: () => true, isSpaced: () => true, isRefused: () => false });
    const report = explore(machine, lifecycleExploration());
    expect(report.violation?.law).toBe('S10');
    expect(report.violation?.complaint).toMatch(/^A request went out 180 s before the Retry-After was over\.$/);
  });

  it('S3 a usable token that is withheld is found, and replayed from JSON', patient, () => {
    const broken = without({ isServable: () => false, isWithheld: () => true });
    const options = lifecycleExploration();
    const { violation } = explore(broken, options);
    expect(violation?.law).toBe('S3');
    const file = JSON.parse(JSON.stringify(violation?.file)) as ReplayFile;
    expect(String(replay(file, broken, options))).toBe(String(violation));
    expect(replay(file, tokenMachine, options)).toBeNull();
  });

  it('S9 without the window of tries more than seven fail in a minute', patient, () => {
    const machine = without({ isSpaced: () => true, isPauseOver: () => true });
    const { violation } = explore(machine, lifecycleExploration({ scene: 'storm' }));
    expect(violation?.law).toBe('S9');
    expect(violation?.complaint).toBe('8 tries failed within a minute.');
  });

  it('S8 T23 a peer’s token that is less fresh takes no place', patient, () => {
    const machine = without({ isFresherPeerToken: () => true });
    const { violation } = explore(machine, lifecycleExploration({ scene: 'peers' }));
    expect(violation?.law).toBe('S8');
  });

  it('L2 who never looks for the network again stays offline', patient, () => {
    const broken = without({ isOnline: () => false, isOnlineWithin: () => false, isOnlineAndFresh: () => false });
    const { violation } = explore(broken, lifecycleExploration({ scene: 'growing' }));
    expect(violation?.law).toBe('L2');
    expect(violation?.complaint).toBe('From there it can go round for ever.');
  });

  it('issue 3 a trace reads without knowledge of state machines', patient, () => {
    const { violation } = explore(without({ isGone: () => true }), lifecycleExploration());
    expect(String(violation)).toBe(
      [
        'S1 is broken after 3 steps: Only an explicit sign-out, or proof from the server, signs out.',
        '  0. a page opens, and a session is known  →  restoring.recalling',
        '  1. the cache is empty  →  refreshing.minting, readers wait',
        '  2. the mint fails: 401, the session is unknown  →  refreshing.confirming-sign-out, readers wait',
        '  3. the source says that the session is there  →  signed-out',
        'Signed out, because the source says that the session is there.',
      ].join('\n'),
    );
  });
});
