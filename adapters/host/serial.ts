import type { MaybePromise } from '../../machines/ports';

export type Serial = (place: string, job: () => MaybePromise<unknown>) => void;

/**
 * Writes to one place, one after another, so that a slow one does not bury a later one (S8). Of those that wait only the
 * latest is kept. A job that is synchronous is done when the call returns; none may throw or reject.
 */
export function createSerial(): Serial {
  const running = new Map<string, { next: (() => MaybePromise<unknown>) | null }>();

  const run: Serial = (place, job) => {
    const busy = running.get(place);
    if (busy) {
      busy.next = job;
      return;
    }
    const own: { next: (() => MaybePromise<unknown>) | null } = { next: null };
    running.set(place, own);
    const done = (): void => {
      running.delete(place);
      if (own.next) run(place, own.next);
    };
    const result = job();
    if (result instanceof Promise) result.then(done);
    else done();
  };
  return run;
}
