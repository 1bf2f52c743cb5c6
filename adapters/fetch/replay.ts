/** Whether, and how, a request can go out a second time. */

export type Replay = {
  /** What to pass to fetch for the second try. */
  readonly input: RequestInfo | URL;
  /** Frees what was set aside, unless it has been sent: a stream that is being read cannot be cancelled from outside. */
  drop(): void;
};

const isStream = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body);

/**
 * Sets aside what a second try needs, before the first one consumes it.
 *
 * @returns `undefined` where the body goes by once: a stream, or a `Request` that was used already
 */
export function prepareReplay(input: RequestInfo | URL, init: RequestInit | undefined): Replay | undefined {
  if (isStream(init?.body)) return undefined;
  if (typeof input !== 'object' || !('clone' in input)) return { input, drop: () => undefined };
  if (input.bodyUsed) return undefined;
  const spare = input.clone();
  return { input: spare, drop: () => void spare.body?.cancel().catch(() => undefined) };
}
