import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { memoryLock } from '../../adapters/lock/memory';
import { type WebLockOptions, webLock } from '../../adapters/lock/web';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { Lease, LockOutcome } from '../../machines/ports';
import { lockContract } from './contract/lock';
import { CountedTarget } from './support/events';
import { createLockManager } from './support/lock-manager';

const options = {
  waitMs: 5000,
  leaseMs: 15_000,
  /** One that never aborts, a new one each time. */
  get signal(): AbortSignal {
    return new AbortController().signal;
  },
};

lockContract('memoryLock', () => {
  const clock = createVirtualClock();
  const lock = memoryLock({ clock });
  return { first: lock, second: lock, clock, steal: lock.steal, fenced: true };
});

lockContract('webLock', () => {
  const clock = createVirtualClock();
  const locks = createLockManager();
  return {
    first: webLock({ locks, clock }),
    second: webLock({ locks, clock }),
    clock,
    steal: (name) => void locks.steal(name),
    fenced: false,
  };
});

function tab(given: WebLockOptions = {}) {
  const clock = createVirtualClock();
  const locks = createLockManager();
  const document = new CountedTarget();
  const window = new CountedTarget();
  const lock = webLock({ locks, clock, document, window, ...given });
  const hang = (name = 'a', run: Partial<typeof options> = {}) => {
    const seen: { lease?: Lease; outcome?: LockOutcome<void> } = {};
    void lock
      .run(name, { ...options, ...run }, (lease) => {
        seen.lease = lease;
        return new Promise<void>(() => {});
      })
      .then((outcome) => {
        seen.outcome = outcome;
      });
    return seen;
  };
  return { clock, locks, document, window, lock, hang };
}

