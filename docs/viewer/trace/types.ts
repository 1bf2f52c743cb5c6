/** A trace: everything that was heard, and what it means. Plain data. */
import type { ChartModel } from '../../chart/model';
import type { ActorEvent, SeenSnapshot } from '../protocol';

/** One event as it arrived, with the name of who sent it. This is what a trace file holds. */
export type Received = { readonly source: string; readonly label?: string; readonly data: unknown };

/** What the page that opened the viewer, or that it is a part of, is called. */
export const ownLabel = 'This tab';

export type Source = {
  readonly id: string;
  readonly label: string;
  /** It has said goodbye. */
  readonly closed: boolean;
};

/** An actor's name here: source and session id. */
export type ActorKey = string;

export type Actor = {
  readonly key: ActorKey;
  readonly source: string;
  readonly sessionId: string;
  readonly name: string;
  readonly parent: ActorKey | undefined;
  /** The definition that `models` knows; absent for a promise, a callback, an observable. */
  readonly definition: string | undefined;
  readonly snapshot: SeenSnapshot;
  /** Epoch ms: when it came into the state that it is in. */
  readonly since: number;
  readonly ended: boolean;
  /** The number of its first entry, if its very beginning was seen. */
  readonly begins: number | undefined;
};

type Base = {
  /** Counts everything since the page was opened; never used twice. */
  readonly seq: number;
  readonly at: number;
  readonly actor: ActorKey;
  readonly event: ActorEvent;
};

/** An actor took an event. */
export type StepEntry = Base & {
  readonly is: 'step';
  readonly before: SeenSnapshot | undefined;
  readonly after: SeenSnapshot;
  /** The state is another one than before. */
  readonly changed: boolean;
  /** Ids of transitions in the chart that were taken, as far as they can be told. */
  readonly taken: readonly string[];
  /** Told from the states before and after alone: others may have been taken. */
  readonly guessed: boolean;
  /** From the definition: ids of rules, and what the transition is for. */
  readonly ids: readonly string[];
  readonly description: string | undefined;
  /** Ms in the state that was left. */
  readonly lasted: number | undefined;
};

/** An event on its way. */
export type MessageEntry = Base & {
  readonly is: 'message';
  /** Absent: it came from outside, from no actor. */
  readonly from: ActorKey | undefined;
  /** It came from an actor in another tab; told by the facts that both know. */
  readonly acrossTabs: boolean;
};

export type Entry = StepEntry | MessageEntry;

export type Trace = {
  readonly sources: readonly Source[];
  readonly actors: Readonly<Record<ActorKey, Actor>>;
  readonly models: Readonly<Record<string, ChartModel>>;
  readonly entries: readonly Entry[];
  /** As it came: what is exported. */
  readonly log: readonly Received[];
  readonly nextSeq: number;
  /** Entries that were let go, since memory has an end. */
  readonly dropped: number;
};

export const emptyTrace: Trace = {
  sources: [],
  actors: {},
  models: {},
  entries: [],
  log: [],
  nextSeq: 0,
  dropped: 0,
};
