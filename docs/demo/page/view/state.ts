import type { LifecycleState } from '../../../../index';
import { find, slot } from './dom';
import { stateTexts } from './state-texts';

/** The state's name and what it means. The colour of the whole panel follows. */
export function createStateView(): (state: LifecycleState['state']) => void {
  const panel = find('#state');
  const name = slot('state');
  const text = slot('state-text');
  return (state) => {
    panel.dataset.state = state;
    name(state);
    text(stateTexts[state]);
  };
}
