import type { TraceEntry, WorldBegan } from '../trace';
import { followClocks, followRequests, invariant, obtain } from './read-trace';

/** Who has a reason to be signed out, and since which place in the trace. */
function followReasons(began: WorldBegan) {
  const { policy, checkSession } = began;
  const requests = followRequests();
  const clocks = followClocks(began);
  /** What the tab is signed in to, as far as could be seen. */
  const sessions = new Map<number, string>();
  /** The last time somebody signed in to this session in this tab. */
  const signedIn = new Map<string, number>();
  /** Every end that a session had, by a user or by proof from the server, and what the wall clock said. */
  const ends = new Map<string, { readonly place: number; readonly wallMs: number }[]>();
  /** Whom somebody signed in as last, in whichever tab: the cookie is theirs. */
  let latest: string | null = null;
  /** The tab in which that was, as long as its store has failed since, and nothing it wrote has arrived. */
  let unwritten: { readonly tab: number; failed: boolean } | null = null;
  /** Tabs that were told to sign out before anybody could see of what. */
  const anyway = new Set<number>();
  /** Requests whose answer, once it arrives, proves that the session is over. */
  const proofs = new Set<number>();
  /** By tab: when it heard of a sign-out last. */
  const heardAt = new Map<number, number>();
  /** By tab: where its store failed last. What it owes the record is dated as well. */
  const failed = new Map<number, number>();
  let setBack = -1;

  const end = (sessionId: string, place: number, at: number): void => {
    obtain(ends, sessionId, () => []).push({ place, wallMs: clocks.wallAt(at) });
  };
  const name = (tab: number, sessionId: string): string => `${tab} ${sessionId}`;

  function command(entry: Extract<TraceEntry, { is: 'command' }>, tab: number, place: number): void {
    if (entry.do === 'sign-in' || entry.do === 'switch') {
      // Another organization of the same session is no new sign-in.
      if (entry.do === 'sign-in' || sessions.get(tab) !== entry.sessionId) {
        signedIn.set(name(tab, entry.sessionId), place);
        latest = entry.sessionId;
        unwritten = { tab, failed: false };
      }
      sessions.set(tab, entry.sessionId);
      anyway.delete(tab);
    }
    // A new page knows of nothing yet.
    if (entry.do === 'open') {
      sessions.delete(tab);
      anyway.delete(tab);
    }
    // The page that signed in is gone, perhaps before anybody could hear of it.
    if (entry.do === 'crash') for (const key of signedIn.keys()) if (key.startsWith(`${tab} `)) signedIn.delete(key);
    if (entry.do === 'sign-out') {
      const session = sessions.get(tab);
      if (session === undefined) anyway.add(tab);
      else end(session, place, entry.at);
    }
  }

  return {
    see: (entry: TraceEntry, place: number): void => {
      requests.see(entry);
      clocks.see(entry);
      const { tab } = entry;
      if (entry.is === 'command' && tab !== null) command(entry, tab, place);
      if (entry.is === 'command' && entry.do === 'skew' && entry.ms < 0) setBack = place;
      if (entry.is === 'message' && entry.did === 'delivered' && entry.kind === 'signed-out' && tab !== null)
        heardAt.set(tab, entry.at);
      if (entry.is === 'fault' && entry.fault.startsWith('store') && tab !== null) failed.set(tab, place);
      if (entry.is === 'event' && entry.type === 'session.signedIn' && tab !== null)
        sessions.set(tab, entry.event.session.id);
      // Told to sign out before it could say of what, it says so now.
      if (entry.is === 'event' && entry.type === 'session.signedOut' && tab !== null && anyway.has(tab))
        if (entry.event.session && entry.event.reason === 'user') end(entry.event.session.id, place, entry.at);
      if (unwritten && tab === unwritten.tab) {
        if (entry.is === 'fault' && entry.fault.startsWith('store')) unwritten.failed = true;
        if (entry.is === 'store') unwritten = null;
      }
      if (entry.is === 'served') {
        const refused = entry.code !== null && policy.terminalCodes.includes(entry.code) && !checkSession;
        if (entry.verdict === 'gone' || refused) proofs.add(entry.id);
      }
      if (entry.is === 'answer' && entry.outcome === 'answered' && proofs.has(entry.id)) {
        const request = requests.get(entry.id);
        if (request) end(request.key.sessionId, place, entry.at);
      }
    },
    /** Somebody forged word of a sign-out: messages are unsigned, and that one cannot be told from a real one. */
    forged: (tab: number): void => {
      anyway.add(tab);
    },
    allows: (tab: number, sessionId: string | null, at: number): boolean => {
      if (anyway.has(tab)) return true;
      if (sessionId === null) return false;
      const since = signedIn.get(name(tab, sessionId)) ?? -1;
      const isHeard = heardAt.get(tab) === at;
      const isOwing = (failed.get(tab) ?? -1) > since;
      const wallMs = clocks.wallAt(at);
      // Word that comes late says when it was by a clock that was set back since; what is in the future by that is of before.
      const isDatedAnew = (one: { readonly place: number; readonly wallMs: number }): boolean =>
        setBack > one.place && one.wallMs <= wallMs;
      return (ends.get(sessionId) ?? []).some(
        (one) => one.place > since || (isHeard && setBack > since) || ((isHeard || isOwing) && isDatedAnew(one)),
      );
    },
    /** Whether a cookie of this session has nothing to be there for: it has ended, or others have signed in since. */
    isOver: (sessionId: string): boolean => ends.has(sessionId) || (latest !== null && latest !== sessionId),
    sessionOf: (tab: number): string | null => sessions.get(tab) ?? null,
    /** Nobody can read whose the cookie is: the last sign-in could not be written down. */
    isUnknown: (): boolean => unwritten?.failed === true,
  };
}

