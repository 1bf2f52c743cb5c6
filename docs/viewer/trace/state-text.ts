import { isRecord, type SeenSnapshot } from '../protocol';

/** `{ refreshing: { minting: 'serving' } }` → `refreshing.minting.serving`; regions side by side stand in brackets. */
export function valueText(value: unknown): string {
  if (!isRecord(value)) return value === undefined || value === null ? '' : String(value);
  const parts = Object.entries(value).map(([name, inner]) => {
    const rest = valueText(inner);
    return rest === '' ? name : `${name}.${rest}`;
  });
  return parts.length === 1 ? (parts[0] ?? '') : parts.length === 0 ? '' : `(${parts.join(' | ')})`;
}

/** The state of any actor: a machine's value, else what became of it. */
export const stateText = ({ value, status }: SeenSnapshot): string => valueText(value) || (status ?? '');

/** The state at the top, which gives a row its colour. */
export const topState = (snapshot: SeenSnapshot): string => {
  const { value } = snapshot;
  return isRecord(value) ? (Object.keys(value)[0] ?? '') : stateText(snapshot);
};

const names: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  [/^xstate\.init$/, () => 'starts'],
  [/^xstate\.stop$/, () => 'stops'],
  [/^xstate\.after\.([^.]+)\..+$/, ([, delay]) => `after ${/^\d+$/.test(delay ?? '') ? `${delay} ms` : delay}`],
  [/^xstate\.done\.actor\.(.+)$/, ([, actor]) => `${actor} done`],
  [/^xstate\.error\.actor\.(.+)$/, ([, actor]) => `${actor} failed`],
  [/^xstate\.done\.state\..+$/, () => 'done'],
  [/^xstate\.promise\.resolve$/, () => 'resolves'],
  [/^xstate\.promise\.reject$/, () => 'rejects'],
];

/** An event as a reader would say it. */
export function eventText(type: string): string {
  for (const [pattern, say] of names) {
    const match = type.match(pattern);
    if (match) return say(match);
  }
  return type;
}

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** `14:03:07.250`, in the reader's time zone. */
export function timeText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
