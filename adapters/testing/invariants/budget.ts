import { keyLabel } from '../../../machines/key';
import type { Trace, WorldBegan } from '../trace';
import { invariant, keyName, obtain, seconds } from './read-trace';
import { readTries, type Try } from './tries';

const windowMs = 60_000;
const mostInWindow = 7;

const lockFailed = new Set(['timeout', 'lost', 'stolen', 'unavailable']);

/** Without lock and ordered store, or where these failed, tabs do not know of each other's tries: each has a budget of its own. */
const sharesTries = (trace: Trace, { shared }: WorldBegan): boolean =>
  shared.lock &&
  shared.store === 'ordered' &&
  !trace.some(
    (entry) =>
      (entry.is === 'fault' && entry.fault.startsWith('store')) || (entry.is === 'lock' && lockFailed.has(entry.did)),
  );

function groupByTab(tries: readonly Try[]): Map<number | null, Try[]> {
  const groups = new Map<number | null, Try[]>();
  for (const one of tries) obtain(groups, one.request.tab, () => []).push(one);
  return groups;
}

/** Failures in a row: one that works ends them, and so does a token that a peer had. */
function streaks(tries: readonly Try[], served: readonly Served[]): Try[][] {
  const found: Try[][] = [[]];
  let before: Try | undefined;
  for (const one of tries) {
    const { at, tab } = one.request;
    const since = before?.request.at ?? at;
    if (served.some((token) => token.tab === tab && token.at > since && token.at <= at)) found.push([]);
    if (one.ended === 'accepted') found.push([]);
    else found.at(-1)?.push(one);
    before = one;
  }
  return found;
}

/** A tab was given a token that another one had minted, or found it where they all look. */
type Served = { readonly at: number; readonly tab: number | null; readonly key: string };

const fromPeers: readonly string[] = ['peer', 'cache', 'cookie'];

function servedByPeers(trace: Trace): Served[] {
  const mintedBy = new Map<string, number | null>();
  const found: Served[] = [];
  for (const entry of trace) {
    if (entry.is === 'answer' && entry.token) mintedBy.set(entry.token.fingerprint, entry.tab);
    if (entry.is !== 'event' || entry.type !== 'token.updated' || !fromPeers.includes(entry.event.from)) continue;
    const { key, fingerprint } = entry.event;
    // Its own, found again, is no success.
    if (mintedBy.get(fingerprint) === entry.tab) continue;
    found.push({ at: entry.at, tab: entry.tab, key: keyName(key) });
  }
  return found;
}

/** The first stretch of 60 s with more failed tries than are allowed; otherwise some shorter list. */
function busiest(tries: readonly Try[], isAnew: (from: number, to: number, tab: number | null) => boolean): Try[] {
  for (const [index, first] of tries.entries()) {
    const from = first.startedAt;
    const within: Try[] = [];
    for (const one of tries.slice(index, index + 10 * mostInWindow)) {
      if (one.startedAt >= from + windowMs) break;
      if (!isAnew(from, one.request.at, one.request.tab)) within.push(one);
    }
    if (within.length > mostInWindow) return within;
  }
  return [];
}

export const boundedTries = invariant(
  {
    id: 'S9',
    title: 'Bounded tries',
    description:
      'Per key and browser at most 7 mints in a row fail in any 60 s, whatever callers and tabs do; the second ' +
      'request of an outage (T11), the one retry of a lost answer in the grace of the server (with what another tab ' +
      'got for the credential, where one was first; without any, where the cache has none: the source may keep it ' +
      'to itself) and the second look at a doubtful token are not counted, nor are mints that were given up. Mints ' +
      'of one key in one tab, and forced ones in all tabs together, start at least `mintFloorMs` apart, with the ' +
      'first two of these exceptions; a mint starts when its tab says so (`refresh.started`), which a slow cache or ' +
      'store may keep from being sent. Where the tabs have no lock or ordered store, or these failed, each tab has ' +
      'a budget of its own. A sign-in or -out, a tab that opens, and a clock that is set forward start anew.',
  },
  (trace, began) => {
    const together = sharesTries(trace, began);
    const served = servedByPeers(trace);
    const anew = trace.flatMap((entry) => {
      if (entry.is !== 'command') return [];
      const begins = entry.do === 'open' || entry.do === 'start';
      const forAll = entry.do === 'sign-in' || entry.do === 'sign-out' || (entry.do === 'skew' && entry.ms > 0);
      return begins || forAll ? [{ at: entry.at, tab: forAll ? null : entry.tab }] : [];
    });
    const isAnew = (from: number, to: number, tab: number | null): boolean =>
      anew.some((one) => (one.tab === tab || one.tab === null) && one.at >= from && one.at <= to);

    for (const tries of readTries(trace, began).values()) {
      const key = tries[0] ? keyLabel(tries[0].request.key) : '';
      const lasts = new Map<number | 'forced' | null, Try>();
      for (const one of tries) {
        const { at, tab } = one.request;
        // Insisting buys one mint per floor, in all tabs together; what tabs need for themselves they may ask for.
        const isForced = together && one.request.cause === 'forced';
        const before = [lasts.get(tab), isForced ? lasts.get('forced') : undefined].filter(
          (last) => last !== undefined,
        );
        const last = before.sort((a, b) => b.request.at - a.request.at)[0];
        lasts.set(tab, one);
        if (isForced) lasts.set('forced', one);
        if (!last || one.atOnce || isAnew(last.startedAt, at, tab)) continue;
        const apartMs = one.startedAt - last.startedAt;
        if (apartMs >= began.policy.mintFloorMs) continue;
        const message = `Tab ${tab} sent a mint (${key}) only ${seconds(apartMs)} after the one before.`;
        return { message, entries: [last.place, one.place] };
      }
      const counted = tries.filter(({ ended, extra }) => ended === 'accepted' || (ended === 'failed' && !extra));
      const budgets = together ? [counted] : [...groupByTab(counted).values()];
      const peers = served.filter(({ key: of }) => tries[0] && of === keyName(tries[0].request.key));
      for (const streak of budgets.flatMap((budget) => streaks(budget, peers))) {
        const most = busiest(streak, isAnew);
        if (most.length <= mostInWindow) continue;
        const whose = together ? '' : ` in tab ${most[0]?.request.tab}`;
        const message = `${most.length} mints (${key}) in a row failed within 60 s${whose}: ${mostInWindow} are allowed.`;
        return { message, entries: most.map(({ place }) => place) };
      }
    }
    return null;
  },
);
