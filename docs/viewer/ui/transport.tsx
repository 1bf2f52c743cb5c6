import type { ReactNode } from 'react';
import { timeText } from '../trace/state-text';
import { rowsOf } from '../view/select';
import { placeOf } from '../view/state';
import type { PanelProps } from './panel';

/** Through time: pause, step, and a slider over all steps. */
export function Transport({ state, dispatch }: PanelProps): ReactNode {
  const rows = rowsOf(state);
  const place = placeOf(rows, state.at);
  const here = state.at === null ? undefined : rows[place];
  const goTo = (to: number): void => {
    const row = rows[to];
    dispatch(row ? { type: 'step.chosen', seq: row.seq } : { type: 'went.live' });
  };
  return (
    <footer className="transport">
      <button
        type="button"
        aria-pressed={state.paused}
        disabled={state.file !== null}
        onClick={() => dispatch({ type: state.paused ? 'resumed' : 'paused' })}
      >
        {state.paused ? 'Resume' : 'Pause'}
      </button>
      <div className="group">
        <button
          type="button"
          aria-label="Step back"
          disabled={rows.length === 0}
          onClick={() => dispatch({ type: 'stepped', by: -1 })}
        >
          ‹
        </button>
        <button
          type="button"
          aria-label="Step forward"
          disabled={state.at === null}
          onClick={() => dispatch({ type: 'stepped', by: 1 })}
        >
          ›
        </button>
      </div>
      <input
        className="slider"
        type="range"
        aria-label="Place in the history"
        aria-valuetext={here ? `step ${place + 1} of ${rows.length}` : 'the present'}
        min={0}
        max={rows.length}
        value={place}
        onChange={(event) => goTo(Number(event.target.value))}
      />
      <output className="place">{here ? `${place + 1} of ${rows.length} · ${timeText(here.at)}` : 'Now'}</output>
      <button
        type="button"
        aria-label="Live"
        aria-pressed={state.at === null}
        onClick={() => dispatch({ type: 'went.live' })}
      >
        {state.file ? 'End' : 'Live'}
      </button>
    </footer>
  );
}
