import Table from 'cli-table3';
import { clockTime } from '../durations';
import type { Paint } from '../terminal';
import type { Row } from './story';

/** The rows of a story as a table. */
export function drawTable(rows: readonly Row[], paint: Paint): string {
  const table = new Table({
    head: ['time', 'tab', 'state', 'what'].map((head) => paint('bold', head)),
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'left', 'left', 'left'],
  });
  for (const { at, tab, state, text } of rows) {
    table.push([clockTime(at), tab === null ? '' : String(tab), state ?? '', text]);
  }
  return table.toString();
}
