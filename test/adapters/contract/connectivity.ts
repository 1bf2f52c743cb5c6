import { describe, expect, it } from 'vitest';
import type { Connectivity } from '../../../machines/ports';

export type ConnectivitySetup = {
  readonly connectivity: Connectivity;
  /** Makes the platform go on or off line. */
  readonly set: (online: boolean) => void;
  /** How many listeners the platform has, where that can be told. */
  readonly listeners?: () => number;
};

/** What every `Connectivity` keeps to. `make` gives one that is online. */
export function connectivityContract(name: string, make: () => ConnectivitySetup): void {
  describe(`connectivity contract: ${name}`, () => {
    it('T9 says what the platform says', () => {
      const { connectivity, set } = make();
      expect(connectivity.isOnline()).toBe(true);
      set(false);
      expect(connectivity.isOnline()).toBe(false);
      set(true);
      expect(connectivity.isOnline()).toBe(true);
    });

    it('T20 tells each change, and agrees with isOnline when it does', () => {
      const { connectivity, set } = make();
      const told: boolean[][] = [];
      connectivity.subscribe((online) => told.push([online, connectivity.isOnline()]));
      set(false);
      set(true);
      expect(told).toEqual([
        [false, false],
        [true, true],
      ]);
    });

    it('L4 after unsubscribing nothing is told and nothing is left', () => {
      const { connectivity, set, listeners } = make();
      const told: boolean[] = [];
      const stop = connectivity.subscribe((online) => told.push(online));
      stop();
      stop();
      set(false);
      expect(told).toEqual([]);
      expect(listeners?.() ?? 0).toBe(0);
    });

    it('L4 one function subscribed twice is two subscriptions', () => {
      const { connectivity, set } = make();
      let told = 0;
      const listener = () => {
        told += 1;
      };
      const stop = connectivity.subscribe(listener);
      connectivity.subscribe(listener);
      stop();
      set(false);
      expect(told).toBe(1);
    });
  });
}
