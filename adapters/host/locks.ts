/** The lock that tabs take turns with: never a hang, and what its absence means for a single-use credential (R10.3, R10.4). */
import type { Lease, RefreshLock } from '../../machines/ports';
import { memoryLock } from '../lock/memory';
import type { Settings } from './options';
import { pause } from './patience';
import type { Report } from './report';

export type Grant = {
  /** `null`: it goes on without. */
  readonly lease: Lease | null;
  /** Whether a single-use credential may be spent although there is no lease; if not, why. */
  readonly alone: { readonly may: true } | { readonly may: false; readonly why: string };
  release(): void;
};

export type Locks = {
  /** Resolves within `lockWaitMs`, or as soon as `signal` aborts. */
  take(name: string, signal: AbortSignal): Promise<Grant>;
  /** Gives back what is kept. */
  stop(): void;
};

/** What another tab wrote into a store that only hints has arrived by then, in ms. Waited by who gives, and again by who takes. */
const hintArrivesMs = 1_000;

/** A lock that is not given back at once. */
type Kept = { readonly lease: Lease; end(): void; timer: unknown };

export function createLocks(settings: Settings, report: Report): Locks {
  const { lock, policy, clock, credential, store } = settings;
  /** The store cannot tell for certain what another tab has spent: the lock is handed over slowly (R10.3). */
  const keeps = credential.kind === 'rotating' && store.consistency === 'hint' && settings.sharesCache;
  const withoutLock: Grant['alone'] = keeps ? { may: false, why: 'store_not_ordered' } : { may: true };
  const none = (alone: Grant['alone']): Grant => ({ lease: null, alone, release: () => {} });
  // Both requests of T11, and what is written after them.
  const leaseMs = 2 * policy.requestTimeoutMs + policy.lockWaitMs + (keeps ? 2 * hintArrivesMs : 0);
  const kept = new Map<string, Kept>();
  let isStopped = false;
  /** One single-use credential for all keys of a session: where no lock keeps them apart, this does. */
  const within = credential.kind === 'rotating' && (keeps || !lock) ? memoryLock({ clock }) : undefined;

  function letGo(name: string, one: Kept): void {
    clock.clearTimeout(one.timer);
    if (kept.get(name) === one) kept.delete(name);
    one.end();
  }

  /** Held on to until what was written has arrived everywhere; nobody else needs to be waiting for it to be taken up again. */
  function grantKept(name: string, one: Kept): Grant {
    clock.clearTimeout(one.timer);
    const release = (): void => {
      // Lost, it is nobody's to keep.
      if (isStopped || one.lease.signal.aborted) letGo(name, one);
      else one.timer = clock.setTimeout(() => letGo(name, one), hintArrivesMs);
    };
    return { lease: one.lease, alone: { may: true }, release };
  }

  function wait(lock: RefreshLock, name: string, signal: AbortSignal): Promise<Grant> {
    const keepsThis = keeps && lock !== within;
    return new Promise((resolve) => {
      const waiting = new AbortController();
      let settled = false;
      let own: Kept | undefined;
      const settle = (grant: Grant): void => {
        settled = true;
        clock.clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(grant);
      };
      const giveUp = (): void => {
        if (settled) return;
        settle(none({ may: false, why: 'lock_timeout' }));
        waiting.abort();
      };
      const timer = clock.setTimeout(giveUp, policy.lockWaitMs);
      signal.addEventListener('abort', giveUp);

      const hold = (lease: Lease): Promise<void> =>
        new Promise((end) => {
          // Granted to somebody who has gone: back with it, at once.
          if (settled) return end();
          if (keepsThis) {
            own = { lease, end, timer: undefined };
            kept.set(name, own);
            settle(grantKept(name, own));
          } else settle({ lease, alone: { may: true }, release: end });
        });
      const options = { waitMs: policy.lockWaitMs, leaseMs, signal: waiting.signal };
      const run = async () => lock.run(name, options, hold);
      run().then(
        (outcome) => {
          if (own) letGo(name, own);
          if (outcome.status === 'unavailable') report.failed('lock', 'run', { code: outcome.cause });
          if (settled) return;
          settle(none(outcome.status === 'unavailable' ? withoutLock : { may: false, why: `lock_${outcome.status}` }));
        },
        (error) => {
          report.failed('lock', 'run', error);
          if (!settled) settle(none(withoutLock));
        },
      );
    });
  }

  /** Among the tabs. */
  async function takeShared(name: string, signal: AbortSignal): Promise<Grant> {
    if (!lock) return none(withoutLock);
    const own = kept.get(name);
    if (own && !own.lease.signal.aborted) return grantKept(name, own);
    const grant = await wait(lock, name, signal);
    if (keeps && grant.lease && !signal.aborted) await pause(clock, hintArrivesMs, signal);
    return grant;
  }

  return {
    take: async (name, signal) => {
      if (!within) return takeShared(name, signal);
      const inner = await wait(within, name, signal);
      if (!inner.lease || signal.aborted) return inner;
      const { release, ...shared } = await takeShared(name, signal);
      return {
        ...shared,
        release: () => {
          release();
          inner.release();
        },
      };
    },
    stop: () => {
      isStopped = true;
      for (const [name, one] of kept) letGo(name, one);
      within?.dispose();
    },
  };
}
