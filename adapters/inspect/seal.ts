/**
 * The last thing that happens to an event: a new one is made with the fields of the protocol, and nothing else goes out.
 * `sanitizeContext` and `sanitizeEvent` of the library see neither inputs nor outputs nor definitions; `serialize` sees all.
 */
import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** Who sends: session ids (`x:0`) are unique in one page or process only. Viewers may ignore it. */
export type Sender = { readonly id: string; readonly label: string };

/** What our viewer wants to know besides, and others ignore. */
export type Besides = {
  /** Epoch ms of when it happened: the library asks later, when the page is idle. */
  readonly at: number;
  readonly source: Sender;
  /** Ids of the transitions that led to a snapshot; `undefined` for other events, and where nobody knows. */
  readonly transitions?: readonly string[] | undefined;
};

export type SealedEvent = StatelyInspectionEvent & Omit<Besides, 'at'>;

const fields: Readonly<Record<StatelyInspectionEvent['type'], readonly string[]>> = {
  '@xstate.actor': ['name', 'definition', 'parentId', 'snapshot'],
  '@xstate.event': ['event', 'sourceId'],
  '@xstate.snapshot': ['event', 'snapshot'],
};
const common = ['type', 'sessionId', 'rootId', 'id', '_version'];

export function seal(event: StatelyInspectionEvent, { at, source, transitions }: Besides): SealedEvent {
  const given = event as unknown as Readonly<Record<string, unknown>>;
  const kept = [...common, ...fields[event.type]].filter((name) => given[name] !== undefined);
  const sealed = Object.fromEntries(kept.map((name) => [name, given[name]]));
  const told = event.type === '@xstate.snapshot' && transitions && { transitions };
  return { ...sealed, createdAt: String(at), source, ...told } as unknown as SealedEvent;
}
