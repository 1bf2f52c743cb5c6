import { type ReactNode, useRef } from 'react';
import type { RelayStatus } from '../receive/websocket';
import { traceFromFile } from '../trace/file';
import type { PanelProps } from './panel';

export type Hearing = {
  /** There is an opener or a page around. */
  readonly window: boolean;
  readonly relay: RelayStatus | null;
};

type ToolbarProps = PanelProps & {
  readonly hearing: Hearing;
  readonly onExport: () => void;
  readonly onCopy: () => void;
  readonly onHelp: () => void;
};

function statusText({ trace, file, paused, waiting }: PanelProps['state'], { window, relay }: Hearing): string {
  if (file) return file.name;
  if (paused) return waiting.length === 1 ? 'Paused, 1 waiting' : `Paused, ${waiting.length} waiting`;
  const tabs = trace.sources.filter(({ closed }) => !closed).length;
  if (tabs > 0) return tabs === 1 ? 'Live' : `Live, ${tabs} tabs`;
  if (relay !== null) return relay === 'open' ? 'Relay connected' : 'Looking for the relay';
  return window ? 'Waiting for events' : 'Not opened by an app';
}

/** Filter, file and help. What moves through time is at the foot of the page. */
export function Toolbar({ state, dispatch, hearing, onExport, onCopy, onHelp }: ToolbarProps): ReactNode {
  const chooser = useRef<HTMLInputElement>(null);
  const load = async (file: File): Promise<void> => {
    try {
      dispatch({ type: 'file.loaded', name: file.name, trace: traceFromFile(await file.text()) });
    } catch (error) {
      dispatch({
        type: 'file.refused',
        reason: error instanceof TypeError ? error.message : 'The file cannot be read.',
      });
    }
  };
  const kind = state.file ? 'file' : state.paused ? 'paused' : state.trace.sources.length > 0 ? 'live' : 'waiting';
  return (
    <header className="toolbar">
      <h1>Inspector</h1>
      <p className="status" role="status" data-kind={kind}>
        <span className="dot" aria-hidden="true" />
        <span className="status-text">{statusText(state, hearing)}</span>
      </p>
      {state.file && (
        <button type="button" onClick={() => dispatch({ type: 'file.closed' })}>
          Back to live
        </button>
      )}
      <span className="grow" />
      <label className="field filter">
        <span className="visually-hidden">Filter steps</span>
        <input
          id="filter"
          type="search"
          placeholder="Filter: event, state, T id"
          value={state.filter.text}
          onChange={(event) => dispatch({ type: 'filtered', filter: { text: event.target.value } })}
        />
      </label>
      <div className="group">
        <button type="button" onClick={onExport} title="Save the trace as JSON">
          Export
        </button>
        <button type="button" onClick={() => chooser.current?.click()} title="Look at an exported trace">
          Load
        </button>
        <button type="button" onClick={onCopy} title="The trace of this actor as a test">
          Copy as a test
        </button>
      </div>
      <button type="button" className="quiet" aria-label="Keyboard shortcuts" onClick={onHelp}>
        ?
      </button>
      <input
        ref={chooser}
        type="file"
        accept="application/json,.json"
        hidden
        aria-label="Trace file"
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void load(file);
          target.value = '';
        }}
      />
    </header>
  );
}
