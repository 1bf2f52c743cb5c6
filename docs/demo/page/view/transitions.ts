import type { HistoryEntry } from '../../../../index';
import { topOf, worthTelling } from '../steps';
import { find, make } from './dom';
import { timeOfDay } from './format';
import { createRows } from './rows';

const state = (name: string): HTMLElement => {
  const chip = make('span', 'state-chip', name);
  // A substate has the colour of its state: `outage-fallback.probing`.
  chip.dataset.state = topOf(name);
  return chip;
};

const keyOf = ({ at, key, from, to, event }: HistoryEntry): string => [at, key, from, to, event].join(' ');

/** What the machine did last, with the ids under which the documentation has it. */
export function createTransitionsView(): (history: readonly HistoryEntry[]) => void {
  const update = createRows<HistoryEntry>(find('#transitions'), {
    limit: 60,
    empty: 'Nothing has happened yet.',
    key: keyOf,
    version: keyOf,
    draw: ({ at, from, to, event, ids, description }) => [
      make('div', 'row-head', undefined, [
        make('time', '', timeOfDay(at)),
        state(from),
        make('span', 'arrow-text', '→'),
        state(to),
        make(
          'span',
          'ids',
          undefined,
          ids.map((id) => make('span', 'id', id)),
        ),
      ]),
      make('p', 'row-text', undefined, [make('code', '', event), document.createTextNode(` ${description}`)]),
    ],
  });
  return (history) => update(worthTelling(history).reverse());
}
