import { formatViolation } from '../invariants/format-violation';
import { formatSchedule } from './format-schedule';
import type { Played } from './run-schedule';

/**
 * Throws where a played schedule broke an invariant. The message tells what happened, by which schedule, with the trace.
 *
 * @throws Error
 * @example assertInvariants(await runSchedule(schedule));
 */
export function assertInvariants({
  violations,
  trace,
  schedule,
}: Pick<Played, 'violations' | 'trace' | 'schedule'>): void {
  const [first] = violations;
  if (!first) return;
  throw new Error(`${formatViolation(first, trace)}\n\nThe schedule:\n${formatSchedule(schedule)}`);
}
