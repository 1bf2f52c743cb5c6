/** A trace → what a person wants to be told of it. */
import type { StateName } from '../../../machines/view';
import { formatTrace } from '../../testing/format-trace';
import type { Trace, TraceEntry } from '../../testing/trace';
import { clockTime } from '../durations';
import type { Fault } from './faults';

export type Row = {
  readonly at: number;
  readonly tab: number | null;
  /** The state that the tab is in from here on. */
  readonly state: StateName | null;
  readonly kind: 'state' | 'request' | 'fault' | 'command' | 'reader' | 'leak';
  readonly text: string;
};

type StateEntry = Extract<TraceEntry, { is: 'state' }>;

/** The line without its time and place. */
const wordsOf = (entry: TraceEntry): string =>
  formatTrace([entry])
    .slice(23)
    .trim()
    .replace(/ \(until [\d:]+\)/, '');

/** @param serverStart epoch ms at the server when the run began */
function stateText({ serving, expiresAt, fingerprint, substate, state }: StateEntry, serverStart: number): string {
  if (state === 'signed-out') return 'getToken() gives null';
  const detail = substate === null || substate === 'queueing' || substate === 'minting' ? '' : ` (${substate})`;
  if (!serving) return `readers wait${detail}`;
  return `serves ${fingerprint}${expiresAt === null ? '' : `, good until ${clockTime(expiresAt - serverStart)}`}${detail}`;
}

const told = ({ state, serving, fingerprint, substate }: StateEntry): string =>
  [state, serving, fingerprint, substate === 'exhausted' || substate === 'probing' ? substate : ''].join();

/** What the world does to end the run is no part of the story. */
const ending: readonly string[] = ['stop', 'online'];
const beginning: readonly string[] = ['start', 'open'];

/** Faults whose beginning and end the trace has itself. */
const inTrace: readonly string[] = ['offline', 'silent-offline', 'sleep', 'hidden'];

function isToldAsIs(entry: TraceEntry): Row['kind'] | null {
  switch (entry.is) {
    case 'answer':
      return 'request';
    case 'fault':
      return 'fault';
    case 'command':
      return beginning.includes(entry.do) && entry.at === 0 ? null : 'command';
    case 'leak':
      return 'leak';
    case 'event':
      return entry.type === 'session.signedOut' || entry.type === 'adapter.failed' ? 'command' : null;
    default:
      return null;
  }
}

/**
 * The story of a trace: changes of state, answers of the server, what was done to the world, and what readers got where that
 * differs from the read before.
 *
 * @param endMs when the run is over; what follows only takes the world down
 */
export function storyOf(trace: Trace, faults: readonly Fault[], endMs: number): readonly Row[] {
  const lastState = new Map<number | null, string>();
  const lastRead = new Map<number | null, string>();
  const rows: Row[] = faults
    .filter(({ name, lengthMs }) => lengthMs > 0 && !inTrace.includes(name))
    .flatMap(({ name, at, lengthMs }): Row[] => [
      { at, tab: null, state: null, kind: 'fault', text: `${name} begins` },
      { at: at + lengthMs, tab: null, state: null, kind: 'fault', text: `${name} is over` },
    ]);
  const [began] = trace;
  const serverStart = began?.is === 'world' ? began.serverStart : 0;
  for (const entry of trace) {
    const { at, tab } = entry;
    if (at > endMs || (at === endMs && entry.is === 'command' && ending.includes(entry.do))) continue;
    if (entry.is === 'state') {
      const now = told(entry);
      if (lastState.get(tab) === now) continue;
      lastState.set(tab, now);
      rows.push({ at, tab, state: entry.state, kind: 'state', text: stateText(entry, serverStart) });
      continue;
    }
    if (entry.is === 'settled') {
      const now = `${entry.outcome} ${entry.code}`;
      if (lastRead.get(tab) === now && entry.outcome === 'token') continue;
      lastRead.set(tab, now);
      rows.push({ at, tab, state: null, kind: 'reader', text: wordsOf(entry) });
      continue;
    }
    const kind = isToldAsIs(entry);
    if (kind) rows.push({ at, tab, state: null, kind, text: wordsOf(entry) });
  }
  return rows.filter(({ at }) => at <= endMs).sort((a, b) => a.at - b.at);
}
