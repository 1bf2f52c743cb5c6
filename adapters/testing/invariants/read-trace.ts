/** What several invariants ask of a trace. */
import { ConfigurationError } from '../../../machines/errors';
import type { TokenKey } from '../../../machines/ports';
import type { RequestSeen, TokenSeen, Trace, TraceEntry, WorldBegan } from '../trace';
import type { CheckOptions, Complaint, Violation, WorldInvariant } from './types';

/** The entry that tells how the world is made. @throws ConfigurationError where there is none */
export function beginningOf(trace: Trace): WorldBegan {
  const first = trace[0];
  if (first?.is !== 'world') throw new ConfigurationError('trace', 'must begin with its `world` entry');
  return first;
}

/** The end of what the trace tells, in true ms. */
export const endOf = (trace: Trace): number => trace.at(-1)?.at ?? 0;

/** One name per key. An organization that is `null` and one that is not named are the same here: none. */
export function keyName({ sessionId, template, organizationId, params }: TokenKey): string {
  const more = Object.entries(params ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sessionId, template ?? null, organizationId ?? null, more]);
}

/** Positive where `a` is fresher than `b`: the origin's time first, having one beats having none, then `iat` (lifecycle.md §7). */
export function freshness(a: TokenSeen, b: TokenSeen): number {
  const order = (one: number | null, other: number | null): number =>
    Math.sign((one ?? Number.NEGATIVE_INFINITY) - (other ?? Number.NEGATIVE_INFINITY)) || 0;
  return order(a.originIssuedAt, b.originIssuedAt) || order(a.issuedAt, b.issuedAt);
}

/** `map.get`, and what is missing is made. */
export function obtain<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Follows the machine's clocks along a trace. Feed it every entry, in order. */
export function followClocks({ serverStart, wallStart }: WorldBegan) {
  let setBy = 0;
  return {
    see: (entry: TraceEntry): void => {
      if (entry.is === 'command' && entry.do === 'skew') setBy += entry.ms;
    },
    serverAt: (at: number): number => serverStart + at,
    /** The machine's wall clock. */
    wallAt: (at: number): number => wallStart + setBy + at,
    /** How far that is ahead of the server's. */
    get aheadMs(): number {
      return wallStart + setBy - serverStart;
    },
  };
}

/** What tabs tell each other about the time counts up to that (R10.13). */
const believedMs = 24 * 3_600_000;

/**
 * Tabs that know the time in the end, or may be told: of the others the wall clock is off by more than anybody believes, and was
 * set, or they begun, since they got their last token.
 */
export function knowsTheTime(trace: Trace): (tab: number) => boolean {
  const clocks = followClocks(beginningOf(trace));
  const taught = new Set<number | null>();
  for (const entry of trace) {
    clocks.see(entry);
    if (entry.is === 'command' && entry.do === 'skew') taught.clear();
    // What a tab had learned by itself is forgotten as it begins anew.
    if (entry.is === 'command' && entry.do === 'start') taught.delete(entry.tab);
    if (entry.is === 'answer' && entry.token) taught.add(entry.tab);
  }
  return (tab) => taught.has(tab) || Math.abs(clocks.aheadMs) <= believedMs;
}

/** Follows what each tab takes the server's clock to be: the machine's wall clock, and the offset that it has learned. */
export function followBelief(began: WorldBegan) {
  const clocks = followClocks(began);
  const offsets = new Map<number, number>();
  return {
    serverAt: clocks.serverAt,
    see: (entry: TraceEntry): void => {
      clocks.see(entry);
      if (entry.is === 'state' && entry.tab !== null) offsets.set(entry.tab, entry.clockOffsetMs);
    },
    /** Epoch ms. */
    now: (tab: number, at: number): number => clocks.wallAt(at) + (offsets.get(tab) ?? 0),
  };
}

/** Requests by id, since answers name only that. */
export function followRequests() {
  const requests = new Map<number, RequestSeen>();
  return {
    see: (entry: TraceEntry): void => {
      if (entry.is === 'request') requests.set(entry.id, entry);
    },
    get: (id: number): RequestSeen | undefined => requests.get(id),
  };
}

/** Whether this entry says that the tab's program ended: nothing it does is expected, or possible, any more. */
export const isEnd = (entry: TraceEntry): boolean =>
  entry.is === 'command' && (entry.do === 'close' || entry.do === 'crash' || entry.do === 'stop');

export const seconds = (ms: number): string => `${Math.round(ms) / 1_000} s`;

/** Makes an invariant of a function that finds the first complaint. */
export function invariant(
  about: Pick<WorldInvariant, 'id' | 'title' | 'description'>,
  find: (trace: Trace, began: WorldBegan, options: CheckOptions) => Complaint | null,
): WorldInvariant {
  return Object.freeze({
    ...about,
    check: (trace: Trace, options: CheckOptions = {}): Violation | null => {
      const complaint = find(trace, beginningOf(trace), options);
      if (!complaint) return null;
      const shown = [...new Set(complaint.entries)].sort((a, b) => a - b);
      const last = trace[shown.at(-1) ?? -1];
      return {
        invariant: about.id,
        title: about.title,
        message: complaint.message,
        at: last?.at ?? endOf(trace),
        tab: last?.tab ?? null,
        entries: shown,
      };
    },
  });
}
