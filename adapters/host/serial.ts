import { isPromiseLike } from './promises';
import type { Report } from './report';

export type Write = {
  readonly adapter: string;
  readonly operation: string;
  run(): unknown;
  /** When it has landed or failed, however long that took. */
  landed(): void;
};

export type Serial = {
  write(place: string, write: Write): void;
  /** Resolves when everything asked for so far has landed, or is given up on. */
  idle(): Promise<void>;
};

/**
 * Writes to one place, one after another, so that a slow one does not bury a later one (S8). Of those that wait only the
 * latest is kept. A synchronous write is done when the call returns; failures are reported.
 */
export function createSerial(report: Report): Serial {
  const running = new Map<string, { next: Write | null }>();
  const unsettled = new Set<Promise<unknown>>();

  function start(place: string, write: Write): void {
    const busy = running.get(place);
    if (busy) {
      busy.next = write;
      return;
    }
    const own: { next: Write | null } = { next: null };
    running.set(place, own);
    const done = (): void => {
      write.landed();
      running.delete(place);
      if (own.next) start(place, own.next);
    };
    const { adapter, operation } = write;
    const started = report.attempt<unknown>(adapter, operation, () => write.run(), undefined);
    if (!isPromiseLike(started)) {
      done();
      return;
    }
    const settled = report.settle(adapter, operation, () => started);
    unsettled.add(settled);
    void settled.then(() => unsettled.delete(settled));
    started.then(done, done);
  }

  const idle = async (): Promise<void> => {
    while (unsettled.size > 0) await Promise.all(unsettled);
  };

  return { write: start, idle };
}
