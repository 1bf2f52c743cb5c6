/** Simulated worlds: a short run of them, and that a seed says everything. */
import { describe, expect, it } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleOptions, TokenLifecycle } from '../../adapters/host/types';
import { type Family, families } from '../../adapters/testing/simulate/families';
import { planSchedule } from '../../adapters/testing/simulate/plan';
import { createRandom } from '../../adapters/testing/simulate/random';
import { runSchedule } from '../../adapters/testing/simulate/run-schedule';
import { durationOf, type Schedule } from '../../adapters/testing/simulate/schedule';
import { simulate, simulateWorld } from '../../adapters/testing/simulate/simulate';

/** On a machine that has other things to do. */
const timeout = 180_000;
const minute = 60_000;

/** What a run of `simulate()` is in a unit test: rare heartbeats, since they cost most of the time. */
const world = { policy: { heartbeatMs: 30_000, focusedHeartbeatMs: 30_000 } };

describe('simulate()', () => {
  it('S1 to L4 hold in worlds of every kind', { timeout }, async () => {
    const { violations, hours, worlds, tabs, reads, mints, requests, faults } = await simulate({
      seed: 11,
      hours: 12,
      longestMs: 20 * minute,
      world,
    });
    expect(violations.map(({ report }) => report).join('\n\n')).toBe('');
    expect(hours).toBeGreaterThanOrEqual(12);
    expect(tabs).toBeGreaterThanOrEqual(worlds);
    expect(requests).toBeGreaterThanOrEqual(mints);
    expect(Math.min(reads, mints)).toBeGreaterThan(50);
    expect(Object.keys(faults).length).toBeGreaterThan(15);
  });

  it('S11 one seed, one trace; another seed, another', { timeout }, async () => {
    const run = (seed: number) => simulate({ seed, hours: 0.1, maxTabs: 2, longestMs: 3 * minute, world });
    const [first, again, other] = [await run(5), await run(5), await run(6)];
    expect(again).toEqual(first);
    expect(first.traceHash).toMatch(/^[0-9a-f]{16}$/);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  it('S11 the worlds of a simulation can be shared out: two jobs have those of one', { timeout }, async () => {
    const seeds = async (share?: { job: number; jobs: number }, hours = 0.3): Promise<number[]> => {
      const found: number[] = [];
      const onWorld = ({ seed }: { seed: number }) => found.push(seed);
      await simulate({
        seed: 2,
        hours,
        maxTabs: 1,
        longestMs: 5 * minute,
        faults: ['reads'],
        world,
        onWorld,
        ...(share && { share }),
      });
      return found;
    };
    const all = await seeds(undefined, 1);
    const [even, odd] = [await seeds({ job: 0, jobs: 2 }), await seeds({ job: 1, jobs: 2 })];
    expect(even.slice(0, 2)).toEqual([all[0], all[2]]);
    expect(odd.slice(0, 1)).toEqual([all[1]]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('S1 options that cannot work are refused', async () => {
    await expect(simulate({ seed: 1.5, hours: 1 })).rejects.toThrow('simulate.seed must be a whole number');
    await expect(simulate({ seed: 1, hours: -1 })).rejects.toThrow('simulate.hours');
    await expect(simulate({ seed: 1, hours: 1, maxTabs: 6 })).rejects.toThrow('simulate.maxTabs');
    await expect(simulate({ seed: 1, hours: 1, faults: ['storms' as Family] })).rejects.toThrow('simulate.faults[0]');
    await expect(simulate({ seed: 1, hours: 1, share: { job: 2, jobs: 2 } })).rejects.toThrow('simulate.share.job');
    await expect(simulate({ seed: 1, hours: 1, speed: 2 } as never)).rejects.toThrow('simulate.speed is not an option');
  });
});

/** Removes the session wherever a mint fails: what clients have done when they were offline. */
function forgetsOnFailure(options: LifecycleOptions): TokenLifecycle {
  const tokens = createTokenLifecycle(options);
  tokens.on('refresh.failed', () => void tokens.signOut());
  return tokens;
}

describe('a violation', () => {
  it('S1 is found, shrunk, told in words, and its schedule breaks it again', { timeout }, async () => {
    const broken = { ...world, createLifecycle: forgetsOnFailure };
    const faults: Family[] = ['reads', 'visibility', 'server errors', 'new tabs'];
    const { violations } = await simulate({
      seed: 4,
      hours: 20,
      faults,
      maxTabs: 2,
      longestMs: 20 * minute,
      world: broken,
      shrinkTries: 80,
    });
    const [found] = violations;
    expect(violations).toHaveLength(1);
    expect(found?.violation.invariant).toBe('S1');
    expect(found?.schedule.steps.map((step) => step.do)).toEqual(['server']);
    expect(found?.schedule.setting).toMatchObject({ tabs: 1, cookie: false, serverAheadMs: 0, readEveryMs: 0 });
    expect(found?.report).toContain('was signed out (reason given: user) though nobody had signed out');
    expect(found?.report).toContain(`world ${found?.worldSeed}`);
    expect(found?.report).toMatch(/→ .* emits session.signedOut/);
    expect(found?.report).not.toMatch(/eyJ/);
    const schedule = JSON.parse(JSON.stringify(found?.schedule)) as Schedule;
    const again = await runSchedule(schedule, { world: broken });
    expect(again.violations[0]?.invariant).toBe('S1');
    expect((await runSchedule(schedule, { world })).violations).toEqual([]);
  });
});

describe('planSchedule()', () => {
  it('S1 a seed gives one schedule, plain data', () => {
    const schedule = planSchedule(9);
    expect(planSchedule(9)).toEqual(schedule);
    expect(planSchedule(10)).not.toEqual(schedule);
    expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
  });

  it('S1 a world has some families of faults, no others than are allowed, and over all seeds every one', () => {
    const plans = Array.from({ length: 60 }, (_, seed) => planSchedule(seed));
    const deeds = plans.map(({ steps }) => new Set(steps.map((step) => step.do)));
    const all = new Set(deeds.flatMap((some) => [...some]));
    const drawn = new Set(Object.values(families).map((draw) => draw(createRandom(1)).do));
    expect([...drawn].filter((deed) => !all.has(deed))).toEqual([]);
    expect(deeds.some((some) => some.size < all.size / 2)).toBe(true);
    const offline = Array.from({ length: 20 }, (_, seed) => planSchedule(seed, { faults: ['no network'] }));
    expect(new Set(offline.flatMap(({ steps }) => steps.map((step) => step.do)))).toEqual(new Set(['offline']));
  });

  it('S1 a world lasts as long as it may, sleep included', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const schedule = planSchedule(seed, { longestMs: 10 * minute, faults: ['reads', 'no network'] });
      expect(durationOf(schedule)).toBeGreaterThanOrEqual(2 * minute);
      expect(schedule.setting.tabs).toBeLessThanOrEqual(5);
    }
  });
});

describe('simulateWorld()', () => {
  it('L1 says which world broke down', async () => {
    const createLifecycle = (): TokenLifecycle => {
      throw new TypeError('no such thing');
    };
    await expect(simulateWorld(7, { world: { createLifecycle } })).rejects.toThrow('World 7 broke down: no such thing');
  });
});
