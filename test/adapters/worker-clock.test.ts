import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WorkerClockOptions, workerClock } from '../../adapters/clock/worker';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { Clock } from '../../machines/ports';
import { clockContract } from './contract/clock';
import { fakeThreads } from './support/thread';

const longest = 2 ** 31 - 1;

/** Time that page and thread share; the page's timers can be slowed down, as a hidden page's are. */
function setup(options: WorkerClockOptions = {}) {
  const time = createVirtualClock();
  const threads = fakeThreads(time);
  const causes: string[] = [];
  let lateBy = 0;
  const armed = new Set<unknown>();
  const page: Clock = {
    ...time,
    setTimeout: (run, ms) => {
      const id = time.setTimeout(
        () => {
          armed.delete(id);
          run();
        },
        Math.min(ms + lateBy, longest),
      );
      armed.add(id);
      return id;
    },
    clearTimeout: (id) => {
      armed.delete(id);
      time.clearTimeout(id);
    },
  };
  const clock = workerClock({ ...threads.platform, page, onFallback: (cause) => causes.push(cause), ...options });
  return {
    time,
    threads,
    clock,
    causes,
    hide: () => {
      lateBy = 60_000;
    },
    /** Timers that the page itself holds. */
    armed: () => armed.size,
    /** Sets a timer and tells when it fires, in ms from now, each time that it does. */
    timer: (ms: number) => {
      const from = time.monotonicNow();
      const at: number[] = [];
      const id = clock.setTimeout(() => at.push(time.monotonicNow() - from), ms);
      return { at, id };
    },
  };
}

clockContract('workerClock', () => {
  const { clock, time } = setup();
  return { clock, pass: time.advance };
});

clockContract('workerClock while its worker loads', () => {
  const { clock, time, threads } = setup();
  threads.load(20);
  return { clock, pass: time.advance };
});

clockContract('workerClock in a hidden page', () => {
  const { clock, time, hide } = setup();
  hide();
  return { clock, pass: time.advance };
});

clockContract('workerClock without workers', () => {
  const time = createVirtualClock();
  return { clock: workerClock({ page: time }), pass: time.advance };
});

describe('workerClock', () => {
  it('R9.17 a hidden page’s timers are late, the worker’s are not', async () => {
    const { timer, time, hide } = setup();
    hide();
    const { at } = timer(200);
    await time.advance(120_000);
    expect(at).toEqual([200]);
  });

  it('R9.17 both scales are the page’s', async () => {
    const { clock, time } = setup();
    await time.advance(1234);
    expect([clock.now(), clock.monotonicNow()]).toEqual([time.now(), 1234]);
  });

  it('R9.17 whichever side is first runs the timer, and it runs once', async () => {
    const { timer, time, threads, armed } = setup();
    threads.load(500);
    const [before, after] = [timer(200), timer(800)];
    await time.advance(5000);
    expect([before.at, after.at]).toEqual([[200], [800]]);
    expect(armed()).toBe(0);
    expect(threads.sent).toEqual([[1, 200], [2, 800], [1], [2]]);
  });

  it('R9.17 the page’s timer stays armed beside the worker’s, which may die unheard', async () => {
    const { timer, time, threads, armed } = setup();
    const { at } = timer(300);
    await time.advance(100);
    expect(armed()).toBe(1);
    threads.kill();
    await time.advance(300);
    expect(at).toEqual([300]);
  });

  it('R9.17 no worker is made before the first timer, and one for all', async () => {
    const { clock, timer, time, threads } = setup();
    clock.clearTimeout(7);
    expect(threads.started).toBe(0);
    timer(10);
    timer(20);
    await time.advance(30);
    timer(10);
    expect(threads.started).toBe(1);
  });

  it('R9.17 the address of its source is given back once it runs', async () => {
    const { timer, time, threads } = setup();
    threads.load(50);
    timer(100);
    await time.advance(49);
    expect(threads.urls).toBe(1);
    await time.advance(1);
    expect(threads.urls).toBe(0);
  });

  it('L4 a cleared timer is cleared on both sides', async () => {
    const { clock, timer, time, threads, armed } = setup();
    const { id, at } = timer(200);
    await time.advance(10);
    clock.clearTimeout(id);
    expect(armed()).toBe(0);
    await time.advance(1);
    expect(time.pending).toBe(0);
    await time.advance(500);
    expect(at).toEqual([]);
    expect(threads.sent).toEqual([[1, 200], [1]]);
  });

  it('L4 clearing what has fired asks nothing of anybody', async () => {
    const { clock, timer, time, threads } = setup();
    const { id } = timer(20);
    await time.advance(20);
    const before = threads.sent.length;
    clock.clearTimeout(id);
    expect(threads.sent).toHaveLength(before);
  });

  it('R9.17 a timer that is set while another fires is a new one', async () => {
    const { clock, time } = setup();
    const at: number[] = [];
    const again = (): void => {
      at.push(time.monotonicNow());
      if (at.length < 3) clock.setTimeout(again, 100);
    };
    clock.setTimeout(again, 100);
    await time.advance(1000);
    expect(at).toEqual([100, 200, 300]);
  });

  it.each([0, -5, Number.NaN])('§9 a delay of %d is none on both sides', async (ms) => {
    const { timer, time, threads } = setup();
    const { at } = timer(ms);
    await time.advance(0);
    expect([at, threads.sent[0]]).toEqual([[0], [1, 0]]);
  });

  it.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])('§9 a delay of %d is clamped on both sides', async (ms) => {
    const { timer, time, threads } = setup();
    const { at } = timer(ms);
    await time.advance(longest - 1);
    expect(at).toEqual([]);
    await time.advance(1);
    expect(at).toEqual([longest]);
    expect(threads.sent[0]).toEqual([1, longest]);
  });

  it('L4 dispose ends the worker and every timer; used again, it starts another', async () => {
    const { clock, timer, time, threads, armed } = setup();
    const { at } = timer(100);
    threads.load('never');
    clock.dispose?.();
    expect([threads.running, threads.urls, armed()]).toEqual([0, 0, 0]);
    await time.advance(200);
    expect(at).toEqual([]);

    threads.load(0);
    const later = timer(100);
    await time.advance(200);
    expect(later.at).toEqual([100]);
    expect([threads.started, threads.running]).toEqual([2, 1]);
    clock.dispose?.();
    await time.advance(20_000);
    expect([threads.running, time.pending]).toEqual([0, 0]);
  });

  it('L4 dispose is no fallback, and what an ended worker says is not heard', async () => {
    const { clock, timer, time, threads, causes } = setup();
    timer(100);
    await time.advance(10);
    clock.dispose?.();
    threads.fail();
    const { at } = timer(50);
    await time.advance(200);
    expect(at).toEqual([50]);
    expect([threads.started, causes]).toEqual([2, []]);
  });
});

