import type { LifecycleState, TokenLifecycle } from '../../../../index';
import { createStore, type Store } from '../../store';

/** A stretch of time in one state; epoch ms. */
export type Band = { readonly state: LifecycleState['state']; readonly from: number; readonly until: number | null };

export const windowMs = 120_000;

/** The states of the last two minutes, oldest first. */
export function createBands(tokens: TokenLifecycle, now: () => number = Date.now): Store<readonly Band[]> {
  const bands = createStore<readonly Band[]>([{ state: tokens.getState().state, from: now(), until: null }]);
  tokens.subscribe(() => {
    const { state } = tokens.getState();
    const all = bands.get();
    const last = all.at(-1);
    if (last?.state === state) return;
    const at = now();
    const ended = all.map((band) => (band === last ? { ...band, until: at } : band));
    const recent = ended.filter(({ until }) => until === null || until > at - windowMs);
    bands.set([...recent, { state, from: at, until: null }]);
  });
  return bands;
}
