import type { HistoryEntry, LifecycleState, TokenLifecycle } from '../../../../index';
import { createStore, type Store } from '../../store';
import { createPace } from './pace';
import { statesSince } from './steps';

type Name = LifecycleState['state'];

/** What the chart shows: one state, and the way that led to it. */
export type Shown = { readonly state: Name; readonly from: Name | null };

/** The machine's states step by step, slowly enough for an eye; everything else on the page is as it is. */
export function createPaced(tokens: TokenLifecycle): Store<Shown> {
  const shown = createStore<Shown>({ state: tokens.getState().state, from: null });
  const pace = createPace<Name>((state) => {
    const { state: from } = shown.get();
    if (state !== from) shown.set({ state, from });
  });
  let last: HistoryEntry | undefined;
  tokens.subscribe(() => {
    const history = tokens.history();
    pace.push([...statesSince(history, last), tokens.getState().state]);
    last = history.at(-1);
  });
  return shown;
}
