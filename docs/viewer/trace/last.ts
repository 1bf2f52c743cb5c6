/** The place of the last item that fits, or −1. (`findLastIndex` is younger than the browsers that this is built for.) */
export function lastPlace<T>(items: readonly T[], fits: (item: T) => boolean): number {
  for (let place = items.length - 1; place >= 0; place -= 1) if (fits(items[place] as T)) return place;
  return -1;
}

/** The last item that fits. */
export const lastOf = <T>(items: readonly T[], fits: (item: T) => boolean): T | undefined =>
  items[lastPlace(items, fits)];
