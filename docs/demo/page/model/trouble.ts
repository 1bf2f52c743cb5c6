import { broadcastChannel, indexedDbStore, type LifecycleOptions, type TokenChannel } from '../../../../index';
import { createStore, type Store } from '../../store';
import { createRivalLock } from './rival-lock';

/** What can go wrong in this browser. */
export const troubles = ['storage-full', 'channel-off', 'lock-held'] as const;

export type TroubleName = (typeof troubles)[number];

export type Trouble = {
  readonly active: Store<ReadonlySet<TroubleName>>;
  set(name: TroubleName, on: boolean): void;
  readonly adapters: Required<Pick<LifecycleOptions, 'store' | 'channel' | 'lock'>>;
};

/** The browser's own adapters, each with a switch. Locks are held for real; storage and channel fail as theirs do. */
export function createTrouble(): Trouble {
  const active = createStore<ReadonlySet<TroubleName>>(new Set());
  const is = (name: TroubleName): boolean => active.get().has(name);
  const shared = indexedDbStore();
  const tabs = broadcastChannel();
  const rival = createRivalLock();

  const channel: TokenChannel = {
    carriesTokens: true,
    post: (message) => {
      if (!is('channel-off')) tabs.post(message);
    },
    subscribe: (listener) =>
      tabs.subscribe((message) => {
        if (!is('channel-off')) listener(message);
      }),
    suspend: () => tabs.suspend(),
    resume: () => tabs.resume(),
  };

  return {
    active,
    set: (name, on) => {
      const next = new Set(active.get());
      if (on) next.add(name);
      else next.delete(name);
      active.set(next);
      if (name === 'lock-held') rival.hold(on);
    },
    adapters: {
      store: {
        consistency: shared.consistency,
        read: (key) => shared.read(key),
        update: async (key, change) => {
          if (is('storage-full')) throw new DOMException('There is no room left.', 'QuotaExceededError');
          return shared.update(key, change);
        },
      },
      channel,
      lock: rival.lock,
    },
  };
}
