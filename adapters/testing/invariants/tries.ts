/** Mints and how they went: what S9 counts. */
import type { RequestSeen, TokenSeen, Trace, WorldBegan } from '../trace';
import { followBelief, isEnd, keyName, obtain } from './read-trace';

export type Try = {
  readonly request: RequestSeen;
  readonly place: number;
  /** When the tab said that it begins: a slow cache or store may have kept the request since. */
  readonly startedAt: number;
  /** `dropped`: given up because of a sign-out, a switch, a stop or a peer's token. It counts for nothing. */
  ended: 'open' | 'accepted' | 'failed' | 'dropped';
  /** When its answer came, or was given up. */
  endedAt: number;
  /** Fingerprint of the token in its answer. */
  token: string | null;
  /** The second request of an outage, or the retry of a lost answer: the floor does not hold for it. */
  readonly atOnce: boolean;
  /** The retry of a lost answer. There is one. */
  readonly retry: boolean;
  /** That, or a second look at a doubtful token: it is not counted. */
  readonly extra: boolean;
  /** The answer told to come back with the last token. */
  wantsToken: boolean;
  /** A token came that looked old or expired. */
  doubted: boolean;
  /** The tab said that it does not know what became of the credential. */
  ambiguous: boolean;
};

const blank = { ended: 'open', endedAt: 0, token: null, wantsToken: false, doubted: false, ambiguous: false } as const;

/** Half of its life gone on arrival, or more: either the clock is wrong, or the token is an old one (lifecycle.md §9). */
function looksAged({ issuedAt, expiresAt }: TokenSeen, believedNow: number): boolean {
  if (expiresAt === null) return false;
  return believedNow >= expiresAt - (expiresAt - (issuedAt ?? expiresAt)) / 2;
}

/** Every mint, by key. Accepted is what the tab then announced: a token that it does not take is a failure. */
export function readTries(trace: Trace, began: WorldBegan): ReadonlyMap<string, readonly Try[]> {
  const belief = followBelief(began);
  const byKey = new Map<string, Try[]>();
  const byId = new Map<number, Try>();
  const lasts = new Map<string, Try>();
  const starts = new Map<string, number>();
  const open = new Set<Try>();
  const required = new Set<number>();
  /** Which tabs have sent a credential. */
  const spenders = new Map<string, Set<number | null>>();

  /**
   * The one retry of a lost answer, in the grace of the server: with the same credential or, where another tab had spent
   * that too, with what became of it. None in the cache is no sign that none was sent: a source may keep it to itself, and
   * the tab cannot tell.
   */
  function isRetry({ credential }: RequestSeen, startedAt: number, last: Try | undefined): boolean {
    if (last?.ended !== 'failed' || !last.ambiguous || last.retry) return false;
    // One that waited is a try like any other.
    if (startedAt - last.endedAt >= began.policy.mintFloorMs) return false;
    if (startedAt - last.startedAt >= began.reuseGraceMs) return false;
    const before = last.request.credential;
    if (credential === null || credential === before) return true;
    return before !== null && (spenders.get(before)?.size ?? 0) > 1;
  }

  function begin(request: RequestSeen, place: number): void {
    const key = keyName(request.key);
    const name = `${request.tab} ${key}`;
    const last = lasts.get(name);
    const presenting = last?.wantsToken === true && request.presented !== null;
    const startedAt = starts.get(name) ?? request.at;
    const retry = isRetry(request, startedAt, last);
    const atOnce = presenting || retry;
    if (request.credential !== null) obtain(spenders, request.credential, () => new Set()).add(request.tab);
    const next: Try = {
      ...blank,
      request,
      place,
      startedAt,
      atOnce,
      retry,
      extra: atOnce || (last?.doubted === true && !last.extra),
    };
    obtain(byKey, key, () => []).push(next);
    lasts.set(name, next);
    starts.delete(name);
    byId.set(request.id, next);
    open.add(next);
  }

  for (const [place, entry] of trace.entries()) {
    belief.see(entry);
    const { tab, at } = entry;
    if (entry.is === 'event' && entry.type === 'refresh.started') starts.set(`${tab} ${keyName(entry.event.key)}`, at);
    if (entry.is === 'event' && entry.type === 'refresh.failed' && entry.event.reason === 'ambiguous') {
      const failed = lasts.get(`${tab} ${keyName(entry.event.key)}`);
      if (failed) failed.ambiguous = true;
    }
    if (entry.is === 'request' && entry.op === 'mint') begin(entry, place);
    if (entry.is === 'served' && entry.status === 422) required.add(entry.id);
    if (entry.is === 'answer' && entry.outcome !== 'late') {
      const one = byId.get(entry.id);
      if (!one) continue;
      const givenUp = entry.outcome === 'aborted' && at - one.request.at < began.policy.requestTimeoutMs;
      one.ended = givenUp ? 'dropped' : 'failed';
      one.endedAt = at;
      one.doubted = entry.token !== null && tab !== null && looksAged(entry.token, belief.now(tab, at));
      one.wantsToken = required.has(entry.id);
      one.token = entry.token?.fingerprint ?? null;
      open.delete(one);
    }
    if (isEnd(entry))
      for (const one of open) {
        if (one.request.tab !== tab) continue;
        one.ended = 'dropped';
        open.delete(one);
      }
    if (entry.is !== 'event' || entry.type !== 'token.updated' || entry.event.from !== 'mint') continue;
    const minted = lasts.get(`${tab} ${keyName(entry.event.key)}`);
    // A slow cache or store may have kept it from being announced at once.
    if (minted?.ended !== 'failed' || minted.token !== entry.event.fingerprint) continue;
    minted.ended = 'accepted';
    minted.doubted = false;
  }
  return byKey;
}
