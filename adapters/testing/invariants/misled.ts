/** Tabs that a server told of the future, and that cannot tell that it was wrong: for L2. */
import type { Trace } from '../trace';
import { beginningOf, endOf, followBelief } from './read-trace';

/** `iat` has whole seconds. */
const roundingMs = 1_000;

/**
 * Two tokens of the future in a row prove to a tab that the server's clock is there (lifecycle.md §9); what comes from the past after
 * that looks like what an edge has kept, unless the tab knew the time before. It forgets that as it begins anew.
 */
export function isAheadOfServer(trace: Trace): (tab: number) => boolean {
  const began = beginningOf(trace);
  const belief = followBelief(began);
  const servedAt = new Map<number, number>();
  const inARow = new Map<number, number>();
  const misled = new Set<number>();
  for (const entry of trace) {
    belief.see(entry);
    if (entry.is === 'served') servedAt.set(entry.id, entry.at);
    if (entry.tab === null) continue;
    if (entry.is === 'command' && entry.do === 'start') {
      inARow.delete(entry.tab);
      misled.delete(entry.tab);
    }
    if (entry.is !== 'answer' || entry.outcome !== 'answered' || !entry.token) continue;
    const at = servedAt.get(entry.id) ?? entry.at;
    const isFuture = (entry.token.issuedAt ?? 0) > belief.serverAt(at) + roundingMs;
    const count = isFuture ? (inARow.get(entry.tab) ?? 0) + 1 : 0;
    inARow.set(entry.tab, count);
    if (count > 1) misled.add(entry.tab);
  }
  const end = endOf(trace);
  return (tab) => misled.has(tab) && belief.now(tab, end) > belief.serverAt(end) + roundingMs;
}
