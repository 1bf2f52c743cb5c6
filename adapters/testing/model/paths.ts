/** Paths that take every transition once: the shortest way to its source, and on. */
import type { EventObject, Snapshot } from 'xstate';
import { getAdjacencyMap, getShortestPaths, type PathGenerator, type StatePath } from 'xstate/graph';

/**
 * `getShortestPaths` reaches every state and leaves out most transitions; `getSimplePaths` takes every way round. This takes
 * each transition by the shortest way; TestModel drops what is the beginning of another path.
 */
export function transitionPaths<S extends Snapshot<unknown>, E extends EventObject, Input>(
  ...[logic, options]: Parameters<PathGenerator<S, E, Input>>
): StatePath<S, E>[] {
  const serialize = options.serializeState ?? ((state: S) => JSON.stringify(state));
  const adjacency = getAdjacencyMap(logic, options);
  return getShortestPaths(logic, options).flatMap((path) => {
    const { steps, state } = path;
    const key = serialize(state, steps.at(-1)?.event);
    const nexts = Object.values(adjacency[key as keyof typeof adjacency]?.transitions ?? {});
    // The last step of a path as XState gives it leads to `state`; each way on is one more.
    return [
      path,
      ...nexts.map((next) => ({
        state: next.state,
        steps: [...steps, { state: next.state, event: next.event }],
        weight: steps.length + 1,
      })),
    ];
  });
}