describe('workerClock: where there can be no worker', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('J05 none here: the page’s timers do, and it says so once, after the call', async () => {
    const { timer, time, causes, threads } = setup({ Worker: undefined as never });
    const { at } = timer(100);
    expect(causes).toEqual([]);
    await time.advance(100);
    timer(100);
    await time.advance(100);
    expect(at).toEqual([100]);
    expect([causes, threads.started]).toEqual([['worker_missing'], 0]);
  });

  it('J05 a Worker without createObjectURL, as in jsdom, is none', async () => {
    const { timer, time, causes } = setup({ URL: {} as never });
    const { at } = timer(100);
    await time.advance(100);
    expect([at, causes]).toEqual([[100], ['worker_missing']]);
  });

  it('R10.7 a constructor that throws (trusted types): the page’s timers do, and nothing is left', async () => {
    const { timer, time, causes, threads } = setup();
    threads.refuse();
    const [one, two] = [timer(100), timer(200)];
    await time.advance(200);
    expect([one.at, two.at, causes]).toEqual([[100], [200], ['worker_refused']]);
    expect([threads.urls, time.pending]).toEqual([0, 0]);
  });

  it('R10.7 an error event (a CSP): timers that were set lose nothing, and the console is spared', async () => {
    const { timer, time, causes, threads } = setup();
    threads.load('never');
    const before = timer(300);
    await time.advance(20);
    expect(threads.fail()).toEqual([true]);
    const after = timer(300);
    await time.advance(600);
    expect([before.at, after.at, causes]).toEqual([[300], [300], ['worker_failed']]);
    expect([threads.started, threads.running, threads.urls]).toEqual([1, 0, 0]);
    expect(time.pending).toBe(0);
  });

  it('R10.7 it stays so, also after dispose', async () => {
    const { clock, timer, time, causes, threads } = setup();
    timer(100);
    threads.fail();
    clock.dispose?.();
    const { at } = timer(100);
    await time.advance(100);
    expect(at).toEqual([100]);
    expect([threads.started, causes]).toEqual([1, ['worker_failed']]);
  });

  it('R10.7 a worker that never answers is given up after ten seconds', async () => {
    const { timer, time, causes, threads } = setup();
    threads.load('never');
    const { at } = timer(15_000);
    await time.advance(9999);
    expect([threads.running, causes]).toEqual([1, []]);
    await time.advance(1);
    expect([threads.running, threads.urls, causes]).toEqual([0, 0, ['worker_silent']]);
    await time.advance(5000);
    expect(at).toEqual([15_000]);
  });

  it('R10.7 one that answers late is not', async () => {
    const { timer, time, causes, threads } = setup();
    threads.load(9_999);
    timer(5000);
    await time.advance(60_000);
    expect([threads.running, causes]).toEqual([1, []]);
  });

  it('R10.7 a worker that takes no messages does not make setTimeout throw', async () => {
    const Worker = class {
      onmessage = null;
      onerror = null;
      postMessage = () => {
        throw new Error('Not implemented.');
      };
      terminate = () => {};
    };
    const { timer, time, causes } = setup({ Worker });
    const { at } = timer(100);
    await time.advance(100);
    expect([at, causes]).toEqual([[100], ['worker_refused']]);
  });

  it('J05 globals are looked at when the first timer is set', async () => {
    const time = createVirtualClock();
    const threads = fakeThreads(time);
    const clock = workerClock({ page: time });
    vi.stubGlobal('Worker', threads.platform.Worker);
    vi.stubGlobal('URL', threads.platform.URL);
    clock.setTimeout(() => {}, 10);
    expect(threads.started).toBe(1);
    await time.advance(10);
    clock.dispose?.();
  });

  it('E20 in a process its timers hold nothing up', () => {
    const armed = vi.spyOn(globalThis, 'setTimeout');
    const clock = workerClock();
    clock.setTimeout(() => {}, 60_000);
    const held = armed.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    clock.dispose?.();
    armed.mockRestore();
    expect(held).toEqual([false]);
  });

  it.each<[string, object]>([
    ['onFallback', { onFallback: 'log' }],
    ['page', { page: null }],
    ['page.monotonicNow', { page: { now: () => 0 } }],
  ])('refuses a bad %s at once', (option, options) => {
    expect(() => workerClock(options as WorkerClockOptions)).toThrow(
      expect.objectContaining({ option: `workerClock.${option}` }),
    );
  });
});
