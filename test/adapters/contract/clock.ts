import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../machines/ports';

export type ClockSetup = {
  readonly clock: Clock;
  /** Lets `ms` pass. */
  readonly pass: (ms: number) => Promise<void>;
};

const longest = 2 ** 31 - 1;

/** What every `Clock` keeps to. */
export function clockContract(name: string, make: () => ClockSetup): void {
  describe(`clock contract: ${name}`, () => {
    it('§9 both scales run while time passes', async () => {
      const { clock, pass } = make();
      const [wall, monotonic] = [clock.now(), clock.monotonicNow()];
      await pass(30);
      expect(clock.now() - wall).toBeGreaterThanOrEqual(29);
      expect(clock.monotonicNow() - monotonic).toBeGreaterThanOrEqual(29);
    });

    it('§9 a timer fires once, when it is due', async () => {
      const { clock, pass } = make();
      let fired = 0;
      clock.setTimeout(() => {
        fired += 1;
      }, 30);
      await pass(5);
      expect(fired).toBe(0);
      await pass(40);
      expect(fired).toBe(1);
      await pass(40);
      expect(fired).toBe(1);
    });

    it('§9 timers fire in order of their delays', async () => {
      const { clock, pass } = make();
      const order: string[] = [];
      clock.setTimeout(() => order.push('late'), 25);
      clock.setTimeout(() => order.push('early'), 5);
      await pass(40);
      expect(order).toEqual(['early', 'late']);
    });

    it('L4 a cleared timer does not fire; clearing anything else is no error', async () => {
      const { clock, pass } = make();
      let fired = 0;
      const id = clock.setTimeout(() => {
        fired += 1;
      }, 5);
      clock.clearTimeout(id);
      clock.clearTimeout(id);
      clock.clearTimeout(undefined);
      await pass(15);
      expect(fired).toBe(0);
    });

    it.each([0, -5, Number.NaN])('§9 a delay of %d fires soon', async (delay) => {
      const { clock, pass } = make();
      let fired = 0;
      clock.setTimeout(() => {
        fired += 1;
      }, delay);
      expect(fired).toBe(0);
      await pass(15);
      expect(fired).toBe(1);
    });

    it('§9 the longest delay that platforms know waits', async () => {
      const { clock, pass } = make();
      let fired = 0;
      const id = clock.setTimeout(() => {
        fired += 1;
      }, longest);
      await pass(15);
      clock.clearTimeout(id);
      expect(fired).toBe(0);
    });
  });
}
