import { createContext, runInContext } from 'node:vm';
import type { ClockWorker, WorkerPlatform } from '../../../adapters/clock/worker-thread';
import type { VirtualClock } from '../../../adapters/testing/virtual-clock';

export type FakeThreads = {
  readonly platform: WorkerPlatform;
  /** What pages have sent, in order. */
  readonly sent: unknown[];
  /** Workers that were started, and are not ended. */
  readonly running: number;
  readonly started: number;
  /** Addresses that are not revoked. */
  readonly urls: number;
  /** Workers that start from now on take that long to load. `never`: they give no sign of life. */
  load(ms: number | 'never'): void;
  /** From now on constructors throw, as under trusted types. */
  refuse(): void;
  /** Each worker, ended or not, has an error event, as under a CSP. Returns whether each event was dealt with. */
  fail(): boolean[];
  /** The running ones end without a word, and nobody hears it. */
  kill(): void;
};

/** Workers that run their real source, in a realm of its own, on the timers of a virtual clock. */
export function fakeThreads(clock: VirtualClock): FakeThreads {
  const blobs = new Map<string, Blob>();
  const all: ClockWorker[] = [];
  const running = new Set<ClockWorker>();
  const sent: unknown[] = [];
  let loadMs: number | 'never' = 0;
  let refused = false;

  class FakeWorker implements ClockWorker {
    onmessage: ClockWorker['onmessage'] = null;
    onerror: ClockWorker['onerror'] = null;
    #inbox: unknown[] = [];
    #realm: { onmessage: ((event: { data: unknown }) => void) | null } | undefined;

    constructor(url: string) {
      if (refused) throw new TypeError('This document requires a TrustedScriptURL.');
      const blob = blobs.get(url);
      if (!blob) throw new Error('No such blob.');
      all.push(this);
      running.add(this);
      if (loadMs !== 'never') clock.setTimeout(() => void clock.hold(this.#run(blob)), loadMs);
    }

    postMessage(message: unknown): void {
      sent.push(message);
      const data = structuredClone(message);
      if (this.#realm) clock.setTimeout(() => this.#realm?.onmessage?.({ data }), 0);
      else this.#inbox.push(data);
    }

    terminate(): void {
      running.delete(this);
    }

    async #run(blob: Blob): Promise<void> {
      const source = await blob.text();
      const realm = {
        onmessage: null,
        postMessage: (data: number) => this.onmessage?.({ data } as MessageEvent<number>),
        setTimeout: (run: () => void, ms: number) => clock.setTimeout(() => running.has(this) && run(), ms),
        clearTimeout: clock.clearTimeout,
      };
      runInContext(source, createContext(realm));
      this.#realm = realm;
      for (const data of this.#inbox) this.#realm?.onmessage?.({ data });
    }
  }

  return {
    platform: {
      Worker: FakeWorker,
      URL: {
        createObjectURL: (blob) => {
          const url = `blob:${all.length}`;
          blobs.set(url, blob);
          return url;
        },
        revokeObjectURL: (url) => void blobs.delete(url),
      },
    },
    sent,
    get running() {
      return running.size;
    },
    get started() {
      return all.length;
    },
    get urls() {
      return blobs.size;
    },
    load: (ms) => {
      loadMs = ms;
    },
    refuse: () => {
      refused = true;
    },
    fail: () =>
      all.map((worker) => {
        const event = new Event('error', { cancelable: true });
        worker.onerror?.(event as ErrorEvent);
        return event.defaultPrevented;
      }),
    kill: () => running.clear(),
  };
}
