import type { NoticeStorage } from '../../../adapters/channel/storage-event';
import { CountedTarget } from './events';
import { fakeStorage } from './web-storage';

export type StorageTab = { readonly storage: NoticeStorage; readonly window: CountedTarget };

/** Two windows over one `localStorage`: each is told of what the other changes, and only of changes. */
export function storageTabs(quota?: number): {
  readonly first: StorageTab;
  readonly second: StorageTab;
  readonly entries: Map<string, string>;
  /** Every value that was ever written. */
  readonly written: readonly string[];
} {
  const shared = fakeStorage(quota);
  const written: string[] = [];
  const windows = [new CountedTarget(), new CountedTarget()] as const;

  function change(from: CountedTarget, key: string, newValue: string | null): void {
    if (shared.getItem(key) === newValue) return;
    if (newValue === null) shared.removeItem(key);
    else {
      shared.setItem(key, newValue);
      written.push(newValue);
    }
    const other = from === windows[0] ? windows[1] : windows[0];
    const event = Object.assign(new Event('storage'), { key, newValue });
    void Promise.resolve().then(() => other.dispatchEvent(event));
  }

  const tab = (window: CountedTarget): StorageTab => ({
    window,
    storage: {
      setItem: (key, value) => change(window, key, value),
      removeItem: (key) => change(window, key, null),
    },
  });
  return { first: tab(windows[0]), second: tab(windows[1]), entries: shared.entries, written };
}
