import { backoffMs } from '../../../machines/schedule';
import type { ReadSeen, Trace, WorldBegan } from '../trace';
import { endOf, invariant, isEnd, seconds } from './read-trace';

/** Timers are whole milliseconds, and settling takes a turn of the event loop. */
const toleranceMs = 10;

/**
 * The longest that a read without a deadline of its own can take: every try of the budget times out, each after the lock was
 * waited for, and the server asks to be left alone for as long as it is believed. Ms.
 */
export function longestReadMs({ policy }: WorldBegan): number {
  const { retries, requestTimeoutMs, lockWaitMs, retryAfterMaxMs, retryMaxMs } = policy;
  let ms = retryAfterMaxMs + retryMaxMs + 60_000;
  for (let tries = 0; tries <= retries; tries += 1) ms += backoffMs(policy, tries) + 2 * requestTimeoutMs + lockWaitMs;
  return ms;
}

/** Stretches in which timers stood still, so that no deadline could be kept, and the time until the tab woke. */
function stillMs(trace: Trace, tab: number, from: number, to: number): number {
  let still = 0;
  let frozenAt: number | null = null;
  for (const entry of trace) {
    if (entry.is !== 'command' || entry.at < from || entry.at > to) continue;
    if (entry.do === 'sleep' && (entry.tab === null || entry.tab === tab)) still += entry.ms;
    if (entry.tab !== tab) continue;
    if (entry.do === 'freeze' || entry.do === 'pagehide') frozenAt ??= entry.at;
    if ((entry.do === 'resume' || entry.do === 'pageshow') && frozenAt !== null) {
      still += entry.at - frozenAt;
      frozenAt = null;
    }
  }
  return frozenAt === null ? still : still + to - frozenAt;
}

/**
 * Each `Retry-After` is kept, also one that comes when the one before is over: the first is in the budget, also where that is one
 * which the read began in.
 */
function askedAgainMs(trace: Trace, { policy }: WorldBegan, from: number, to: number): number {
  const asked = trace.flatMap((entry) =>
    entry.is === 'answer' && entry.retryAfterMs !== null && entry.at <= to
      ? [{ at: entry.at, ms: Math.min(entry.retryAfterMs, policy.retryAfterMaxMs) }]
      : [],
  );
  const meanwhile = asked.filter(({ at }) => at >= from);
  const isAskedBefore = asked.some(({ at, ms }) => at < from && at + ms > from);
  return meanwhile.slice(isAskedBefore ? 0 : 1).reduce((sum, { ms }) => sum + ms, 0);
}

export const everyReadSettles = invariant(
  {
    id: 'L1',
    title: 'Every read settles',
    description:
      'A read with `timeoutMs` settles within it (time that the machine or the tab slept is not counted). Any other does within the ' +
      'longest that the policy allows: the whole budget of tries, each timing out, after the longest `Retry-After`, which may have ' +
      'begun before the read, and after each that came later. `stop()` settles ' +
      'what waits. Reads of a tab that was closed or crashed are gone with it.',
  },
  (trace, began) => {
    const open = new Map<number, ReadSeen & { readonly tab: number; readonly place: number }>();
    const longest = longestReadMs(began);
    const stopped = new Map<number, number>();
    const late = (read: ReadSeen & { tab: number; place: number }, until: number, how: string, place?: number) => {
      const waitedMs = until - read.at;
      const limit = read.timeoutMs ?? longest;
      if (waitedMs <= limit + toleranceMs) return null;
      const asked = read.timeoutMs === null ? askedAgainMs(trace, began, read.at, until) : 0;
      if (waitedMs - stillMs(trace, read.tab, read.at, until) - asked <= limit + toleranceMs) return null;
      return {
        message: `A read in tab ${read.tab} ${how} ${seconds(waitedMs)}; ${read.timeoutMs === null ? 'nothing takes longer than' : 'it had asked for'} ${seconds(limit)}.`,
        entries: place === undefined ? [read.place] : [read.place, place],
      };
    };
    for (const [place, entry] of trace.entries()) {
      const { tab } = entry;
      if (tab === null) continue;
      if (entry.is === 'read') open.set(entry.id, { ...entry, tab, place });
      if (entry.is === 'settled') {
        const read = open.get(entry.id);
        open.delete(entry.id);
        const found = read && late(read, entry.at, 'took', place);
        if (found) return found;
      }
      if (isEnd(entry) && entry.is === 'command' && entry.do !== 'stop')
        for (const [id, read] of open) if (read.tab === tab) open.delete(id);
      if (entry.is === 'command' && entry.do === 'stop') stopped.set(tab, place);
      if (entry.is === 'leftovers') {
        const since = stopped.get(tab) ?? place;
        const waiting = [...open.values()].find((read) => read.tab === tab && read.place < since);
        if (waiting)
          return {
            message: `A read in tab ${tab} was still waiting when the tab had been stopped.`,
            entries: [waiting.place, place],
          };
      }
    }
    for (const read of open.values()) {
      const found = late(read, endOf(trace), 'has been waiting for');
      if (found) return found;
    }
    return null;
  },
);
