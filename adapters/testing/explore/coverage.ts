/** Which of the declared transitions were never taken. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { type ChartTransition, readChart } from '../../../machines/chart';

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(nodesOf),
];

/** The definitions of a machine, in the order in which `readChart` lists them. */
const definitionsOf = (machine: AnyStateMachine): readonly AnyTransitionDefinition[] =>
  nodesOf(machine.root).flatMap((node) => [...(node.always ?? []), ...[...node.transitions.values()].flat()]);

/** Declared transitions that are not among those taken. */
export function neverWalked(
  machine: AnyStateMachine,
  walked: ReadonlySet<AnyTransitionDefinition>,
): readonly ChartTransition[] {
  const definitions = definitionsOf(machine);
  return readChart(machine).transitions.filter((_, place) => {
    const definition = definitions[place];
    return definition !== undefined && !walked.has(definition);
  });
}

/** A transition in one line: `fresh · token.read [isForcedRead] → refreshing (T24)`. */
export function transitionLine({ from, event, guard, to, ids }: ChartTransition): string {
  const condition = guard === undefined ? '' : ` [${guard}]`;
  return `${from || 'any'} · ${event}${condition} → ${to.join(', ') || 'stays'} (${ids.join(', ')})`;
}
