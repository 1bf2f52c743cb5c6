import { checkKnown, checkMethods, checkObject } from '../../machines/check';
import { safeCode } from '../../machines/errors';
import type { RefreshLock } from '../../machines/ports';
import { lockOver, type Member, type Place, type Queue } from './queue';
import { platformTimers, type Timers } from './timers';

/** What this adapter uses of a document or a window. */
export type LockEventTarget = {
  addEventListener?(type: string, run: () => void): void;
  removeEventListener?(type: string, run: () => void): void;
};

export type WebLockOptions = {
  /** Default `navigator.locks`, looked up on use. */
  readonly locks?: Pick<LockManager, 'request'>;
  /** Tells `freeze`. Default: the global one; a worker has none. */
  readonly document?: LockEventTarget;
  /** Tells `pagehide`. Default: the global one; a worker has none. */
  readonly window?: LockEventTarget;
  /** Times the wait and the lease. Default: the platform's timers. */
  readonly clock?: Timers;
};

type Platform = { navigator?: { locks?: LockManager }; document?: LockEventTarget; window?: LockEventTarget };

const taken = Symbol('taken');

/** A page that goes to sleep, or into the back-forward cache, gives back what others would wait for. */
function watchPage(options: WebLockOptions, member: Member): () => void {
  const { document = (globalThis as Platform).document, window = (globalThis as Platform).window } = options;
  const evict = (): void => member.evicted('frozen');
  document?.addEventListener?.('freeze', evict);
  window?.addEventListener?.('pagehide', evict);
  return () => {
    document?.removeEventListener?.('freeze', evict);
    window?.removeEventListener?.('pagehide', evict);
  };
}

function webQueue(options: WebLockOptions): Queue {
  function join(name: string, patient: boolean, member: Member): Place {
    const withdrawal = new AbortController();
    let left = false;
    let held = false;
    let letGo: () => void = () => {};

    function hold(contended: boolean): Promise<void> | undefined {
      // Granted to somebody who has gone: back with it, at once.
      if (left) return undefined;
      held = true;
      const until = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      member.granted({ fence: null, contended });
      return until;
    }

    async function request(): Promise<void> {
      const locks = options.locks ?? (globalThis as Platform).navigator?.locks;
      if (!locks) {
        member.failed('locks_missing');
        return;
      }
      // Asked twice, since only this tells whether somebody was in the way. A request that is queued anyway is not overtaken.
      const answer = await locks.request(name, { ifAvailable: true }, (lock) => (lock ? hold(false) : taken));
      if (answer === taken && !patient) member.evicted('taken');
      else if (answer === taken && !left) await locks.request(name, { signal: withdrawal.signal }, () => hold(true));
      // Some browsers answer a document that is going away with nothing at all.
      if (!held) member.failed('InvalidStateError');
    }

    const stopWatching = watchPage(options, member);
    const over = Promise.resolve()
      .then(request)
      .catch((error: unknown) => {
        // What a holder hears, while its task runs on, is that the lock was stolen.
        if (held) member.evicted('stolen');
        else member.failed(safeCode((error as { name?: unknown } | null)?.name) ?? 'Error');
      });
    return {
      leave: () => {
        left = true;
        stopWatching();
        // Never once it is held: the first browsers with signals take that for an end of the request, not of the waiting.
        if (!held) withdrawal.abort();
        letGo();
        return over;
      },
    };
  }
  return { join };
}

/**
 * One lock per name for all tabs of an origin, over the Web Locks API: the default in browsers.
 *
 * - Waiting ends after `waitMs`, or when `signal` aborts: `timeout`. With `waitMs: 0` the lock is taken only if it is free.
 * - The lease ends after `leaseMs`, when `signal` aborts, when another tab steals the lock, and when the page freezes or
 *   goes into the back-forward cache: `lease.signal` aborts, the outcome is `lost`, the lock is free for others at once. The
 *   task may run on; what it returns or throws then is dropped. A page that leaves stops waiting as well, since a lock that
 *   is asked for keeps it out of the back-forward cache.
 * - Without Web Locks (an insecure context, an old browser), or where they are denied: `unavailable`, `cause` being
 *   `locks_missing` or the error's name.
 *
 * `lease.fence` is `null`: the browser counts no grants. What a task throws while it holds the lock, `run()` rejects with.
 *
 * @throws {ConfigurationError} for an unknown option or one that cannot work; `run()` rejects with one for a bad name, `waitMs` or `leaseMs`
 * @example
 * const outcome = await webLock().run('refresh', { waitMs: 5000, leaseMs: 15_000, signal }, async (lease) => mint(lease.signal));
 * if (outcome.status === 'done') use(outcome.value);
 */
export function webLock(options: WebLockOptions = {}): RefreshLock & { dispose(): void } {
  checkObject('webLock', options);
  checkKnown('webLock', options, ['locks', 'document', 'window', 'clock']);
  const { locks, clock = platformTimers } = options;
  if (locks !== undefined) checkMethods('webLock.locks', locks, ['request']);
  checkMethods('webLock.clock', clock, ['setTimeout', 'clearTimeout']);
  return lockOver(webQueue(options), clock);
}
