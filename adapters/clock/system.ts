import type { Clock } from '../../machines/ports';

/** The longest delay that platforms honour; anything longer fires at once (lifecycle §9). */
export const longestDelay = 2 ** 31 - 1;

export type SystemClockOptions = {
  /**
   * Node, Deno, Bun: whether an armed timer keeps the process running. Default false, so that a refresh that is due in an
   * hour does not hold up the exit of a script (E20). A script that only awaits a token through a long retry may want true.
   */
  readonly keepsProcessAlive?: boolean;
};

/** Date.now() held to never run backwards, for the few platforms without `performance`. */
function steadied(): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    latest = Math.max(latest, Date.now());
    return latest;
  };
}

/**
 * The platform's clock and timers.
 *
 * Delays are clamped to 2^31−1 ms (24.8 days): who needs longer looks at the clock when the timer fires, and sets another.
 *
 * @example createTokenLifecycle({ source, clock: systemClock() });
 */
export function systemClock(options: SystemClockOptions = {}): Clock {
  const { keepsProcessAlive = false } = options;
  const fallback = steadied();
  return {
    now: () => Date.now(),
    monotonicNow: () => (typeof globalThis.performance?.now === 'function' ? performance.now() : fallback()),
    setTimeout: (run, ms) => {
      // Written so that NaN becomes 0.
      const id: unknown = globalThis.setTimeout(run, ms > 0 ? Math.min(ms, longestDelay) : 0);
      if (!keepsProcessAlive) (id as { unref?: () => void }).unref?.();
      return id;
    },
    clearTimeout: (id) => globalThis.clearTimeout(id as Parameters<typeof clearTimeout>[0]),
  };
}
