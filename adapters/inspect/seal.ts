/**
 * The last thing that happens to an event: a new one is made with the fields of the protocol, and nothing else goes out.
 * `sanitizeContext` and `sanitizeEvent` of the library see neither inputs nor outputs nor definitions; `serialize` sees all.
 */
import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** Who sends: session ids (`x:0`) are unique in one page or process only. Viewers may ignore it. */
export type Sender = { readonly id: string; readonly label: string };

export type SealedEvent = StatelyInspectionEvent & { readonly source: Sender };

const fields: Readonly<Record<StatelyInspectionEvent['type'], readonly string[]>> = {
  '@xstate.actor': ['name', 'definition', 'parentId', 'snapshot'],
  '@xstate.event': ['event', 'sourceId'],
  '@xstate.snapshot': ['event', 'snapshot'],
};
const common = ['type', 'sessionId', 'rootId', 'id', '_version'];

/** @param at epoch ms of when it happened: the library asks later, when the page is idle */
export function seal(event: StatelyInspectionEvent, at: number, source: Sender): SealedEvent {
  const given = event as unknown as Readonly<Record<string, unknown>>;
  const kept = [...common, ...fields[event.type]].filter((name) => given[name] !== undefined);
  const sealed = Object.fromEntries(kept.map((name) => [name, given[name]]));
  return { ...sealed, createdAt: String(at), source } as unknown as SealedEvent;
}
