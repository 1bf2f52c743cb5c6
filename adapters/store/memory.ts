import type { SharedRecord, SharedStore } from '../../machines/ports';
import { parseRecord } from './record';

/**
 * A store for lifecycles of one process: share the instance between them. Ordered by nature, since an update is one
 * uninterrupted step. Records are copied on the way in and out, so that nobody changes the truth by holding on to an object.
 *
 * @example
 * const store = memoryStore();
 * const tabs = [1, 2].map(() => createTokenLifecycle({ source, store }));
 */
export function memoryStore(): SharedStore {
  const records = new Map<string, unknown>();
  const current = (key: string): SharedRecord | undefined => parseRecord(records.get(key));
  return {
    consistency: 'ordered',
    read: async (key) => current(key),
    update: async (key, change) => {
      const next = change(current(key));
      if (next === undefined) records.delete(key);
      else records.set(key, structuredClone(next));
      return current(key);
    },
  };
}
