/** Which states are active, and which transition was taken, told from what an inspector sends. */
import type { ChartEdge, ChartModel } from './model';
import { isRecord } from './plain';
import { createSteps } from './steps';

/**
 * The paths of all active states, those around first.
 *
 * @param value a snapshot's `value`: `'fresh'`, or `{ refreshing: { minting: 'serving' } }`
 */
export function activeStates(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inside]) => [
    key,
    ...activeStates(inside).map((path) => `${key}.${path}`),
  ]);
}

/** Whether XState would ask this transition for this event; `a.*` stands for what begins with `a.`. */
function hears({ event, kind }: ChartEdge, type: string): boolean {
  if (kind === 'always') return false;
  return event === type || event === '*' || (event.endsWith('.*') && type.startsWith(event.slice(0, -1)));
}

const depthOf = (path: string): number => (path === '' ? 0 : path.split('.').length);

export type Step = {
  /** Snapshot values. */
  readonly before: unknown;
  readonly after: unknown;
  /** The type of the event that came between. */
  readonly event: string;
};

/**
 * The transitions that may have led from one snapshot to the next: the shortest sequence that explains the new states. Guards
 * cannot be asked any more, so where several explain them, those win that XState asks first.
 *
 * @returns ids, in the order in which they were taken; empty where nothing in the chart explains it
 * @example transitionsTaken(model, { before: 'fresh', event: 'token.rejected', after: { refreshing: { spacing: 'serving' } } })
 */
export function transitionsTaken(model: ChartModel, { before, event, after }: Step): readonly string[] {
  const was = activeStates(before);
  const asked = model.edges
    .filter((edge) => (edge.from === '' || was.includes(edge.from)) && hears(edge, event))
    .sort((a, b) => depthOf(b.from) - depthOf(a.from));
  const taken = createSteps(model, activeStates(after)).explain(was, asked);
  return taken?.map(({ id }) => id) ?? [];
}
