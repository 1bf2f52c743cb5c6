/** Which states are active, and which transition was taken, told from what an inspector sends. */
import { type ChartEdge, type ChartModel, isWithin } from './model';
import { isRecord } from './plain';

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
  if (kind === 'always') return event === '' && type === '';
  return event === type || event === '*' || (event.endsWith('.*') && type.startsWith(event.slice(0, -1)));
}

export type Step = {
  /** Snapshot values. */
  readonly before: unknown;
  readonly after: unknown;
  /** The type of the event that came between. */
  readonly event: string;
};

/**
 * The transitions that may have led from one snapshot to the next. Guards cannot be asked any more, so where several
 * candidates fit, the first one that explains the new state is taken; an `always` that followed is found by its target.
 *
 * @returns ids, in the order in which they were taken; empty where nothing in the chart explains it
 * @example transitionsTaken(model, { before: 'fresh', event: 'xstate.after.untilStale.token.fresh', after: { stale: 'serving' } })
 */
export function transitionsTaken(model: ChartModel, { before, event, after }: Step): readonly string[] {
  const [was, is] = [activeStates(before), activeStates(after)];
  const inner = (a: ChartEdge, b: ChartEdge): number => b.from.length - a.from.length;
  const reached = (edge: ChartEdge): boolean => edge.to.length > 0 && edge.to.every((to) => is.includes(to));
  const changed = was.join() !== is.join();
  const asked = model.edges
    .filter((edge) => (edge.from === '' || was.includes(edge.from)) && hears(edge, event))
    .sort(inner);
  const direct = asked.find((edge) => (changed ? reached(edge) : edge.to.length === 0 || reached(edge)));
  if (direct) return [direct.id];
  for (const first of [...asked, undefined]) {
    const from = first === undefined ? was : first.to.length === 0 ? was : first.to;
    const follow = model.edges.find(
      (edge) =>
        edge.kind === 'always' &&
        reached(edge) &&
        from.some((at) => isWithin(at, edge.from) || isWithin(edge.from, at)),
    );
    if (follow && changed) return first ? [first.id, follow.id] : [follow.id];
  }
  return asked[0] ? [asked[0].id] : [];
}
