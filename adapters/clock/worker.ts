import { checkFunction, checkMethods } from '../../machines/check';
import type { Clock } from '../../machines/ports';
import { longestDelay, systemClock } from './system';
import { startThread, type Thread, type WorkerPlatform } from './worker-thread';

/**
 * Why the page's own timers have to do: there are no workers here; the page may not make this one; it broke; it gave no sign
 * of life.
 */
export type WorkerFallback = 'worker_missing' | 'worker_refused' | 'worker_failed' | 'worker_silent';

export type WorkerClockOptions = {
  /** Told once, some time after the first timer was set, that there is no worker and why. */
  readonly onFallback?: (cause: WorkerFallback) => void;
  /** The page's clock and timers. Default `systemClock()`. */
  readonly page?: Clock;
  /** Default: the global one, looked up when the first timer is set. */
  readonly Worker?: WorkerPlatform['Worker'];
  /** Default: the global one, looked up when the first timer is set. */
  readonly URL?: WorkerPlatform['URL'];
};

/** A worker that has not said a word by then, in ms, will not. */
const patience = 10_000;

type Timer = { readonly run: () => void; readonly inPage: unknown };

/**
 * A clock whose timers also run in a Web Worker: browsers let a hidden page's own timers fire once a second, and after a while
 * once a minute, but leave those of its workers alone (lifecycle §9). `now()` and `monotonicNow()` are the page's.
 *
 * Each timer runs on both sides, and whichever is first runs it. So nothing is lost before the worker has answered, where a
 * Content-Security-Policy forbids it (`worker-src` or `script-src` without `blob:`, trusted types), or if it dies unheard: then
 * the timers are the page's, for good, and `onFallback` is told once. A page that the browser freezes stands still on both sides.
 *
 * The worker is started by the first timer. `dispose()` ends it and clears every timer; the clock may be used again.
 *
 * @throws {ConfigurationError} for an option of the wrong kind
 * @example createTokenLifecycle({ source, clock: workerClock({ onFallback: (cause) => console.info(cause) }) });
 */
export function workerClock(options: WorkerClockOptions = {}): Clock {
  const { onFallback, page = systemClock() } = options;
  if (onFallback !== undefined) checkFunction('workerClock.onFallback', onFallback);
  checkMethods('workerClock.page', page, ['now', 'monotonicNow', 'setTimeout', 'clearTimeout']);

  const timers = new Map<number, Timer>();
  let lastId = 0;
  let thread: Thread | undefined;
  let waiting: unknown;
  let hasFallenBack = false;

  function end(): void {
    page.clearTimeout(waiting);
    thread?.end();
    thread = undefined;
  }

  function fallBack(cause: WorkerFallback): void {
    end();
    hasFallenBack = true;
    // Later: whoever is told may set timers, and this one is not set yet.
    queueMicrotask(() => onFallback?.(cause));
  }

  function heard(id: number): void {
    page.clearTimeout(waiting);
    take(id)?.run();
  }

  function start(): Thread | undefined {
    const { Worker = globalThis.Worker, URL = globalThis.URL } = options;
    if (typeof Worker !== 'function' || typeof URL.createObjectURL !== 'function') {
      fallBack('worker_missing');
      return undefined;
    }
    waiting = page.setTimeout(() => fallBack('worker_silent'), patience);
    return startThread({ Worker, URL }, heard, () => fallBack('worker_failed'));
  }

  /** Whoever takes a timer out is the one to run it. */
  function take(id: number): Timer | undefined {
    const timer = timers.get(id);
    timers.delete(id);
    page.clearTimeout(timer?.inPage);
    return timer;
  }

  function armInThread(id: number, ms: number): void {
    if (hasFallenBack) return;
    try {
      thread ??= start();
      thread?.arm(id, ms);
    } catch {
      fallBack('worker_refused');
    }
  }

  return {
    now: () => page.now(),
    monotonicNow: () => page.monotonicNow(),
    setTimeout: (run, ms) => {
      lastId += 1;
      const id = lastId;
      // Written so that NaN becomes 0.
      const delay = ms > 0 ? Math.min(ms, longestDelay) : 0;
      const inPage = page.setTimeout(() => {
        thread?.disarm(id);
        take(id)?.run();
      }, delay);
      timers.set(id, { run, inPage });
      armInThread(id, delay);
      return id;
    },
    clearTimeout: (id) => {
      if (take(id as number)) thread?.disarm(id as number);
    },
    dispose: () => {
      for (const id of timers.keys()) take(id);
      end();
    },
  };
}
