import type { TokenSeen, TraceEntry, ValueSeen } from '../trace';
import { invariant, isEnd, seconds } from './read-trace';

/** What lands late, because its adapter was slow, has to be taken back by then. */
const undoneWithinMs = 2_000;
/** A cache that is slow to clear takes so much longer at the most. */
const slowestMs = 10_000;

/** What was put somewhere after the sign-out at `from`; `heard`: by a tab that knew. */
type Late = {
  readonly where: string;
  readonly token: TokenSeen;
  readonly tab: number;
  readonly at: number;
  readonly place: number;
  readonly from: number;
  readonly heard: boolean;
};

/** Events that a lifecycle may not emit once it is signed out. */
const speaking = new Set(['token.updated', 'refresh.started', 'refresh.succeeded', 'refresh.failed']);

const theCookie = 'the cookie';

const isSlowClearing = (entry: TraceEntry): boolean =>
  entry.is === 'fault' && entry.fault === 'cache is slow' && entry.detail === 'deleteAll';

/** Whoever writes a cookie looks at the record after it: without an answer nobody knows. */
const failsToLook = (entry: TraceEntry): boolean =>
  entry.is === 'fault' && /^store (hangs|throws|full)$/.test(entry.fault) && entry.detail === 'read';

/** Asked to take something back, it cannot: nobody can have it do more. */
const failsToClear = (entry: TraceEntry): boolean =>
  entry.is === 'fault' && /^cache (hangs|throws|full)$/.test(entry.fault) && entry.detail === 'deleteAll';

const tokenIn = (value: ValueSeen | null): TokenSeen | null => (value?.kind === 'token' ? value.token : null);

/** What of a session was put where, by what was seen. */
function written(entry: TraceEntry): { where: string; token: TokenSeen } | null {
  if (entry.is === 'cookie' && entry.did === 'written') {
    const token = tokenIn(entry.value);
    return token && { where: theCookie, token };
  }
  if (entry.is === 'cache' && entry.did === 'set') {
    const token = tokenIn(entry.value);
    return token && { where: `the cache (${entry.key})`, token };
  }
  return null;
}

/** What was removed again: a removal of the cookie, or of cache entries under that name. */
const undoes = (entry: TraceEntry, where: string): boolean =>
  entry.is === 'cookie'
    ? where === theCookie && (entry.did === 'removed' || entry.did === 'written' || entry.did === 'expired')
    : entry.is === 'cache' && entry.did === 'deleted' && where === `the cache (${entry.key})`;

export const silentAfterSignOut = invariant(
  {
    id: 'S7',
    title: 'Nothing of a session after its sign-out',
    description:
      'After a tab has said `session.signedOut` it sends no mint and no question, writes and caches no token of that session, tells the ' +
      'other tabs of none and emits no event of a refresh, until somebody signs in again. Telling the server to revoke the session ' +
      'is what a sign-out is for. A write that a slow adapter lets land late is taken back within 2 s (12 s where the cache is slow to do that; a cache that ' +
      'fails to was asked at least), and so is a cookie that a tab writes which has not heard yet, save where it cannot read the shared record after that.',
  },
  (trace) => {
    /** By tab: the session that it has left, and where. */
    const left = new Map<number, { sessionId: string | null; place: number }>();
    /** Sessions that were left in some tab, and not given again: where. */
    const ended = new Map<string, number>();
    let late: readonly Late[] = [];
    /** By tab: when its cache was slow to clear, the last time. */
    const slowAt = new Map<number, number>();
    for (const [place, entry] of trace.entries()) {
      if (isSlowClearing(entry) && entry.tab !== null) slowAt.set(entry.tab, entry.at);
      const kept: Late[] = [];
      for (const one of late) {
        const isSlow = one.where !== theCookie && (slowAt.get(one.tab) ?? -1) >= one.at;
        // Whoever is gone takes nothing back.
        const isGone =
          entry.is === 'command' && (entry.do === 'crash' || entry.do === 'close') && entry.tab === one.tab;
        const fails = one.where === theCookie ? !one.heard && failsToLook(entry) : failsToClear(entry);
        const isBeyondUs = entry.tab === one.tab && fails;
        if (undoes(entry, one.where) || isGone || isBeyondUs) continue;
        if (entry.at - one.at > undoneWithinMs + (isSlow ? slowestMs : 0))
          return {
            message: `Its session had been left when tab ${one.tab} put token ${one.token.fingerprint} into ${one.where}, and it stayed there.`,
            entries: [one.from, one.place],
          };
        kept.push(one);
      }
      late = kept;
      const { tab } = entry;
      if (tab === null) continue;
      const wasLeft = left.get(tab);
      const no = (what: string) => ({
        message: `Tab ${tab} was signed out ${seconds(entry.at - (trace[wasLeft?.place ?? place]?.at ?? 0))} before it ${what}.`,
        entries: [wasLeft?.place ?? place, place],
      });
      if (entry.is === 'event' && entry.type === 'session.signedOut') {
        left.set(tab, { sessionId: entry.event.session?.id ?? null, place });
        // An echo may be late, and somebody may have signed in again meanwhile: the first word of it counts.
        if (entry.event.session && entry.event.reason !== 'peer') ended.set(entry.event.session.id, place);
      }
      if (entry.is === 'command' && (entry.do === 'sign-in' || entry.do === 'switch')) ended.delete(entry.sessionId);
      const back = entry.is === 'command' && (entry.do === 'sign-in' || entry.do === 'start');
      if (back || isEnd(entry) || (entry.is === 'event' && entry.type === 'session.signedIn')) left.delete(tab);
      const put = written(entry);
      if (!wasLeft || !left.has(tab)) {
        const from = put?.where === theCookie ? ended.get(put.token.sessionId ?? '') : undefined;
        if (put && from !== undefined) late = [...late, { ...put, tab, at: entry.at, place, from, heard: false }];
        continue;
      }
      const isOf = (token: TokenSeen): boolean =>
        wasLeft.sessionId === null || token.sessionId === null || token.sessionId === wasLeft.sessionId;
      if (entry.is === 'request' && entry.op !== 'revoke') return no(`sent a ${entry.op} for it`);
      if (entry.is === 'event' && speaking.has(entry.type)) return no(`emitted ${entry.type}`);
      if (entry.is === 'message' && entry.did === 'posted' && entry.kind === 'token')
        return no('told the other tabs of a token');
      if (put && isOf(put.token))
        late = [...late, { ...put, tab, at: entry.at, place, from: wasLeft.place, heard: true }];
    }
    return null;
  },
);
