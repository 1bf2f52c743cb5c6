import type { Clock } from '../../machines/ports';

export type Timers = Pick<Clock, 'setTimeout' | 'clearTimeout'>;

/** Platforms fire a longer delay at once. */
const longestDelay = 2 ** 31 - 1;

/** The platform's timers. In Node a lock that somebody waits for does not keep the process running. */
export const platformTimers: Timers = {
  setTimeout: (run, ms) => {
    const id: unknown = globalThis.setTimeout(run, Math.min(ms, longestDelay));
    (id as { unref?: () => void }).unref?.();
    return id;
  },
  clearTimeout: (id) => globalThis.clearTimeout(id as Parameters<typeof clearTimeout>[0]),
};
