/** A run as a picture: a strip of states per tab, a line per fault, and below them what happened. */
import type { StateName } from '../../../machines/view';
import type { Trace } from '../../testing/trace';
import { clockTime, sayDuration } from '../durations';
import type { Paint, Style } from '../terminal';
import type { Fault } from './faults';
import type { Row } from './story';

/** A letter each, for those who see no colour. */
const letters: Readonly<Record<StateName, string>> = {
  restoring: '?',
  fresh: 'F',
  stale: 's',
  refreshing: 'r',
  'offline-retrying': 'o',
  'outage-fallback': 'X',
  'signed-out': '-',
};

const styles: Readonly<Record<StateName, Style>> = {
  restoring: 'gray',
  fresh: 'green',
  stale: 'yellow',
  refreshing: 'cyan',
  'offline-retrying': 'magenta',
  'outage-fallback': 'red',
  'signed-out': 'gray',
};

const rowStyles: Readonly<Record<Row['kind'], Style>> = {
  state: 'reset',
  request: 'gray',
  fault: 'magenta',
  command: 'blue',
  reader: 'reset',
  leak: 'red',
};

export type Picture = {
  readonly trace: Trace;
  readonly faults: readonly Fault[];
  readonly endMs: number;
  readonly columns: number;
  readonly color: boolean;
  readonly paint: Paint;
};

const labelWidth = 18;

/** In which state a tab was for the longest part of each column. */
function statesOf(trace: Trace, tab: number, endMs: number, width: number): readonly (StateName | null)[] {
  const changes = trace.flatMap((entry) =>
    entry.is === 'state' && entry.tab === tab ? [{ at: entry.at, state: entry.state }] : [],
  );
  const step = endMs / width;
  return Array.from({ length: width }, (_, column) => {
    const [from, to] = [column * step, (column + 1) * step];
    const spent = new Map<StateName, number>();
    changes.forEach(({ at, state }, index) => {
      const until = changes[index + 1]?.at ?? endMs;
      const inside = Math.min(until, to) - Math.max(at, from);
      if (inside > 0) spent.set(state, (spent.get(state) ?? 0) + inside);
    });
    return [...spent].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  });
}

const label = (text: string): string => `${text.slice(0, labelWidth - 2).padEnd(labelWidth - 1)}`;

/** Neighbours of one state are painted together. */
function strip({ trace, endMs, color, paint }: Picture, tab: number, width: number): string {
  const runs: { readonly state: StateName | null; length: number }[] = [];
  for (const state of statesOf(trace, tab, endMs, width)) {
    const last = runs.at(-1);
    if (last?.state === state) last.length += 1;
    else runs.push({ state, length: 1 });
  }
  const painted = runs.map(({ state, length }) =>
    state === null ? ' '.repeat(length) : paint(styles[state], (color ? '█' : letters[state]).repeat(length)),
  );
  return `${label(`tab ${tab}`)} ${painted.join('')}`;
}

function faultLine({ endMs, paint }: Picture, { name, at, lengthMs }: Fault, width: number): string {
  const place = (ms: number): number => Math.min(width - 1, Math.floor((ms / endMs) * width));
  const [from, to] = [place(at), place(Math.min(endMs, at + lengthMs))];
  const mark = lengthMs === 0 || to === from ? '│' : `├${'─'.repeat(Math.max(0, to - from - 1))}┤`;
  return `${label(name)} ${' '.repeat(from)}${paint('magenta', mark)}`;
}

/** Distances between marks, in seconds, that people count in. */
const steps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200];

function axis({ endMs }: Picture, width: number): string {
  const most = Math.max(1, Math.floor(width / 12));
  const stepMs = (steps.find((step) => endMs / (step * 1_000) <= most) ?? 86_400) * 1_000;
  let line = '0';
  for (let at = stepMs; at < endMs; at += stepMs) {
    const text = sayDuration(at);
    const start = Math.floor((at / endMs) * width);
    if (start + text.length <= width) line = `${line.padEnd(start)}${text}`;
  }
  return `${' '.repeat(labelWidth)}${line}`;
}

function legend({ trace, color, paint }: Picture): string {
  const seen = new Set(trace.flatMap((entry) => (entry.is === 'state' ? [entry.state] : [])));
  const names = (Object.keys(letters) as StateName[]).filter((state) => seen.has(state));
  const marks = names.map((state) => `${paint(styles[state], color ? '█' : letters[state])} ${state}`);
  return `${' '.repeat(labelWidth)}${marks.join('   ')}`;
}

/** The strips, one per tab, and the faults above them on the same scale. */
export function drawStrips(picture: Picture): string {
  const { trace, faults, endMs, columns } = picture;
  const width = Math.max(20, Math.min(columns, 120) - labelWidth - 2);
  const began = trace.find((entry) => entry.is === 'world');
  const tabs = Array.from({ length: began?.is === 'world' ? began.tabs : 1 }, (_, tab) => tab);
  return [
    ...faults.filter(({ at }) => at <= endMs).map((fault) => faultLine(picture, fault, width)),
    ...tabs.map((tab) => strip(picture, tab, width)),
    axis(picture, width),
    legend(picture),
  ].join('\n');
}

const who = (tab: number | null): string => (tab === null ? '' : `tab ${tab}`);

/** One line per row: when, where, the state from here on, and what happened. */
export function drawRows(rows: readonly Row[], paint: Paint): string {
  return rows
    .map(({ at, tab, state, kind, text }) => {
      const time = paint('gray', clockTime(at).padStart(11));
      const name = state === null ? ' '.repeat(16) : paint(styles[state], state.padEnd(16));
      return `${time}  ${who(tab).padEnd(6)}  ${name}  ${paint(rowStyles[kind], text)}`;
    })
    .join('\n');
}
