import { cannotKnow, endedSessions } from './ended';
import { tabsAtEnd } from './last-seen';
import { isCredentialLost } from './lost-credential';
import { isAheadOfServer } from './misled';
import { endOf, invariant, knowsTheTime, seconds } from './read-trace';

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
      'store, none may be spent (R10.3), so that nothing is asked; and where a slow cache cleared for a sign-out what the next ' +
      'sign-in had put there, or the page that got the successor of the one in the cache could not store it and was closed or crashed, ' +
      'nobody has a credential until somebody brings one; nor where another tab signed out as this one cannot know (see L3); and a tab whose clock is more than a ' +
      'day wrong, and was set or which began anew since its last token, may serve that. A tab that was given two tokens of the future in a ' +
      'row since it began, and takes the time of the server to be ahead by them, cannot tell honest ones from old ones that an edge has kept ' +
      '(§9). Asked only with `healthySince`.',
  },
  (trace, { credential, shared }, { healthySince }) => {
    if (healthySince === undefined) return null;
    if (credential === 'rotating' && !shared.lock && shared.store === 'hint') return null;
    const knows = knowsTheTime(trace);
    const isAhead = isAheadOfServer(trace);
    const ended = endedSessions(trace);
    for (const { tab, state, place, running, suspended, hidden, freshUntil } of tabsAtEnd(trace)) {
      if (!running || suspended || state === null) continue;
      if (state.sessionId !== null && isCredentialLost(trace, state.sessionId)) continue;
      // Whoever left has cleared the one credential, and the server is asked nothing without it.
      const left = credential === 'rotating' ? ended.get(state.sessionId ?? '') : undefined;
      if (left !== undefined && cannotKnow(trace, tab, left)) continue;
      if (state.state === 'signed-out' || freshUntil > endOf(trace) - atRestMs) continue;
      if ((state.serving && !knows(tab)) || isAhead(tab)) continue;
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
