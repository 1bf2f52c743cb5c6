import { checkNumber, checkText } from '../../machines/check';
import type { Lease, LockOutcome, RefreshLock } from '../../machines/ports';
import type { Timers } from './timers';

/** Why somebody has to go. Behind `lease_` it is the `code` of the lease signal's reason. */
export type Eviction = 'taken' | 'late' | 'expired' | 'stolen' | 'frozen' | 'aborted' | 'disposed';

/** Who stands in a queue. Told nothing before `join()` has returned; what is told after `leave()` is ignored. */
export type Member = {
  granted(grant: Pick<Lease, 'fence' | 'contended'>): void;
  /** May neither wait nor hold any longer. */
  evicted(why: Eviction): void;
  /** This kind of lock does not work here. */
  failed(cause: string): void;
};

export type Place = {
  /**
   * Stops waiting, or gives the lock back. Called once. A promise resolves, and never rejects, once somebody else can have it;
   * with `lost` where somebody else had it already, and nobody could say so before.
   */
  leave(): void | Promise<void> | Promise<'lost' | undefined>;
};

/** What tells one kind of lock from another. */
export type Queue = {
  /** @param patient false: evicted as `taken` at once where the lock is not free */
  join(name: string, patient: boolean, member: Member): Place;
};

/** With `waitMs: 0` there is nothing to wait for but the queue's answer. A platform may fail to give one. */
const answerWithinMs = 1000;

const leaseEnd = (why: Eviction): Error =>
  Object.assign(new Error(`The lease is over: ${why}.`), { name: 'AbortError', code: `lease_${why}` });

type RunOptions = Parameters<RefreshLock['run']>[1];
type Evict = (why: Eviction) => void;

function runIn<T>(
  queue: Queue,
  { timers, present }: { timers: Timers; present: Set<Evict> },
  name: string,
  { waitMs, leaseMs, signal }: RunOptions,
  task: (lease: Lease) => Promise<T>,
): Promise<LockOutcome<T>> {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    let stage: 'waiting' | 'holding' | 'over' = 'waiting';

    function close(): void {
      stage = 'over';
      timers.clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      present.delete(evict);
    }

    function evict(why: Eviction): void {
      if (stage === 'over') return;
      const held = stage === 'holding';
      close();
      // The holder first: it must know before anybody else gets in.
      if (held) ending.abort(leaseEnd(why));
      void place.leave();
      resolve({ status: held ? 'lost' : 'timeout' });
    }

    async function finish(settle: () => void): Promise<void> {
      // Lost meanwhile, and told so: a late result counts for nothing.
      if (stage === 'over') return;
      close();
      if ((await place.leave()) === 'lost') resolve({ status: 'lost' });
      else settle();
    }

    const abort = (): void => evict('aborted');
    const place = queue.join(name, waitMs > 0, {
      granted: ({ fence, contended }) => {
        if (stage !== 'waiting') return;
        stage = 'holding';
        timers.clearTimeout(timer);
        timer = timers.setTimeout(() => evict('expired'), leaseMs);
        const running = (async () => task({ signal: ending.signal, fence, contended }))();
        running.then(
          (value) => finish(() => resolve({ status: 'done', value })),
          (error: unknown) => finish(() => reject(error)),
        );
      },
      evicted: evict,
      failed: (cause) => {
        if (stage !== 'waiting') return;
        close();
        void place.leave();
        resolve({ status: 'unavailable', cause });
      },
    });
    let timer = timers.setTimeout(() => evict('late'), waitMs > 0 ? waitMs : answerWithinMs);
    signal.addEventListener('abort', abort);
    present.add(evict);
  });
}

/**
 * What every lock has in common: who waits and for how long, what ends a lease, and which outcome follows. Only the queue
 * differs.
 */
export function lockOver(queue: Queue, timers: Timers): RefreshLock & { dispose(): void } {
  const present = new Set<Evict>();
  return {
    run: async (name, options, task) => {
      checkText('lock.run(name)', name);
      checkNumber('lock.run.waitMs', options.waitMs, { min: 0 });
      checkNumber('lock.run.leaseMs', options.leaseMs, { min: 1 });
      if (options.signal.aborted) return { status: 'timeout' };
      return runIn(queue, { timers, present }, name, options, task);
    },
    dispose: () => {
      for (const evict of [...present]) evict('disposed');
    },
  };
}
