import { useMemo, useSyncExternalStore } from 'react';

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [subscribe, read] = useMemo(() => {
    const media = window.matchMedia(query);
    const subscribeTo = (listener: () => void): (() => void) => {
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    };
    return [subscribeTo, () => media.matches] as const;
  }, [query]);
  return useSyncExternalStore(subscribe, read);
}
