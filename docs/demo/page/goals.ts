import type { LoggedRequest } from '../server/request-log';
import type { TokenState } from './lifecycle';

export const goals = ['refresh', 'offline', 'failing', 'outage', 'sign-out'] as const;
export type Goal = (typeof goals)[number];

/** Watches what happens and tells which of the five things has been seen, each once. */
export function watchGoals(reached: (goal: Goal) => void): {
  state(state: TokenState): void;
  requests(entries: readonly LoggedRequest[]): void;
} {
  const done = new Set<Goal>();
  const reach = (goal: Goal): void => {
    if (done.has(goal)) return;
    done.add(goal);
    reached(goal);
  };
  /** The states since the last fresh one. */
  let way: TokenState['state'][] = [];
  const since = Date.now();

  return {
    state: ({ state, sessionId }) => {
      if (state === 'fresh') {
        if (way.includes('offline-retrying')) reach('offline');
        else if (way.includes('outage-fallback')) reach('failing');
        else if (way.includes('stale') && way.includes('refreshing')) reach('refresh');
        way = [];
      }
      if (state === 'signed-out' && way.length > 0 && !way.every((one) => one === 'restoring')) reach('sign-out');
      if (state === 'signed-out' && sessionId === null) way = [];
      else way.push(state);
    },
    requests: (entries) => {
      const minted = entries.some(
        ({ at, path, status, presentedExpired, fault }) =>
          at >= since && path === '/tokens' && status === 200 && presentedExpired === true && fault === 'outage',
      );
      if (minted) reach('outage');
    },
  };
}
