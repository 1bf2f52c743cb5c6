import { invariant } from './read-trace';

export const nothingLeftBehind = invariant(
  {
    id: 'L4',
    title: 'stop() leaves nothing behind',
    description:
      'After `stop()` the tab has no armed timer, no listener on connectivity, presence or channel, and no lock; it sends nothing and ' +
      'emits nothing until it is started again. (That it then works again is L2.)',
  },
  (trace) => {
    const stopped = new Map<number, number>();
    for (const [place, entry] of trace.entries()) {
      const { tab } = entry;
      if (tab === null) continue;
      const since = stopped.get(tab);
      if (entry.is === 'leftovers') {
        // Started again in the same instant: what is there is in use.
        if (since === undefined) continue;
        const left = [
          entry.timers > 0 && `${entry.timers} timers`,
          entry.listeners > 0 && `${entry.listeners} listeners`,
          entry.locks > 0 && `${entry.locks} locks`,
        ].filter(Boolean);
        if (left.length === 0) continue;
        return {
          message: `Tab ${tab} was stopped and left ${left.join(', ')} behind.`,
          entries: [since, place],
        };
      }
      if (entry.is === 'command' && entry.do === 'stop') stopped.set(tab, place);
      // A sign-out always works, also of a lifecycle that does not run.
      if (entry.is === 'command' && (entry.do === 'start' || entry.do === 'open' || entry.do === 'sign-out'))
        stopped.delete(tab);
      if (since === undefined || !stopped.has(tab)) continue;
      if (entry.is === 'request' && entry.op !== 'revoke')
        return { message: `Tab ${tab} sent a ${entry.op} after it had been stopped.`, entries: [since, place] };
      if (entry.is === 'event')
        return { message: `Tab ${tab} emitted ${entry.type} after it had been stopped.`, entries: [since, place] };
    }
    return null;
  },
);
