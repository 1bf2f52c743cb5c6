/** All timers of a pool over one timer of the platform. */
import type { Clock } from '../../../machines/ports';
import { clampTimer } from '../../../machines/time';

type Timer = { readonly at: number; readonly run: () => void; place: number };

export type PoolTimers = Clock & {
  /** How many are set. */
  readonly size: number;
  clearAll(): void;
};

/**
 * A heap by monotonic time; the earliest one is armed on `clock`, and nothing is while there is none. Setting and clearing take
 * logarithmic time, so that a pool may have as many as it likes.
 */
export function createTimers(clock: Clock): PoolTimers {
  const heap: Timer[] = [];
  let armed: { readonly at: number; readonly id: unknown } | null = null;

  function put(timer: Timer, place: number): void {
    heap[place] = timer;
    timer.place = place;
  }

  function rise(timer: Timer): void {
    for (;;) {
      const above = (timer.place - 1) >> 1;
      const parent = heap[above];
      if (timer.place === 0 || !parent || parent.at <= timer.at) return;
      put(parent, timer.place);
      put(timer, above);
    }
  }

  function sink(timer: Timer): void {
    for (;;) {
      const left = 2 * timer.place + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      const least = one && other && other.at < one.at ? other : one;
      if (!least || timer.at <= least.at) return;
      const { place } = least;
      put(least, timer.place);
      put(timer, place);
    }
  }

  function remove(timer: Timer): void {
    const last = heap.pop();
    if (!last || last === timer) return;
    put(last, timer.place);
    rise(last);
    sink(last);
  }

  function arm(): void {
    const [first] = heap;
    if (armed && armed.at === first?.at) return;
    if (armed) clock.clearTimeout(armed.id);
    armed = null;
    if (!first) return;
    const { at } = first;
    armed = { at, id: clock.setTimeout(() => fire(at), clampTimer(Math.max(0, at - clock.monotonicNow()))) };
  }

  /** Fired is due, even where the platform is a little early, or its clock stood still meanwhile. */
  function fire(at: number): void {
    armed = null;
    const now = Math.max(at, clock.monotonicNow());
    for (let first = heap[0]; first && first.at <= now; first = heap[0]) {
      remove(first);
      first.place = -1;
      try {
        first.run();
      } catch (error) {
        arm();
        throw error;
      }
    }
    arm();
  }

  return {
    now: () => clock.now(),
    monotonicNow: () => clock.monotonicNow(),
    setTimeout: (run, ms) => {
      const timer: Timer = { at: clock.monotonicNow() + (ms > 0 ? clampTimer(ms) : 0), run, place: heap.length };
      heap.push(timer);
      rise(timer);
      arm();
      return timer;
    },
    clearTimeout: (id) => {
      const timer = id as Timer | undefined;
      if (!timer || heap[timer.place] !== timer) return;
      remove(timer);
      timer.place = -1;
      arm();
    },
    get size() {
      return heap.length;
    },
    clearAll: () => {
      heap.length = 0;
      arm();
    },
  };
}
