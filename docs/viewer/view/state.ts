/** What the page shows: the trace, and where in it somebody looks. A pure reducer; the page only draws it. */
import { lastPlace } from '../trace/last';
import { record } from '../trace/record';
import { emptyTrace, type Received, type StepEntry, type Trace } from '../trace/types';
import { rowsOf } from './select';
import type { ViewerAction, ViewerState } from './types';

export const initialState: ViewerState = {
  trace: emptyTrace,
  file: null,
  picked: null,
  at: null,
  paused: false,
  waiting: [],
  filter: { text: '', everything: false, thisActor: false },
  opened: {},
  asked: null,
  panel: 'chart',
  notice: null,
};

function receive(state: ViewerState, batch: readonly Received[]): ViewerState {
  if (state.paused) return { ...state, waiting: [...state.waiting, ...batch] };
  if (state.file) return { ...state, file: { ...state.file, live: batch.reduce(record, state.file.live) } };
  return { ...state, trace: batch.reduce(record, state.trace) };
}

/** Where the look is among the rows; the present is behind the last one. */
export function placeOf(rows: readonly StepEntry[], at: number | null): number {
  if (at === null) return rows.length;
  const place = lastPlace(rows, ({ seq }) => seq <= at);
  return Math.max(place, 0);
}

const choose = (state: ViewerState, step: StepEntry): ViewerState => ({
  ...state,
  at: step.seq,
  picked: step.actor,
  asked: null,
});

function stepBy(state: ViewerState, by: number): ViewerState {
  const rows = rowsOf(state);
  const here = placeOf(rows, state.at);
  // From the present, the first step back leads to the last thing that happened: that is where it stands already.
  const from = state.at === null ? rows.length - 1 : here;
  const to = from + by;
  const row = rows[Math.max(0, to)];
  if (to >= rows.length || !row) return { ...state, at: null, asked: null };
  return choose(state, row);
}

/** @example [action1, action2].reduce(reduceView, initialState) */
export function reduceView(state: ViewerState, action: ViewerAction): ViewerState {
  switch (action.type) {
    case 'received':
      return receive(state, action.batch);
    case 'paused':
      return { ...state, paused: true };
    case 'resumed':
      return receive({ ...state, paused: false, waiting: [] }, state.waiting);
    case 'actor.picked':
      return { ...state, picked: action.actor, asked: null };
    case 'step.chosen': {
      const step = state.trace.entries.find(({ seq }) => seq === action.seq);
      return step?.is === 'step' ? choose(state, step) : state;
    }
    case 'stepped':
      return stepBy(state, action.by);
    case 'went.first': {
      const [first] = rowsOf(state);
      return first ? choose(state, first) : state;
    }
    case 'went.live':
      return { ...state, at: null, asked: null };
    case 'filtered':
      return { ...state, filter: { ...state.filter, ...action.filter } };
    case 'chart.opened':
      return { ...state, opened: { ...state.opened, [action.definition]: action.opened } };
    case 'transition.asked':
      return { ...state, asked: action.transition };
    case 'panel.chosen':
      return { ...state, panel: action.panel };
    case 'file.loaded':
      return {
        ...state,
        trace: action.trace,
        file: { name: action.name, live: state.file?.live ?? state.trace },
        picked: null,
        at: null,
        asked: null,
        notice: null,
      };
    case 'file.closed':
      return state.file ? { ...state, trace: state.file.live, file: null, picked: null, at: null, asked: null } : state;
    case 'file.refused':
      return { ...state, notice: action.reason };
    case 'notice.closed':
      return { ...state, notice: null };
    case 'cleared':
      return { ...state, trace: cleared(state.trace), at: null, asked: null };
  }
}

/** Forgets what happened, but not who is there. */
const cleared = (trace: Trace): Trace => ({
  ...trace,
  entries: [],
  log: [],
  dropped: 0,
  actors: Object.fromEntries(
    Object.entries(trace.actors)
      .filter(([, { ended }]) => !ended)
      .map(([key, actor]) => [key, { ...actor, begins: undefined }]),
  ),
});
