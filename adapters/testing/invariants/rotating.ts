import type { TokenKey } from '../../../machines/ports';
import type { AnswerSeen, RequestSeen, TraceEntry } from '../trace';
import { followBelief, invariant, isEnd, keyName, obtain, seconds } from './read-trace';

type Expiry = {
  readonly tab: number | null;
  readonly fingerprint: string;
  readonly key: string;
  readonly expiresAt: number;
};

type Spent = {
  readonly request: RequestSeen;
  readonly place: number;
  /** When the tab said that its mint begins: a slow cache or store may have kept the request since, and took of its time. */
  readonly startedAt: number;
  /** `open`: nobody has heard yet. `lost`: nobody ever will. */
  ended: 'open' | 'minted' | 'refused' | 'lost';
  endPlace: number;
  /** The lock, or the turn of a tab that got none, went to somebody else meanwhile. */
  stolen: boolean;
  /** By how much somebody has set the wall clock while it was open: to its mark that looks like a sleep. */
  setByMs: number;
};

/** Every request that spent a credential, and what became of it. */
function followSpending() {
  const byCredential = new Map<string, Spent[]>();
  const byId = new Map<number, Spent>();
  /** Of mints that have sent nothing yet, by tab and key. */
  const starts = new Map<string, number>();
  const ofKey = (tab: number | null, key: TokenKey): string => `${tab} ${keyName(key)}`;
  /** Minted by an edge from the last token: the credential was not looked at. */
  const untouched = new Set<number>();

  function answered(entry: AnswerSeen, place: number): void {
    const spent = byId.get(entry.id);
    if (!spent) return;
    if (entry.outcome !== 'answered') spent.ended = 'lost';
    else if (!entry.token || untouched.has(entry.id)) spent.ended = 'refused';
    else spent.ended = spent.stolen ? 'lost' : 'minted';
    spent.endPlace = place;
  }

  return {
    see: (entry: TraceEntry, place: number): void => {
      if (entry.is === 'event' && entry.type === 'refresh.started')
        starts.set(ofKey(entry.tab, entry.event.key), entry.at);
      if (entry.is === 'served' && entry.by === 'outage') untouched.add(entry.id);
      if (entry.is === 'answer') answered(entry, place);
      if (entry.is === 'command' && entry.do === 'skew')
        for (const spent of byId.values()) if (spent.ended === 'open') spent.setByMs += entry.ms;
      const isStolen = entry.is === 'lock' && (entry.did === 'stolen' || entry.did === 'lost');
      if (!isStolen && !isEnd(entry)) return;
      for (const spent of byId.values()) {
        if (spent.request.tab !== entry.tab || spent.ended !== 'open') continue;
        spent.stolen ||= isStolen;
        if (isStolen) continue;
        spent.ended = 'lost';
        spent.endPlace = place;
      }
    },
    spend: (request: RequestSeen, credential: string, place: number): void => {
      const name = ofKey(request.tab, request.key);
      const startedAt = starts.get(name) ?? request.at;
      starts.delete(name);
      const spent: Spent = { request, place, startedAt, ended: 'open', endPlace: place, stolen: false, setByMs: 0 };
      const earlier = obtain(byCredential, credential, () => []);
      for (const one of earlier) one.stolen ||= one.ended === 'open' && one.request.tab !== request.tab;
      earlier.push(spent);
      byId.set(request.id, spent);
    },
    before: (credential: string): readonly Spent[] => byCredential.get(credential) ?? [],
  };
}

