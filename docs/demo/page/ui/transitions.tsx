import { memo, useSyncExternalStore } from 'react';
import { useTokenLifecycle } from '../../../../adapters/react';
import type { HistoryEntry } from '../../../../index';
import { timeOfDay } from '../model/format';
import { topOf, worthTelling } from '../model/steps';
import { Log } from './log';

const limit = 60;

const keyOf = ({ at, key, from, to, event }: HistoryEntry): string => [at, key, from, to, event].join(' ');

/** A substate has the colour of its state: `outage-fallback.probing`. */
const StateChip = ({ name }: { readonly name: string }) => (
  <span className="state-chip" data-state={topOf(name)}>
    {name}
  </span>
);

const Row = memo(function Row({ entry }: { readonly entry: HistoryEntry }) {
  const { at, from, to, event, ids, description } = entry;
  return (
    <li className="row">
      <div className="row-head">
        <time>{timeOfDay(at)}</time>
        <StateChip name={from} />
        <span className="arrow-text">→</span>
        <StateChip name={to} />
        <span className="ids">
          {ids.map((id) => (
            <span key={id} className="id">
              {id}
            </span>
          ))}
        </span>
      </div>
      <p className="row-text">
        <code>{event}</code> {description}
      </p>
    </li>
  );
});

/** What the machine did last, with the ids under which the documentation has it. */
export function Transitions() {
  const tokens = useTokenLifecycle();
  // The state is a new object with each change, and the history is longer then.
  useSyncExternalStore(tokens.subscribe, tokens.getState);
  const newestFirst = worthTelling(tokens.history()).reverse().slice(0, limit);
  return (
    <Log title="Transitions" id="transitions" empty="Nothing has happened yet.">
      {newestFirst.map((entry) => (
        <Row key={keyOf(entry)} entry={entry} />
      ))}
    </Log>
  );
}
