/** What a transition does to the active states, as XState goes about it, and which sequence of them explains a change. */
import { type ChartEdge, type ChartModel, type ChartNode, isWithin } from './model';

/** The paths of all active states. */
type Active = readonly string[];

type Walk = { readonly active: Active; readonly taken: readonly ChartEdge[] };

const keyOf = (active: Active): string => [...active].sort().join();

/** Follow-ups of one event: more in a row than any sensible chart has. */
const longestWalk = 10;
const mostWalks = 3_000;
/** Regions side by side that answer the same event. */
const mostAtOnce = 3;

/** The innermost state that is around all of `paths`, and none of them. */
function around(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('.').slice(0, -1));
  const differs = first.findIndex((key, index) => others.some((other) => other[index] !== key));
  return first.slice(0, differs < 0 ? first.length : differs).join('.');
}

/** @param after the states that it came to: what a history remembers shows in them */
export function createSteps(model: ChartModel, after: Active) {
  const nodes = new Map(model.nodes.map((node) => [node.id, node]));
  const childrenOf = (node: ChartNode): ChartNode[] => node.children.flatMap((id) => nodes.get(id) ?? []);

  /** What is entered with `node` on the way to `wanted`. What a history remembers is taken from what came of it. */
  function enter(node: ChartNode, wanted: readonly string[]): Active {
    const inside = wanted.filter((path) => path !== node.id && isWithin(path, node.id));
    const goals = inside.length > 0 ? inside : node.initial;
    const states = childrenOf(node).filter(({ type }) => type !== 'history');
    if (states.length === 0) return [node.id];
    if (node.type === 'parallel') return [node.id, ...states.flatMap((child) => enter(child, inside))];
    if (goals.some((goal) => nodes.get(goal)?.type === 'history' && nodes.get(goal)?.parent === node.id)) {
      return [node.id, ...after.filter((path) => path !== node.id && isWithin(path, node.id))];
    }
    const child = states.find(({ id }) => goals.some((goal) => isWithin(goal, id)));
    return child ? [node.id, ...enter(child, goals)] : [node.id];
  }

  /** The active states once a transition has been taken. */
  function take(active: Active, { from, to, reenter }: ChartEdge): Active {
    if (to.length === 0) return active;
    const stays = !reenter && to.every((target) => target !== from && isWithin(target, from));
    const domain = stays ? from : around([from, ...to]);
    const node = nodes.get(domain);
    if (!node) return active;
    const kept = active.filter((path) => path === domain || !isWithin(path, domain));
    return [...new Set([...kept, ...enter(node, to)])].filter((path) => path !== '');
  }

  const isAsked = (active: Active, edge: ChartEdge): boolean => edge.from === '' || active.includes(edge.from);

  /** Each way in which an event may be answered: by one of the transitions, or by several in regions side by side. */
  function answers(active: Active, asked: readonly ChartEdge[]): Walk[] {
    const walks: Walk[] = [];
    const extend = (walk: Walk, rest: readonly ChartEdge[]): void => {
      rest.forEach((edge, index) => {
        const beside = walk.taken.every(({ from }) => !isWithin(from, edge.from) && !isWithin(edge.from, from));
        if (!beside || !isAsked(walk.active, edge) || walks.length >= mostWalks) return;
        const next = { active: take(walk.active, edge), taken: [...walk.taken, edge] };
        walks.push(next);
        if (next.taken.length < mostAtOnce) extend(next, rest.slice(index + 1));
      });
    };
    extend({ active, taken: [] }, asked);
    return walks.sort((a, b) => a.taken.length - b.taken.length);
  }

  const always = model.edges.filter(({ kind, event }) => kind === 'always' && event === '');

  return {
    /**
     * The shortest sequence that leads from `before` to `after`: an answer to the event, or none, and what follows by `always`.
     *
     * @param asked transitions that hear the event, those asked first in front
     */
    explain(before: Active, asked: readonly ChartEdge[]): readonly ChartEdge[] | null {
      const goal = keyOf(after);
      let walks: readonly Walk[] = [...answers(before, asked), { active: before, taken: [] }];
      const seen = new Set<string>();
      for (let length = 0; length <= longestWalk && walks.length > 0 && seen.size < mostWalks; length += 1) {
        const arrived = walks.find(({ active }) => keyOf(active) === goal);
        if (arrived) return arrived.taken;
        const fresh = walks.filter(({ active }) => {
          const key = keyOf(active);
          return !seen.has(key) && seen.add(key);
        });
        walks = fresh.flatMap(({ active, taken }) =>
          always
            .filter((edge) => edge.to.length > 0 && isAsked(active, edge))
            .map((edge) => ({ active: take(active, edge), taken: [...taken, edge] })),
        );
      }
      return null;
    },
  };
}
