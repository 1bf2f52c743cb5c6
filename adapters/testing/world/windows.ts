/** Which tab is seen and which has the focus: what one gains another may lose. */
import type { Presence, PresenceState } from '../../../machines/ports';
import { memoryPresence } from '../../presence/memory';
import type { Process } from './process';

/** `tabs`: one window, of which one tab is seen. `windows`: one each, side by side; one has the focus. */
export type Layout = 'tabs' | 'windows';

export type PagePresence = Presence & {
  readonly state: PresenceState;
  /** Since when the page has been hidden, on the monotonic clock; `null` while it is not. */
  readonly hiddenSince: number | null;
  /** Listeners that are subscribed. */
  readonly listeners: number;
  set(change: Partial<PresenceState>): void;
  emit: ReturnType<typeof memoryPresence>['emit'];
};

/**
 * What the page is told it is told as a task; what it looks at is always so.
 *
 * @param noted called with each state, the first one included
 */
export function createPagePresence(process: Process, noted: (state: PresenceState) => void): PagePresence {
  const inner = memoryPresence({ visibility: 'hidden', focus: false });
  let listeners = 0;
  let hiddenSince: number | null = process.clock.monotonicNow();
  noted(inner.current());
  return {
    current: inner.current,
    subscribe: (listener) => {
      listeners += 1;
      const leave = inner.subscribe((change) => process.task(() => listener(change)));
      return () => {
        listeners -= 1;
        leave();
      };
    },
    get state() {
      return inner.current();
    },
    get listeners() {
      return listeners;
    },
    get hiddenSince() {
      return hiddenSince;
    },
    set: (change) => {
      if (change.visibility === 'hidden') hiddenSince ??= process.clock.monotonicNow();
      else if (change.visibility !== undefined) hiddenSince = null;
      const { visibility, focus } = inner.current();
      const after = { ...inner.current(), ...change };
      if (after.visibility !== visibility || after.focus !== focus) noted(after);
      inner.set(change);
    },
    emit: inner.emit,
  };
}

type Page = { readonly presence: PagePresence };

/** @param pages those that are open */
export function createWindows(layout: Layout, pages: () => readonly Page[]) {
  const hidden = { visibility: 'hidden', focus: false } as const;

  /** The others go first, as the user's click is told to the old page before the new one. */
  function yieldTo(page: Page, change: Partial<PresenceState>): void {
    for (const other of pages()) if (other !== page) other.presence.set(change);
  }

  return {
    show: (page: Page): void => {
      if (layout === 'tabs') yieldTo(page, hidden);
      page.presence.set({ visibility: 'visible' });
    },
    focus: (page: Page): void => {
      yieldTo(page, layout === 'tabs' ? hidden : { focus: false });
      page.presence.set({ visibility: 'visible', focus: true });
    },
    blur: (page: Page): void => page.presence.set({ focus: false }),
    hide: (page: Page): void => page.presence.set(hidden),
    /** What the browser shows instead of a page that closed. */
    successor: (closed: PresenceState): 'focus' | 'show' | null =>
      layout === 'windows' || closed.visibility !== 'visible' ? null : closed.focus === true ? 'focus' : 'show',
  };
}

export type Windows = ReturnType<typeof createWindows>;
