/** The shortest schedule that still breaks the same invariant. */
import type { InvariantId } from '../invariants/types';
import type { Played } from './run-schedule';
import type { Schedule, Setting, Step } from './schedule';
import { shrinkList, shrinkNumber } from './shrink';

/** A world where nothing is special. Whatever differs is taken back, if it does not matter. */
const plain: Partial<Setting> = {
  readEveryMs: 0,
  serverAheadMs: 0,
  withDate: false,
  withOrigin: false,
  jitter: 0,
  layout: 'tabs',
  channel: 'tokens',
  store: 'ordered',
  lock: true,
  cookie: false,
  credential: 'ambient',
  cache: 'per-tab',
  reuseGraceMs: 0,
  ttlSeconds: 60,
  latencyMs: 100,
};

/** A step at its instant, sleep not counted: what is left out leaves the others where they were. */
type Timed = { readonly at: number; readonly step: Step };

function timed(steps: readonly Step[]): Timed[] {
  let at = 0;
  return steps.map((step) => {
    at += step.after;
    return { at, step };
  });
}

const untimed = (steps: readonly Timed[]): Step[] =>
  steps.map(({ at, step }, index) => ({ ...step, after: at - (steps[index - 1]?.at ?? 0) }));

/** Leaves out what comes after the violation: nothing of it can matter. L2 and L3 are judged after the end. */
function cut({ steps, setting }: Schedule, at: number): Schedule {
  const kept: Step[] = [];
  let elapsed = 0;
  for (const step of steps) {
    elapsed += step.after + (step.do === 'sleep' ? step.ms : 0);
    if (elapsed > at) break;
    kept.push(step);
  }
  const until = kept.reduce((sum, step) => sum + step.after + (step.do === 'sleep' ? step.ms : 0), 0);
  return { setting, steps: kept, restMs: Math.max(0, at - until) + 1_000 };
}

/**
 * Fewer steps, a plainer world, shorter waits: for as long as the same invariant is broken.
 *
 * @param played a run that broke it
 * @param play runs a schedule
 * @param tries how many runs it may take; default 300
 */
export async function shrinkSchedule(
  played: Played,
  invariant: InvariantId,
  play: (schedule: Schedule) => Promise<Played>,
  tries = 300,
): Promise<Played> {
  const violation = played.violations.find((one) => one.invariant === invariant);
  if (!violation) return played;
  const budget = { tries };
  let best = played;

  /** Whether it fails still; if so, it is the best so far. */
  async function fails(change: Partial<Schedule>): Promise<boolean> {
    const next = await play({ ...best.schedule, ...change });
    const found = next.violations.some((one) => one.invariant === invariant);
    if (found) best = next;
    return found;
  }
  const set = <Name extends keyof Setting>(name: Name, value: Setting[Name]): Promise<boolean> =>
    fails({ setting: { ...best.schedule.setting, [name]: value } });
  const fewerSteps = (): Promise<unknown> =>
    shrinkList(timed(best.schedule.steps), (fewer) => fails({ steps: untimed(fewer) }), budget);

  if (invariant !== 'L2' && invariant !== 'L3') await fails(cut(played.schedule, violation.at));
  await fewerSteps();
  for (const [name, value] of Object.entries(plain)) {
    const { setting } = best.schedule;
    if (budget.tries <= 0 || setting[name as keyof Setting] === value) continue;
    // Single-use credentials are found in a shared cache.
    if (name === 'cache' && setting.credential === 'rotating') continue;
    budget.tries -= 1;
    await set(name as keyof Setting, value);
  }
  await shrinkNumber(best.schedule.setting.tabs, 1, (tabs) => set('tabs', tabs), budget);
  await fewerSteps();
  await shrinkNumber(best.schedule.restMs, 0, (restMs) => fails({ restMs }), budget);
  for (let index = best.schedule.steps.length - 1; index >= 0; index -= 1) {
    const shorter = (after: number): Promise<boolean> =>
      fails({ steps: best.schedule.steps.map((step, at) => (at === index ? { ...step, after } : step)) });
    await shrinkNumber(best.schedule.steps[index]?.after ?? 0, 0, shorter, budget);
  }
  return best;
}
