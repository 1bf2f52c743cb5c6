/** Numbers for people. */

const two = (value: number): string => String(value).padStart(2, '0');

/** `0:43`, `12:05`; whole seconds, rounded up, so that the last second is seen. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `43 s`, `2 min 5 s`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** `0.4 ms`, `120 ms`, `4.0 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `in step with ours`, `30 s ahead`, `5 min behind`. Servers tell whole seconds: the estimate is no finer than that. */
export function offset(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1500) return 'in step with ours';
  const rounded = size < 60_000 ? size : Math.round(size / 5000) * 5000;
  return `${span(rounded)} ${ms > 0 ? 'ahead' : 'behind'}`;
}

/** `14:03:09`, local. */
export function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
