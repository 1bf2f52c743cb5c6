/** What the page shows, and what may happen to it. */
import type { ActorKey, Received, Trace } from '../trace/types';

export type Panel = 'chart' | 'timeline' | 'sequence' | 'detail' | 'actors';

export type Filter = {
  /** Words that have to be in a row, in any order. */
  readonly text: string;
  /** Also events that changed no state: looks at the clock, for instance. */
  readonly everything: boolean;
  /** Only the actor whose chart is shown. */
  readonly thisActor: boolean;
};

/** How much of a chart is drawn: the top-level states, one of them opened, or all there is. */
export type Opened =
  | { readonly is: 'overview' }
  | { readonly is: 'all' }
  | { readonly is: 'one'; readonly state: string };

export type ViewerState = {
  readonly trace: Trace;
  /** While a file is looked at: its name, and the live trace, which goes on in the background. */
  readonly file: { readonly name: string; readonly live: Trace } | null;
  /** The actor that somebody chose; `null`: the most telling one. */
  readonly picked: ActorKey | null;
  /** The step that is looked at, by `seq`; `null`: the present. */
  readonly at: number | null;
  readonly paused: boolean;
  /** Received while paused. */
  readonly waiting: readonly Received[];
  readonly filter: Filter;
  /** Per definition; what is not there is chosen by size. */
  readonly opened: Readonly<Record<string, Opened>>;
  /** A transition in the chart that somebody asks about, by id. */
  readonly asked: string | null;
  /** The panel that is on top where there is room for one only. */
  readonly panel: Panel;
  /** A line for the person: a file that could not be read. */
  readonly notice: string | null;
};

export type ViewerAction =
  | { readonly type: 'received'; readonly batch: readonly Received[] }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'actor.picked'; readonly actor: ActorKey }
  | { readonly type: 'step.chosen'; readonly seq: number }
  | { readonly type: 'stepped'; readonly by: number }
  | { readonly type: 'went.first' }
  | { readonly type: 'went.live' }
  | { readonly type: 'filtered'; readonly filter: Partial<Filter> }
  | { readonly type: 'chart.opened'; readonly definition: string; readonly opened: Opened }
  | { readonly type: 'transition.asked'; readonly transition: string | null }
  | { readonly type: 'panel.chosen'; readonly panel: Panel }
  | { readonly type: 'file.loaded'; readonly name: string; readonly trace: Trace }
  | { readonly type: 'file.closed' }
  | { readonly type: 'file.refused'; readonly reason: string }
  | { readonly type: 'notice.closed' }
  | { readonly type: 'cleared' };
