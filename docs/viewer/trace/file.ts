/** A trace as a file: the events as they came, so that any later version of the viewer can read them anew. */
import { isRecord } from '../protocol';
import { record } from './record';
import { emptyTrace, type Received, type Trace } from './types';

const format = 'token-lifecycle/trace';
const version = 1;

export type TraceFile = {
  readonly format: typeof format;
  readonly v: typeof version;
  /** ISO 8601. */
  readonly exportedAt: string;
  /** What the sources of the events are called. */
  readonly sources: readonly { readonly id: string; readonly label: string }[];
  readonly events: readonly Received[];
};

/** @param now epoch ms, for the file's date */
export const traceToFile = ({ sources, log }: Trace, now: number): TraceFile => ({
  format,
  v: version,
  exportedAt: new Date(now).toISOString(),
  sources: sources.map(({ id, label }) => ({ id, label })),
  events: log,
});

const isReceived = (value: unknown): value is Received =>
  isRecord(value) && typeof value.source === 'string' && isRecord(value.data);

const isSource = (value: unknown): value is TraceFile['sources'][number] =>
  isRecord(value) && typeof value.id === 'string' && typeof value.label === 'string';

/**
 * Reads a trace file and records its events once more.
 *
 * @throws TypeError with what is wrong, in words for a person who chose the wrong file
 * @example traceFromFile(await file.text()).entries
 */
export function traceFromFile(text: string): Trace {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new TypeError('This is no JSON.');
  }
  if (!isRecord(file) || file.format !== format) throw new TypeError('This is no trace that the viewer has exported.');
  if (file.v !== version)
    throw new TypeError(`This trace is of version ${String(file.v)}; version ${version} is known.`);
  const { events, sources } = file;
  if (!Array.isArray(events) || !events.every(isReceived))
    throw new TypeError('The events of this trace cannot be read.');
  const known = Array.isArray(sources) ? sources.filter(isSource) : [];
  return events.reduce(record, {
    ...emptyTrace,
    sources: known.map((source) => ({ ...source, closed: false })),
  });
}
