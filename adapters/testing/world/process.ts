/** One tab's event loop: it runs, it is frozen, or it is dead, and whatever comes from outside comes as a task. */
import type { Clock } from '../../../machines/ports';

export type Process = {
  /** The world's clock as this tab has it: frozen, its timers wait; dead, they never fire. */
  readonly clock: Clock;
  readonly state: 'running' | 'frozen' | 'dead';
  /** Armed timers. */
  readonly timers: number;
  /** Something arrives: now, on thawing, or never. */
  task(run: () => void): void;
  /** The same for an answer. */
  gate<T>(work: Promise<T>): Promise<T>;
  freeze(): void;
  thaw(): void;
  kill(): void;
};

/** @param heldBackMs how long a timer that is due has to wait yet, as browsers make those of hidden pages do; 0: not at all */
export function createProcess(clock: Clock, heldBackMs: () => number): Process {
  const timers = new Map<number, unknown>();
  let waiting: (() => void)[] = [];
  let state: Process['state'] = 'running';
  let lastId = 0;

  function task(run: () => void): void {
    if (state === 'running') run();
    else if (state === 'frozen') waiting.push(run);
  }

  function arm(id: number, run: () => void, ms: number): void {
    const due = (): void => {
      const more = heldBackMs();
      if (more > 0) arm(id, run, more);
      else
        task(() => {
          // Cleared while the tab was frozen.
          if (timers.delete(id)) run();
        });
    };
    timers.set(id, clock.setTimeout(due, ms));
  }

  const own: Clock = {
    now: () => clock.now(),
    monotonicNow: () => clock.monotonicNow(),
    setTimeout: (run, ms) => {
      lastId += 1;
      if (state !== 'dead') arm(lastId, run, ms);
      return lastId;
    },
    clearTimeout: (id) => {
      clock.clearTimeout(timers.get(id as number));
      timers.delete(id as number);
    },
  };

  return {
    clock: own,
    get state() {
      return state;
    },
    get timers() {
      return timers.size;
    },
    task,
    gate: (work) =>
      new Promise((resolve, reject) => {
        work.then(
          (value) => task(() => resolve(value)),
          (error: unknown) => task(() => reject(error)),
        );
      }),
    freeze: () => {
      if (state === 'running') state = 'frozen';
    },
    thaw: () => {
      if (state !== 'frozen') return;
      state = 'running';
      const overdue = waiting;
      waiting = [];
      // Each as a task of its own, in order of arrival: promises settle in between.
      for (const run of overdue) clock.setTimeout(() => task(run), 0);
    },
    kill: () => {
      state = 'dead';
      waiting = [];
      for (const id of timers.values()) clock.clearTimeout(id);
      timers.clear();
    },
  };
}
