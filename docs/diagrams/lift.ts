/** What the session machine and the token machine do together, as steps between the seven states that a user sees. */
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { type ChartEdge, type ChartModel, collapse, readModel } from '../chart';

export type Step = {
  /** `from>to`; `*` for a transition that every state has. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** The transitions of either machine that take it, with their ids as in their own charts. */
  readonly edges: readonly ChartEdge[];
};

const closed = (model: ChartModel): ChartModel => collapse(model, ({ id }) => id !== '');

/**
 * The session machine's `signed-in` is whatever its token machine says. Leaving it is signing out; entering it starts a token
 * machine, which begins by restoring.
 */
function ofSession(from: string, to: string): readonly [string, string] {
  return [from === 'signed-in' ? '*' : from, to === 'signed-in' ? 'restoring' : to];
}

type Taken = { readonly from: string; readonly to: string; readonly edge: ChartEdge };

const takenBy = (model: ChartModel, name: (from: string, to: string) => readonly [string, string]): Taken[] =>
  model.edges.flatMap((edge) =>
    edge.to.map((target) => {
      const [from, to] = name(edge.from, target);
      return { from: from === '' ? '*' : from, to, edge };
    }),
  );

/** The seven states, in the order in which the token machine has them. */
export const topStates = (): readonly string[] =>
  closed(readModel(tokenMachine))
    .nodes.slice(1)
    .map(({ id }) => id);

/** Every step between them that some transition takes. */
export function topSteps(): readonly Step[] {
  const steps = new Map<string, Step>();
  const taken = [
    ...takenBy(closed(readModel(tokenMachine)), (from, to) => [from, to]),
    ...takenBy(closed(readModel(sessionMachine)), ofSession),
  ];
  for (const { from, to, edge } of taken) {
    // Back where it was: no step. Signed in is no step from every state; that somebody else signs in is another life.
    if (from === to || (from === '*' && to === 'restoring')) continue;
    const key = `${from}>${to}`;
    steps.set(key, { key, from, to, edges: [...(steps.get(key)?.edges ?? []), edge] });
  }
  return [...steps.values()];
}
