import type { TraceEntry, WorldBegan } from '../trace';
import { followClocks, followRequests, invariant, keyName, obtain, seconds } from './read-trace';

/** `iat` and `Date` have whole seconds. */
const roundingMs = 1_000;

/**
 * What §9 takes for the server's time although it is not: two answers in a row to one tab and key with tokens that were issued
 * before, out of a cache, whatever was proven earlier. A tab that got them is misled, and so may be whatever in the other tabs has
 * no proof of its own, or one that a sleep has made weaker: they hear of it sooner or later.
 */
function followLies() {
  /** Answers in a row that were lies, by tab and key. */
  const lies = new Map<number, Map<string, number>>();
  const misledAt = new Map<number, number>();
  /** The last honest answer, by tab, and by tab and key since that key was begun with. */
  const taughtAt = new Map<number, number>();
  const provenAt = new Map<number, Map<string, number>>();
  let sleptAt = -1;
  return {
    see: (entry: TraceEntry): void => {
      const { tab, at } = entry;
      if (entry.is === 'command' && entry.do === 'sleep') sleptAt = at;
      if (tab === null) return;
      if (entry.is === 'command' && entry.do === 'start') lies.delete(tab);
      const begins =
        (entry.is === 'command' && (entry.do === 'start' || entry.do === 'sign-in' || entry.do === 'switch')) ||
        (entry.is === 'event' && (entry.type === 'session.signedIn' || entry.type === 'session.signedOut'));
      if (begins) provenAt.delete(tab);
    },
    answered: (tab: number, key: string, at: number, honest: boolean): void => {
      const ofTab = obtain(lies, tab, () => new Map<string, number>());
      const inARow = honest ? 0 : (ofTab.get(key) ?? 0) + 1;
      ofTab.set(key, inARow);
      if (inARow > 1) misledAt.set(tab, at);
      if (!honest) return;
      taughtAt.set(tab, at);
      obtain(provenAt, tab, () => new Map<string, number>()).set(key, at);
    },
    mayMislead: (tab: number, key: string): boolean => {
      const taught = taughtAt.get(tab) ?? 0;
      if (taught <= (misledAt.get(tab) ?? -1)) return true;
      const isProof = (provenAt.get(tab)?.get(key) ?? -1) > sleptAt;
      return !isProof && [...misledAt.values()].some((at) => taught <= at);
    },
  };
}

/**
 * Which tabs can know the server's time. A clock that is right needs no proof; one that is not has been proven wrong by the first
 * mint. Set back and then put to sleep, a machine cannot tell how much of the sleep has passed: not before the next mint.
 */
function followKnowledge(began: WorldBegan) {
  const clocks = followClocks(began);
  const requests = followRequests();
  const lies = followLies();
  const proven = new Set<number>();
  const servedAt = new Map<number, number>();
  /** How often a tab has lost a lock, and had by the time of a request: an answer after that is nobody's (R10.6). */
  const losses = new Map<number | null, number>();
  const lossesBefore = new Map<number, number>();
  const lossesOf = (tab: number | null): number => losses.get(tab) ?? 0;
  /** Answers with a token that was issued then and there: one out of a cache proves less than the truth. */
  const honest = new Set<number>();
  let setBack = false;
  let slowestMs = began.latencyMs;
  return {
    see: (entry: TraceEntry): void => {
      clocks.see(entry);
      requests.see(entry);
      lies.see(entry);
      if (entry.is === 'command' && entry.do === 'skew' && entry.ms < 0) setBack = true;
      if (entry.is === 'command' && entry.do === 'sleep' && setBack) proven.clear();
      // `start` comes with every `open`: what a tab had learned by itself is forgotten.
      if (entry.is === 'command' && entry.do === 'start' && entry.tab !== null) proven.delete(entry.tab);
      if (entry.is === 'lock' && entry.did === 'lost') losses.set(entry.tab, lossesOf(entry.tab) + 1);
      if (entry.is === 'request') lossesBefore.set(entry.id, lossesOf(entry.tab));
      if (entry.is === 'served') {
        servedAt.set(entry.id, entry.at);
        const issuedAt = entry.token?.issuedAt ?? 0;
        if (issuedAt >= clocks.serverAt(entry.at) - roundingMs) honest.add(entry.id);
      }
      if (entry.is !== 'answer' || entry.outcome !== 'answered' || entry.token === null || entry.tab === null) return;
      const request = requests.get(entry.id);
      const sentAt = request?.at ?? entry.at;
      slowestMs = Math.max(slowestMs, entry.at - Math.min(sentAt, servedAt.get(entry.id) ?? entry.at));
      if (lossesOf(entry.tab) > (lossesBefore.get(entry.id) ?? 0)) return;
      lies.answered(entry.tab, request ? keyName(request.key) : '', entry.at, honest.has(entry.id));
      if (!honest.has(entry.id)) return;
      proven.add(entry.tab);
      setBack = false;
    },
    knows: (tab: number, key: string): boolean =>
      !lies.mayMislead(tab, key) && (proven.has(tab) || (clocks.aheadMs >= -roundingMs && !setBack)),
    /** What the longest way of an answer was: a time that is learned from it is that old. */
    get slowestMs() {
      return slowestMs;
    },
  };
}

export const neverExpired = invariant(
  {
    id: 'S4',
    title: 'No reader gets an expired token',
    description:
      'What getToken() and peek() give is unexpired on the server’s clock. Tolerance: one network latency (the longest that an answer ' +
      'took so far) and the second that `iat` and `exp` are rounded to. A tab whose clock runs behind, and which has not been answered ' +
      'yet since it opened by a token issued then and there, cannot know the time and is not judged; the same after its clock was ' +
      'set back and it slept. A tab to which a server gave two tokens of the past in a row for one key is misled until the next ' +
      'one that is of then and there, and so is another tab that hears of it, save where it has been answered honestly for that key ' +
      'itself and has not slept since. What is answered to a tab that has lost the lock tells it nothing (R10.6).',
  },
  (trace, began) => {
    const knowledge = followKnowledge(began);
    const asked = new Map<number, { readonly place: number; readonly key: string }>();
    for (const [place, entry] of trace.entries()) {
      knowledge.see(entry);
      const { tab } = entry;
      if (entry.is === 'read') asked.set(entry.id, { place, key: entry.key ? keyName(entry.key) : '' });
      if (entry.is !== 'settled' || tab === null) continue;
      const read = asked.get(entry.id);
      asked.delete(entry.id);
      if (entry.outcome !== 'token' || entry.value?.kind !== 'token') continue;
      const { expiresAt, fingerprint } = entry.value.token;
      if (expiresAt === null || !knowledge.knows(tab, read?.key ?? '')) continue;
      const lateMs = entry.serverNow - expiresAt;
      if (lateMs <= knowledge.slowestMs + roundingMs) continue;
      return {
        message: `A read in tab ${tab} got token ${fingerprint}, which had expired ${seconds(lateMs)} before.`,
        entries: [read?.place ?? place, place],
      };
    }
    return null;
  },
);
