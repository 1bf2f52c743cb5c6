export type Listener = (message: unknown) => void;

export type Listeners = {
  /** The same function may be added twice, and is then told twice. */
  add(listener: Listener): () => void;
  clear(): void;
  readonly size: number;
  /** A list that later changes do not touch. */
  snapshot(): readonly Listener[];
};

/** Those who listen. `onEmpty` is called when the last one has left. */
export function createListeners(onEmpty: () => void = () => {}): Listeners {
  const entries = new Set<Listener>();
  return {
    add: (listener) => {
      const entry: Listener = (message) => {
        if (entries.has(entry)) listener(message);
      };
      entries.add(entry);
      return () => {
        if (entries.delete(entry) && entries.size === 0) onEmpty();
      };
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
    snapshot: () => [...entries],
  };
}

/** Tells each of them. One that throws disturbs neither the others nor the channel; a browser's console hears of it. */
export function tellAll(listeners: readonly Listener[], messageFor: () => unknown): void {
  for (const listener of listeners) {
    try {
      listener(messageFor());
    } catch (error) {
      (globalThis as { reportError?: (error: unknown) => void }).reportError?.(error);
    }
  }
}
