import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimers } from '../../adapters/server/pool/timers';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';

describe('the timers of a pool', () => {
  it('S5 any number of them, one of the platform’s; none is left when none is set', async () => {
    const clock = createVirtualClock();
    const timers = createTimers(clock);
    const ids = Array.from({ length: 1_000 }, (_, at) => timers.setTimeout(() => {}, (at * 7_919) % 1_000));
    expect([timers.size, clock.pending]).toEqual([1_000, 1]);
    for (const id of ids.slice(0, 500)) timers.clearTimeout(id);
    expect([timers.size, clock.pending]).toEqual([500, 1]);
    await clock.advance(1_000);
    expect([timers.size, clock.pending]).toEqual([0, 0]);
  });

  it('§9 each fires when it is due, and none that was cleared', async () => {
    const steps = fc.array(fc.record({ ms: fc.nat(200), clear: fc.option(fc.nat(30), { nil: null }) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const clock = createVirtualClock();
        const timers = createTimers(clock);
        const start = clock.monotonicNow();
        const fired: [number, number][] = [];
        const set: { id: unknown; ms: number; cleared: boolean }[] = [];
        for (const { ms, clear } of plan) {
          const at = set.length;
          const id = timers.setTimeout(() => fired.push([at, clock.monotonicNow() - start]), ms);
          set.push({ id, ms, cleared: false });
          const other = clear === null ? undefined : set[clear];
          if (!other) continue;
          timers.clearTimeout(other.id);
          timers.clearTimeout(other.id);
          other.cleared = true;
        }
        await clock.advance(250);
        const expected = set.flatMap(({ ms, cleared }, at) => (cleared ? [] : [[at, ms]]));
        expect([...fired].sort(([a], [b]) => a - b)).toEqual(expected);
        const instants = fired.map(([, at]) => at);
        expect(instants).toEqual([...instants].sort((a, b) => a - b));
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('§9 one that sets the next, one that clears another, one that throws: the rest goes on', async () => {
    const clock = createVirtualClock();
    const timers = createTimers(clock);
    const fired: string[] = [];
    const doomed = timers.setTimeout(() => fired.push('doomed'), 20);
    timers.setTimeout(() => {
      fired.push('first');
      timers.clearTimeout(doomed);
      timers.setTimeout(() => fired.push('next'), 5);
    }, 10);
    timers.setTimeout(() => {
      throw new Error('no');
    }, 30);
    timers.setTimeout(() => fired.push('last'), 30);
    await expect(clock.advance(100)).rejects.toThrow('no');
    await clock.advance(100);
    expect(fired).toEqual(['first', 'next', 'last']);
  });

  it('§9 late after sleep, and never beyond what platforms honour', async () => {
    const clock = createVirtualClock();
    const timers = createTimers(clock);
    const fired: number[] = [];
    timers.setTimeout(() => fired.push(1), 1_000);
    timers.setTimeout(() => fired.push(2), Number.POSITIVE_INFINITY);
    await clock.sleep(5_000);
    expect(fired).toEqual([1]);
    await clock.advance(60_000);
    expect(fired).toEqual([1]);
    timers.clearAll();
    expect(clock.pending).toBe(0);
  });
});
