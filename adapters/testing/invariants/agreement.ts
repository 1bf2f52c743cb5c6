import type { Trace } from '../trace';
import { type TabAtEnd, tabsAtEnd } from './last-seen';
import { endOf, invariant, obtain } from './read-trace';

/** What has just been minted is on its way to the others. */
const onItsWayMs = 5_000;

/** Sessions that somebody left, and that nobody has come back to. */
function endedSessions(trace: Trace): Map<string, number> {
  const ended = new Map<string, number>();
  for (const [place, entry] of trace.entries()) {
    if (entry.is === 'command' && (entry.do === 'sign-in' || entry.do === 'switch')) ended.delete(entry.sessionId);
    if (entry.is === 'event' && entry.type === 'session.signedOut' && entry.event.session)
      ended.set(entry.event.session.id, place);
  }
  return ended;
}

/** The value that most tabs have, and a tab that has another. */
function odd<Value>(tabs: readonly TabAtEnd[], of: (tab: TabAtEnd) => Value): TabAtEnd | undefined {
  const groups = new Map<Value, TabAtEnd[]>();
  for (const tab of tabs) obtain(groups, of(tab), () => []).push(tab);
  if (groups.size < 2) return undefined;
  return [...groups.values()].sort((a, b) => a.length - b.length)[0]?.[0];
}

/** What is equally fresh is equally good: tabs that minted in the same second do not trade (lifecycle.md §7). */
function freshnessIn(trace: Trace): (fingerprint: string | null | undefined) => string | null {
  const known = new Map<string, string>();
  for (const entry of trace) {
    if ((entry.is !== 'served' && entry.is !== 'answer') || !entry.token) continue;
    const { fingerprint, originIssuedAt, issuedAt } = entry.token;
    known.set(fingerprint, `${originIssuedAt} ${issuedAt}`);
  }
  return (fingerprint) => known.get(fingerprint ?? '') ?? fingerprint ?? null;
}

/** Tokens that a tab told the others about in vain. They hear of the next one. */
function lostTokens(trace: Trace): Set<string> {
  const lost = new Set<string>();
  for (const entry of trace) {
    if (entry.is === 'message' && entry.did === 'dropped' && entry.value?.kind === 'token')
      lost.add(entry.value.token.fingerprint);
  }
  return lost;
}

export const tabsAgree = invariant(
  {
    id: 'L3',
    title: 'Tabs of a session agree',
    description:
      'In the end (see L2) all running tabs of a session and organization have the same status and, where they can talk or share ' +
      'a cache, the same token or one that is as fresh, unless word of it was lost on the way; and no tab is still signed in to a session that was left in another. A token of the last 5 s may be on ' +
      'its way. Asked only with `healthySince`.',
  },
  (trace, { shared }, { healthySince }) => {
    if (healthySince === undefined) return null;
    const end = endOf(trace);
    const tabs = tabsAtEnd(trace).filter(({ running, suspended, state }) => running && !suspended && state);
    const ended = endedSessions(trace);
    const groups = new Map<string, TabAtEnd[]>();
    for (const tab of tabs) {
      const { state } = tab;
      if (!state || state.state === 'signed-out' || state.sessionId === null) continue;
      const left = ended.get(state.sessionId);
      if (left !== undefined)
        return {
          message: `Tab ${tab.tab} is still signed in (${state.state}) to a session that tab ${trace[left]?.tab} has left.`,
          entries: [left, tab.place],
        };
      obtain(groups, JSON.stringify([state.sessionId, state.organizationId]), () => []).push(tab);
    }
    const newest = trace.reduce(
      (at, entry) => (entry.is === 'event' && entry.type === 'token.updated' ? entry.at : at),
      0,
    );
    const freshnessOf = freshnessIn(trace);
    const lost = lostTokens(trace);
    const calm = end - newest > onItsWayMs;
    for (const group of groups.values()) {
      const entries = group.map(({ place }) => place);
      const other = odd(group, ({ state }) => state?.status);
      if (other && calm) {
        const message = `Tab ${other.tab} has status ${other.state?.status}; the other tabs of its session do not.`;
        return { message, entries };
      }
      const stranger = odd(group, ({ state }) => freshnessOf(state?.fingerprint));
      const talk = shared.channel === 'tokens' || shared.cache === 'shared';
      const isLost = group.some(({ state }) => lost.has(state?.fingerprint ?? ''));
      if (stranger && talk && calm && !isLost) {
        const message = `Tab ${stranger.tab} has token ${stranger.state?.fingerprint}; the other tabs of its session have another.`;
        return { message, entries };
      }
    }
    return null;
  },
);
