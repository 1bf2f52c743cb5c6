import { cutoffMs } from '../../../machines/held-token';
import type { StateSeen, TokenSeen, Trace, TraceEntry, ValueSeen, WorldBegan } from '../trace';
import { followBelief, freshness, invariant, keyName } from './read-trace';

/** The estimates of the server's clock, the tab's and this check's, may differ by a latency and the rounding of seconds. */
const roundingMs = 1_000;

/** A token that says it is from later than that is from the future. */
const aheadMs = 5_000;

/** For as long, a cache that was slow may let an old write land. */
const slowMs = 30_000;

/** Everything that was seen of each token: events name only the fingerprint. */
function followTokens() {
  const tokens = new Map<string, TokenSeen>();
  const note = (value: ValueSeen | null | undefined): void => {
    if (value?.kind === 'token') tokens.set(value.token.fingerprint, value.token);
  };
  return {
    see: (entry: TraceEntry): void => {
      if ((entry.is === 'served' || entry.is === 'answer') && entry.token) note({ kind: 'token', token: entry.token });
      if (entry.is === 'settled' || entry.is === 'cookie' || entry.is === 'cache' || entry.is === 'message')
        note(entry.value);
    },
    get: (fingerprint: string): TokenSeen | undefined => tokens.get(fingerprint),
  };
}

/**
 * By place: how the tab says in the end of the same instant that things stand. What a mint taught about the server's clock
 * decides about its token, and is noted behind what became of that; for a key that is not the active one, behind more than that.
 */
function statesAtOnce(trace: Trace): ReadonlyMap<number, StateSeen> {
  const found = new Map<number, StateSeen>();
  const next = new Map<number, StateSeen>();
  for (let place = trace.length - 1; place >= 0; place -= 1) {
    const entry = trace[place];
    if (!entry || entry.tab === null) continue;
    if (entry.is === 'state' && next.get(entry.tab)?.at !== entry.at) next.set(entry.tab, entry);
    const state = next.get(entry.tab);
    if (state?.at === entry.at) found.set(place, state);
  }
  return found;
}

const isSameKey = (a: TokenSeen, b: TokenSeen): boolean =>
  a.sessionId === b.sessionId && a.organizationId === b.organizationId && a.template === b.template;

/** What lies in one place, and what may take its place. */
function followPlaces(began: WorldBegan) {
  const belief = followBelief(began);
  const rejected = new Set<string>();
  const places = new Map<string, { token: TokenSeen; place: number }>();

  /** One that is about to expire loses to anything, also where the tab only believes so (lifecycle.md §7). */
  function isOver(token: TokenSeen, tab: number | null, at: number): boolean {
    if (rejected.has(token.fingerprint) || token.expiresAt === null) return true;
    const lifetime = { issuedAt: token.issuedAt ?? token.expiresAt, expiresAt: token.expiresAt };
    const now = Math.max(belief.serverAt(at), tab === null ? 0 : belief.now(tab, at));
    const toleranceMs = roundingMs + began.latencyMs;
    // Nor is one kept that came from the future, once honest ones have shown it (lifecycle.md §9).
    const earliest = tab === null ? now : Math.min(belief.serverAt(at), belief.now(tab, at));
    const isFromTheFuture = lifetime.issuedAt > earliest + aheadMs - toleranceMs;
    return isFromTheFuture || now + toleranceMs >= token.expiresAt - cutoffMs(lifetime, began.policy);
  }

  return {
    see: (entry: TraceEntry): void => {
      belief.see(entry);
      if (entry.is === 'command' && entry.do === 'reject') rejected.add(entry.fingerprint);
      // A clock that was set makes tokens look expired that are not.
      if (entry.is === 'command' && entry.do === 'skew') places.clear();
    },
    /** The token that was there and should have stayed. */
    put: (name: string, token: TokenSeen, entry: TraceEntry, place: number) => {
      const before = places.get(name);
      places.set(name, { token, place });
      // Another session's or organization's token may lie in the same place: they have no order.
      if (
        !before ||
        !isSameKey(token, before.token) ||
        freshness(token, before.token) >= 0 ||
        isOver(before.token, entry.tab, entry.at)
      )
        return null;
      return before;
    },
    clear: (prefix: string): void => {
      for (const name of places.keys()) if (name.startsWith(prefix)) places.delete(name);
    },
  };
}

export const onlyEverFresher = invariant(
  {
    id: 'S8',
    title: 'Tokens only ever get fresher',
    description:
      'For one key, the token that a tab announces, the cookie and a cache entry are only ever replaced by one that is at least as ' +
      'fresh (`oiat` first, then `iat`). One that has expired, or is about to (cutoff, plus a latency and a second), one from ' +
      'the future, by what the tab takes for the time once the mint has taught it, and one that an API refused may be replaced by any. A new sign-in, a removal, a cookie that ran out, ' +
      'a clock that was set, and a cache that is slow start anew.',
  },
  (trace, began) => {
    const tokens = followTokens();
    const places = followPlaces(began);
    const states = statesAtOnce(trace);
    const slow = new Map<number, number>();
    for (const [place, entry] of trace.entries()) {
      tokens.see(entry);
      places.see(entry);
      const state = states.get(place);
      if (state) places.see(state);
      const { tab, at } = entry;
      if (entry.is === 'fault' && entry.fault.startsWith('cache') && tab !== null) slow.set(tab, at);
      const compare = (name: string, token: TokenSeen, where: string) => {
        const before = places.put(name, token, entry, place);
        return (
          before && {
            message: `${where} had token ${before.token.fingerprint} and now has ${token.fingerprint}, which is less fresh.`,
            entries: [before.place, place],
          }
        );
      };
      if (entry.is === 'event' && tab !== null) {
        if (entry.type === 'session.signedOut' || entry.type === 'session.signedIn') places.clear(`tab ${tab} `);
        if (entry.type === 'token.updated') {
          const token = tokens.get(entry.event.fingerprint);
          const found = token && compare(`tab ${tab} ${keyName(entry.event.key)}`, token, `Tab ${tab}`);
          if (found) return found;
        }
      }
      if (entry.is === 'command' && (entry.do === 'open' || entry.do === 'start')) places.clear(`tab ${tab} `);
      // A page's own cache ends with it.
      if (entry.is === 'command' && entry.do === 'open') places.clear(`cache ${tab} `);
      // By whatever clock it ran out: nothing is there any more.
      if (entry.is === 'cookie' && (entry.did === 'removed' || entry.did === 'expired')) places.clear('cookie ');
      if (entry.is === 'cookie' && entry.did === 'written' && entry.value.kind === 'token') {
        const found = compare('cookie ', entry.value.token, 'The cookie');
        if (found) return found;
      }
      if (entry.is === 'cache') {
        const name = `cache ${began.shared.cache === 'shared' ? '' : tab} ${entry.key} `;
        // A slow write lands when it lands: a cache that several tabs share has no order.
        const isLate = at - (slow.get(tab ?? -1) ?? Number.NEGATIVE_INFINITY) < slowMs;
        if (entry.did === 'deleted' || isLate) places.clear(name);
        else if (entry.value.kind === 'token') {
          const found = compare(name, entry.value.token, `The cache (${entry.key})`);
          if (found) return found;
        }
      }
    }
    return null;
  },
);
