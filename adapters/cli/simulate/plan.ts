/** Options of the command → a schedule that the test kit plays. */
import type { Schedule, Step } from '../../testing/simulate/schedule';
import type { Fault } from './faults';

export type Plan = {
  readonly tabs: number;
  readonly seed: number;
  readonly ttlMs: number;
  readonly latencyMs: number;
  readonly jitter: number;
  readonly readEveryMs: number;
  readonly credential: 'ambient' | 'reusable' | 'rotating';
  readonly durationMs: number;
  readonly faults: readonly Fault[];
};

/** Steps are told by their distance; a sleep takes its own time. What falls into one happens on waking. */
export function scheduleOf(plan: Plan): Schedule {
  const { tabs, seed, ttlMs, latencyMs, jitter, readEveryMs, credential, durationMs, faults } = plan;
  const timed = faults
    .flatMap(({ deeds }) => deeds)
    .filter(({ at }) => at <= durationMs)
    .sort((a, b) => a.at - b.at);
  let now = 0;
  const steps = timed.map(({ at, deed }): Step => {
    const after = Math.max(0, at - now);
    now += after + (deed.do === 'sleep' ? deed.ms : 0);
    return { after, ...deed };
  });
  return {
    setting: {
      tabs,
      seed,
      credential,
      reuseGraceMs: 0,
      ttlSeconds: ttlMs / 1_000,
      latencyMs,
      serverAheadMs: 0,
      withDate: false,
      withOrigin: false,
      channel: 'tokens',
      lock: true,
      store: 'ordered',
      cache: credential === 'rotating' ? 'shared' : 'per-tab',
      cookie: true,
      layout: 'tabs',
      jitter,
      readEveryMs,
    },
    steps,
    restMs: Math.max(0, durationMs - now),
  };
}
