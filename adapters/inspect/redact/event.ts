/**
 * Inspection events, before anything else sees them. Each is built anew, field by field: what is not named here does not
 * exist for the inspector.
 */
import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate';
import { cleanText } from './text';
import { type Limits, type Plain, redactValue } from './value';

/** A chart is larger than what it works on, and its author wrote it down. */
const ofCharts: Limits = { depth: 40, entries: 2_000, values: 50_000 };

type Foreign = Readonly<Record<string, unknown>>;

/** What `@statelyai/inspect` reads of an actor. */
export type SafeActor = {
  readonly id: string;
  readonly sessionId: string;
  readonly _parent?: { readonly sessionId: string };
  readonly logic: { readonly config?: Plain };
  getSnapshot(): SafeSnapshot;
};

export type SafeSnapshot = { readonly [name: string]: Plain };
export type SafeEvent = { readonly type: string; readonly [name: string]: Plain };

/** An inspection event without a secret in it. */
export type SafeInspection = { readonly rootId: string; readonly actorRef: SafeActor } & (
  | { readonly type: '@xstate.actor' }
  | { readonly type: '@xstate.event'; readonly sourceRef?: { readonly sessionId: string }; readonly event: SafeEvent }
  | { readonly type: '@xstate.snapshot'; readonly event: SafeEvent; readonly snapshot: SafeSnapshot }
);

const nameIn = (value: unknown): string => (typeof value === 'string' ? cleanText(value, 'code') : '');

function safeSnapshot(snapshot: unknown): SafeSnapshot {
  const { status, value, context, output, error, input } = (snapshot ?? {}) as Foreign;
  const parts: [string, Plain | undefined][] = [
    ['status', redactValue(status, 'code')],
    // States by name, nested for regions: their names are no names of fields.
    ['value', redactValue(value, 'chart')],
    ['context', redactValue(context)],
    ['output', redactValue(output)],
    ['error', redactValue(error)],
    ['input', redactValue(input)],
  ];
  return Object.fromEntries(parts.filter((part): part is [string, Plain] => part[1] !== undefined));
}

function safeEvent(event: unknown): SafeEvent {
  const plain = redactValue(event);
  const isRecord = typeof plain === 'object' && plain !== null && !Array.isArray(plain);
  return { ...(isRecord ? (plain as SafeSnapshot) : {}), type: nameIn((event as Foreign | null)?.type) };
}

/** An actor says that it is there before it has a first snapshot; the one from its start follows. */
function snapshotOf(ref: AnyActorRef): SafeSnapshot {
  try {
    return safeSnapshot(ref.getSnapshot());
  } catch {
    return { status: 'active' };
  }
}

function safeActor(ref: AnyActorRef): SafeActor {
  const { id, sessionId, _parent: parent } = ref;
  return {
    id: nameIn(id),
    sessionId: nameIn(sessionId),
    ...(parent && { _parent: { sessionId: nameIn(parent.sessionId) } }),
    logic: {},
    getSnapshot: () => ({}),
  };
}

function newActor(ref: AnyActorRef): SafeActor {
  const { config } = (ref as { logic?: { config?: unknown } }).logic ?? {};
  const chart = typeof config === 'object' ? redactValue(config, 'chart', ofCharts) : undefined;
  const snapshot = snapshotOf(ref);
  return { ...safeActor(ref), logic: chart === undefined ? {} : { config: chart }, getSnapshot: () => snapshot };
}

/**
 * What may be shown of an inspection event.
 *
 * @returns `undefined` for events that no inspector shows (microsteps, actions)
 */
export function redactInspection(event: InspectionEvent): SafeInspection | undefined {
  const ref = event.actorRef as AnyActorRef;
  const rootId = nameIn(event.rootId);
  switch (event.type) {
    case '@xstate.actor':
      return { type: event.type, rootId, actorRef: newActor(ref) };
    case '@xstate.event': {
      const { sourceRef } = event;
      return {
        type: event.type,
        rootId,
        actorRef: safeActor(ref),
        ...(sourceRef && { sourceRef: { sessionId: nameIn((sourceRef as AnyActorRef).sessionId) } }),
        event: safeEvent(event.event),
      };
    }
    case '@xstate.snapshot': {
      const snapshot = safeSnapshot(event.snapshot as Snapshot<unknown>);
      return { type: event.type, rootId, actorRef: safeActor(ref), event: safeEvent(event.event), snapshot };
    }
    default:
      return undefined;
  }
}
