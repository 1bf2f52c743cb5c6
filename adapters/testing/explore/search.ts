/** Breadth-first over everything that may happen: the first state found broken is reached by as few moves as possible. */
import { checkNumber } from '../../../machines/check';
import { createGraph, type Graph, mostProgressLaws } from './graph';
import {
  complaintOf,
  type Invariant,
  isProgressLaw,
  type Landing,
  type Move,
  type ProgressLaw,
  runsLaw,
  type SafetyLaw,
  type System,
} from './system';
import { retrace, traceOf, type Violation } from './trace';

export type SearchOptions<State, M extends Move, Effect> = {
  readonly invariants: readonly Invariant<State, M, Effect>[];
  /** States after which it stops, as far as it came. Default 1,000,000. */
  readonly limit?: number;
  /** Called now and then, for a progress bar. */
  readonly onProgress?: (soFar: { readonly states: number; readonly open: number; readonly depth: number }) => void;
};

export type SearchReport = {
  readonly states: number;
  /** Moves taken from them. */
  readonly transitions: number;
  /** The most moves that any of the states is away from a start. */
  readonly depth: number;
  /** Every reachable state was seen, and every move taken from it. */
  readonly exhaustive: boolean;
  readonly seconds: number;
  readonly statesPerSecond: number;
  /** `null` if every invariant holds, as far as was searched. */
  readonly violation: Violation | null;
  /** For each progress law: the most moves that it took. */
  readonly longestWays: Readonly<Record<string, number>>;
};

/** States between two calls of `onProgress`. */
const progressEvery = 2_000;

/**
 * Walks every state of a system, breadth first, and stops at the first one that breaks an invariant.
 *
 * @param system where it begins, and what may happen
 * @param options what has to hold, and when to give up
 * @throws ConfigurationError for a limit that is no whole number above 0
 * @example search(myProtocol, { invariants: [{ id: 'one-leader', says: 'One leads.', inState: complain }] }).violation
 */
export function search<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  { invariants, limit = 1_000_000, onProgress }: SearchOptions<State, M, Effect>,
): SearchReport {
  checkNumber('explore.limit', limit, { min: 1, integer: true });
  const progress = invariants.filter((law): law is ProgressLaw<State, M> => isProgressLaw(law));
  const safety = invariants.filter((law): law is SafetyLaw<State, M, Effect> => !isProgressLaw(law));
  checkNumber('explore.invariants (those of progress)', progress.length, { min: 0, max: mostProgressLaws });
  const graph = createGraph();
  const began = performance.now();
  /** Only what is still to be expanded is kept whole. */
  let open: { readonly node: number; readonly state: State }[] = [];
  let violation: Violation | null = null;
  let cut = false;

  const bits = (test: (law: ProgressLaw<State, M>) => boolean): number =>
    progress.reduce((all, law, place) => (test(law) ? all | (1 << place) : all), 0);

  function judge(before: State | null, move: M, landing: Landing<State, Effect>, path: () => readonly string[]): void {
    for (const law of safety) {
      const complaint = complaintOf(law, before, move, landing);
      if (complaint === undefined) continue;
      violation = traceOf(system, { law, complaint, moves: path(), loopFrom: null });
      return;
    }
  }

  /** Makes a move, unless the system throws: that is the one law that every system has. */
  function attempt(moves: () => readonly string[], make: () => Landing<State, Effect>): Landing<State, Effect> | null {
    try {
      return make();
    } catch (error) {
      const complaint = error instanceof Error ? error.message : String(error);
      violation = traceOf(system, { law: runsLaw, complaint, moves: moves(), loopFrom: null });
      return null;
    }
  }

  /** The index of where a move led; −1 if there is no room for one more state. */
  function arrive(landing: Landing<State, Effect>, parent: number, move: M): number {
    const key = system.key(landing.state);
    const known = graph.find(key);
    if (known !== undefined) return known;
    if (graph.size >= limit) {
      cut = true;
      return -1;
    }
    const node = graph.add(key, parent, move.id);
    const { state } = landing;
    graph.mark(
      node,
      bits((law) => law.from(state)),
      bits((law) => law.to(state)),
    );
    open.push({ node, state });
    return node;
  }

  function expand(node: number, state: State): void {
    for (const move of system.moves(state)) {
      const path = () => [...graph.pathTo(node), move.id];
      const landing = attempt(path, () => system.take(state, move));
      if (landing) judge(state, move, landing, path);
      if (!landing || violation) return;
      const next = arrive(landing, node, move);
      if (next >= 0)
        graph.connect(
          node,
          next,
          bits((law) => law.by(state, move)),
        );
    }
    if (!cut) graph.close(node);
  }

  for (const start of system.starts) {
    const path = () => [start.id];
    const landing = attempt(path, () => system.enter(start));
    if (landing) judge(null, start, landing, path);
    if (!landing || violation) break;
    arrive(landing, -1, start);
  }
  let expanded = 0;
  while (open.length > 0 && !violation) {
    const layer = open;
    open = [];
    for (const { node, state } of layer) {
      expand(node, state);
      expanded += 1;
      if (onProgress && expanded % progressEvery === 0) {
        onProgress({ states: graph.size, open: graph.size - expanded, depth: graph.depthOf(node) });
      }
      if (violation) break;
    }
  }
  violation ??= stuckIn(system, graph, progress);
  const seconds = (performance.now() - began) / 1_000;
  return {
    states: graph.size,
    transitions: graph.edges,
    depth: graph.size === 0 ? 0 : graph.depthOf(graph.size - 1),
    exhaustive: violation === null && !cut,
    seconds,
    statesPerSecond: Math.round(graph.size / Math.max(seconds, 1e-9)),
    violation,
    longestWays: Object.fromEntries(progress.map((law, place) => [law.id, graph.longestWay(place)])),
  };
}

/** A way on from a stuck state that shows it: move by move, since states that count as one may name their moves otherwise. */
function wayOn<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  start: State,
  law: ProgressLaw<State, M>,
  isStuck: (key: string) => boolean,
): { readonly moves: readonly string[]; readonly loopFrom: number | null } {
  const moves: string[] = [];
  const seen = new Map<string, number>();
  for (let here = start; ; ) {
    const key = system.key(here);
    const before = seen.get(key);
    if (before !== undefined) return { moves, loopFrom: before };
    seen.set(key, moves.length);
    const ways = system.moves(here).filter((move) => law.by(here, move));
    const [next] = ways
      .map((move) => ({ move, state: system.take(here, move).state }))
      .filter(({ state }) => isStuck(system.key(state)));
    if (!next) return { moves, loopFrom: null };
    moves.push(next.move.id);
    here = next.state;
  }
}

function stuckIn<State, M extends Move, Effect>(
  system: System<State, M, Effect>,
  graph: Graph,
  laws: readonly ProgressLaw<State, M>[],
): Violation | null {
  for (const [place, law] of laws.entries()) {
    const stuck = graph.findStuck(place);
    if (!stuck) continue;
    const path = graph.pathTo(stuck.node);
    const last = [...retrace(system, path)].at(-1);
    if (!last) continue;
    const way = wayOn(system, last.landing.state, law, (key) => stuck.isStuck(graph.find(key) ?? -1));
    const loopFrom = way.loopFrom === null ? null : path.length + way.loopFrom;
    const complaint =
      loopFrom === null ? 'From there on nothing happens any more.' : 'From there it can go round for ever.';
    return traceOf(system, { law, complaint, moves: [...path, ...way.moves], loopFrom });
  }
  return null;
}
