import { beforeEach, expect, it } from 'vitest';
import { type Goal, watchGoals } from '../../docs/demo/page/goals';
import type { LifecycleState } from '../../index';

let seen: Goal[];
let goals: ReturnType<typeof watchGoals>;

beforeEach(() => {
  seen = [];
  goals = watchGoals((goal) => seen.push(goal));
});

/** Only the fields that the goals look at. */
const pass = (...states: (LifecycleState['state'] | 'backing-off')[]): void => {
  for (const name of states) {
    const state = name === 'backing-off' ? 'outage-fallback' : name;
    const sessionId = name === 'signed-out' || name === 'restoring' ? null : 'sess_1';
    goals.state({ state, sessionId, nextAttemptAt: name === 'backing-off' ? 1 : null } as LifecycleState);
  }
};

it.each<[Goal[], Parameters<typeof pass>]>([
  [[], ['restoring', 'signed-out', 'refreshing', 'fresh']],
  [['sign-out'], ['fresh', 'signed-out', 'refreshing', 'fresh']],
  [['refresh'], ['fresh', 'refreshing', 'fresh']],
  [['refresh'], ['fresh', 'stale', 'refreshing', 'fresh', 'stale', 'refreshing', 'fresh']],
  [['offline'], ['fresh', 'stale', 'refreshing', 'offline-retrying', 'refreshing', 'fresh']],
  [['failing'], ['fresh', 'stale', 'refreshing', 'backing-off', 'refreshing', 'fresh']],
  [['refresh'], ['fresh', 'stale', 'refreshing', 'outage-fallback', 'fresh']],
  [['sign-out'], ['restoring', 'fresh', 'signed-out', 'refreshing', 'fresh', 'signed-out']],
])('demo checklist: %j after %j', (expected, states) => {
  pass(...states);
  expect(seen).toEqual(expected);
});

it('demo checklist: an outage is bridged by a mint with the last token, seen by this page', () => {
  const mint = {
    id: 1,
    at: Date.now(),
    method: 'POST',
    path: '/tokens',
    status: 200,
    outcome: 'answered',
    ms: 1,
    fault: 'outage',
    presentedExpired: true,
  } as const;
  goals.requests([
    { ...mint, at: mint.at - 60_000 },
    { ...mint, status: 422 },
    { ...mint, presentedExpired: false },
  ]);
  expect(seen).toEqual([]);
  goals.requests([mint]);
  goals.requests([mint]);
  expect(seen).toEqual(['outage']);
});
