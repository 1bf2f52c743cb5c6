import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { durationText, eventText, stateText, timeText, topState } from '../trace/state-text';
import type { StepEntry } from '../trace/types';
import { actorLabel, rowsOf } from '../view/select';
import { placeOf } from '../view/state';
import { Guessed } from './guessed';
import type { PanelProps } from './panel';
import { toneOf } from './tone';

/** Rows that are drawn; the others are a step away. */
const drawnRows = 300;

/** What the specification calls it; other ids of the same transition are in the detail. */
const shownIds = (ids: readonly string[]): readonly string[] => {
  const transitions = ids.filter((id) => /^T\d/.test(id));
  return (transitions.length > 0 ? transitions : ids).slice(0, 3);
};

type RowProps = {
  readonly step: StepEntry;
  readonly who: string;
  readonly selected: boolean;
  readonly choose: () => void;
};

function Row({ step, who, selected, choose }: RowProps): ReactNode {
  const { after, before, event, ids, lasted, description, at, seq, changed, guessed } = step;
  const from = before && changed ? stateText(before) : '';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it handles keys
    <div
      className="row"
      role="option"
      id={`row-${seq}`}
      tabIndex={-1}
      aria-selected={selected}
      data-row={seq}
      data-to={stateText(after)}
      data-ids={ids.join(' ')}
      data-tone={toneOf(topState(after))}
      onClick={choose}
    >
      <span className="row-mark" aria-hidden="true" />
      <div className="row-line">
        <span className="row-event">{eventText(event.type)}</span>
        {shownIds(ids).map((id) => (
          <span key={id} className="id">
            {id}
          </span>
        ))}
        <span className="grow" />
        {lasted !== undefined && (
          <span className="row-lasted" title="Time in the state before">
            {durationText(lasted)}
          </span>
        )}
      </div>
      <div className="row-line">
        {from !== '' && from !== stateText(after) && <span className="row-from">{from}</span>}
        <span className="row-to">{stateText(after)}</span>
      </div>
      {description !== undefined && (
        <p className="row-text">
          {guessed && <Guessed />}
          {description}
        </p>
      )}
      <div className="row-foot">
        <span>{who}</span>
        <time>{timeText(at)}</time>
      </div>
    </div>
  );
}

/** What happened, in order: one row for each step that passes the filter. */
export function Timeline({ state, dispatch }: PanelProps): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const rows = rowsOf(state);
  const place = Math.min(placeOf(rows, state.at), rows.length - 1);
  const end = Math.min(rows.length, Math.max(drawnRows, place + drawnRows / 2));
  const first =
    state.at === null
      ? Math.max(0, rows.length - drawnRows)
      : Math.max(0, Math.min(place - drawnRows / 2, end - drawnRows));
  const shown = rows.slice(first, state.at === null ? rows.length : end);
  const selected = state.at === null ? undefined : rows[place];
  const lastSeq = rows.at(-1)?.seq;

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a row comes, or another one is looked at
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    if (selected) element.querySelector(`#row-${selected.seq}`)?.scrollIntoView({ block: 'nearest' });
    else element.scrollTop = element.scrollHeight;
  }, [lastSeq, selected?.seq]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    dispatch({ type: 'stepped', by });
  };

  return (
    <section className="panel timeline-panel" data-panel="timeline" aria-label="Timeline">
      <header className="panel-head">
        <h2>Timeline</h2>
        <span className="count">{rows.length === 1 ? '1 step' : `${rows.length} steps`}</span>
        <span className="grow" />
        <label className="check">
          <input
            type="checkbox"
            checked={state.filter.thisActor}
            onChange={(event) => dispatch({ type: 'filtered', filter: { thisActor: event.target.checked } })}
          />
          This actor
        </label>
        <label className="check" title="Also events that changed no state">
          <input
            type="checkbox"
            checked={state.filter.everything}
            onChange={(event) => dispatch({ type: 'filtered', filter: { everything: event.target.checked } })}
          />
          All events
        </label>
      </header>
      <div
        ref={list}
        className="rows"
        role="listbox"
        aria-label="Steps"
        tabIndex={0}
        aria-activedescendant={selected ? `row-${selected.seq}` : undefined}
        onKeyDown={onKeyDown}
      >
        {first > 0 && <p className="empty">{first} earlier steps: filter, or step back to them.</p>}
        {shown.map((step) => (
          <Row
            key={step.seq}
            step={step}
            who={actorLabel(state.trace, step.actor)}
            selected={step === selected}
            choose={() => dispatch({ type: 'step.chosen', seq: step.seq })}
          />
        ))}
        {rows.length === 0 && (
          <p className="empty">
            {state.filter.text === '' ? 'Nothing has happened yet.' : 'Nothing matches the filter.'}
          </p>
        )}
      </div>
    </section>
  );
}
