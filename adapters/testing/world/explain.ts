/** A tab's situation in words, for the message of a failing test. */
import { formatTrace } from '../format-trace';
import type { Recorder } from './recorder';
import type { Tab } from './tab';

/** Entries of the tab that are shown. */
const shown = 20;

export function explainTab(tab: Tab, { entries, at }: Recorder): string {
  const recent = entries.filter((entry) => entry.tab === tab.index || entry.tab === null).slice(-shown);
  const where = !tab.isOpen
    ? 'closed'
    : [
        tab.presence.visibility,
        tab.presence.focus === true ? 'with the focus' : 'without the focus',
        ...(tab.isFrozen ? ['frozen'] : []),
      ].join(', ');
  return [
    `Tab ${tab.index} at ${at() / 1_000} s: ${where}.`,
    tab.tokens.explain(),
    `The last ${recent.length} things that happened to it or to the machine:`,
    formatTrace(recent),
  ].join('\n');
}
