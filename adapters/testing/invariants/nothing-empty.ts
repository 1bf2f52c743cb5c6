import { invariant } from './read-trace';

/** Stretches in which a tab was signed out, so that a `null` may be an answer. */
function followSignedOut() {
  const since = new Map<number, number>();
  const until = new Map<number, number>();
  return {
    enter: (tab: number, at: number): void => {
      if (!since.has(tab)) since.set(tab, at);
    },
    leave: (tab: number, at: number): void => {
      if (!since.delete(tab)) return;
      until.set(tab, at);
    },
    /** At any instant from `from` on. */
    touches: (tab: number, from: number): boolean =>
      since.has(tab) || (until.get(tab) ?? Number.NEGATIVE_INFINITY) >= from,
  };
}

export const nothingEmpty = invariant(
  {
    id: 'S2',
    title: 'Nothing empty outside signed-out',
    description:
      'No empty or null token is cached, emitted, broadcast or written to the cookie, and no reader gets an empty string. `null` is ' +
      'an answer only of a tab that is signed out, or was at some instant while the reader waited.',
  },
  (trace, { shared }) => {
    const signedOut = followSignedOut();
    const reads = new Map<number, { kind: string; at: number; place: number }>();
    for (const [place, entry] of trace.entries()) {
      const { tab, at } = entry;
      const no = (message: string, first = place) => ({ message, entries: [first, place] });
      if (entry.is === 'cache' && entry.did === 'set' && entry.value.kind === 'empty')
        return no(`Tab ${tab} put an empty value into the cache, under ${entry.key}.`);
      if (entry.is === 'cookie' && entry.did === 'written' && entry.value.kind !== 'token')
        return no(`Tab ${tab} wrote a cookie without a token in it.`);
      if (entry.is === 'message' && entry.did === 'posted' && entry.kind === 'token' && shared.channel === 'tokens')
        if (entry.value?.kind !== 'token') return no(`Tab ${tab} sent word of a token to the others, and no token.`);
      if (entry.is === 'event' && entry.type === 'token.updated' && entry.event.fingerprint === '')
        return no(`Tab ${tab} announced a token that is none.`);
      if (tab === null) continue;
      if (entry.is === 'read') reads.set(entry.id, { kind: entry.kind, at, place });
      if (entry.is === 'state') {
        if (entry.state === 'signed-out') signedOut.enter(tab, at);
        else signedOut.leave(tab, at);
      }
      if (entry.is === 'event' && entry.type === 'session.signedOut') signedOut.enter(tab, at);
      if (entry.is !== 'settled') continue;
      const read = reads.get(entry.id);
      if (entry.outcome === 'token' && entry.value?.kind === 'empty')
        return no(`A read in tab ${tab} was answered with an empty string.`, read?.place);
      if (entry.outcome === 'null' && read && read.kind !== 'peek' && !signedOut.touches(tab, read.at))
        return no(`A read in tab ${tab} was answered with null, but the tab was not signed out.`, read.place);
    }
    return null;
  },
);
