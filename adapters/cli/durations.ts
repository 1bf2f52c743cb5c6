/** Durations as people type and read them. */
import { UsageError } from './usage-error';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * `90s`, `1m30s`, `250ms`, `-2m`.
 *
 * @param what is given, for the error
 * @returns milliseconds
 * @throws UsageError
 */
export function parseDuration(text: string, what: string): number {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const parts = [...digits.matchAll(part)];
  if (digits === '' || parts.map(([whole]) => whole).join('') !== digits) {
    throw new UsageError(`${what} must be a duration with a unit, such as 90s, 1m30s, 250ms or 2h.`);
  }
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  return Math.round(negative ? -total : total);
}

/** `43 s`, `1 min 30 s`, `2 h 5 min`, `12 d`: two units at most, and nothing that was not there. */
export function sayDuration(ms: number): string {
  const total = Math.abs(ms);
  if (total < 1_000) return `${Math.round(total)} ms`;
  const seconds = Math.floor(total / 1_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const parts = [
    days > 0 && `${days} d`,
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} min`,
    seconds % 60 > 0 && `${seconds % 60} s`,
  ].filter((one) => one !== false);
  return parts.slice(0, 2).join(' ');
}

/** `1:05.250`: minutes, seconds and thousandths; hours where there are any. */
export function clockTime(ms: number): string {
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  const tail = `${String(seconds).padStart(2, '0')}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
