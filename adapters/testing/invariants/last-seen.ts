/** How things stand at the end of a trace: for the laws of what has to come true in the end. */
import type { StateSeen, Trace, TraceEntry, WorldBegan } from '../trace';
import { beginningOf, endOf } from './read-trace';

export type TabAtEnd = {
  readonly tab: number;
  state: StateSeen | null;
  /** Place of that entry. */
  place: number;
  /** Neither closed nor crashed nor stopped. */
  running: boolean;
  /** Frozen, or in the back/forward cache: it cannot do anything. */
  suspended: boolean;
  hidden: boolean;
  /** When it was `fresh` last, in true ms; infinite while it is. */
  freshUntil: number;
};

const blank = (tab: number): TabAtEnd => ({
  tab,
  state: null,
  place: -1,
  running: true,
  suspended: false,
  hidden: false,
  freshUntil: Number.NEGATIVE_INFINITY,
});

function command(seen: TabAtEnd, entry: Extract<TraceEntry, { is: 'command' }>): void {
  switch (entry.do) {
    case 'start':
      seen.running = true;
      break;
    case 'stop':
    case 'close':
    case 'crash':
      seen.running = false;
      seen.state = null;
      seen.freshUntil = Number.NEGATIVE_INFINITY;
      break;
    case 'freeze':
    case 'pagehide':
      seen.suspended = true;
      break;
    case 'resume':
    case 'pageshow':
      seen.suspended = false;
      break;
    default:
  }
}

/** Every tab that ever was, as it is at the end. */
export function tabsAtEnd(trace: Trace): TabAtEnd[] {
  const tabs = new Map<number, TabAtEnd>();
  for (const [place, entry] of trace.entries()) {
    if (entry.tab === null) continue;
    const seen = tabs.get(entry.tab) ?? blank(entry.tab);
    tabs.set(entry.tab, seen);
    if (entry.is === 'command') command(seen, entry);
    if (entry.is === 'presence') seen.hidden = entry.visibility === 'hidden';
    // Of a page that goes, there may be a last word.
    if (entry.is !== 'state' || !seen.running) continue;
    if (entry.state === 'fresh') seen.freshUntil = Number.POSITIVE_INFINITY;
    else if (seen.state?.state === 'fresh') seen.freshUntil = entry.at;
    seen.state = entry;
    seen.place = place;
  }
  return [...tabs.values()];
}

/** What may hold up a tab though all is well again: a try that hangs, the window of S9, the longest pause, the lock, the grace. */
function hesitationMs({ policy }: WorldBegan): number {
  const { requestTimeoutMs, retryMaxMs, lockWaitMs, takeoverGraceMs } = policy;
  return 2 * (requestTimeoutMs + retryMaxMs + lockWaitMs + takeoverGraceMs) + 60_000;
}

/** Sleep that goes unnoticed, since the wall clock was set back first: a pause that began before is as long as ever behind it. */
function unnoticedMs(trace: Trace, from: number): number {
  let isSetBack = false;
  let ms = 0;
  for (const entry of trace.slice(from)) {
    if (entry.is !== 'command') continue;
    if (entry.do === 'skew' && entry.ms < 0) isSetBack = true;
    if (entry.do === 'sleep' && isSetBack) ms += entry.ms;
  }
  return ms;
}

/** Nobody knows how long ago something was written down before that: a tab that reads of it now waits as if it were new. */
const isSetBackSince = (trace: Trace, from: number): boolean =>
  trace.slice(from).some((entry) => entry.is === 'command' && entry.do === 'skew' && entry.ms < 0);

/**
 * How long a world has to be left alone, healthy, until L2 and L3 can be asked of it, in ms from the end of the trace: the
 * longest pause between tries, what is left of a `Retry-After` (all of it where the clock was set back since), and, where a rotating credential may have been spent by a request
 * whose answer was lost, the rest of the last token's life.
 */
export function recoveryMs(trace: Trace): number {
  const began = beginningOf(trace);
  const end = endOf(trace);
  let until = end;
  for (const [place, entry] of trace.entries()) {
    if (entry.is === 'answer' && entry.retryAfterMs !== null) {
      const askedMs = Math.min(entry.retryAfterMs, began.policy.retryAfterMaxMs);
      const from = isSetBackSince(trace, place) ? end : entry.at;
      until = Math.max(until, from + askedMs + unnoticedMs(trace, place));
    }
    if (began.credential === 'rotating' && entry.is === 'served' && entry.token?.expiresAt)
      until = Math.max(until, entry.token.expiresAt - began.serverStart);
  }
  return until - end + hesitationMs(began);
}
