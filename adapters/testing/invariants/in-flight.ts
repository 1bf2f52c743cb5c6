import { invariant, isEnd, keyName } from './read-trace';

export const oneMintInFlight = invariant(
  {
    id: 'S5',
    title: 'One mint at a time per key and tab',
    description:
      'A tab sends a mint only when its last one for the same key has been answered, has failed, or was given up. The second ' +
      'request of an outage (T11) and the one retry of a lost answer come after the first has ended, so that they are no exception.',
  },
  (trace) => {
    /** By tab and key: the request that is open, and where it was sent. */
    const open = new Map<string, { id: number; place: number }>();
    const names = new Map<number, string>();
    for (const [place, entry] of trace.entries()) {
      const { tab } = entry;
      if (tab !== null && isEnd(entry))
        for (const name of open.keys()) if (name.startsWith(`${tab} `)) open.delete(name);
      if (entry.is === 'answer') {
        const name = names.get(entry.id);
        if (name !== undefined && open.get(name)?.id === entry.id) open.delete(name);
      }
      if (entry.is !== 'request' || entry.op !== 'mint') continue;
      const name = `${tab} ${keyName(entry.key)}`;
      const before = open.get(name);
      if (before)
        return {
          message: `Tab ${tab} sent mint ${entry.id} while its mint ${before.id} for the same key was still open.`,
          entries: [before.place, place],
        };
      open.set(name, { id: entry.id, place });
      names.set(entry.id, name);
    }
    return null;
  },
);
