/** One lock for the tabs of a browser; each tab's view gives back what it held when the tab goes away. */
import type { Clock, Lease, LockOutcome, RefreshLock } from '../../../machines/ports';
import { memoryLock } from '../../lock/memory';
import type { LockFault, WorldFaults } from './faults';
import type { Process } from './process';
import type { Recorder } from './recorder';

type Shared = { readonly clock: Clock; readonly faults: WorldFaults; readonly recorder: Recorder };

export type TabLock = RefreshLock & {
  /** Held or waited for. */
  readonly open: number;
  /** The page freezes or goes away: it lets go, as the lock of a browser's page does. */
  letGo(): void;
};

export function createLocks({ clock, faults, recorder }: Shared) {
  const lock = memoryLock({ clock });
  const holders = new Map<string, number>();

  function steal(name: string): void {
    const holder = holders.get(name);
    if (holder === undefined) return;
    recorder.note(holder, { is: 'lock', did: 'stolen', name });
    lock.steal(name);
  }

  function tab(index: number, process: Process): TabLock {
    const open = new Set<AbortController>();
    const note = (did: 'wanted' | 'granted' | LockOutcome<unknown>['status'], name: string): void =>
      recorder.note(index, { is: 'lock', did, name });

    const noteFault = (fault: LockFault): void => {
      const name = typeof fault === 'object' ? 'stolen' : fault === 'never' ? 'not granted' : 'unavailable';
      recorder.note(index, { is: 'fault', fault: `lock ${name}` });
    };
    const waitInVain = (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const timer = clock.setTimeout(leave, ms);
        function leave(): void {
          clock.clearTimeout(timer);
          signal.removeEventListener('abort', leave);
          resolve();
        }
        signal.addEventListener('abort', leave);
      });

    async function run<T>(
      name: string,
      { waitMs, leaseMs, signal }: Parameters<RefreshLock['run']>[1],
      work: (lease: Lease) => Promise<T>,
    ): Promise<LockOutcome<T>> {
      if (process.state === 'dead') return new Promise(() => {});
      note('wanted', name);
      const fault = faults.lock?.({ tab: index, name });
      if (fault) noteFault(fault);
      if (fault === 'unavailable') {
        note('unavailable', name);
        return { status: 'unavailable', cause: 'locks_missing' };
      }
      if (fault === 'never') {
        await process.gate(waitInVain(waitMs, signal));
        note('timeout', name);
        return { status: 'timeout' };
      }
      const leaving = new AbortController();
      const leave = (): void => leaving.abort();
      open.add(leaving);
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave);
      const over = (): void => {
        open.delete(leaving);
        signal.removeEventListener('abort', leave);
        if (holders.get(name) === index) holders.delete(name);
      };

      const task = (lease: Lease): Promise<T> => {
        holders.set(name, index);
        note('granted', name);
        if (fault) clock.setTimeout(() => holders.get(name) === index && steal(name), fault.afterMs);
        // A frozen tab hears of a theft when it wakes.
        const told = new AbortController();
        lease.signal.addEventListener('abort', () => process.task(() => told.abort(lease.signal.reason)));
        return new Promise((resolve, reject) => {
          // What a dead tab does with it counts for nothing: it lets go when it is noticed to be dead.
          process.task(() => {
            process.gate(work({ ...lease, signal: told.signal })).then(resolve, reject);
          });
        });
      };
      const outcome = lock.run(name, { waitMs, leaseMs, signal: leaving.signal }, task).finally(over);
      return process.gate(
        outcome.then((one) => {
          if (process.state !== 'dead') note(one.status, name);
          return one;
        }),
      );
    }

    return {
      run,
      get open() {
        return open.size;
      },
      letGo: () => {
        for (const leaving of [...open]) leaving.abort();
      },
    };
  }

  return {
    tab,
    /** Takes every lock from whoever holds it. */
    steal: (): void => {
      for (const name of [...holders.keys()]) steal(name);
    },
    /** Who holds which. */
    holders: holders as ReadonlyMap<string, number>,
  };
}

export type Locks = ReturnType<typeof createLocks>;
