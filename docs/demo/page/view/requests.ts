import type { LoggedRequest } from '../../server/request-log';
import { find, make } from './dom';
import { duration, timeOfDay } from './format';
import { createRows } from './rows';

function outcome({ outcome, status, ms }: LoggedRequest): HTMLElement {
  const text = outcome === 'answered' ? String(status) : outcome === 'pending' ? '…' : outcome;
  const chip = make('span', 'status-chip', text);
  chip.dataset.kind =
    outcome === 'pending' ? 'pending' : outcome === 'answered' && status !== null && status < 400 ? 'good' : 'bad';
  if (ms !== null) chip.title = duration(ms);
  return chip;
}

/** Small print, in the order in which it is read: who asked, what was played, what was said. */
function notes({ cause, attempt, presentedExpired, code, fault }: LoggedRequest): string[] {
  return [
    ...(cause ? [attempt !== undefined && attempt > 1 ? `${cause}, attempt ${attempt}` : cause] : []),
    ...(presentedExpired ? ['last token presented'] : []),
    ...(code ? [code] : fault && fault !== 'outage' ? [`fault: ${fault}`] : []),
  ];
}

/** Calls of the API that went well, one after the other, are one row: they would push the rest out of sight. */
type Run = { readonly entry: LoggedRequest; readonly count: number };

const isRoutine = ({ path, status }: LoggedRequest): boolean => path.startsWith('/api/') && status === 200;

function inRuns(entries: readonly LoggedRequest[]): Run[] {
  const runs: Run[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last && isRoutine(last.entry) && isRoutine(entry)) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ entry, count: 1 });
  }
  return runs;
}

/** The server's log, newest first. */
export function createRequestsView(): (entries: readonly LoggedRequest[]) => void {
  const update = createRows<Run>(find('#requests'), {
    limit: 60,
    empty: 'No request yet.',
    key: ({ entry: { id, at } }) => `${at} ${id}`,
    version: (run) => JSON.stringify(run),
    draw: ({ entry, count }) => [
      make('div', 'row-head', undefined, [
        make('time', '', timeOfDay(entry.at)),
        make('code', 'request-line', `${entry.method} ${entry.path}`),
        outcome(entry),
        make('span', 'row-ms', count > 1 ? `${count} times` : entry.ms === null ? '' : duration(entry.ms)),
      ]),
      make('p', 'row-text', notes(entry).join(' · ')),
    ],
  });
  return (entries) => update(inRuns(entries).reverse());
}
