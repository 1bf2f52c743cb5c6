import type { Fault } from './settings';

/** One request to the demo's own endpoints. No token, no cookie, no header stands in it. */
export type LoggedRequest = {
  readonly id: number;
  /** Real time, epoch ms: a wrong server clock does not reorder the list. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** `null` while it runs, or where no answer was ever sent. */
  readonly status: number | null;
  readonly outcome: 'pending' | 'answered' | 'dropped' | 'abandoned';
  readonly ms: number | null;
  /** The fault that was played on it, if any. */
  readonly fault?: Fault;
  /** The error code in the answer, where there was one. */
  readonly code?: string;
  /** Why the client asked, and for the how many-th time, as it says itself. */
  readonly cause?: string;
  readonly attempt?: number;
  readonly presentedExpired?: boolean;
  /** Whose token was asked for. Public: it stands in the token. */
  readonly sessionId?: string;
};

export type RequestNotes = Pick<
  LoggedRequest,
  'fault' | 'code' | 'cause' | 'attempt' | 'presentedExpired' | 'sessionId'
>;

export type RequestLog = {
  /** Oldest first. */
  entries(): readonly LoggedRequest[];
  begin(request: Pick<LoggedRequest, 'method' | 'path'>): number;
  note(id: number, notes: RequestNotes): void;
  end(id: number, result: Pick<LoggedRequest, 'status' | 'outcome'>): void;
  /** Told about each entry as it begins, and again as it ends. */
  watch(listener: (entry: LoggedRequest) => void): () => void;
};

/** Keeps the last `limit` requests. */
export function createRequestLog(limit = 200, now: () => number = Date.now): RequestLog {
  const entries = new Map<number, LoggedRequest>();
  const listeners = new Set<(entry: LoggedRequest) => void>();
  let last = 0;

  const put = (entry: LoggedRequest): void => {
    entries.set(entry.id, entry);
    const [oldest] = entries.keys();
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    for (const listener of listeners) listener(entry);
  };

  return {
    entries: () => [...entries.values()],
    begin: (request) => {
      last += 1;
      put({ ...request, id: last, at: now(), status: null, outcome: 'pending', ms: null });
      return last;
    },
    note: (id, notes) => {
      const entry = entries.get(id);
      if (entry) put({ ...entry, ...notes });
    },
    end: (id, result) => {
      const entry = entries.get(id);
      if (entry?.outcome === 'pending') put({ ...entry, ...result, ms: now() - entry.at });
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
