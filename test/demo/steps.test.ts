import { expect, it } from 'vitest';
import { createPace } from '../../docs/demo/page/model/pace';
import { statesSince, worthTelling } from '../../docs/demo/page/model/steps';
import type { HistoryEntry } from '../../index';

const entry = (at: number, from: string, to: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at,
  key: 'session',
  from,
  to,
  event: 'clock.tick',
  ids: [],
  description: `${from} to ${to}`,
  ...more,
});

const refresh = [
  entry(0, 'refreshing.minting', 'fresh'),
  entry(5_000, 'fresh', 'stale'),
  entry(5_000, 'stale.serving', 'stale.waiting'),
  entry(5_001, 'stale', 'refreshing'),
  entry(5_001, 'refreshing.spacing', 'refreshing.minting'),
  entry(5_009, 'refreshing.minting', 'fresh'),
];

it('demo steps: a refresh of a few milliseconds is told state by state', () => {
  expect(statesSince(refresh, undefined)).toEqual(['refreshing', 'fresh', 'stale', 'refreshing', 'fresh']);
  expect(statesSince(refresh, refresh[0])).toEqual(['fresh', 'stale', 'refreshing', 'fresh']);
  expect(statesSince(refresh, refresh.at(-1))).toEqual([]);
});

it('demo steps: what passes through the crossing at once was never fresh', () => {
  const history = [entry(0, 'refreshing.minting', 'fresh'), entry(1, 'fresh', 'stale')];
  expect(statesSince(history, undefined)).toEqual(['refreshing', 'stale']);
});

it('demo steps: the session’s own machine is not the token’s', () => {
  const history = [entry(0, 'signed-in', 'signed-out', { key: null }), entry(0, 'token', 'signed-out')];
  expect(statesSince(history, undefined)).toEqual(['signed-out']);
});

it('demo transitions: that readers wait is told once per token', () => {
  const waiting = { description: 'Readers wait.' };
  const history = [
    entry(0, 'stale.serving', 'stale.waiting', waiting),
    entry(1, 'refreshing.minting.serving', 'refreshing.minting.waiting', waiting),
    entry(2, 'refreshing.minting', 'fresh'),
    entry(3, 'stale.serving', 'stale.waiting', waiting),
  ];
  expect(worthTelling(history).map(({ at }) => at)).toEqual([0, 2, 3]);
});

it('demo pace: each step is shown for a while, the last one stays, and nothing is shown twice', () => {
  const shown: string[] = [];
  const timers: (() => void)[] = [];
  const pace = createPace<string>(
    (step) => shown.push(step),
    (run) => timers.push(run),
  );
  pace.push(['fresh']);
  pace.push(['fresh', 'stale', 'refreshing']);
  pace.push(['refreshing', 'fresh']);
  expect(shown).toEqual(['fresh']);
  while (timers.length > 0) timers.shift()?.();
  expect(shown).toEqual(['fresh', 'stale', 'refreshing', 'fresh']);
  pace.push(['fresh', 'signed-out']);
  expect(shown.at(-1)).toBe('signed-out');
});
