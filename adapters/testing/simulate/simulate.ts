/** `simulate`: many seeded worlds, one after the other. */
import { checkFunction, checkKnown, checkNumber, checkObject, checkOneOf } from '../../../machines/check';
import { formatViolation } from '../invariants/format-violation';
import type { Violation } from '../invariants/types';
import type { WorldOptions } from '../world/options';
import { type Family, families } from './families';
import { formatSchedule } from './format-schedule';
import { planSchedule } from './plan';
import { createRandom } from './random';
import { type Played, runSchedule } from './run-schedule';
import type { Schedule } from './schedule';
import { shrinkSchedule } from './shrink-schedule';
import { addTallies, type Tally } from './tally';
import { hashText } from './trace-hash';

const hourMs = 3_600_000;

export type SimulateOptions = {
  /** Of all chance: a whole number of 32 bits. */
  readonly seed: number;
  /** How long to simulate, in hours that tabs spend with a session while there is trouble, added up. */
  readonly hours: number;
  /** What may happen; default everything. Each world has about half of it. */
  readonly faults?: readonly Family[];
  /** The most tabs of a world, 1 to 5. Default 5. */
  readonly maxTabs?: number;
  /** The longest that a world lasts before it is left to recover, in ms, from 120000 on. Default 4 h. */
  readonly longestMs?: number;
  /** Goes on after a violation until there are so many. Default 1. */
  readonly violations?: number;
  /** How many runs may be spent on making a violation short. Default 300; 0: it is reported as it was found. */
  readonly shrinkTries?: number;
  /** Only every `jobs`-th world, from `job` on: for several processes that share a simulation. Default 0 of 1. */
  readonly share?: { readonly job: number; readonly jobs: number };
  /** Changes to every world: another implementation, a policy, a mistake on purpose. */
  readonly world?: Pick<WorldOptions, 'policy' | 'lifecycle' | 'createLifecycle'>;
  /** Told of each world when it is over. */
  readonly onWorld?: (world: SimulatedWorld) => void;
};

/** One world, as `onWorld` hears of it. */
export type SimulatedWorld = Tally & { readonly seed: number; readonly violations: number; readonly traceHash: string };

/** A broken invariant, with the shortest schedule that was found to break it. */
export type SimulatedViolation = {
  readonly violation: Violation;
  /** Of the world in which it was found: `simulateWorld(worldSeed)` finds it again. */
  readonly worldSeed: number;
  /** Breaks it too: `runSchedule(schedule)`. Plain data, to be kept in a file and played by a test. */
  readonly schedule: Schedule;
  /** All of it for people: what is broken, the schedule, and the trace that shows it. */
  readonly report: string;
};

export type SimulationResult = {
  readonly seed: number;
  /** Hours that tabs spent with a session, added up. */
  readonly hours: number;
  readonly worlds: number;
  /** Pages that were loaded. */
  readonly tabs: number;
  readonly reads: number;
  readonly requests: number;
  readonly mints: number;
  /** Every kind of fault, and how often it really struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly SimulatedViolation[];
  /** Stands for every entry of every trace: the same seed gives the same on any machine. */
  readonly traceHash: string;
};

const known = [
  'seed',
  'hours',
  'faults',
  'maxTabs',
  'longestMs',
  'violations',
  'shrinkTries',
  'share',
  'world',
  'onWorld',
];

function checkOptions(options: SimulateOptions): void {
  checkObject('simulate', options);
  checkKnown('simulate', options, known);
  const {
    seed,
    hours,
    faults = [],
    maxTabs = 5,
    longestMs = 4 * hourMs,
    violations = 1,
    shrinkTries = 300,
    share,
    onWorld,
  } = options;
  checkNumber('simulate.seed', seed, { min: -(2 ** 31), max: 2 ** 32 - 1, integer: true });
  checkNumber('simulate.hours', hours, { min: 0 });
  faults.forEach((fault, index) => {
    checkOneOf(`simulate.faults[${index}]`, fault, Object.keys(families));
  });
  checkNumber('simulate.maxTabs', maxTabs, { min: 1, max: 5, integer: true });
  checkNumber('simulate.longestMs', longestMs, { min: 120_000, integer: true });
  checkNumber('simulate.violations', violations, { min: 1, integer: true });
  checkNumber('simulate.shrinkTries', shrinkTries, { min: 0, integer: true });
  if (share) {
    checkNumber('simulate.share.jobs', share.jobs, { min: 1, max: 1_000, integer: true });
    checkNumber('simulate.share.job', share.job, { min: 0, max: share.jobs - 1, integer: true });
  }
  if (onWorld !== undefined) checkFunction('simulate.onWorld', onWorld);
}

