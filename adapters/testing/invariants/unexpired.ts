import type { TraceEntry, WorldBegan } from '../trace';
import { followClocks, followRequests, invariant, keyName, seconds } from './read-trace';

/** `iat` and `Date` have whole seconds. */
const roundingMs = 1_000;

/**
 * Which tabs can know the server's time. A clock that is right needs no proof; one that is not has been proven wrong by the first
 * mint. Set back and then put to sleep, a machine cannot tell how much of the sleep has passed: not before the next mint.
 */
function followKnowledge(began: WorldBegan) {
  const clocks = followClocks(began);
  const requests = followRequests();
  const proven = new Set<number>();
  const servedAt = new Map<number, number>();
  /** Answers with a token that was issued then and there: one out of a cache proves less than the truth. */
  const honest = new Set<number>();
  /** Answers in a row that were not, by key: two of them, and by §9 that is the server's time, whatever was proven before. */
  const lies = new Map<string, number>();
  let misledAt = -1;
  const taughtAt = new Map<number, number>();
  let setBack = false;
  let slowestMs = began.latencyMs;
  return {
    see: (entry: TraceEntry): void => {
      clocks.see(entry);
      requests.see(entry);
      if (entry.is === 'command' && entry.do === 'skew' && entry.ms < 0) setBack = true;
      if (entry.is === 'command' && entry.do === 'sleep' && setBack) proven.clear();
      // `start` comes with every `open`: what a tab had learned by itself is forgotten.
      if (entry.is === 'command' && entry.do === 'start' && entry.tab !== null) proven.delete(entry.tab);
      if (entry.is === 'served') {
        servedAt.set(entry.id, entry.at);
        const issuedAt = entry.token?.issuedAt ?? 0;
        if (issuedAt >= clocks.serverAt(entry.at) - roundingMs) honest.add(entry.id);
      }
      if (entry.is !== 'answer' || entry.outcome !== 'answered' || entry.token === null || entry.tab === null) return;
      const request = requests.get(entry.id);
      const sentAt = request?.at ?? entry.at;
      const key = request ? keyName(request.key) : '';
      slowestMs = Math.max(slowestMs, entry.at - Math.min(sentAt, servedAt.get(entry.id) ?? entry.at));
      const inARow = honest.has(entry.id) ? 0 : (lies.get(key) ?? 0) + 1;
      lies.set(key, inARow);
      if (inARow > 1) misledAt = entry.at;
      if (inARow > 0) return;
      proven.add(entry.tab);
      taughtAt.set(entry.tab, entry.at);
      setBack = false;
    },
    knows: (tab: number): boolean =>
      (taughtAt.get(tab) ?? 0) > misledAt && (proven.has(tab) || (clocks.aheadMs >= -roundingMs && !setBack)),
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
      'set back and it slept, and after a server gave out two tokens of ' +
      'the past in a row for one key.',
  },
  (trace, began) => {
    const knowledge = followKnowledge(began);
    const asked = new Map<number, number>();
    for (const [place, entry] of trace.entries()) {
      knowledge.see(entry);
      const { tab } = entry;
      if (entry.is === 'read') asked.set(entry.id, place);
      if (entry.is !== 'settled' || tab === null) continue;
      const first = asked.get(entry.id) ?? place;
      asked.delete(entry.id);
      if (entry.outcome !== 'token' || entry.value?.kind !== 'token') continue;
      const { expiresAt, fingerprint } = entry.value.token;
      if (expiresAt === null || !knowledge.knows(tab)) continue;
      const lateMs = entry.serverNow - expiresAt;
      if (lateMs <= knowledge.slowestMs + roundingMs) continue;
      return {
        message: `A read in tab ${tab} got token ${fingerprint}, which had expired ${seconds(lateMs)} before.`,
        entries: [first, place],
      };
    }
    return null;
  },
);
