import type { HistoryEntry, LifecycleState } from '../../../../index';
import { stateNames } from './state-texts';

type Name = LifecycleState['state'];

/** `refreshing.minting` is a part of `refreshing`. */
export const topOf = (name: string): string => name.split('.')[0] ?? name;

const readersWait = /\.waiting$/;

/**
 * The transitions that tell something new. That readers wait from now on is said again in each state that is entered
 * meanwhile; once is enough until the next token.
 */
export function worthTelling(history: readonly HistoryEntry[]): HistoryEntry[] {
  const said = new Set<string>();
  return history.filter(({ to, description }) => {
    if (to === 'fresh') said.clear();
    if (!readersWait.test(to)) return true;
    if (said.has(description)) return false;
    said.add(description);
    return true;
  });
}

/** `fresh` is also the chart's crossing: what passes through it at once was never fresh. */
const crossingMs = 5;

/**
 * The states that the token has gone through since an entry, in order, without repeats. Several can lie within a
 * millisecond: a subscriber hears of the last one only, the journal knows them all.
 *
 * @param last the newest entry that was seen before
 */
export function statesSince(history: readonly HistoryEntry[], last: HistoryEntry | undefined): Name[] {
  // The session's own machine has no key; its states are not the token's.
  const steps = history.slice(last ? history.indexOf(last) + 1 : 0).filter(({ key }) => key !== null);
  const states: string[] = [];
  const pass = (state: string): void => {
    if (state !== states.at(-1) && stateNames.some((name) => name === state)) states.push(state);
  };
  steps.forEach(({ at, from, to }, index) => {
    const next = steps[index + 1];
    const before = steps[index - 1];
    if (before === undefined || topOf(before.to) !== topOf(from)) pass(topOf(from));
    const crossing = topOf(to) === 'fresh' && next !== undefined && next.at - at < crossingMs;
    if (!crossing) pass(topOf(to));
  });
  return states as Name[];
}
