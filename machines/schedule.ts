/** When the next try is due: pure arithmetic in milliseconds. */
import { cutoffMs, type Moment, remainingMs, type TokenFacts } from './held-token';
import type { RefreshPolicy } from './policy';
import { elapsedMs, type Instant } from './time';

/** A stretch without a request: `ms` from `since` on the elapsed scale, which a corrected clock does not move. */
export type Pause = {
  readonly since: Instant;
  readonly ms: number;
  /**
   * `backoff`: between two tries. `retry-after`: the server asked for it. `decay`: the server refused, so asking again
   * soon is pointless. `ambiguous`: a rotating credential may have been spent already.
   */
  readonly kind: 'backoff' | 'retry-after' | 'decay' | 'ambiguous';
  /** Of another kind that lasts longer: up to here, from `since`, the server asked for it as well. */
  readonly floorMs?: number;
};

export const pauseLeftMs = (pause: Pause | null, now: Instant): number =>
  pause ? Math.max(0, pause.ms - elapsedMs(pause.since, now)) : 0;

export const isPaused = (pause: Pause | null, now: Instant): boolean => pauseLeftMs(pause, now) > 0;

/** What the server asked for in it, and is not over: no success lifts that (S10). */
export function floorIn(pause: Pause | null, now: Instant): Pause | null {
  if (!pause) return null;
  const { since, ms, kind, floorMs = 0 } = pause;
  const floor = { since, ms: kind === 'retry-after' ? ms : floorMs, kind: 'retry-after' as const };
  return isPaused(floor, now) ? floor : null;
}

/** `pause`, and nothing before `floor` is over, whichever is longer. */
export function aboveFloor(pause: Pause, floor: Pause | null, now: Instant): Pause {
  const leftMs = pauseLeftMs(floor, now);
  if (!floor || leftMs === 0) return pause;
  if (leftMs > pauseLeftMs(pause, now)) return floor;
  if (pause.kind === 'retry-after') return pause;
  return { ...pause, floorMs: Math.max(pause.floorMs ?? 0, elapsedMs(pause.since, now) + leftMs) };
}

/** 3 s · 1.55ⁿ, at most 50 s, with the defaults: the distance between try n and the next (n from 0). */
export function backoffMs(policy: RefreshPolicy, tries: number): number {
  const grown = policy.retryInitialMs * policy.retryFactor ** Math.max(0, tries);
  return Math.floor(Math.min(policy.retryMaxMs, grown));
}

/** Shortened by up to `jitter` of itself, so that clients that failed together do not return together. */
export const jittered = (ms: number, policy: RefreshPolicy, roll: number): number =>
  Math.floor(ms * (1 - policy.jitter * roll));

/**
 * How long a background try is put off while the held token still serves: half of what is left before the cutoff, so
 * that there are several tries before readers have to wait.
 */
export function backgroundRetryMs(token: TokenFacts, at: Moment, plannedMs: number): number {
  const leftMs = remainingMs(token, at) - cutoffMs(token, at.policy);
  return Math.max(at.policy.mintFloorMs, Math.min(plannedMs, Math.floor(leftMs / 2)));
}

/** The most tries that may fail within a minute, whatever callers, tabs and links do (S9). */
const failedTriesPerWindow = 7;
const windowMs = 60_000;

/** Failed tries that still count at `now`; the list stays short. */
export function recentTries(failedStarts: readonly Instant[], now: Instant): readonly Instant[] {
  return failedStarts.filter((start) => elapsedMs(start, now) < windowMs).slice(-failedTriesPerWindow);
}

/** Tries of this tab and of the others, in order; one that both lists name counts once. */
export function mergeTries(own: readonly Instant[], others: readonly Instant[], now: Instant): readonly Instant[] {
  const known = new Set(own.map(({ wallMs }) => wallMs));
  const all = [...own, ...others.filter(({ wallMs }) => !known.has(wallMs))];
  return recentTries(
    all.sort((a, b) => a.wallMs - b.wallMs),
    now,
  );
}

/** How long until another try may fail without breaking S9. */
export function windowLeftMs(failedStarts: readonly Instant[], now: Instant): number {
  const recent = recentTries(failedStarts, now);
  const oldest = recent[0];
  if (recent.length < failedTriesPerWindow || !oldest) return 0;
  return windowMs - elapsedMs(oldest, now);
}

/** A reconnecting or waking client waits up to this long, so that thousands do not return in the same instant. */
export const spreadMs = (policy: RefreshPolicy, roll: number): number => Math.floor(500 * policy.jitter * roll);
