import type { LifecycleState } from '../../../index';
import type { LoggedRequest } from '../server/request-log';

/** The five things to see. */
export type Goal = 'refresh' | 'offline' | 'failing' | 'outage' | 'sign-out';

/** What a state counts as: an outage that is bridged at once is not yet a failing origin. */
function landmark({ state, nextAttemptAt }: LifecycleState): string {
  return state === 'outage-fallback' && nextAttemptAt !== null ? 'backing-off' : state;
}

/** Watches what happens and tells which of the five things has been seen, each once. */
export function watchGoals(reached: (goal: Goal) => void): {
  state(state: LifecycleState): void;
  requests(entries: readonly LoggedRequest[]): void;
} {
  const since = Date.now();
  const done = new Set<Goal>();
  /** Where the machine has been since it was last fresh. */
  const way = new Set<string>();
  let signedIn = false;
  let held = false;

  const reach = (goal: Goal): void => {
    if (done.has(goal)) return;
    done.add(goal);
    reached(goal);
  };

  return {
    state: (state) => {
      if (state.state === 'signed-out' && signedIn) reach('sign-out');
      if (state.state === 'fresh') {
        if (way.has('offline-retrying')) reach('offline');
        else if (way.has('backing-off')) reach('failing');
        else if (held && way.has('refreshing')) reach('refresh');
        held = true;
      }
      if (state.state === 'fresh' || state.state === 'signed-out') way.clear();
      else way.add(landmark(state));
      signedIn = state.sessionId !== null;
      held &&= signedIn;
    },
    requests: (entries) => {
      // The list may begin with what another page did.
      const bridged = ({ at, path, status, presentedExpired, fault }: LoggedRequest): boolean =>
        at >= since && path === '/tokens' && status === 200 && presentedExpired === true && fault === 'outage';
      if (entries.some(bridged)) reach('outage');
    },
  };
}
