import type { WebStorage } from '../../../adapters/cache/web-storage';

/** `Storage` in memory, with a quota in characters. */
export function fakeStorage(quota = Number.POSITIVE_INFINITY): WebStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  const sizeWithout = (key: string): number =>
    [...entries].reduce((sum, [name, value]) => (name === key ? sum : sum + name.length + value.length), 0);
  return {
    entries,
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => {
      if (sizeWithout(key) + key.length + value.length > quota) {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      }
      entries.set(key, value);
    },
    removeItem: (key) => {
      entries.delete(key);
    },
  };
}
