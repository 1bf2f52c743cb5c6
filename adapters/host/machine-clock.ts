import type { Clock } from '../../machines/ports';
import { clampTimer } from '../../machines/time';

/** What XState asks of a clock. */
export type MachineClock = {
  setTimeout(run: (...args: unknown[]) => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
};

/**
 * The clock that the machines' timers run on: each timer is preceded by a look at the world (`tick`), which may already
 * lead out of the state that set it. Then the timer has been cleared, and does not fire.
 */
export function createMachineClock(clock: Clock, tick: () => void): MachineClock & { clearAll(): void } {
  const armed = new Map<object, unknown>();
  const clear = (id: object): void => {
    const timer = armed.get(id);
    if (!armed.delete(id)) return;
    clock.clearTimeout(timer);
  };
  return {
    setTimeout: (run, ms) => {
      const id = {};
      const fire = (): void => {
        tick();
        if (armed.delete(id)) run();
      };
      armed.set(id, clock.setTimeout(fire, clampTimer(ms)));
      return id;
    },
    clearTimeout: (id) => {
      if (typeof id === 'object' && id !== null) clear(id);
    },
    clearAll: () => {
      for (const id of [...armed.keys()]) clear(id);
    },
  };
}
