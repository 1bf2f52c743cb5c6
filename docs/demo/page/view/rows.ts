import { make } from './dom';

/**
 * A list with the newest on top that keeps the rows it has: what stays does not flicker, and what is new may be seen
 * coming.
 *
 * @param options.key what makes a row the same row
 * @param options.version what makes it worth drawing again
 */
export function createRows<T>(
  list: HTMLElement,
  options: {
    limit: number;
    empty: string;
    key(item: T): string;
    version(item: T): string;
    draw(item: T): readonly Node[];
  },
): (newestFirst: readonly T[]) => void {
  const rows = new Map<string, { element: HTMLElement; version: string }>();
  const empty = make('li', 'row-empty', options.empty);
  list.append(empty);
  // What scrolls must be reachable without a mouse; not every browser sees to that itself.
  list.tabIndex = 0;

  return (newestFirst) => {
    const items = newestFirst.slice(0, options.limit);
    const kept = new Set(items.map(options.key));
    for (const [key, { element }] of rows) {
      if (kept.has(key)) continue;
      element.remove();
      rows.delete(key);
    }
    empty.hidden = items.length > 0;
    let after: Element = empty;
    for (const item of items) {
      const key = options.key(item);
      const version = options.version(item);
      let row = rows.get(key);
      if (!row) {
        row = { element: make('li', 'row'), version: '' };
        rows.set(key, row);
      }
      if (row.version !== version) {
        row.version = version;
        row.element.replaceChildren(...options.draw(item));
      }
      if (after.nextElementSibling !== row.element) after.after(row.element);
      after = row.element;
    }
  };
}
