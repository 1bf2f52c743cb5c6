/** The other end of `workerClock`: a thread that keeps time, and what the page knows of it. */

/** What is used of a `Worker`. */
export type ClockWorker = {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<number>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};

/** Where workers come from. */
export type WorkerPlatform = {
  readonly Worker: new (url: string) => ClockWorker;
  readonly URL: { createObjectURL(blob: Blob): string; revokeObjectURL(url: string): void };
};

/**
 * The whole program. It takes `[id, ms]` to arm a timer and `[id]` to disarm one, and answers with the id of each that is due.
 * A 0, which is no timer's id, says that it runs.
 */
export const threadSource = `'use strict';
const timers = new Map();
onmessage = ({ data: [id, ms] }) => {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (ms === undefined) return;
  timers.set(id, setTimeout(() => {
    timers.delete(id);
    postMessage(id);
  }, ms));
};
postMessage(0);`;

export type Thread = {
  arm(id: number, ms: number): void;
  disarm(id: number): void;
  end(): void;
};

function make({ Worker, URL }: WorkerPlatform, url: string): ClockWorker {
  try {
    return new Worker(url);
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/**
 * Starts the thread. A worker that the page may not have shows in one of two ways: the constructor throws (trusted types), or
 * an error event comes later (a Content-Security-Policy without `blob:`).
 *
 * @param heard is told the id of each timer that is due, and 0 once at the beginning
 * @param failed the thread is of no use any more
 */
export function startThread(platform: WorkerPlatform, heard: (id: number) => void, failed: () => void): Thread {
  const { URL } = platform;
  const url = URL.createObjectURL(new Blob([threadSource], { type: 'text/javascript' }));
  const worker = make(platform, url);
  worker.onmessage = ({ data }) => {
    // Not before: the source may be fetched long after the constructor has returned.
    if (data === 0) URL.revokeObjectURL(url);
    heard(data);
  };
  worker.onerror = (event) => {
    // It has been dealt with; the console of the page need not show it.
    event.preventDefault();
    failed();
  };
  return {
    arm: (id, ms) => worker.postMessage([id, ms]),
    disarm: (id) => worker.postMessage([id]),
    end: () => {
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
