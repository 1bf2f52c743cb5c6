import type { Trace, TraceEntry } from '../trace';
import { cannotKnow, endedSessions } from './ended';
import { type TabAtEnd, tabsAtEnd } from './last-seen';
import { endOf, invariant, knowsTheTime, obtain } from './read-trace';

/** What has just been minted, or left, is on its way to the others. */
const onItsWayMs = 5_000;

/** The value that most tabs have, and a tab that has another. */
function odd<Value>(tabs: readonly TabAtEnd[], of: (tab: TabAtEnd) => Value): TabAtEnd | undefined {
  const groups = new Map<Value, TabAtEnd[]>();
  for (const tab of tabs) obtain(groups, of(tab), () => []).push(tab);
  if (groups.size < 2) return undefined;
  return [...groups.values()].sort((a, b) => a.length - b.length)[0]?.[0];
}

/** What was seen of the tokens that were minted. */
function followMints(trace: Trace) {
  const minted = new Map<string, { readonly at: number; readonly freshness: string }>();
  for (const entry of trace) {
    if (entry.is !== 'answer' || !entry.token) continue;
    const { fingerprint, originIssuedAt, issuedAt } = entry.token;
    minted.set(fingerprint, { at: entry.at, freshness: `${originIssuedAt} ${issuedAt}` });
  }
  return {
    /** What is equally fresh is equally good: tabs that minted in the same second do not trade (lifecycle.md §7). */
    freshnessOf: (fingerprint: string | null | undefined): string | null =>
      minted.get(fingerprint ?? '')?.freshness ?? fingerprint ?? null,
    /** Word of a token that came in bad times may have been lost; they hear of the next one. */
    isSince: (fingerprint: string | null | undefined, at: number): boolean =>
      (minted.get(fingerprint ?? '')?.at ?? at) >= at,
  };
}

/** Whoever has one that was forged is not judged by it: R7 says whether it may. */
const forgedIn = (trace: Trace): ReadonlySet<string> =>
  new Set(
    trace.flatMap((entry) =>
      entry.is === 'message' && entry.did === 'forged' && entry.value?.kind === 'token'
        ? [entry.value.token.fingerprint]
        : [],
    ),
  );

export const tabsAgree = invariant(
  {
    id: 'L3',
    title: 'Tabs of a session agree',
    description:
      'In the end (see L2) all running tabs of a session and organization have the same status, if they have minted since all is well, and, where they can talk or share ' +
      'a cache, the same token or one that is as fresh, once one has been minted since all is well (without a channel, each may keep its own of since then while it is fresh); and no tab is still signed ' +
      'in to a session that was left in another, unless the message was lost on its way there, or there is no channel, and the record could not be written ' +
      'at the time, or has not been looked at since. A token or a sign-out of the last 5 s may be on its way, and a tab ' +
      'whose clock is more than a day wrong, and was set or which began anew since its last token, cannot tell which is valid. Asked only with `healthySince`.',
  },
  (trace, { shared }, { healthySince }) => {
    if (healthySince === undefined) return null;
    const end = endOf(trace);
    const tabs = tabsAtEnd(trace).filter(({ running, suspended, state }) => running && !suspended && state);
    const ended = endedSessions(trace);
    const isOnItsWay = (told: TraceEntry | undefined): boolean => told !== undefined && end - told.at <= onItsWayMs;
    const groups = new Map<string, TabAtEnd[]>();
    for (const tab of tabs) {
      const { state } = tab;
      if (!state || state.state === 'signed-out' || state.sessionId === null) continue;
      const left = ended.get(state.sessionId);
      if (left !== undefined && (isOnItsWay(trace[left]) || cannotKnow(trace, tab.tab, left))) continue;
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
    const mints = followMints(trace);
    const forged = forgedIn(trace);
    const knows = knowsTheTime(trace);
    const calm = end - newest > onItsWayMs;
    for (const group of groups.values()) {
      const entries = group.map(({ place }) => place);
      // A hidden tab that rests knows nothing new until it is seen (R9.21).
      const awake = group.filter(({ hidden, state }) => !(hidden && state?.state === 'stale'));
      // Whoever is fresh since the bad times says how its last try went: no reason to ask again has come.
      const asked = awake.filter(
        ({ state }) => state?.state !== 'fresh' || mints.isSince(state.fingerprint, healthySince),
      );
      const other = odd(asked, ({ state }) => state?.status);
      if (other && calm) {
        const message = `Tab ${other.tab} has status ${other.state?.status}; the other tabs of its session do not.`;
        return { message, entries };
      }
      const honest = awake.filter(({ tab, state }) => knows(tab) && !forged.has(state?.fingerprint ?? ''));
      const stranger = odd(honest, ({ state }) => mints.freshnessOf(state?.fingerprint));
      // With no channel a fresh tab has no reason to look into the cache: it has what it got there, or minted, since all is well.
      const isContent = ({ state }: TabAtEnd): boolean =>
        state?.state === 'fresh' && mints.isSince(state.fingerprint, healthySince);
      const talk = shared.channel === 'none' ? !honest.every(isContent) : true;
      const share = shared.channel === 'tokens' || shared.cache === 'shared';
      const isSince = group.some(({ state }) => mints.isSince(state?.fingerprint, healthySince));
      if (stranger && share && talk && calm && isSince) {
        const message = `Tab ${stranger.tab} has token ${stranger.state?.fingerprint}; the other tabs of its session have another.`;
        return { message, entries };
      }
    }
    return null;
  },
);