export const rotatingSpentOnce = invariant(
  {
    id: 'S6',
    title: 'A rotating credential is presented once',
    description:
      'A single-use credential is sent once, whatever tabs do. It may be sent again where the server has said that it did not take ' +
      'it, within the source’s `reuseGraceMs`, and where no answer came, once the token of the key that the tab holds has expired on the clock of ' +
      'the server, or on what the tab takes for it (tolerance: one latency and a second). Another tab’s it may not be able to have: its holder ' +
      'is gone, no message arrives, or by its own clock it is none that may be adopted (§7). Outside that grace never while another request ' +
      'with it is open: for `requestTimeoutMs` at most since its tab said that the mint begins (`refresh.started`). A slow cache or store ' +
      'may keep it from being sent, which takes of that time, and a tab that froze gives up only later. To a tab that got no lock a wall ' +
      'clock that somebody has set ahead meanwhile looks like a sleep, which ends it. A tab that loses the lock ' +
      'meanwhile, or minted without one while another tab got it and sent the same, has to leave its answer alone (R10.6): as good as none. ' +
      'Not judged while the shared store fails: it is what the tabs would know it from.',
  },
  (trace, began) => {
    if (began.credential !== 'rotating') return null;
    const belief = followBelief(began);
    const spending = followSpending();
    /** When the tokens expire that tabs hold, by session. A page that is gone has none. */
    const expiry = new Map<string, Expiry[]>();
    const forget = (isOver: (one: Expiry) => boolean): void => {
      for (const [sessionId, tokens] of expiry) {
        const left = tokens.filter((one) => !isOver(one));
        expiry.set(sessionId, left);
      }
    };
    const rejected = new Set<string>();
    /** Tabs that hold the lock. The others have only the marks on record to go by. */
    const holders = new Set<number | null>();
    let storeFailedAt = Number.NEGATIVE_INFINITY;
    for (const [place, entry] of trace.entries()) {
      belief.see(entry);
      spending.see(entry, place);
      if (entry.is === 'event' && entry.type === 'token.updated' && !rejected.has(entry.event.fingerprint)) {
        const { key, fingerprint, expiresAt } = entry.event;
        const held = { tab: entry.tab, fingerprint, key: keyName(key), expiresAt };
        forget((one) => one.tab === held.tab && one.key === held.key);
        obtain(expiry, key.sessionId, () => []).push(held);
      }
      if (entry.is === 'lock') holders[entry.did === 'granted' ? 'add' : 'delete'](entry.tab);
      if (entry.is === 'fault' && entry.fault.startsWith('store')) storeFailedAt = entry.at;
      // A token that an API refused is worth no waiting, also where another tab finds it in the cache.
      if (entry.is === 'command' && entry.do === 'reject') {
        rejected.add(entry.fingerprint);
        forget(({ fingerprint }) => fingerprint === entry.fingerprint);
      }
      if (entry.is === 'command' && (entry.do === 'close' || entry.do === 'crash'))
        forget(({ tab }) => tab === entry.tab);
      // Whoever signs in again has nothing left that could be lost.
      if (entry.is === 'command' && entry.do === 'sign-in') {
        expiry.delete(entry.sessionId);
        rejected.clear();
      }
      if (entry.is !== 'request' || entry.op !== 'mint' || entry.credential === null) continue;
      for (const before of spending.before(entry.credential)) {
        // Where the record could not be read or written meanwhile, nobody can know.
        if (before.ended === 'refused' || storeFailedAt >= before.request.at) continue;
        const sinceMs = entry.at - before.request.at;
        // Nobody waits longer, though whoever slept meanwhile gives up only now.
        const setByMs = holders.has(entry.tab) ? 0 : Math.max(0, before.setByMs);
        const isOver = entry.at - before.startedAt + setByMs >= began.policy.requestTimeoutMs;
        const ended = before.ended === 'open' && isOver ? 'lost' : before.ended;
        const tokens = expiry.get(entry.key.sessionId) ?? [];
        const held = tokens.find(({ tab, key }) => tab === entry.tab && key === keyName(entry.key));
        const latest = Math.max(belief.serverAt(entry.at), belief.now(entry.tab ?? -1, entry.at));
        const expired = latest + began.latencyMs + 1_000 >= (held?.expiresAt ?? 0);
        const forgiven = sinceMs <= began.reuseGraceMs && ended !== 'minted';
        if (forgiven || (ended === 'lost' && expired)) continue;
        const why = {
          open: 'while the first request with it was still open',
          minted: 'though the server had taken it and answered',
          lost: 'before the last token had expired, though its first answer was lost and nothing says that it is still good',
        }[ended];
        return {
          message: `Tab ${entry.tab} sent credential ${entry.credential} again after ${seconds(sinceMs)}, ${why}.`,
          entries: [before.place, before.endPlace, place],
        };
      }
      spending.spend(entry, entry.credential, place);
    }
    return null;
  },
);
