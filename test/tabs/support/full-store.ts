import type { SharedStore } from '../../../machines/ports';

/** Takes nothing in while it is full. */
export const fullStore = (store: SharedStore, isFull: { readonly now: boolean }): SharedStore => ({
  ...store,
  update: async (...given) => {
    if (isFull.now) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    return store.update(...given);
  },
});
