/**
 * What arrives: the events of `@statelyai/inspect`, read as data from a stranger. Nothing of it is believed before it is
 * looked at, since any window may post to this one.
 */

/** Who sent it: a tab, a window, a process. XState's session ids (`x:0`) are unique inside one of them only. */
export type SourceInfo = { readonly id: string; readonly label?: string };

export type ActorEvent = { readonly type: string; readonly [key: string]: unknown };

export type SeenSnapshot = {
  readonly status?: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
};

type Base = {
  readonly sessionId: string;
  readonly rootId: string | undefined;
  /** Epoch ms on the sender's clock. */
  readonly at: number;
};

export type InspectedActor = Base & {
  readonly is: 'actor';
  readonly name: string;
  readonly parentId: string | undefined;
  /** The machine's config as JSON; absent for what is no machine. */
  readonly definition: string | undefined;
  readonly snapshot: SeenSnapshot;
};

export type InspectedMessage = Base & {
  readonly is: 'message';
  readonly from: string | undefined;
  readonly event: ActorEvent;
};

export type InspectedStep = Base & {
  readonly is: 'step';
  readonly event: ActorEvent;
  readonly snapshot: SeenSnapshot;
  /** Our own inspector says which transitions were taken, by their ids in the chart; the library's does not. */
  readonly transitions: readonly string[] | undefined;
};

export type Inspected = InspectedActor | InspectedMessage | InspectedStep;

type Plain = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const eventOf = (value: unknown): ActorEvent =>
  isRecord(value) && typeof value.type === 'string' ? { ...value, type: value.type } : { type: '' };

const snapshotOf = (value: unknown): SeenSnapshot => (isRecord(value) ? value : {});

/** What an actor without a chart sends as its definition: `{ "id": … }` and nothing else. */
const hasChart = (definition: string): boolean => /"(?:states|on|initial|invoke)"\s*:/.test(definition);

/**
 * Reads one event of the protocol.
 *
 * @returns `undefined` for anything else that is posted to a window
 * @example readInspected({ type: '@xstate.event', _version: '0.7.2', sessionId: 'x:0', event: { type: 'go' }, createdAt: '0' })
 */
export function readInspected(data: unknown): Inspected | undefined {
  if (!isRecord(data) || typeof data._version !== 'string') return undefined;
  const sessionId = textOf(data.sessionId);
  if (sessionId === undefined) return undefined;
  const at = Number(data.createdAt);
  const base: Base = { sessionId, rootId: textOf(data.rootId), at: Number.isFinite(at) ? at : 0 };
  switch (data.type) {
    case '@xstate.actor': {
      const definition = textOf(data.definition);
      return {
        ...base,
        is: 'actor',
        name: textOf(data.name) ?? sessionId,
        parentId: textOf(data.parentId),
        definition: definition !== undefined && hasChart(definition) ? definition : undefined,
        snapshot: snapshotOf(data.snapshot),
      };
    }
    case '@xstate.event':
      return { ...base, is: 'message', from: textOf(data.sourceId), event: eventOf(data.event) };
    case '@xstate.snapshot':
      return {
        ...base,
        is: 'step',
        event: eventOf(data.event),
        snapshot: snapshotOf(data.snapshot),
        transitions: Array.isArray(data.transitions)
          ? data.transitions.filter((id) => typeof id === 'string')
          : undefined,
      };
    default:
      return undefined;
  }
}

/** Our own inspector says who it is, whatever the way; others are told apart by the window that posts. */
export function readSource(data: unknown): SourceInfo | undefined {
  const source = isRecord(data) && isRecord(data.source) ? data.source : undefined;
  const id = textOf(source?.id);
  if (id === undefined) return undefined;
  const label = textOf(source?.label);
  return label === undefined ? { id } : { id, label };
}

/** What an inspector says when it is stopped. */
export const disconnected = '@statelyai.disconnected';

export const isDisconnect = (data: unknown): boolean => isRecord(data) && data.type === disconnected;
