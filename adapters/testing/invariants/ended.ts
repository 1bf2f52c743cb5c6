/** Sessions that a tab has left, and whether another one can know of that: for L2 and L3. */
import type { Trace } from '../trace';
import { beginningOf } from './read-trace';

/** Sessions that somebody left, and that nobody has come back to. */
export function endedSessions(trace: Trace): Map<string, number> {
  const ended = new Map<string, number>();
  for (const [place, entry] of trace.entries()) {
    if (entry.is === 'command' && (entry.do === 'sign-in' || entry.do === 'switch')) ended.delete(entry.sessionId);
    if (entry.is !== 'event' || entry.type !== 'session.signedOut' || !entry.event.session) continue;
    // An echo may be late, and somebody may have signed in again meanwhile: the first word of it counts.
    if (entry.event.reason !== 'peer') ended.set(entry.event.session.id, place);
  }
  return ended;
}

/** A record that answers later than that was not there to be written to. */
const slowStoreMs = 2_000;

/**
 * Whether a tab cannot know that another one has left its session: the message was lost on its way to it, and the record either could
 * not be written then, so that it says later what was earlier, or the tab has had no reason to look at it since.
 */
export function cannotKnow(trace: Trace, tab: number, left: number): boolean {
  const since = trace.slice(left);
  const { at, tab: by } = trace[left] ?? { at: 0, tab: null };
  // What is told is told right before the event.
  const isLost =
    beginningOf(trace).shared.channel === 'none' ||
    trace.some(
      (entry) =>
        entry.is === 'message' &&
        entry.tab === tab &&
        entry.kind === 'signed-out' &&
        entry.did === 'dropped' &&
        entry.at === at,
    );
  const couldNotWrite = since.some(
    (entry) =>
      entry.is === 'fault' && entry.tab === by && entry.fault.startsWith('store') && entry.at - at <= slowStoreMs,
  );
  // A mint that was on its way then has looked before.
  const hasLooked = since.some(
    (entry) => entry.tab === tab && (entry.is === 'lock' ? entry.did === 'wanted' : entry.is === 'request'),
  );
  return isLost && (couldNotWrite || !hasLooked);
}
