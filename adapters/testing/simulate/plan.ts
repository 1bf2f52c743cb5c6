/** A schedule drawn by luck. */
import { type Family, families } from './families';
import { createRandom, type Random } from './random';
import type { Schedule, Setting, Step } from './schedule';

const minute = 60_000;
const hour = 60 * minute;

export type PlanOptions = {
  /** Which families of faults and deeds may happen; default all. A world has some of them (swarm testing). */
  readonly faults?: readonly Family[];
  /** The most tabs that a world begins with, 1 to 5. Default 5. */
  readonly maxTabs?: number;
  /** The longest that a world may last before it is left to recover, in ms. Default 4 h. */
  readonly longestMs?: number;
};

/** A world; where all luck is the least, a plain one. */
export function drawSetting(random: Random, maxTabs: number): Setting {
  const credential = random.weighted([
    [6, 'ambient'],
    [2, 'reusable'],
    [3, 'rotating'],
  ] as const);
  const clockWrong = random.chance(0.25);
  return {
    tabs: random.int(1, maxTabs),
    seed: random.int(1, 1_000_000),
    credential,
    reuseGraceMs: credential === 'rotating' && random.chance(0.5) ? random.pick([2_000, 10_000, 60_000]) : 0,
    ttlSeconds: random.weighted([
      [6, 60],
      [1, 10],
      [1, 30],
      [3, 300],
      [2, 3_600],
      [1, 12 * 3_600],
    ]),
    latencyMs: random.pick([100, 100, 20, 400, 2_000]),
    serverAheadMs: clockWrong ? random.pick([-1, 1]) * random.scale(500, 48 * hour) : 0,
    withDate: random.chance(0.3),
    withOrigin: random.chance(0.3),
    channel: random.weighted([
      [6, 'tokens'],
      [1, 'notices'],
      [1, 'none'],
    ] as const),
    lock: !random.chance(0.15),
    store: random.chance(0.15) ? 'hint' : 'ordered',
    cache: credential === 'rotating' || random.chance(0.3) ? 'shared' : 'per-tab',
    cookie: random.chance(0.7),
    layout: random.chance(0.2) ? 'windows' : 'tabs',
    jitter: random.pick([0, 0.5, 0.5, 1]),
    readEveryMs: random.weighted([
      [2, 0],
      [2, 5_000],
      [3, 20_000],
      [3, minute],
      [1, 10 * minute],
    ]),
  };
}

/** Each world has about half of the families: what all of them together hide, some of them show. */
function drawFamilies(random: Random, allowed: readonly Family[]): readonly Family[] {
  const some = allowed.filter(() => random.chance(0.5));
  return some.length > 0 ? some : allowed.slice(0, 1);
}

/**
 * A schedule for a world: the same for the same seed.
 *
 * @param seed any whole number of 32 bits
 * @example runSchedule(planSchedule(7));
 */
export function planSchedule(seed: number, options: PlanOptions = {}): Schedule {
  const names = Object.keys(families) as Family[];
  const { faults = names, maxTabs = 5, longestMs = 4 * hour } = options;
  const random = createRandom(seed);
  const setting = drawSetting(random.fork(), maxTabs);
  const enabled = drawFamilies(random.fork(), faults);
  // Trouble on top of trouble, and trouble that has long passed when the next comes.
  const gapMs = random.scale(500, 10 * minute);
  const lengthMs = random.int(2 * minute, longestMs);
  const steps: Step[] = [];
  let at = 0;
  while (at < lengthMs && steps.length < 400 && enabled.length > 0) {
    const after = random.chance(0.15) ? random.int(0, 50) : random.int(1, 2 * gapMs);
    const family = enabled[random.int(0, enabled.length - 1)] ?? 'reads';
    const deed = families[family](random);
    steps.push({ after, ...deed });
    at += after + (deed.do === 'sleep' ? deed.ms : 0);
  }
  return { setting, steps, restMs: Math.max(0, lengthMs - at) };
}
