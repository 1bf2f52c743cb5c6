/** What follows from the state of the viewer: rows, snapshots at a moment, the actor to show. */
import type { ChartModel } from '../../chart/model';
import type { SeenSnapshot } from '../protocol';
import { actorName } from '../trace/actor-name';
import { lastOf } from '../trace/last';
import { stateText } from '../trace/state-text';
import type { Actor, ActorKey, Entry, MessageEntry, StepEntry, Trace } from '../trace/types';
import type { ViewerState } from './types';

export const modelOf = (trace: Trace, actor: Actor | undefined): ChartModel | undefined =>
  actor?.definition === undefined ? undefined : trace.models[actor.definition];

const sizeOf = (trace: Trace, actor: Actor): number => modelOf(trace, actor)?.nodes.length ?? 0;

/** The actor whose chart is shown: the one that was chosen, else the living machine with the most states, here first. */
export function shownActorKey({ trace, picked }: Pick<ViewerState, 'trace' | 'picked'>): ActorKey | null {
  if (picked !== null && picked in trace.actors) return picked;
  const place = (actor: Actor): number => {
    const index = trace.sources.findIndex(({ id }) => id === actor.source);
    return trace.sources[index]?.closed ? index + trace.sources.length : index;
  };
  const machines = Object.values(trace.actors).filter((actor) => sizeOf(trace, actor) > 0);
  const best = machines.sort(
    (a, b) => Number(a.ended) - Number(b.ended) || place(a) - place(b) || sizeOf(trace, b) - sizeOf(trace, a),
  )[0];
  return best?.key ?? null;
}

export function shownActor(state: Pick<ViewerState, 'trace' | 'picked'>): Actor | undefined {
  const key = shownActorKey(state);
  return key === null ? undefined : state.trace.actors[key];
}

const isStep = (entry: Entry): entry is StepEntry => entry.is === 'step';

/** An actor's name for a row: with that of its tab where there are several. */
export function actorLabel(trace: Trace, key: ActorKey): string {
  const actor = trace.actors[key];
  if (!actor) return 'somebody';
  const source = trace.sources.length > 1 ? trace.sources.find(({ id }) => id === actor.source) : undefined;
  return source ? `${actorName(actor)} · ${source.label}` : actorName(actor);
}

function wordsOf(trace: Trace, { event, after, ids, description, actor }: StepEntry): string {
  const parts = [event.type, stateText(after), ids.join(' '), description ?? '', actorLabel(trace, actor)];
  return parts.join(' ').toLowerCase();
}

/** The rows of the timeline, oldest first. */
export function rowsOf(state: ViewerState): readonly StepEntry[] {
  const { trace, filter } = state;
  const only = filter.thisActor ? shownActorKey(state) : null;
  const wanted = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return trace.entries
    .filter(isStep)
    .filter((step) => filter.everything || step.changed)
    .filter((step) => filter.everything || modelOf(trace, trace.actors[step.actor]) !== undefined)
    .filter((step) => only === null || step.actor === only)
    .filter((step) => {
      if (wanted.length === 0) return true;
      const words = wordsOf(trace, step);
      return wanted.every((word) => words.includes(word));
    });
}

/** The last step of an actor up to the moment that is looked at. */
export function momentOf({ trace, at }: Pick<ViewerState, 'trace' | 'at'>, key: ActorKey): StepEntry | undefined {
  const last = lastOf(
    trace.entries,
    (entry) => entry.is === 'step' && entry.actor === key && (at === null || entry.seq <= at),
  );
  return last?.is === 'step' ? last : undefined;
}

/** The last step that changed the state: the one whose transition is traced in the chart. */
export function lastChange(
  { trace, at }: Pick<ViewerState, 'trace' | 'at'>,
  key: ActorKey,
  counts: (step: StepEntry) => boolean = () => true,
): StepEntry | undefined {
  const last = lastOf(
    trace.entries,
    (entry) =>
      entry.is === 'step' && entry.changed && entry.actor === key && (at === null || entry.seq <= at) && counts(entry),
  );
  return last?.is === 'step' ? last : undefined;
}

/** How an actor was at the moment that is looked at; before its first step, as it was found. */
export function snapshotAt(state: Pick<ViewerState, 'trace' | 'at'>, key: ActorKey): SeenSnapshot | undefined {
  const moment = momentOf(state, key);
  if (moment) return moment.after;
  if (state.at === null) return state.trace.actors[key]?.snapshot;
  const next = state.trace.entries.find((entry) => entry.is === 'step' && entry.actor === key);
  return next?.is === 'step' ? next.before : state.trace.actors[key]?.snapshot;
}

const telling = /^xstate\.(?:done|error)\.actor\./;
/** How a promise tells itself how it ended; its parent is told as well. */
const toItself = /^xstate\.promise\./;

/** The messages of the sequence diagram, oldest first: those that changed something, and those between tabs. */
export function messagesOf(state: ViewerState, limit: number): readonly MessageEntry[] {
  const { trace, at, filter } = state;
  const found: MessageEntry[] = [];
  const changedNext = new Map<ActorKey, string>();
  for (const entry of [...trace.entries].reverse()) {
    if (found.length >= limit) break;
    if (entry.is === 'step') {
      if (entry.changed) changedNext.set(entry.actor, entry.event.type);
      else changedNext.delete(entry.actor);
      continue;
    }
    const moved = changedNext.get(entry.actor) === entry.event.type;
    if (moved) changedNext.delete(entry.actor);
    if (at !== null && entry.seq > at) continue;
    if (!filter.everything && toItself.test(entry.event.type)) continue;
    if (filter.everything || moved || entry.acrossTabs || telling.test(entry.event.type)) found.push(entry);
  }
  return found.reverse();
}

type InTree = { readonly actor: Actor; readonly depth: number };

/** Actors in the order of their tree: each after its parent, tab by tab. */
export function treeOf(trace: Trace, source: string): readonly InTree[] {
  const mine = Object.values(trace.actors).filter((actor) => actor.source === source);
  const keys = new Set(mine.map(({ key }) => key));
  const below = (parent: ActorKey | undefined, depth: number): InTree[] =>
    mine
      .filter((actor) => (parent === undefined ? !actor.parent || !keys.has(actor.parent) : actor.parent === parent))
      .flatMap((actor) => [{ actor, depth }, ...below(actor.key, depth + 1)]);
  const tree = below(undefined, 0);
  const listed = new Set(tree.map(({ actor }) => actor.key));
  // Whoever claims to be a parent of itself hangs on nothing.
  return [...tree, ...mine.filter(({ key }) => !listed.has(key)).map((actor) => ({ actor, depth: 0 }))];
}
