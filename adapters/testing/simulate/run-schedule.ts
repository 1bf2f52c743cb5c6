/** Plays a schedule: a world, its troubles, the time to recover, and what the invariants say. */
import { checkTrace } from '../invariants';
import { recoveryMs } from '../invariants/last-seen';
import type { Violation } from '../invariants/types';
import type { Trace } from '../trace';
import { createWorld, type World } from '../world/create';
import type { WorldOptions } from '../world/options';
import { perform, type Stage, thaw } from './perform';
import type { Schedule, Setting } from './schedule';
import { type Tally, tally } from './tally';
import { hashTrace } from './trace-hash';
import { createWeather } from './weather';

export type Played = {
  readonly schedule: Schedule;
  readonly trace: Trace;
  /** The first of each invariant, in order of time. */
  readonly violations: readonly Violation[];
  /** Of the schedule: what comes after it, in good times, does not count. */
  readonly tally: Tally;
  readonly traceHash: string;
};

export type PlayOptions = {
  /** Changes to the world: another implementation, a policy, a deliberate mistake. */
  readonly world?: Pick<WorldOptions, 'policy' | 'lifecycle' | 'createLifecycle'>;
  /** False: the run ends with the schedule, and L2 and L3 are not asked. Takes a fraction of the time. Default true. */
  readonly recover?: boolean;
};

function worldOptions(setting: Setting): WorldOptions {
  const { tabs, seed, credential, reuseGraceMs, ttlSeconds, latencyMs, serverAheadMs, withDate, withOrigin } = setting;
  const { channel, lock, store, cache, cookie, layout, jitter } = setting;
  return {
    tabs,
    seed,
    latencyMs,
    layout,
    policy: { jitter },
    server: { credential, reuseGraceMs, ttlSeconds, offsetMs: serverAheadMs, withDate, withOrigin },
    shared: { channel, lock, store, cache, cookie },
  };
}

/** Somebody reads all the time, in every tab that runs. */
function readAllTheTime(world: World, everyMs: number): () => void {
  let timer: unknown;
  const again = (): void => {
    for (const tab of world.tabs) if (tab.isOpen && !tab.isFrozen) tab.read();
    timer = world.clock.setTimeout(again, everyMs);
  };
  if (everyMs > 0) timer = world.clock.setTimeout(again, everyMs);
  return () => world.clock.clearTimeout(timer);
}

/** The end of all trouble. */
function heal(stage: Stage): void {
  const { world, weather } = stage;
  weather.clear();
  world.online();
  for (const tab of world.tabs) {
    if (!tab.isOpen) continue;
    tab.online();
    thaw(stage, tab);
  }
}

/** Who may have spent its credential waits out the token that it holds (R5.16): where that lives for days, nobody waits for the end. */
const longestRecoveryMs = 12 * 3_600_000;

/** Leaves the world alone for as long as it may need, and asks what has to be true then. */
async function recover(world: World): Promise<readonly Violation[]> {
  const healthySince = world.at;
  const needsMs = recoveryMs(world.trace);
  if (needsMs > longestRecoveryMs) return [];
  await world.advance(needsMs);
  return checkTrace(world.trace, { healthySince }).filter(({ invariant }) => invariant === 'L2' || invariant === 'L3');
}

/**
 * Plays a schedule in virtual time, then lets the world recover and asks every invariant. One schedule, one trace.
 *
 * @example
 * const { violations, trace } = await runSchedule(planSchedule(7));
 * if (violations[0]) console.log(formatViolation(violations[0], trace));
 */
export async function runSchedule(schedule: Schedule, options: PlayOptions = {}): Promise<Played> {
  const { setting, steps, restMs } = schedule;
  const weather = createWeather(() => world.at);
  const base = worldOptions(setting);
  const { policy, ...more } = options.world ?? {};
  const world: World = createWorld({ ...base, ...more, policy: { ...base.policy, ...policy }, faults: weather.faults });
  world.server.respondWith(weather.behave);
  const stage: Stage = { world, weather, cached: new Set() };
  const stopReading = readAllTheTime(world, setting.readEveryMs);
  for (const step of steps) {
    await world.advance(step.after);
    await perform(stage, step);
  }
  await world.advance(restMs);
  stopReading();
  const counted = tally(world.trace);
  heal(stage);
  const inTheEnd = options.recover === false ? [] : await recover(world);
  for (const tab of world.tabs) if (tab.isOpen) tab.stop();
  await world.advance(1_000);
  const { trace } = world;
  world[Symbol.dispose]();
  return {
    schedule,
    trace,
    violations: [...checkTrace(trace), ...inTheEnd],
    tally: counted,
    traceHash: hashTrace(trace),
  };
}