describe('webLock', () => {
  it.each(['freeze', 'pagehide'])(
    'R10.6 R10.11 %s: the holder loses, who waits stops waiting, nothing is left',
    async (type) => {
      const { clock, locks, document, window, hang } = tab();
      const holder = hang();
      await clock.settle();
      const waiter = hang();
      await clock.settle();
      expect([locks.held, locks.pending]).toEqual([1, 1]);
      (type === 'freeze' ? document : window).fire(type);
      expect(holder.lease?.signal.reason).toMatchObject({ code: 'lease_frozen' });
      await clock.settle();
      expect([holder.outcome, waiter.outcome]).toEqual([{ status: 'lost' }, { status: 'timeout' }]);
      expect([locks.held, locks.pending, clock.pending]).toEqual([0, 0, 0]);
      expect(document.listeners + window.listeners).toBe(0);
    },
  );

  it('L4 listens to the page only while there is something to lose', async () => {
    const { clock, document, window, lock } = tab();
    expect(document.listeners + window.listeners).toBe(0);
    await lock.run('a', options, async () => {
      expect([document.listeners, window.listeners]).toEqual([1, 1]);
    });
    expect(document.listeners + window.listeners).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('R10.11 who has timed out leaves no request behind', async () => {
    const { clock, locks, hang } = tab();
    hang();
    const waiter = hang('a', { waitMs: 1000 });
    await clock.advance(1000);
    expect(waiter.outcome).toEqual({ status: 'timeout' });
    expect([locks.held, locks.pending]).toEqual([1, 0]);
  });

  it('C04 does not overtake somebody who waits', async () => {
    const { clock, locks, hang, lock } = tab();
    hang('a', { leaseMs: 1000 });
    const waiter = hang();
    await clock.advance(999);
    const overtaking = lock.run('a', { ...options, waitMs: 0 }, async () => 1);
    await clock.advance(1);
    expect(await overtaking).toEqual({ status: 'timeout' });
    expect(waiter.lease?.contended).toBe(true);
    expect(locks.held).toBe(1);
  });

  it('D02 a lock manager that never answers: timeout, to the millisecond', async () => {
    const locks = { request: () => new Promise<never>(() => {}) } as unknown as LockManager;
    const { clock, hang } = tab({ locks });
    const [some, none] = [hang('a', { waitMs: 50 }), hang('a', { waitMs: 0 })];
    await clock.advance(49);
    expect(some.outcome).toBeUndefined();
    await clock.advance(1);
    expect(some.outcome).toEqual({ status: 'timeout' });
    await clock.advance(949);
    expect(none.outcome).toBeUndefined();
    await clock.advance(1);
    expect(none.outcome).toEqual({ status: 'timeout' });
    expect(clock.pending).toBe(0);
  });

  it('D02 a grant that comes after everybody has gone is given back, and no second request is made', async () => {
    const answers: ((lock: Lock | null) => unknown)[] = [];
    const locks = {
      request: (_: string, __: LockOptions, callback: (lock: Lock | null) => unknown) => {
        answers.push(callback);
        return Promise.resolve().then(() => new Promise(() => {}));
      },
    } as unknown as LockManager;
    const { clock, hang } = tab({ locks });
    const late = hang('a', { waitMs: 50 });
    await clock.advance(50);
    expect(answers[0]?.({ name: 'a', mode: 'exclusive' })).toBeUndefined();
    expect(late.lease).toBeUndefined();
    expect(answers).toHaveLength(1);
  });

  it('D02 told that the lock is taken after it gave up, it does not queue', async () => {
    const manager = createLockManager();
    let asked = 0;
    let release: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const locks = {
      request: async (name: string, how: LockOptions, callback: (lock: Lock | null) => unknown) => {
        asked += 1;
        await slow;
        return manager.request(name, how, callback);
      },
    } as unknown as LockManager;
    void manager.request('a', {}, () => new Promise(() => {}));
    const { clock, hang } = tab({ locks });
    const late = hang('a', { waitMs: 50 });
    await clock.advance(50);
    release();
    await clock.settle();
    expect(late).toEqual({ outcome: { status: 'timeout' } });
    expect([asked, manager.pending]).toEqual([1, 0]);
  });

  it('J05 a document and a window that tell nothing are fine', async () => {
    const { lock } = tab({ document: {}, window: {} });
    expect(await lock.run('a', options, async () => 1)).toEqual({ status: 'done', value: 1 });
  });

  it('R10.7 without Web Locks: unavailable, and nothing is left', async () => {
    vi.stubGlobal('navigator', {});
    try {
      const clock = createVirtualClock();
      const document = new CountedTarget();
      const lock = webLock({ clock, document });
      expect(await lock.run('a', options, async () => 1)).toEqual({ status: 'unavailable', cause: 'locks_missing' });
      expect([clock.pending, document.listeners]).toEqual([0, 0]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('J05 without a navigator, or with one in a worker, it is found when it is needed', async () => {
    const lock = webLock();
    vi.stubGlobal('navigator', undefined);
    try {
      expect(await lock.run('a', options, async () => 1)).toEqual({ status: 'unavailable', cause: 'locks_missing' });
      vi.stubGlobal('navigator', { locks: createLockManager() });
      expect(await lock.run('a', options, async () => 1)).toEqual({ status: 'done', value: 1 });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it.each<[string, () => unknown, string]>([
    ['rejects', () => Promise.reject(new DOMException('no', 'SecurityError')), 'SecurityError'],
    [
      'throws',
      () => {
        throw new DOMException('no', 'InvalidStateError');
      },
      'InvalidStateError',
    ],
    ['answers nothing', () => undefined, 'InvalidStateError'],
    ['fails with what is no error', () => Promise.reject('eyJhbGciOiJFUzI1NiJ9.e30.c2ln'), 'Error'],
    [
      'fails with a secret for a name',
      () => Promise.reject(Object.assign(new Error('no'), { name: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' })),
      'Error',
    ],
  ])('R10.7 S11 a lock manager that %s: unavailable', async (_, request, cause) => {
    const { clock, document, lock } = tab({ locks: { request } as unknown as LockManager });
    const task = vi.fn(async () => 1);
    expect(await lock.run('a', options, task)).toEqual({ status: 'unavailable', cause });
    expect(task).not.toHaveBeenCalled();
    expect([clock.pending, document.listeners]).toEqual([0, 0]);
  });

  it('R10.7 a lock manager that fails only once one waits: unavailable', async () => {
    const manager = createLockManager();
    const locks = {
      request: (name: string, how: LockOptions, callback: (lock: Lock | null) => unknown) =>
        how.ifAvailable
          ? manager.request(name, how, callback)
          : Promise.reject(new DOMException('no', 'SecurityError')),
    } as unknown as LockManager;
    const { clock, hang } = tab({ locks });
    hang();
    await clock.settle();
    const waiter = hang();
    await clock.settle();
    expect(waiter).toEqual({ outcome: { status: 'unavailable', cause: 'SecurityError' } });
  });

  it('w3c/web-locks#79 does not abort the request of a lock that it holds', async () => {
    const manager = createLockManager();
    const signals: AbortSignal[] = [];
    const locks = {
      request: (name: string, how: LockOptions, callback: (lock: Lock | null) => unknown) => {
        if (how.signal) signals.push(how.signal);
        return manager.request(name, how, callback);
      },
    } as unknown as LockManager;
    const { clock, hang } = tab({ locks });
    hang('a', { leaseMs: 1000 });
    const waited = hang('a', { leaseMs: 1000 });
    await clock.advance(2000);
    expect(waited.outcome).toEqual({ status: 'lost' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it.each<[string, WebLockOptions]>([
    ['locks', { locks: null as never }],
    ['locks.request', { locks: {} as never }],
    ['clock.clearTimeout', { clock: { setTimeout: () => 1 } as never }],
    ['lokcs', { lokcs: {} } as never],
  ])('names the option that cannot work: %s', (option, given) => {
    expect(() => webLock(null as never)).toThrow(expect.objectContaining({ option: 'webLock' }));
    expect(() => webLock(given)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: `webLock.${option}` }),
    );
  });
});

describe('memoryLock', () => {
  it('two locks know nothing of each other', async () => {
    const clock = createVirtualClock();
    const granted: boolean[] = [];
    for (const lock of [memoryLock({ clock }), memoryLock({ clock })]) {
      void lock.run('a', options, ({ contended }) => {
        granted.push(contended);
        return new Promise(() => {});
      });
    }
    await clock.settle();
    expect(granted).toEqual([false, false]);
  });

  it('stealing a lock that nobody holds does nothing', async () => {
    const lock = memoryLock({ clock: createVirtualClock() });
    lock.steal('a');
    expect(await lock.run('a', options, async ({ contended }) => contended)).toEqual({ status: 'done', value: false });
  });

  it('D01 the task starts only after run() has returned', async () => {
    const order: string[] = [];
    const running = memoryLock({ clock: createVirtualClock() }).run('a', options, async () => order.push('task'));
    order.push('returned');
    await running;
    expect(order).toEqual(['returned', 'task']);
  });

  it.each<[string, unknown]>([
    ['memoryLock.clock.setTimeout', { clock: {} }],
    ['memoryLock.clokc', { clokc: {} }],
    ['memoryLock', null],
  ])('names the option that cannot work: %s', (option, given) => {
    expect(() => memoryLock(given as never)).toThrow(expect.objectContaining({ code: 'invalid_option', option }));
  });

  it('E20 §9 platform timers: a lease of 30 days does not end at once, and keeps no process running', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { memoryLock } from './adapters/lock/memory';
          const lock = memoryLock();
          const options = { waitMs: 30 * 86_400_000, leaseMs: 30 * 86_400_000, signal: new AbortController().signal };
          for (const who of ['one', 'two']) {
            lock.run('a', options, () => new Promise(() => console.log(who))).then(({ status }) => console.log(who, status));
          }
          lock.run('b', { ...options, leaseMs: 5 }, () => new Promise(() => {})).then(({ status }) => console.log('b', status));
          setTimeout(() => console.log('end'), 100);`,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const script = outputFiles.map(({ text }) => text).join('');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 10_000,
    });
    expect(stdout.trim().split('\n')).toEqual(['one', 'b lost', 'end']);
  });
});
