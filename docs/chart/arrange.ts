/** Which transitions become arrows, and which are listed in the box of their state. */
import { type ChartEdge, type ChartModel, isWithin } from './model';

export type Bundle = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly edges: readonly ChartEdge[];
};

export type Arranged = {
  /** One arrow for all that lead from one state to another. */
  readonly bundles: readonly Bundle[];
  /** By state: what stays in it, comes back to it, goes between it and something inside it, or to what is not drawn. */
  readonly rows: ReadonlyMap<string, readonly ChartEdge[]>;
};

/** An arrow needs two boxes of which neither holds the other. */
const apart = (from: string, to: string): boolean => !isWithin(from, to) && !isWithin(to, from);

/** @returns each transition once among the rows, or on one arrow per target */
export function arrange({ nodes, edges }: ChartModel): Arranged {
  const drawn = new Set(nodes.map(({ id }) => id));
  const bundles = new Map<string, Bundle>();
  const rows = new Map<string, ChartEdge[]>();
  for (const edge of edges) {
    if (edge.to.length === 0 || !edge.to.every((to) => drawn.has(to) && apart(edge.from, to))) {
      rows.set(edge.from, [...(rows.get(edge.from) ?? []), edge]);
      continue;
    }
    for (const to of edge.to) {
      const id = `${edge.from}>${to}`;
      const known = bundles.get(id)?.edges ?? [];
      bundles.set(id, { id, from: edge.from, to, edges: [...known, edge] });
    }
  }
  return { bundles: [...bundles.values()], rows };
}
