/** Adapters may fail in every way. That is told once, and changes nothing else. */
import { redactCause, TokenLifecycleError } from '../../machines/errors';
import type { Clock, Logger } from '../../machines/ports';
import type { Emitter } from './emitter';
import { isPromiseLike } from './promises';
import type { LifecycleEvents } from './types';

/** What hangs counts as failed after this: start-up ends, whatever a store does (T4). */
export const patienceMs = 2_000;

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

export type Report = {
  /** Tells about a failure; the same one again only after a success in between. */
  failed(adapter: string, operation: string, error: unknown): void;
  /** Runs what may throw. */
  attempt<T>(adapter: string, operation: string, run: () => T, fallback: T): T;
  /** Awaits what may throw, reject or hang. Never rejects, and ends within `patienceMs`. */
  settle<T>(adapter: string, operation: string, run: () => T | PromiseLike<T>): Promise<Outcome<T>>;
  /** Gives up on whatever has not answered yet, silently: no timer is left (L4). */
  stopWaiting(): void;
};

const timedOut = { name: 'TimeoutError', code: 'timeout' };
/** Nobody waits any more; that is no failure of the adapter. */
const stopped = { name: 'StoppedError' };

export function createReport(emitter: Emitter<LifecycleEvents>, logger: Logger, clock: Clock): Report {
  const told = new Map<string, string>();
  const waiting = new Set<() => void>();

  function failed(adapter: string, operation: string, error: unknown): void {
    const cause = redactCause(error);
    const reason = cause?.code ?? cause?.name ?? 'unknown';
    const place = `${adapter}.${operation}`;
    if (told.get(place) === reason) return;
    told.set(place, reason);
    try {
      logger.warn?.(`${place} failed: ${reason}`, { adapter, operation, reason });
    } catch {
      // A logger that fails cannot be reported to itself.
    }
    emitter.emit('adapter.failed', { adapter, operation, reason, error: TokenLifecycleError.is(error) ? error : null });
  }

  const worked = (adapter: string, operation: string): void => {
    if (told.size > 0) told.delete(`${adapter}.${operation}`);
  };

  return {
    failed,
    attempt: (adapter, operation, run, fallback) => {
      try {
        const value = run();
        // What is still running has not worked yet: `settle` will tell.
        if (!isPromiseLike(value)) worked(adapter, operation);
        return value;
      } catch (error) {
        failed(adapter, operation, error);
        return fallback;
      }
    },
    settle: async (adapter, operation, run) => {
      let leave = (): void => {};
      try {
        const value = run();
        if (!isPromiseLike(value)) {
          worked(adapter, operation);
          return { ok: true, value };
        }
        const patience = new Promise<never>((_, reject) => {
          const timer = clock.setTimeout(() => reject(timedOut), patienceMs);
          const giveUp = (): void => reject(stopped);
          waiting.add(giveUp);
          leave = () => {
            clock.clearTimeout(timer);
            waiting.delete(giveUp);
          };
        });
        const settled = await Promise.race([value, patience]);
        worked(adapter, operation);
        return { ok: true, value: settled };
      } catch (error) {
        if (error !== stopped) failed(adapter, operation, error);
        return { ok: false };
      } finally {
        leave();
      }
    },
    stopWaiting: () => {
      for (const giveUp of [...waiting]) giveUp();
    },
  };
}
