import type { TokenCache } from '../../machines/ports';

/**
 * Keeps tokens in this process and nowhere else: the default, since what is not written down cannot be stolen from a disk
 * (lifecycle §10). Share one instance between lifecycles to make them tabs of one browser.
 *
 * Nothing is dropped by age: an expired token is what an outage needs, and sign-out clears the rest.
 *
 * @example createTokenLifecycle({ source, cache: memoryCache() });
 */
export function memoryCache(): TokenCache {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      values.set(key, value);
    },
    deleteAll: (prefix) => {
      for (const key of values.keys()) if (key.startsWith(prefix)) values.delete(key);
    },
  };
}
