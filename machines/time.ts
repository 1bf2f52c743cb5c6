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

/** What somebody else wrote down on the wall clock, as an instant of this page. */
export const instantAt = (wallMs: number, now: Instant): Instant => ({
  wallMs,
  monotonicMs: now.monotonicMs - (now.wallMs - wallMs),
});

/**
 * Whether `wallMs`, written down by somebody else, lies between two looks: by how long it is after the one, or before the other,
 * since somebody may have set the clock back between them.
 */
export function isWithin(wallMs: number, since: Instant, now: Instant): boolean {
  const lastedMs = elapsedMs(since, now);
  const afterMs = wallMs - since.wallMs;
  const agoMs = now.wallMs - wallMs;
  return (afterMs > 0 && afterMs <= lastedMs) || (agoMs >= 0 && agoMs < lastedMs);
}

/** A duration that a timer can hold: whole, not negative, at most 2³¹−1 ms. Whoever waits longer re-arms. */
export function clampTimer(ms: number): number {
  if (Number.isNaN(ms)) return maxTimerMs;
  return Math.min(maxTimerMs, Math.max(0, Math.ceil(ms)));
}
