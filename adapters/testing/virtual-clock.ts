import { checkNumber } from '../../machines/check';
import type { Clock } from '../../machines/ports';
import { macrotask } from './macrotask';

/** Platforms fire a longer delay at once. So does this clock, or no test would notice a missing clamp. */
const longestDelay = 2 ** 31 - 1;
/** Timers that fire at one instant before the clock calls it a loop. */
const tooManyAtOnce = 10_000;

export type VirtualClockOptions = {
  /** Wall clock at the beginning, epoch ms. Default 2026-01-01T00:00:00Z: a whole second, as `iat` and `Date` have it. */
  readonly start?: number;
  /** Turns of the real event loop that promises get after each timer. Default 8 (some 20 µs); long simulations take 1. */
  readonly settleTurns?: number;
};

/** A clock that stands still until it is told otherwise. Reads no real time. */
export type VirtualClock = Clock & {
  /** Epoch ms by a clock that nobody sets: it runs in sleep, and `skew()` does not move it. What a server goes by. */
  trueNow(): number;
  /**
   * Wall and monotonic time run for `ms`. Timers fire when they are due, in order of due time, then of being set, and
   * promises settle in between. Calls queue up. Rejects with what a timer threw, at that timer's instant.
   */
  advance(ms: number): Promise<void>;
  /**
   * The machine is suspended for `ms`: the wall runs, monotonic time and timers do not. Then timers whose wall deadline has
   * passed fire late, in order; the others go on with what they had left.
   */
  sleep(ms: number): Promise<void>;
  /** Somebody corrects the wall clock by `ms`, which may be negative. Monotonic time and timers do not notice. */
  skew(ms: number): void;
  /** Lets promises settle without moving time. */
  settle(): Promise<void>;
  /**
   * Virtual time waits for `work`. Needed for what takes real time on another thread (WebCrypto, sockets): event-loop turns
   * alone would make its arrival a matter of luck. `work` must end without this clock moving. Returns `work`.
   */
  hold<T>(work: Promise<T>): Promise<T>;
  /** Armed timers. 0 after `stop()`, or something leaks (L4). */
  readonly pending: number;
};

type Timer = {
  readonly id: number;
  readonly run: () => void;
  /** On the scale that stands still in sleep. */
  readonly due: number;
  /** On the scale that does not. */
  readonly wallDue: number;
};

/**
 * Virtual time for tests: hours pass in milliseconds, and each run is the same as the last.
 *
 * @throws {ConfigurationError} for a start or a duration that is no number
 * @example
 * const clock = createVirtualClock();
 * clock.setTimeout(() => console.log(clock.now()), 43_000);
 * await clock.advance(60_000);
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { start = Date.UTC(2026, 0, 1), settleTurns = 8 } = options;
  checkNumber('createVirtualClock.start', start, { min: 0 });
  checkNumber('createVirtualClock.settleTurns', settleTurns, { min: 1, integer: true });

  const timers = new Map<number, Timer>();
  const held = new Set<Promise<unknown>>();
  let lastId = 0;
  let elapsed = 0;
  let slept = 0;
  let skewed = 0;
  let queue: Promise<void> = Promise.resolve();

  async function settle(): Promise<void> {
    do {
      if (held.size > 0) await Promise.allSettled(held);
      for (let turn = 0; turn < settleTurns; turn += 1) await macrotask();
    } while (held.size > 0);
  }

  /** Equal deadlines keep the order of the map, which is the order of being set. */
  function earliest(by: 'due' | 'wallDue', until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers.values()) {
      if (timer[by] <= until && (!first || timer[by] < first[by])) first = timer;
    }
    return first;
  }

  async function fire(timer: Timer): Promise<void> {
    timers.delete(timer.id);
    timer.run();
    await settle();
  }

  async function runTo(target: number): Promise<void> {
    await settle();
    let firedHere = 0;
    for (let next = earliest('due', target); next; next = earliest('due', target)) {
      firedHere = next.due > elapsed ? 0 : firedHere + 1;
      if (firedHere > tooManyAtOnce) {
        throw new Error(`More than ${tooManyAtOnce} timers fired at one instant: is a delay 0, or above 2^31-1 ms?`);
      }
      elapsed = Math.max(elapsed, next.due);
      await fire(next);
    }
    elapsed = target;
  }

  async function wakeAfter(ms: number): Promise<void> {
    await settle();
    slept += ms;
    const woken = elapsed + slept;
    // Those that were armed when the machine fell asleep; what they arm in turn is due in its own time.
    const newest = lastId;
    for (let late = earliest('wallDue', woken); late && late.id <= newest; late = earliest('wallDue', woken)) {
      await fire(late);
    }
    await runTo(elapsed);
  }

  function enqueue(job: () => Promise<void>): Promise<void> {
    const done = queue.then(job);
    queue = done.catch(() => {});
    return done;
  }

  return {
    now: () => start + elapsed + slept + skewed,
    monotonicNow: () => elapsed,
    trueNow: () => start + elapsed + slept,
    setTimeout: (run, ms) => {
      const delay = ms > 0 && ms <= longestDelay ? ms : 0;
      lastId += 1;
      timers.set(lastId, { id: lastId, run, due: elapsed + delay, wallDue: elapsed + slept + delay });
      return lastId;
    },
    clearTimeout: (id) => {
      timers.delete(id as number);
    },
    advance: (ms) => {
      checkNumber('advance(ms)', ms, { min: 0 });
      return enqueue(() => runTo(elapsed + ms));
    },
    sleep: (ms) => {
      checkNumber('sleep(ms)', ms, { min: 0 });
      return enqueue(() => wakeAfter(ms));
    },
    skew: (ms) => {
      checkNumber('skew(ms)', ms, { min: -Number.MAX_SAFE_INTEGER });
      skewed += ms;
    },
    settle: () => enqueue(settle),
    hold: (work) => {
      const release = () => {
        held.delete(work);
      };
      held.add(work);
      work.then(release, release);
      return work;
    },
    get pending() {
      return timers.size;
    },
  };
}
