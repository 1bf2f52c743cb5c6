/** Writes down what can be seen. */
import { createEyes } from '../see';
import type { TraceEntry } from '../trace';

/** An entry of each kind without what the recorder adds. */
export type Noted = TraceEntry extends infer Entry
  ? Entry extends TraceEntry
    ? Omit<Entry, 'at' | 'tab'>
    : never
  : never;

export type Recorder = {
  /** @param tab `null`: the machine, the browser or the server */
  note(tab: number | null, entry: Noted): void;
  /** True ms since the world began. */
  at(): number;
  readonly entries: readonly TraceEntry[];
  readonly eyes: ReturnType<typeof createEyes>;
};

type Options = {
  readonly at: () => number;
  /** Entries that are kept, at least; twice as many at most. */
  readonly keep: number;
  readonly onEntry: ((entry: TraceEntry) => void) | undefined;
};

export function createRecorder({ at, keep, onEntry }: Options): Recorder {
  const entries: TraceEntry[] = [];
  return {
    note: (tab, noted) => {
      const entry = { at: at(), tab, ...noted } as TraceEntry;
      entries.push(entry);
      if (entries.length > 2 * keep) entries.splice(0, entries.length - keep);
      onEntry?.(entry);
    },
    at,
    entries,
    eyes: createEyes(),
  };
}
