import { ReadTimeoutError } from '../../machines/errors';
import type { Clock } from '../../machines/ports';

export type Patience = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

/** Leaves a shared wait by signal or time-out, without disturbing it (R4.13, R4.14). */
export function withPatience<T>(clock: Clock, shared: Promise<T>, { signal, timeoutMs }: Patience): Promise<T> {
  if (!signal && timeoutMs === undefined) return shared;
  return new Promise<T>((resolve, reject) => {
    let timer: unknown;
    const leave = (): void => {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      leave();
      reject(signal?.reason);
    };
    shared.then(
      (value) => {
        leave();
        resolve(value);
      },
      (error) => {
        leave();
        reject(error);
      },
    );
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (timeoutMs !== undefined) {
      timer = clock.setTimeout(
        () => {
          timer = undefined;
          leave();
          reject(new ReadTimeoutError(timeoutMs));
        },
        Math.min(timeoutMs, 2 ** 31 - 1),
      );
    }
  });
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, Math.ceil(ms));
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
