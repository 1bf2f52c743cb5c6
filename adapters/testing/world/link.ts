/** A tab's network: what is true of it, and what the platform says. */
import type { Connectivity } from '../../../machines/ports';
import { memoryConnectivity } from '../../connectivity/memory';
import type { Process } from './process';

/** Why there is no network. `silent`: packets are lost, and the platform does not notice. */
export type Outage = { readonly silent?: boolean };

export type TabLink = {
  readonly connectivity: Connectivity;
  readonly listeners: number;
  isConnected(): boolean;
  isOnline(): boolean;
  /** `null`: there is one (again). */
  set(outage: Outage | null): void;
  /** The machine's own network has changed. */
  update(): void;
};

/** @param machine the whole machine's outage; `null` while it has a network */
export function createTabLink(process: Process, machine: () => Outage | null): TabLink {
  const inner = memoryConnectivity();
  let own: Outage | null = null;
  let listeners = 0;
  const outages = (): Outage[] => [own, machine()].filter((one) => one !== null);
  const isOnline = (): boolean => outages().every(({ silent }) => silent === true);
  const update = (): void => inner.set(isOnline());
  update();
  return {
    connectivity: {
      isOnline,
      subscribe: (listener) => {
        listeners += 1;
        // Asked again on arrival: a frozen tab hears late, and what it hears is true then.
        const leave = inner.subscribe(() => process.task(() => listener(isOnline())));
        return () => {
          listeners -= 1;
          leave();
        };
      },
    },
    get listeners() {
      return listeners;
    },
    isConnected: () => outages().length === 0,
    isOnline,
    set: (outage) => {
      own = outage;
      update();
    },
    update,
  };
}
