/** A world whose tabs do nothing by themselves: what it gives to lifecycles, put into the hands of a test. */
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleOptions } from '../../adapters/host/types';
import { memoryStore } from '../../adapters/store/memory';
import { createWorld } from '../../adapters/testing/world/create';
import type { WorldOptions } from '../../adapters/testing/world/options';
import type { PresenceChange } from '../../machines/ports';

type Ports = Required<Pick<LifecycleOptions, 'cache' | 'store' | 'clock' | 'source' | 'presence' | 'connectivity'>> &
  Pick<LifecycleOptions, 'cookie' | 'channel' | 'lock' | 'random' | 'logger' | 'session' | 'policy'>;

export function createBareWorld(options: WorldOptions = {}) {
  const given: Ports[] = [];
  const told: [number, PresenceChange][] = [];
  const world = createWorld({
    ...options,
    createLifecycle: (ports, tab) => {
      given[tab] = ports as Ports;
      ports.presence?.subscribe((change) => told.push([tab, change]));
      return createTokenLifecycle({ session: null, source: ports.source, store: memoryStore() });
    },
  });
  return {
    world,
    /** What tab `index` was given when it was opened last. */
    ports: (index: number): Ports => {
      const found = given[index];
      if (!found) throw new Error(`Tab ${index} was never open.`);
      return found;
    },
    /** What pages were told of their presence since the last look, as `tab change`. */
    told: (): string[] => told.splice(0).map(([tab, change]) => `${tab} ${change}`),
    of: <Kind extends (typeof world.trace)[number]['is']>(kind: Kind) =>
      world.trace.filter((entry): entry is Extract<(typeof world.trace)[number], { is: Kind }> => entry.is === kind),
  };
}
