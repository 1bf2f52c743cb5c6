import { describe, expect, it } from 'vitest';
import type { VirtualClock } from '../../../adapters/testing/virtual-clock';
import type { Lease, LockOutcome, RefreshLock } from '../../../machines/ports';

export type LockSetup = {
  /** Two tabs of one browser. May be one and the same object. */
  readonly first: RefreshLock & { dispose(): void };
  readonly second: RefreshLock;
  /** Times waits and leases. */
  readonly clock: VirtualClock;
  /** Somebody else takes the lock away. */
  readonly steal: (name: string) => void;
  /** Whether `lease.fence` is a number. */
  readonly fenced: boolean;
};

const options = {
  waitMs: 5000,
  leaseMs: 15_000,
  /** One that never aborts, a new one each time. */
  get signal(): AbortSignal {
    return new AbortController().signal;
  },
};

/** A task that is ended by hand, and tells how far it came. */
function job(lock: RefreshLock, name = 'a', given: Partial<typeof options> = {}) {
  const seen: { lease?: Lease; outcome?: LockOutcome<string>; error?: unknown } = {};
  let finish: (value: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const outcome = lock.run(name, { ...options, ...given }, (lease) => {
    seen.lease = lease;
    return new Promise<string>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
  });
  outcome.then(
    (one) => {
      seen.outcome = one;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return { seen, finish: (value = 'made') => finish(value), fail: (error: Error) => fail(error) };
}

/** What every `RefreshLock` keeps to. `make` gives two tabs with a lock that nobody holds. */
export function lockContract(name: string, make: () => LockSetup): void {
  describe(`lock contract: ${name}`, () => {
    it('R10.4 runs the task under the lock and gives its value back; then the lock is free', async () => {
      const { first, second, clock, fenced } = make();
      const one = job(first);
      await clock.settle();
      expect(one.seen.lease).toMatchObject({ contended: false, fence: fenced ? expect.any(Number) : null });
      expect(one.seen.lease?.signal.aborted).toBe(false);
      expect(one.seen.outcome).toBeUndefined();
      one.finish('token');
      await clock.settle();
      expect(one.seen.outcome).toEqual({ status: 'done', value: 'token' });
      const two = job(second);
      await clock.settle();
      expect(two.seen.lease?.contended).toBe(false);
    });

    it('C04 one at a time, in the order of asking, each of the later ones contended', async () => {
      const { first, second, clock } = make();
      const order: string[] = [];
      let inside = 0;
      let most = 0;
      const tasks = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? first : second).run('a', options, async ({ contended }) => {
          inside += 1;
          most = Math.max(most, inside);
          order.push(`${index} ${contended}`);
          await new Promise<void>((resolve) => {
            clock.setTimeout(resolve, 100);
          });
          inside -= 1;
          return index;
        }),
      );
      await clock.advance(1000);
      const outcomes = await Promise.all(tasks);
      expect(outcomes).toEqual(outcomes.map((_, value) => ({ status: 'done', value })));
      expect(order).toEqual(outcomes.map((_, index) => `${index} ${index > 0}`));
      expect(most).toBe(1);
    });

    it('names do not stand in each other’s way', async () => {
      const { first, second, clock } = make();
      job(first, 'a');
      const other = job(second, 'b');
      await clock.settle();
      expect(other.seen.lease?.contended).toBe(false);
    });

    it('S6 a fence grows from grant to grant, where there is one', async () => {
      const { first, second, clock, fenced } = make();
      const fences: (number | null)[] = [];
      for (const lock of [first, second, first]) {
        await lock.run('a', options, async ({ fence }) => fences.push(fence));
      }
      await clock.settle();
      const growing = fences.every((fence, at) => at === 0 || Number(fence) > Number(fences[at - 1]));
      expect(fenced ? growing : fences.every((fence) => fence === null)).toBe(true);
    });

    it('D08 a task that fails rejects with its error, and the lock is free', async () => {
      const { first, second, clock } = make();
      const error = new Error('no');
      const one = job(first);
      await clock.settle();
      one.fail(error);
      await clock.settle();
      expect(one.seen.error).toBe(error);
      const thrown = first.run('a', options, () => {
        throw error;
      });
      await expect(thrown).rejects.toBe(error);
      const two = job(second);
      await clock.settle();
      expect(two.seen.lease?.contended).toBe(false);
    });

    it('D02 waiting ends after waitMs, and whoever gave up is not called when the lock gets free', async () => {
      const { first, second, clock } = make();
      const one = job(first);
      const two = job(second, 'a', { waitMs: 5000 });
      const three = job(second, 'a', { waitMs: 8000 });
      await clock.advance(4999);
      expect(two.seen.outcome).toBeUndefined();
      await clock.advance(1);
      expect(two.seen.outcome).toEqual({ status: 'timeout' });
      one.finish();
      await clock.settle();
      expect(two.seen.lease).toBeUndefined();
      expect(three.seen.lease?.contended).toBe(true);
    });

    it('D05 waitMs 0 takes the lock only if it is free, and answers at once', async () => {
      const { first, second, clock } = make();
      const one = job(first, 'a', { waitMs: 0 });
      const two = job(second, 'a', { waitMs: 0 });
      await clock.settle();
      expect(one.seen.lease?.contended).toBe(false);
      expect(two.seen).toEqual({ outcome: { status: 'timeout' } });
      one.finish();
      await clock.settle();
      expect(two.seen.lease).toBeUndefined();
    });

    it('D03 a task that hangs loses the lock after leaseMs', async () => {
      const { first, second, clock } = make();
      const one = job(first, 'a', { leaseMs: 15_000 });
      await clock.settle();
      const two = job(second, 'a', { waitMs: 20_000 });
      await clock.advance(14_999);
      expect(one.seen.lease?.signal.aborted).toBe(false);
      expect(two.seen.lease).toBeUndefined();
      await clock.advance(1);
      expect(one.seen.outcome).toEqual({ status: 'lost' });
      expect(one.seen.lease?.signal.reason).toMatchObject({ name: 'AbortError', code: 'lease_expired' });
      expect(two.seen.lease?.contended).toBe(true);
    });

    it('R10.6 the lease counts from the grant, not from the asking', async () => {
      const { first, second, clock } = make();
      const one = job(first);
      const two = job(second, 'a', { leaseMs: 1000 });
      await clock.advance(3000);
      one.finish();
      await clock.advance(999);
      expect(two.seen.outcome).toBeUndefined();
      await clock.advance(1);
      expect(two.seen.outcome).toEqual({ status: 'lost' });
    });

    it('R10.6 who is granted in time is not timed out later', async () => {
      const { first, clock } = make();
      const one = job(first, 'a', { waitMs: 1000, leaseMs: 15_000 });
      await clock.advance(14_000);
      one.finish();
      await clock.settle();
      expect(one.seen.outcome).toEqual({ status: 'done', value: 'made' });
    });

    it.each(['a value', 'an error'])(
      'R10.6 %s that comes after the lease was lost counts for nothing',
      async (late) => {
        const { first, second, clock } = make();
        const one = job(first, 'a', { leaseMs: 1000 });
        const two = job(second);
        await clock.advance(1000);
        const three = job(first);
        if (late === 'a value') one.finish();
        else one.fail(new Error('no'));
        await clock.settle();
        expect(one.seen.outcome).toEqual({ status: 'lost' });
        // Nor does it free the lock that somebody else has by now.
        expect(two.seen.lease?.signal.aborted).toBe(false);
        expect(three.seen.lease).toBeUndefined();
        two.finish();
        await clock.settle();
        expect(three.seen.lease?.contended).toBe(true);
      },
    );

    it('R10.6 stolen: the holder is told, the outcome is lost although the task runs on', async () => {
      const { first, second, clock, steal } = make();
      const one = job(first);
      const two = job(second);
      await clock.settle();
      steal('a');
      await clock.settle();
      expect(one.seen.outcome).toEqual({ status: 'lost' });
      expect(one.seen.lease?.signal.reason).toMatchObject({ name: 'AbortError', code: 'lease_stolen' });
      expect(two.seen.lease?.contended).toBe(true);
      one.finish();
      await clock.settle();
      expect(one.seen.outcome).toEqual({ status: 'lost' });
      expect(two.seen.lease?.signal.aborted).toBe(false);
    });

    it('R10.6 the loser knows before the next one gets in', async () => {
      const { first, second, clock } = make();
      const order: string[] = [];
      const hang = new Promise<void>(() => {});
      const losing = first.run('a', { ...options, leaseMs: 1000 }, ({ signal }) => {
        signal.addEventListener('abort', () => order.push('lost'));
        return hang;
      });
      const next = second.run('a', options, async () => order.push('granted'));
      await clock.advance(1000);
      await Promise.all([losing, next]);
      expect(order).toEqual(['lost', 'granted']);
    });

    it('L1 a signal that has aborted before: timeout, and nobody is called', async () => {
      const { first, clock } = make();
      const one = job(first, 'a', { signal: AbortSignal.abort() });
      await clock.settle();
      expect(one.seen).toEqual({ outcome: { status: 'timeout' } });
    });

    it('L1 a signal that aborts while waiting: timeout at once, and the next one moves up', async () => {
      const { first, second, clock } = make();
      const ending = new AbortController();
      const one = job(first);
      const two = job(second, 'a', { signal: ending.signal });
      const three = job(first);
      await clock.settle();
      ending.abort();
      await clock.settle();
      expect(two.seen).toEqual({ outcome: { status: 'timeout' } });
      one.finish();
      await clock.settle();
      expect(two.seen.lease).toBeUndefined();
      expect(three.seen.lease?.contended).toBe(true);
    });

    it('S7 a signal that aborts while holding: lost, and the lock is free', async () => {
      const { first, second, clock } = make();
      const ending = new AbortController();
      const one = job(first, 'a', { signal: ending.signal });
      await clock.settle();
      ending.abort();
      expect(one.seen.lease?.signal.reason).toMatchObject({ name: 'AbortError', code: 'lease_aborted' });
      await clock.settle();
      expect(one.seen.outcome).toEqual({ status: 'lost' });
      const two = job(second);
      await clock.settle();
      expect(two.seen.lease?.contended).toBe(false);
    });

    it('S7 a task that ends its own lease is lost', async () => {
      const { first, clock } = make();
      const ending = new AbortController();
      const outcome = first.run('a', { ...options, signal: ending.signal }, async () => ending.abort());
      await clock.settle();
      expect(await outcome).toEqual({ status: 'lost' });
    });

    it('L4 when it is over, no timer and no listener is left, and the lease’s signal stays quiet', async () => {
      const { first, second, clock } = make();
      const ending = new AbortController();
      const { signal } = ending;
      const counts = { added: 0, removed: 0 };
      const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        if (args[0] === 'abort') counts.added += 1;
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        if (args[0] === 'abort') counts.removed += 1;
        remove(...args);
      };
      const done = job(first, 'a', { signal });
      const late = job(second, 'a', { signal, waitMs: 1000 });
      await clock.advance(1000);
      done.finish();
      const lost = job(second, 'b', { signal, leaseMs: 1000 });
      await clock.advance(1000);
      expect([done, late, lost].map(({ seen }) => seen.outcome?.status)).toEqual(['done', 'timeout', 'lost']);
      expect(clock.pending).toBe(0);
      expect(counts).toEqual({ added: 3, removed: 3 });
      await clock.advance(60_000);
      ending.abort();
      expect(done.seen.lease?.signal.aborted).toBe(false);
    });

    it('L4 disposed: who waits gets timeout, who holds lost; then it can be used again', async () => {
      const { first, clock } = make();
      const one = job(first);
      const two = job(first);
      await clock.settle();
      first.dispose();
      expect(one.seen.lease?.signal.reason).toMatchObject({ code: 'lease_disposed' });
      await clock.settle();
      expect([one.seen.outcome, two.seen.outcome]).toEqual([{ status: 'lost' }, { status: 'timeout' }]);
      expect(two.seen.lease).toBeUndefined();
      expect(clock.pending).toBe(0);
      const three = job(first);
      await clock.settle();
      expect(three.seen.lease?.contended).toBe(false);
    });

    it.each<[string, string, Partial<typeof options>]>([
      ['lock.run(name)', '', {}],
      ['lock.run.waitMs', 'a', { waitMs: -1 }],
      ['lock.run.waitMs', 'a', { waitMs: Number.NaN }],
      ['lock.run.leaseMs', 'a', { leaseMs: 0 }],
      ['lock.run.leaseMs', 'a', { leaseMs: Number.POSITIVE_INFINITY }],
    ])('names what cannot work: %s of %j with %j', async (option, lockName, given) => {
      const one = job(make().first, lockName, given);
      await Promise.resolve();
      await Promise.resolve();
      expect(one.seen.error).toMatchObject({ code: 'invalid_option', option });
    });

    it('J09 run() works without its receiver', async () => {
      const { run } = make().first;
      expect(await run('a', options, async () => 1)).toEqual({ status: 'done', value: 1 });
    });
  });
}
