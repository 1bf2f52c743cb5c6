/** What a search has seen, as numbers: a hundred thousand states fit, and are walked backwards in no time. */

/** One bit per progress law. */
type Bits = number;
/** More laws than bits would fail silently. */
export const mostProgressLaws = 30;

export type Graph = {
  readonly size: number;
  readonly edges: number;
  /** Index of the state with this key; `undefined` for a new one. */
  find(key: string): number | undefined;
  /** @param parent index of the state that it was first reached from; −1 for a start */
  add(key: string, parent: number, move: string): number;
  /** Which laws have to be kept from here, and which are satisfied here. */
  mark(node: number, from: Bits, to: Bits): void;
  /** Every move of this node has been taken. */
  close(node: number): void;
  connect(from: number, to: number, by: Bits): void;
  /** The moves that led to a state first: as few as possible, where states are added in order of depth. */
  pathTo(node: number): readonly string[];
  depthOf(node: number): number;
  /** The first state that breaks a progress law; `null` if there is none. */
  findStuck(law: number): Stuck | null;
  /** The most moves that a progress law ever takes. */
  longestWay(law: number): number;
};

export type Stuck = {
  readonly node: number;
  /** Whether some way from there never comes to where it should. */
  isStuck(node: number): boolean;
};

export function createGraph(): Graph {
  const index = new Map<string, number>();
  const moves: string[] = [];
  const moveIndex = new Map<string, number>();
  const parent: number[] = [];
  const parentMove: number[] = [];
  const depth: number[] = [];
  const fromBits: Bits[] = [];
  const toBits: Bits[] = [];
  const closed: boolean[] = [];
  const edgeFrom: number[] = [];
  const edgeTo: number[] = [];
  const edgeBy: Bits[] = [];
  let edges = 0;

  const numberOf = (move: string): number => {
    const known = moveIndex.get(move);
    if (known !== undefined) return known;
    moveIndex.set(move, moves.length);
    return moves.push(move) - 1;
  };
  const at = (list: readonly number[], place: number): number => list[place] ?? 0;
  const has = (bits: Bits, law: number): boolean => (bits & (1 << law)) !== 0;

  /** Per state, the law's edges that leave it, and those that arrive. */
  function edgesOf(law: number): { readonly out: number[][]; readonly into: number[][] } {
    const out: number[][] = Array.from(depth, () => []);
    const into: number[][] = Array.from(depth, () => []);
    for (let edge = 0; edge < edgeFrom.length; edge += 1) {
      if (!has(at(edgeBy, edge), law)) continue;
      out[at(edgeFrom, edge)]?.push(edge);
      into[at(edgeTo, edge)]?.push(edge);
    }
    return { out, into };
  }

  /** Backwards from where the law is satisfied: how far each state is from there at worst; −1 where it may never get there. */
  function distances(law: number, { out, into }: ReturnType<typeof edgesOf>): number[] {
    const open = out.map((list) => list.length);
    const found = depth.map(() => -1);
    // What was cut off by the limit is not known to be stuck.
    const queue = found.flatMap((_, node) => (has(at(toBits, node), law) || !closed[node] ? [node] : []));
    for (const node of queue) found[node] = 0;
    for (const node of queue) {
      for (const edge of into[node] ?? []) {
        const before = at(edgeFrom, edge);
        if (at(found, before) >= 0) continue;
        open[before] = at(open, before) - 1;
        if (at(open, before) > 0) continue;
        found[before] = 1 + Math.max(...(out[before] ?? []).map((way) => at(found, at(edgeTo, way))));
        queue.push(before);
      }
    }
    return found;
  }

  function pathTo(node: number): readonly string[] {
    const path: string[] = [];
    for (let here = node; here >= 0; here = at(parent, here)) path.push(moves[at(parentMove, here)] ?? '');
    return path.reverse();
  }

  return {
    get size() {
      return depth.length;
    },
    get edges() {
      return edges;
    },
    find: (key) => index.get(key),
    add: (key, before, move) => {
      const node = depth.length;
      index.set(key, node);
      parent.push(before);
      parentMove.push(numberOf(move));
      depth.push(before < 0 ? 0 : at(depth, before) + 1);
      fromBits.push(0);
      toBits.push(0);
      closed.push(false);
      return node;
    },
    mark: (node, from, to) => {
      fromBits[node] = from;
      toBits[node] = to;
    },
    close: (node) => {
      closed[node] = true;
    },
    connect: (from, to, by) => {
      edges += 1;
      // Only progress laws look at edges again.
      if (by === 0) return;
      edgeFrom.push(from);
      edgeTo.push(to);
      edgeBy.push(by);
    },
    pathTo,
    depthOf: (node) => at(depth, node),
    findStuck: (law) => {
      const found = distances(law, edgesOf(law));
      const node = found.findIndex((distance, one) => distance < 0 && has(at(fromBits, one), law));
      return node < 0 ? null : { node, isStuck: (one) => one >= 0 && at(found, one) < 0 };
    },
    longestWay: (law) => {
      const found = distances(law, edgesOf(law));
      return found.reduce(
        (most, distance, node) => (has(at(fromBits, node), law) ? Math.max(most, distance) : most),
        0,
      );
    },
  };
}
