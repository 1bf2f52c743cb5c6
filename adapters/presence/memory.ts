import type { Presence, PresenceChange, PresenceState } from '../../machines/ports';

/** A page that is shown, hidden and focused by hand. */
export type MemoryPresence = Presence & {
  /** Changes the state, then tells what a browser would tell: blur before hidden, visible before focus. */
  set(change: Partial<PresenceState>): void;
  /** Tells a change that is no state, such as `freeze` or `pageshow`. */
  emit(change: PresenceChange): void;
};

function changesBetween(before: PresenceState, after: PresenceState): PresenceChange[] {
  const changes: PresenceChange[] = [];
  if (before.focus !== after.focus && after.focus === false) changes.push('blur');
  if (before.visibility !== after.visibility) {
    if (before.visibility === 'prerender') changes.push('activated');
    if (after.visibility === 'visible' || after.visibility === 'hidden') changes.push(after.visibility);
  }
  if (before.focus !== after.focus && after.focus === true) changes.push('focus');
  return changes;
}

/**
 * A page whose presence is set by hand: for tests, and for hosts with events of their own (React Native's `AppState`).
 *
 * @param initial what differs from a visible, focused top-level page
 * @example
 * const presence = memoryPresence();
 * AppState.addEventListener('change', (now) => presence.set({ visibility: now === 'active' ? 'visible' : 'hidden' }));
 */
export function memoryPresence(initial: Partial<PresenceState> = {}): MemoryPresence {
  const listeners = new Set<(change: PresenceChange) => void>();
  let state: PresenceState = { visibility: 'visible', focus: true, frame: 'top', ...initial };
  const emit = (change: PresenceChange): void => {
    for (const tell of [...listeners]) tell(change);
  };
  return {
    current: () => state,
    subscribe: (listener) => {
      const entry = (change: PresenceChange) => listener(change);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    set: (change) => {
      const before = state;
      state = { ...state, ...change };
      for (const one of changesBetween(before, state)) emit(one);
    },
    emit,
  };
}
