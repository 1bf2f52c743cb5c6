/** What a chart is made of, whoever drew it: plain data, no state of it ever runs. */

export type NodeType = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

export type ChartNode = {
  /** Path from the root, dotted: `refreshing.minting`. The root is `''`. */
  readonly id: string;
  /** What XState calls it: `token.refreshing.minting`, or the `id` that its author gave it. */
  readonly stateId: string;
  readonly key: string;
  /** Path of the state around it; `null` for the root. */
  readonly parent: string | null;
  readonly children: readonly string[];
  readonly type: NodeType;
  readonly history: 'shallow' | 'deep' | undefined;
  /** The states that are entered with it, as paths. */
  readonly initial: readonly string[];
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** `meta.ids`, which is where this project keeps the ids of its rules. */
  readonly ids: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** What runs while the state is active. */
  readonly invokes: readonly { readonly id: string; readonly src: string }[];
};

export type EdgeKind = 'event' | 'always' | 'after' | 'done' | 'error' | 'snapshot' | 'state-done';

export type ChartEdge = {
  /** Stable while the chart is: source, event, and which of its candidates: `fresh:token.read:1`. */
  readonly id: string;
  readonly from: string;
  /** Paths. None where the transition stays and only acts; several where it enters regions side by side. */
  readonly to: readonly string[];
  readonly kind: EdgeKind;
  /** The event's type as XState has it: `token.read`, `xstate.done.actor.mint`, or empty for `always`. */
  readonly event: string;
  /** The event as a reader would say it: `token.read`, `mint done`, `after staleDelay`, `always`. */
  readonly label: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  readonly reenter: boolean;
  readonly description: string | undefined;
  readonly ids: readonly string[];
};

export type ChartModel = {
  readonly id: string;
  readonly description: string | undefined;
  /** The root first, each state before what it holds. */
  readonly nodes: readonly ChartNode[];
  /** In the order in which they are tried. */
  readonly edges: readonly ChartEdge[];
};

/** Whether `path` is `around` or lies inside it. The root is around everything. */
export const isWithin = (path: string, around: string): boolean =>
  around === '' || path === around || path.startsWith(`${around}.`);

/** The node of a path, or `undefined`. */
export const nodeAt = (model: ChartModel, path: string): ChartNode | undefined =>
  model.nodes.find((node) => node.id === path);