export const signedOutForAReason = invariant(
  {
    id: 'S1',
    title: 'Signed out only by a user or by proof',
    description:
      'A tab enters `signed-out`, and the cookie is removed, only after somebody signed out in a tab of this browser, or after ' +
      'the server proved that the session is over: it says `gone` when asked or, where it cannot be asked, gives a terminal ' +
      'code. Expiry, no network, a 5xx, a 429, an answer without sense and an unreadable store are no reasons. The reason has ' +
      'to be later than the last sign-in to that session in that tab, save where a tab hears late of an earlier one, and the clock was set back since it signed in, or before that, and is now where it was at ' +
      'that one, or beyond; the same where the store has failed the tab since, so that it writes its sign-in down late. Whose the ' +
      'cookie is the shared record says: where the last sign-in could not be written there, its removal is not judged.',
  },
  (trace, began) => {
    const reasons = followReasons(began);
    const forgeries = new Set<number>();
    for (const [place, entry] of trace.entries()) {
      reasons.see(entry, place);
      const { tab } = entry;
      if (entry.is === 'message' && entry.did === 'forged') forgeries.add(entry.id);
      if (tab === null) continue;
      if (entry.is === 'message' && entry.kind === 'signed-out' && forgeries.has(entry.id)) reasons.forged(tab);
      if (entry.is === 'event' && entry.type === 'session.signedOut') {
        const sessionId = entry.event.session?.id ?? reasons.sessionOf(tab);
        if (reasons.allows(tab, sessionId, entry.at)) continue;
        const message =
          `Tab ${tab} was signed out (reason given: ${entry.event.reason}) though nobody had signed out and the server had not ` +
          'proved that the session is over.';
        return { message, entries: [place] };
      }
      if (entry.is === 'cookie' && entry.did === 'removed' && entry.value.kind === 'token') {
        const { sessionId, fingerprint } = entry.value.token;
        const own = reasons.sessionOf(tab);
        if (sessionId === null || reasons.allows(tab, sessionId, entry.at)) continue;
        if (reasons.isUnknown()) continue;
        if (reasons.isOver(sessionId) && (own === sessionId || reasons.allows(tab, own, entry.at))) continue;
        const message = `Tab ${tab} removed the cookie with token ${fingerprint}, though nobody had signed out of its session.`;
        return { message, entries: [place] };
      }
    }
    return null;
  },
);
