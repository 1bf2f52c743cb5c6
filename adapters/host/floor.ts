/** Before that no tab of this browser asks the source again, since it wants to be left alone (R5.8, S10). */
import type { SharedRecord } from '../../machines/ports';
import { type Pause, pauseLeftMs } from '../../machines/schedule';
import { elapsedMs, type Instant } from '../../machines/time';
import type { Observer } from './observer';

export function createFloor(observer: Observer, retryAfterMaxMs: number) {
  /** What the source asked this tab for last, since somebody signed in or out. */
  let asked: Pause | null = null;
  /** The own machines know them already, on a scale that a corrected clock does not move. */
  const own = new Set<number>();
  /** Those from before somebody set the clock back: they last from when they were first seen here. */
  const seen = new Map<number, Instant>();

  function leftMs({ floorUntil = 0, floorSince = 0 }: SharedRecord, now: Instant): number {
    if (floorSince <= now.wallMs) return floorUntil - now.wallMs;
    const since = seen.get(floorUntil) ?? now;
    seen.set(floorUntil, since);
    return floorUntil - floorSince - elapsedMs(since, now);
  }

  return {
    raise: (ms: number): void => {
      const now = observer.now();
      if (pauseLeftMs(asked, now) < ms) asked = { since: now, ms, kind: 'retry-after' };
    },
    /** Somebody signs in or out, and asks anew. */
    lift: (): void => {
      asked = null;
    },
    /** The record with what was asked for, on the clock of the write, which may be long after. */
    raisedIn: (record: SharedRecord): SharedRecord => {
      const now = observer.now();
      const askedMs = pauseLeftMs(asked, now);
      if (askedMs <= 0 || leftMs(record, now) > askedMs) return record;
      const floorUntil = now.wallMs + askedMs;
      own.add(floorUntil);
      return { ...record, floorSince: now.wallMs, floorUntil };
    },
    /** What is news of it to the own machines. */
    pauseIn: (record: SharedRecord): Pause | undefined => {
      const now = observer.now();
      const ms = Math.min(retryAfterMaxMs, leftMs(record, now));
      return ms > 0 && !own.has(record.floorUntil ?? 0) ? { since: now, ms, kind: 'retry-after' } : undefined;
    },
    /** Machines that start know nothing of it. */
    restart: (): void => {
      own.clear();
    },
  };
}
