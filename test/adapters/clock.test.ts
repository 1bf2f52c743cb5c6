import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../adapters/clock/system';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { clockContract } from './contract/clock';

clockContract('createVirtualClock', () => {
  const clock = createVirtualClock();
  return { clock, pass: clock.advance };
});

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  clockContract('systemClock', () => ({
    clock: systemClock(),
    pass: async (ms) => {
      await vi.advanceTimersByTimeAsync(ms);
    },
  }));

  it.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])(
    '§9 a delay of %d is clamped, not fired at once',
    async (ms) => {
      let fired = 0;
      systemClock().setTimeout(() => {
        fired += 1;
      }, ms);
      await vi.advanceTimersByTimeAsync(2 ** 31 - 2);
      expect(fired).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(fired).toBe(1);
    },
  );

  it('§9 without performance the monotonic scale still never runs backwards', () => {
    vi.stubGlobal('performance', undefined);
    const clock = systemClock();
    const seen = [0, 1000, -5000, 2000, 9000].map((shift) => {
      vi.setSystemTime(Date.UTC(2026, 0, 1) + shift);
      return clock.monotonicNow();
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect((seen.at(-1) ?? 0) - (seen[0] ?? 0)).toBe(9000);
  });

  it('J05 works where timers are numbers, as in browsers', () => {
    const cleared: unknown[] = [];
    vi.stubGlobal('setTimeout', () => 7);
    vi.stubGlobal('clearTimeout', (id: unknown) => cleared.push(id));
    const clock = systemClock();
    clock.clearTimeout(clock.setTimeout(() => {}, 5));
    expect(cleared).toEqual([7]);
  });
});

describe('systemClock in a process', () => {
  it.each([
    [false, false],
    [true, true],
  ])('E20 keepsProcessAlive %s: an armed timer holds the process: %s', (keepsProcessAlive, holds) => {
    const clock = systemClock({ keepsProcessAlive });
    const id = clock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
    expect(id.hasRef()).toBe(holds);
    clock.clearTimeout(id);
  });

  it('E20 by default it does not', () => {
    const clock = systemClock();
    const id = clock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
    expect(id.hasRef()).toBe(false);
    clock.clearTimeout(id);
  });
});
