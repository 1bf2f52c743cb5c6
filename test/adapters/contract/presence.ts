import { describe, expect, it } from 'vitest';
import type { Presence, PresenceChange } from '../../../machines/ports';

export type PresenceSetup = {
  readonly presence: Presence;
  readonly hide: () => void;
  readonly show: () => void;
  readonly listeners?: () => number;
};

/** What every `Presence` keeps to. `make` gives a visible, focused top-level page. */
export function presenceContract(name: string, make: () => PresenceSetup): void {
  describe(`presence contract: ${name}`, () => {
    it('§10 a focused page', () => {
      expect(make().presence.current()).toEqual({ visibility: 'visible', focus: true, frame: 'top' });
    });

    it('T26 hiding and showing is told in the browser’s order', () => {
      const { presence, hide, show } = make();
      const told: PresenceChange[] = [];
      presence.subscribe((change) => told.push(change));
      hide();
      expect(told).toEqual(['blur', 'hidden']);
      expect(presence.current()).toEqual({ visibility: 'hidden', focus: false, frame: 'top' });
      show();
      expect(told).toEqual(['blur', 'hidden', 'visible', 'focus']);
    });

    it('T26 the state is already the new one when the change is told', () => {
      const { presence, hide, show } = make();
      const seen: unknown[] = [];
      presence.subscribe((change) => {
        if (change === 'hidden' || change === 'visible') seen.push(presence.current().visibility);
      });
      hide();
      show();
      expect(seen).toEqual(['hidden', 'visible']);
    });

    it('L4 after unsubscribing nothing is told and nothing is left', () => {
      const { presence, hide, listeners } = make();
      const told: PresenceChange[] = [];
      const stop = presence.subscribe((change) => told.push(change));
      stop();
      stop();
      hide();
      expect(told).toEqual([]);
      expect(listeners?.() ?? 0).toBe(0);
    });
  });
}
