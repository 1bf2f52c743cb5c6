import type { LoggedRequest } from '../../server/request-log';
import { duration, timeOfDay } from '../model/format';
import { inRuns, notes, outcomeOf } from '../model/request-texts';
import { Log } from './log';
import { useDemo, useStore } from './use-demo';

const limit = 60;

function Outcome({ entry }: { readonly entry: LoggedRequest }) {
  const { text, kind } = outcomeOf(entry);
  return (
    <span className="status-chip" data-kind={kind}>
      {text}
    </span>
  );
}

/** The server's log, newest first. */
export function Requests() {
  const entries = useStore(useDemo().feed.requests);
  const newestFirst = inRuns(entries).reverse().slice(0, limit);
  return (
    <Log title="Requests, as the server saw them" id="requests" empty="No request yet.">
      {newestFirst.map(({ entry, count }) => (
        <li key={`${entry.at} ${entry.id}`} className="row">
          <div className="row-head">
            <time>{timeOfDay(entry.at)}</time>
            <code className="request-line">{`${entry.method} ${entry.path}`}</code>
            <Outcome entry={entry} />
            <span className="row-ms">{count > 1 ? `${count} times` : entry.ms === null ? '' : duration(entry.ms)}</span>
          </div>
          <p className="row-text">{notes(entry).join(' · ')}</p>
        </li>
      ))}
    </Log>
  );
}
