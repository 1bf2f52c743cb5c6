/** Instants and waits that a server states, read strictly: `Date.parse` alone takes `-5` for a day in 2001. */

const dayMs = 24 * 60 * 60 * 1_000;
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/;
const isoDate = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/;

/** Epoch ms from an HTTP date in any of the three forms of RFC 9110 §5.6.7; `undefined` for anything else. */
export function parseHttpDate(text: string | null): number | undefined {
  if (text === null || !httpDate.test(text)) return undefined;
  // The asctime form names no zone and means GMT.
  const instant = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(instant) ? undefined : instant;
}

/** Seconds from a number or from digits, since some servers quote their numbers; `undefined` for anything else. */
export function parseSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  return typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

/** Years 2000 to 2100: seconds and milliseconds cannot be taken for one another inside it. */
export function isPlausibleInstant(epochMs: number): boolean {
  return epochMs >= 946_684_800_000 && epochMs < 4_102_444_800_000;
}

/**
 * When the server answered, by its own clock: the body's `server_date` (epoch seconds, ISO 8601 or HTTP date; browsers
 * hide the `Date` header of another origin), else the `Date` header. An implausible one is no evidence and is dropped.
 *
 * @returns epoch ms
 */
export function serverDateOf(headers: Headers, body: Readonly<Record<string, unknown>>): number | undefined {
  const stated = body.server_date;
  const seconds = parseSeconds(stated);
  const fromText =
    typeof stated === 'string' ? (isoDate.test(stated) ? Date.parse(stated) : parseHttpDate(stated)) : undefined;
  const fromBody = seconds === undefined ? fromText : seconds * 1_000;
  return [fromBody, parseHttpDate(headers.get('date'))].find(
    (instant) => instant !== undefined && isPlausibleInstant(instant),
  );
}

/**
 * How long the server asks to be left alone (RFC 9110 §10.2.3): `Retry-After` in seconds or as a date, else the body's
 * `retry_after_seconds` or `retry_after`. A date is measured against the server's own clock where that is known, so that
 * a wrong local clock does not stretch the wait.
 *
 * @param now the local clock, epoch ms
 * @returns ms, from 0 to a day; `undefined` where nothing usable is said
 */
export function retryAfterOf(
  headers: Headers,
  body: Readonly<Record<string, unknown>>,
  now: () => number,
): number | undefined {
  const header = headers.get('retry-after');
  const seconds = [header, body.retry_after_seconds, body.retry_after]
    .map(parseSeconds)
    .find((value) => value !== undefined && value >= 0);
  const until = parseHttpDate(header);
  const wait =
    until !== undefined
      ? until - (serverDateOf(headers, body) ?? now())
      : seconds === undefined
        ? undefined
        : seconds * 1_000;
  return wait === undefined ? undefined : Math.min(Math.max(Math.ceil(wait), 0), dayMs);
}
