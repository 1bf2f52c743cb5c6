/** Rotating credentials that nobody has any more, through no fault of the tabs: for L2. */
import { createNames } from '../../host/names';
import type { AnswerSeen, CacheSeen, Trace } from '../trace';
import { namespace } from '../world/page';
import { followRequests } from './read-trace';

/** As slow as a cache may be. */
const slowestMs = 10_000;

/** What a cache answers that stores nothing. */
const refusals = new Set(['cache full', 'cache throws']);

const nameOf = (sessionId: string): string => createNames(namespace).credential(sessionId);

/** The one that a sign-in put into the cache: a clearing for the sign-out before it, which was slow, came to it only then. */
function isClearedLate(trace: Trace, sessionId: string): boolean {
  const name = nameOf(sessionId);
  const clearings: { readonly tab: number | null; readonly at: number; readonly place: number }[] = [];
  let signedIn = -1;
  let isLost = false;
  for (const [place, entry] of trace.entries()) {
    const { tab, at } = entry;
    if (entry.is === 'command' && entry.do === 'sign-in' && entry.sessionId === sessionId) signedIn = place;
    if (entry.is === 'event' && entry.type === 'session.signedOut' && entry.event.session?.id === sessionId)
      signedIn = -1;
    if (entry.is === 'fault' && entry.fault === 'cache is slow' && entry.detail === 'deleteAll')
      clearings.push({ tab, at, place });
    if (entry.is !== 'cache' || entry.key !== name) continue;
    const isOfBefore = clearings.some((one) => one.tab === tab && one.place < signedIn && at - one.at <= slowestMs);
    isLost = entry.did === 'deleted' && isOfBefore;
  }
  return isLost;
}

/** Answers that brought the successor of a credential, with their places. An edge that mints from the last token gives none. */
function successions(trace: Trace, credential: string): { readonly answer: AnswerSeen; readonly place: number }[] {
  const requests = followRequests();
  const untouched = new Set<number>();
  return trace.flatMap((entry, place) => {
    requests.see(entry);
    if (entry.is === 'served' && entry.by === 'outage') untouched.add(entry.id);
    if (entry.is !== 'answer' || entry.outcome !== 'answered' || !entry.token || untouched.has(entry.id)) return [];
    return requests.get(entry.id)?.credential === credential ? [{ answer: entry, place }] : [];
  });
}

/** Whether the page that got an answer had its cache refuse what it wrote from then on, and is gone. A stop and a start lose nothing. */
function isGoneUnstored(trace: Trace, { tab }: AnswerSeen, place: number): boolean {
  const since = trace.slice(place).filter((entry) => entry.tab === tab);
  const end = since.findIndex((entry) => entry.is === 'command' && (entry.do === 'close' || entry.do === 'crash'));
  return since
    .slice(0, Math.max(end, 0))
    .some((entry) => entry.is === 'fault' && refusals.has(entry.fault) && entry.detail === 'set');
}

/** The successor of what is in the cache: only pages had it that could not store it there, and that are gone. */
function isGoneWithItsPage(trace: Trace, sessionId: string): boolean {
  const name = nameOf(sessionId);
  const last = trace.filter((entry): entry is CacheSeen => entry.is === 'cache' && entry.key === name).at(-1);
  if (last?.did !== 'set' || last.value.kind !== 'other') return false;
  const got = successions(trace, last.value.fingerprint);
  return got.length > 0 && got.every(({ answer, place }) => isGoneUnstored(trace, answer, place));
}

/** Nobody can call it back, nobody has another one, and the server, which knows the session, gives none. */
export const isCredentialLost = (trace: Trace, sessionId: string): boolean =>
  isClearedLate(trace, sessionId) || isGoneWithItsPage(trace, sessionId);
