import type { Dispatch } from 'react';
import type { ViewerAction, ViewerState } from '../view/types';

/** What every part of the page gets: the state, and a way to say what happened. */
export type PanelProps = {
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
};
