/** A life in words. */
import { sayDuration } from '../durations';
import type { Paint, Style } from '../terminal';
import type { Endpoint } from './endpoint';
import type { Life, Verdict } from './life';

const verdicts: Readonly<Record<Verdict, readonly [Style, string]>> = {
  fresh: ['green', 'fresh: given to readers, and nothing is due'],
  stale: ['yellow', 'stale: given to readers, while the next one is fetched'],
  expiring: ['yellow', 'about to expire: readers wait for the next one'],
  expired: ['red', 'expired'],
  'not-yet-valid': ['red', 'not valid yet (nbf)'],
  endless: ['red', 'no end: a lifecycle refuses it'],
  unreadable: ['red', 'looks like a JWT and cannot be read'],
  opaque: ['gray', 'no JWT: whatever it is, it says nothing about itself'],
};

const nameWidth = 14;

const lineOf = (paint: Paint, name: string, text: string): string =>
  `  ${paint('gray', name.padEnd(nameWidth))} ${text}`;

const clock = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** `12 s ago`, `in 48 s`. */
const distance = (ms: number, now: number): string =>
  Math.abs(ms - now) < 1 ? 'now' : ms < now ? `${sayDuration(now - ms)} ago` : `in ${sayDuration(ms - now)}`;

const time = (ms: number, now: number): string => `${clock(ms)}, ${distance(ms, now)}`;

/** One candidate, as lines. */
export function sayLife(life: Life, now: number, paint: Paint): string {
  const { where, fingerprint, bytes, verdict, reason, algorithm, type, issuedAt, expiresAt, staleAt, cutoffAt } = life;
  const [style, words] = verdicts[verdict];
  const line = (name: string, text: string | false | undefined): string[] =>
    text === false || text === undefined || text === '' ? [] : [lineOf(paint, name, text)];
  const kind = [algorithm && `alg ${algorithm}`, type && `typ ${type}`].filter(Boolean).join(', ');
  const ended = verdict === 'expired';
  return [
    paint('bold', where),
    ...line('verdict', paint(style, reason === undefined ? words : `${words} (${reason})`)),
    ...line('fingerprint', `${fingerprint}, of ${bytes} bytes`),
    ...line('header', kind),
    ...line('issued', issuedAt !== undefined && time(issuedAt, now)),
    ...line('refresh due', staleAt !== undefined && !ended && time(staleAt, now)),
    ...line('readers wait', cutoffAt !== undefined && !ended && `from ${time(cutoffAt, now)}`),
    ...line('expires', expiresAt !== undefined && time(expiresAt, now)),
    ...line(
      'lifetime',
      issuedAt !== undefined && expiresAt !== undefined && expiresAt > issuedAt && sayDuration(expiresAt - issuedAt),
    ),
    ...line('claims', life.claims?.join(', ')),
    ...line('kept', life.attributes?.join('; ')),
    ...life.warnings.flatMap((warning) => line('warning', paint('yellow', warning))),
  ].join('\n');
}

/** What an address answered. */
export function sayEndpoint({ url, status, clockAheadMs, facts }: Endpoint, paint: Paint): string {
  const ahead =
    clockAheadMs === undefined
      ? []
      : Math.abs(clockAheadMs) < 1_500
        ? [lineOf(paint, 'its clock', 'as this one, to the second')]
        : [
            lineOf(
              paint,
              'its clock',
              `${sayDuration(clockAheadMs)} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this one`,
            ),
          ];
  return [
    paint('bold', url),
    lineOf(paint, 'status', String(status)),
    ...ahead,
    ...facts.map(([name, text]) => lineOf(paint, name, text)),
  ].join('\n');
}
