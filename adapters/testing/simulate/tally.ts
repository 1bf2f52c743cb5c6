/** What happened in a world, in numbers. Counted in the trace: what really took place, not what was planned. */
import { isEnd } from '../invariants/read-trace';
import type { Trace, TraceEntry } from '../trace';

export type Tally = {
  /** Time that tabs spent with a session, added up, in ms. */
  readonly sessionMs: number;
  readonly tabs: number;
  readonly reads: number;
  readonly requests: number;
  /** Requests that brought a token. */
  readonly mints: number;
  /** Every kind of fault, and how often it struck. */
  readonly faults: Readonly<Record<string, number>>;
};

/** Commands that a user would call trouble. */
const troubles = new Set([
  'offline',
  'sleep',
  'skew',
  'crash',
  'close',
  'freeze',
  'pagehide',
  'sign-out',
  'switch',
  'reject',
]);

function faultIn(entry: TraceEntry): string | null {
  if (entry.is === 'fault') return entry.fault;
  if (entry.is === 'served' && entry.by !== 'mint')
    return `server: ${entry.by}${entry.by === 'status' ? ` ${entry.status}` : ''}`;
  if (entry.is === 'message' && entry.did === 'forged') return 'message forged';
  return entry.is === 'command' && troubles.has(entry.do) ? entry.do : null;
}

/** Follows how long tabs are signed in. */
function followSessions() {
  const since = new Map<number, number>();
  let total = 0;
  const end = (tab: number, at: number): void => {
    total += at - (since.get(tab) ?? at);
    since.delete(tab);
  };
  return {
    see: (entry: TraceEntry): void => {
      const { tab, at } = entry;
      if (tab === null) return;
      if (entry.is === 'state' && entry.state !== 'signed-out') since.set(tab, since.get(tab) ?? at);
      else if (isEnd(entry) || entry.is === 'state') end(tab, at);
    },
    total: (at: number): number => {
      for (const tab of [...since.keys()]) end(tab, at);
      return total;
    },
  };
}

export function tally(trace: Trace): Tally {
  const sessions = followSessions();
  const faults = new Map<string, number>();
  const counts = { tabs: 0, reads: 0, requests: 0, mints: 0 };
  for (const entry of trace) {
    sessions.see(entry);
    const fault = faultIn(entry);
    if (fault !== null) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    if (entry.is === 'command' && entry.do === 'open') counts.tabs += 1;
    if (entry.is === 'read') counts.reads += 1;
    if (entry.is === 'request') counts.requests += 1;
    if (entry.is === 'answer' && entry.outcome === 'answered' && entry.token !== null) counts.mints += 1;
  }
  return { ...counts, sessionMs: sessions.total(trace.at(-1)?.at ?? 0), faults: Object.fromEntries(faults) };
}

/** Several worlds as one. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const faults = new Map<string, number>();
  const sum = { sessionMs: 0, tabs: 0, reads: 0, requests: 0, mints: 0 };
  for (const one of tallies) {
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += one[name];
    for (const [fault, times] of Object.entries(one.faults)) faults.set(fault, (faults.get(fault) ?? 0) + times);
  }
  return { ...sum, faults: Object.fromEntries([...faults].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
