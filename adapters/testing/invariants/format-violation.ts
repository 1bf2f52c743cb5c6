import { formatTrace } from '../format-trace';
import type { Trace } from '../trace';
import type { Violation } from './types';

/**
 * A violation with the trace that leads to it, for a terminal: `→` marks the entries that show it.
 *
 * @param before how many entries before the last of them are told; default 40
 * @example
 * const [first] = checkTrace(world.trace);
 * if (first) throw new Error(formatViolation(first, world.trace));
 */
export function formatViolation(violation: Violation, trace: Trace, before = 40): string {
  const { invariant, title, message, entries } = violation;
  const last = entries.at(-1) ?? trace.length - 1;
  const from = Math.max(0, last - before);
  const lines = trace.flatMap((entry, place) => {
    const marked = entries.includes(place);
    if (place > last || (place < from && !marked)) return [];
    return [`${marked ? '→' : ' '} ${formatTrace([entry])}`];
  });
  return [`${invariant}: ${title}`, message, '', ...lines].join('\n');
}