/** The seed of the n-th world of a simulation. */
const worldSeedOf = (seed: number, index: number): number =>
  createRandom(seed ^ Math.imul(index + 1, 0x9e3779b1)).int(0, 2 ** 31 - 1);

type WorldChoice = Pick<SimulateOptions, 'faults' | 'maxTabs' | 'longestMs' | 'world'>;

/**
 * One world of a simulation, by its own seed: what a violation's report names.
 *
 * @example (await simulateWorld(1808149216)).violations
 */
export async function simulateWorld(worldSeed: number, choice: WorldChoice = {}): Promise<Played> {
  const { world, faults, maxTabs, longestMs } = choice;
  const plan = { ...(faults && { faults }), ...(maxTabs && { maxTabs }), ...(longestMs && { longestMs }) };
  try {
    return await runSchedule(planSchedule(worldSeed, plan), world ? { world } : {});
  } catch (thrown) {
    throw new Error(`World ${worldSeed} broke down: ${thrown instanceof Error ? thrown.message : 'no error'}`, {
      cause: thrown,
    });
  }
}

async function explainViolation(
  played: Played,
  found: Violation,
  worldSeed: number,
  options: SimulateOptions,
): Promise<SimulatedViolation> {
  const { world, shrinkTries = 300 } = options;
  const play = (schedule: Schedule): Promise<Played> => runSchedule(schedule, world ? { world } : {});
  const best = await shrinkSchedule(played, found.invariant, play, shrinkTries);
  const violation = best.violations.find(({ invariant }) => invariant === found.invariant) ?? found;
  const report = [
    formatViolation(violation, best.trace),
    '',
    `The schedule that leads there (world ${worldSeed}, shrunk from ${played.schedule.steps.length} steps to ${best.schedule.steps.length}):`,
    formatSchedule(best.schedule),
    '',
    `As data, for runSchedule(): ${JSON.stringify(best.schedule)}`,
  ].join('\n');
  return { violation, worldSeed, schedule: best.schedule, report };
}

/**
 * Plays seeded random worlds of 1 to 5 tabs with faults of every kind at every point, until tabs have spent `hours` with a
 * session, and checks every invariant of lifecycle.md §12 in each. The same seed gives the same traces, on any machine.
 *
 * @param options `seed`, `hours`; `faults` to allow only some; see `SimulateOptions`
 * @throws ConfigurationError for an option that cannot work
 * @example
 * const { violations } = await simulate({ seed: 1, hours: 10 });
 * assert.deepEqual(violations.map(({ report }) => report), []);
 */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  checkOptions(options);
  const { seed, hours, violations: most = 1, share = { job: 0, jobs: 1 }, onWorld } = options;
  const tallies: Tally[] = [];
  const hashes: string[] = [];
  const violations: SimulatedViolation[] = [];
  let sessionMs = 0;
  for (let index = share.job; sessionMs < hours * hourMs && violations.length < most; index += share.jobs) {
    const worldSeed = worldSeedOf(seed, index);
    const played = await simulateWorld(worldSeed, options);
    tallies.push(played.tally);
    hashes.push(played.traceHash);
    sessionMs += played.tally.sessionMs;
    const [found] = played.violations;
    if (found) violations.push(await explainViolation(played, found, worldSeed, options));
    onWorld?.({ ...played.tally, seed: worldSeed, violations: played.violations.length, traceHash: played.traceHash });
  }
  const { sessionMs: _, ...sum } = addTallies(tallies);
  return {
    seed,
    hours: sessionMs / hourMs,
    worlds: tallies.length,
    ...sum,
    violations,
    traceHash: hashText(hashes.join()),
  };
}
