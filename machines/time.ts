/** The two clocks of a machine, and what may be said about the time between two looks at them. */

/** One look at both clocks. Machines never read a clock: instants reach them in events (`clock.tick`). */
export type Instant = {
  /** Epoch ms; may jump. */
  readonly wallMs: number;
  /** Never runs backwards; may pause while the computer sleeps. */
  readonly monotonicMs: number;
};

/** Timers longer than this fire at once on every platform. */
export const maxTimerMs = 2 ** 31 - 1;

/** How long ago `since` was: the larger of both clocks, since either may have stood still (R9: elapsed time). */
export function elapsedMs(since: Instant, now: Instant): number {
  return Math.max(0, now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);
}

/**
 * Whether `wallMs`, written down by somebody else, lies between two looks. Not where it seems to lie ahead: somebody set the clock
 * back since.
 */
export function isWithin(wallMs: number, since: Instant, now: Instant): boolean {
  const agoMs = now.wallMs - wallMs;
  return agoMs >= 0 && agoMs < elapsedMs(since, now);
}

/** A duration that a timer can hold: whole, not negative, at most 2³¹−1 ms. Whoever waits longer re-arms. */
export function clampTimer(ms: number): number {
  if (Number.isNaN(ms)) return maxTimerMs;
  return Math.min(maxTimerMs, Math.max(0, Math.ceil(ms)));
}
