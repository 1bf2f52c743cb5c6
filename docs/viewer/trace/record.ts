/** Events → trace: a pure fold. */
import { transitionsTaken } from '../../chart/active';
import type { ChartEdge, ChartModel } from '../../chart/model';
import { readModel } from '../../chart/read';
import {
  type Inspected,
  type InspectedActor,
  type InspectedMessage,
  type InspectedStep,
  isDisconnect,
  readInspected,
  readSource,
} from '../protocol';
import { senderInAnotherTab } from './across-tabs';
import { sameValue } from './same-value';
import { type Actor, type Entry, ownLabel, type Received, type StepEntry, type Trace } from './types';

/** Entries that are kept, and how many go at once when there are more. */
const kept = 3_000;
const dropAtOnce = 500;

const keyOf = (source: string, sessionId: string): string => `${source}/${sessionId}`;

function withModel(trace: Trace, definition: string | undefined): Trace {
  if (definition === undefined || definition in trace.models) return trace;
  try {
    return { ...trace, models: { ...trace.models, [definition]: readModel(definition) } };
  } catch {
    // Cut off by a depth limit, or no machine at all: the actor is shown without a chart.
    return trace;
  }
}

const unknownActor = (source: string, { sessionId, at }: Inspected): Actor => ({
  key: keyOf(source, sessionId),
  source,
  sessionId,
  name: sessionId,
  parent: undefined,
  definition: undefined,
  snapshot: {},
  since: at,
  ended: false,
  begins: undefined,
});

const withActor = (trace: Trace, actor: Actor): Trace => ({
  ...trace,
  actors: { ...trace.actors, [actor.key]: actor },
});

const withEntry = (trace: Trace, entry: Entry): Trace => ({
  ...trace,
  entries: [...trace.entries, entry],
  nextSeq: trace.nextSeq + 1,
});

/** The snapshot of an actor event is as of when it was written down, and steps that came before are still to arrive. */
function actorAppears(before: Trace, source: string, heard: InspectedActor): Trace {
  const known = before.actors[keyOf(source, heard.sessionId)];
  const trace = withModel(before, heard.definition);
  const definition = heard.definition !== undefined && heard.definition in trace.models ? heard.definition : undefined;
  return withActor(trace, {
    ...(known ?? unknownActor(source, heard)),
    name: heard.name,
    parent: heard.parentId === undefined ? undefined : keyOf(source, heard.parentId),
    definition,
    snapshot: known?.begins === undefined ? heard.snapshot : known.snapshot,
  });
}

function messagePasses(trace: Trace, source: string, heard: InspectedMessage): Trace {
  const actor = keyOf(source, heard.sessionId);
  const inside = heard.from === undefined ? undefined : keyOf(source, heard.from);
  const across = inside === undefined ? senderInAnotherTab(trace, source, heard.event) : undefined;
  return withEntry(trace, {
    is: 'message',
    seq: trace.nextSeq,
    at: heard.at,
    actor,
    event: heard.event,
    from: inside ?? across,
    acrossTabs: across !== undefined,
  });
}

type Told = Pick<StepEntry, 'taken' | 'guessed' | 'ids' | 'description'>;

/** What the definition says of what happened: the transition that set it off counts, what follows by itself comes after. */
function tell(model: ChartModel | undefined, before: unknown, { snapshot, event, transitions }: InspectedStep): Told {
  if (!model || before === undefined) return { taken: [], guessed: false, ids: [], description: undefined };
  const taken = transitions ?? transitionsTaken(model, { before, after: snapshot.value, event: event.type });
  const edges = taken.flatMap((id) => model.edges.find((edge) => edge.id === id) ?? []);
  const main = edges.find(({ to, description }) => to.length > 0 && description !== undefined) ?? edges.at(-1);
  return {
    taken: edges.map(({ id }) => id),
    guessed: transitions === undefined && edges.some((edge) => hasRival(model, edge)),
    ids: [...new Set([main, ...edges].flatMap((edge) => edge?.ids ?? []))],
    description: main?.description,
  };
}

/** Another guarded transition leads from there to the same state, or follows by itself. */
const hasRival = (model: ChartModel, { id, from, to, kind, event }: ChartEdge): boolean =>
  kind === 'always' ||
  model.edges.some(
    (other) => other.id !== id && other.from === from && other.event === event && other.to.join() === to.join(),
  );

function stepHappens(trace: Trace, source: string, heard: InspectedStep): Trace {
  const key = keyOf(source, heard.sessionId);
  const actor = trace.actors[key] ?? unknownActor(source, heard);
  const begins = heard.event.type === 'xstate.init';
  const before = begins ? undefined : actor.snapshot;
  const after = heard.snapshot;
  const changed = begins || !sameValue(before?.value, after.value) || before?.status !== after.status;
  const model = actor.definition === undefined ? undefined : trace.models[actor.definition];
  const entry: StepEntry = {
    is: 'step',
    seq: trace.nextSeq,
    at: heard.at,
    actor: key,
    event: heard.event,
    before,
    after,
    changed,
    ...tell(model, before?.value, heard),
    lasted: changed && !begins ? Math.max(0, heard.at - actor.since) : undefined,
  };
  const next: Actor = {
    ...actor,
    snapshot: after,
    since: changed ? heard.at : actor.since,
    ended: after.status !== undefined && after.status !== 'active',
    begins: begins ? trace.nextSeq : actor.begins,
  };
  return withEntry(withActor(trace, next), entry);
}

/** Tabs are counted as they come; the own one stands first. */
function withSource(trace: Trace, id: string, label: string | undefined, closed = false): Trace {
  const known = trace.sources.find((source) => source.id === id);
  if (known) {
    const next = { id, label: label === ownLabel ? label : known.label, closed };
    if (next.label === known.label && next.closed === known.closed) return trace;
    return { ...trace, sources: trace.sources.map((one) => (one === known ? next : one)) };
  }
  const isOwn = label === ownLabel;
  const others = trace.sources.filter((one) => one.label !== ownLabel);
  // Tabs of one application all have its name.
  const named = label === undefined || others.some((one) => one.label === label) ? `Tab ${others.length + 2}` : label;
  const source = { id, label: named, closed };
  return { ...trace, sources: isOwn ? [source, ...trace.sources] : [...trace.sources, source] };
}

function withinMemory(trace: Trace): Trace {
  if (trace.entries.length <= kept) return trace;
  return {
    ...trace,
    entries: trace.entries.slice(dropAtOnce),
    // Without the actors' definitions, what is left could not be read any more.
    log: trace.log.filter(({ data }, index) => index >= dropAtOnce || readInspected(data)?.is === 'actor'),
    dropped: trace.dropped + dropAtOnce,
  };
}

/**
 * Adds what was received to a trace. What is not of the protocol is left out.
 *
 * @example record(emptyTrace, { source: 'window-1', data: event }).entries
 */
export function record(trace: Trace, received: Received): Trace {
  const named = readSource(received.data);
  const source = named?.id ?? received.source;
  const label = received.label ?? named?.label;
  if (isDisconnect(received.data)) return withSource(trace, source, label, true);
  const heard = readInspected(received.data);
  if (!heard) return trace;
  const logged = { ...withSource(trace, source, label), log: [...trace.log, received] };
  switch (heard.is) {
    case 'actor':
      return actorAppears(logged, source, heard);
    case 'message':
      return withinMemory(messagePasses(logged, source, heard));
    case 'step':
      return withinMemory(stepHappens(logged, source, heard));
  }
}
