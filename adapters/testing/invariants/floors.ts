import { followRequests, invariant, obtain, seconds } from './read-trace';

type Floor = {
  readonly tab: number;
  readonly since: number;
  readonly until: number;
  readonly place: number;
  /** How far the wall clock was set forward meanwhile: elapsed time is the larger of two clocks (lifecycle.md §9). */
  shortenedMs: number;
  /** Since when other tabs can know. */
  told: number | null;
};

/** Two tabs cannot know of each other within less. */
const toldWithinMs = 100;
/** A store that fails is not waited for the next time. */
const blindForMs = 60_000;

export const nothingSentInVain = invariant(
  {
    id: 'S10',
    title: 'Nothing sent while offline or before Retry-After',
    description:
      'No request leaves a tab whose platform says that there is no network. After an answer with `Retry-After` that tab sends no mint ' +
      'for that session and no question about it until it is over (`retryAfterMaxMs` at most), and no other tab does from 100 ms ' +
      'after an ordered store had word of it, if that has not failed it for a minute; what a page had not written that is gone, nobody can know. A clock that is set forward may end it early. A new sign-in does not have to know, and ' +
      'after one, or a sign-out, the other tabs do not either.',
  },
  (trace, began) => {
    const requests = followRequests();
    /** By session. */
    const floors = new Map<string, Floor[]>();
    /** Where the tab's program, or what it knows, began. */
    const begins = new Map<number, number>();
    const signIns = new Map<number, number>();
    /** When the store failed this tab last: it could not read what others had written, and may not have tried since. */
    const blind = new Map<number, number>();
    for (const [place, entry] of trace.entries()) {
      requests.see(entry);
      const { tab, at } = entry;
      const all = [...floors.values()].flat();
      if (entry.is === 'command' && entry.do === 'skew' && entry.ms > 0)
        for (const floor of all) floor.shortenedMs += entry.ms;
      if (tab === null) continue;
      if (entry.is === 'fault' && entry.fault.startsWith('store')) blind.set(tab, at);
      if (entry.is === 'command' && (entry.do === 'open' || entry.do === 'start')) begins.set(tab, place);
      if (entry.is === 'command' && entry.do === 'sign-in') signIns.set(tab, place);
      // What its page had not written yet is gone with it.
      if (entry.is === 'command' && entry.do === 'open')
        for (const floor of all) if (floor.tab === tab) floor.told ??= Number.POSITIVE_INFINITY;
      // What the tabs share begins anew.
      if (entry.is === 'command' && (entry.do === 'sign-in' || entry.do === 'sign-out'))
        for (const floor of all) floor.told = Number.POSITIVE_INFINITY;
      if (entry.is === 'answer' && entry.outcome === 'answered' && entry.retryAfterMs !== null) {
        const request = requests.get(entry.id);
        const until = at + Math.min(entry.retryAfterMs, began.policy.retryAfterMaxMs);
        if (request?.op === 'mint')
          obtain(floors, request.key.sessionId, () => []).push({
            tab,
            since: at,
            until,
            place,
            shortenedMs: 0,
            told: null,
          });
      }
      if (entry.is === 'store' && entry.record?.floorUntil !== undefined && began.shared.store === 'ordered')
        for (const floor of all) if (floor.tab === tab) floor.told ??= at;
      if (entry.is !== 'request') continue;
      if (!entry.online) return { message: `Tab ${tab} sent a ${entry.op} though it was offline.`, entries: [place] };
      if (entry.op === 'revoke') continue;
      for (const floor of floors.get(entry.key.sessionId) ?? []) {
        const heard = floor.tab === tab && floor.place > (begins.get(tab) ?? -1);
        const couldRead = at - (blind.get(tab) ?? Number.NEGATIVE_INFINITY) > blindForMs;
        const read = floor.told !== null && couldRead && at > floor.told + toldWithinMs;
        const earlyMs = floor.until - floor.shortenedMs - at;
        if (!(heard || read) || earlyMs <= 1 || floor.place < (signIns.get(tab) ?? -1)) continue;
        return {
          message:
            `Tab ${tab} sent a ${entry.op} ${seconds(at - floor.since)} after the server had asked to be left alone for ` +
            `${seconds(floor.until - floor.since)}.`,
          entries: [floor.place, place],
        };
      }
    }
    return null;
  },
);
