import { tabsAtEnd } from './last-seen';
import { endOf, invariant, seconds } from './read-trace';

/** Tokens that are short for the latency are replaced all the time: a tab was fresh by then at the latest. */
const atRestMs = 30_000;

export const alwaysAWayBack = invariant(
  {
    id: 'L2',
    title: 'There is always a way back',
    description:
      'Once network and origin have been healthy for long enough (`recoveryMs`), every tab that runs is `fresh`, or was within ' +
      'the last 30 s, or `signed-out`, or ' +
      'serves from a token that it is about to replace, without anybody having done anything. Tabs that are frozen, in the ' +
      'back/forward cache or hidden may wait until they are seen. Where credentials rotate and there is neither a lock nor an ordered ' +
      'store, none may be spent (R10.3), so that nothing is asked. Asked only with `healthySince`.',
  },
  (trace, { credential, shared }, { healthySince }) => {
    if (healthySince === undefined) return null;
    if (credential === 'rotating' && !shared.lock && shared.store === 'hint') return null;
    for (const { tab, state, place, running, suspended, hidden, freshUntil } of tabsAtEnd(trace)) {
      if (!running || suspended || state === null) continue;
      if (state.state === 'signed-out' || freshUntil > endOf(trace) - atRestMs) continue;
      const replacing = state.state === 'stale' || state.state === 'refreshing';
      if (replacing && (state.serving || hidden)) continue;
      const healthyMs = endOf(trace) - healthySince;
      const part = state.substate === null ? '' : ` (${state.substate})`;
      return {
        message: `Tab ${tab} is still ${state.state}${part} though all has been well for ${seconds(healthyMs)}.`,
        entries: [place],
      };
    }
    return null;
  },
);
