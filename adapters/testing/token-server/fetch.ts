/** A `fetch` that leads to the server, through a network in virtual time. */
import type { ServerTime } from './options';
import type { Reception } from './receive';
import type { Call } from './request';

/** What a browser says where no answer comes. */
export const networkFailure = (): TypeError => new TypeError('Failed to fetch');

export const abortReason = (signal: AbortSignal): unknown =>
  signal.reason ?? new DOMException('The operation was aborted.', 'AbortError');

/** @throws what the body of a `Request` fails with */
export async function readCall(input: string | URL | Request, init: RequestInit = {}): Promise<Call> {
  if (typeof input === 'object' && 'url' in input) {
    return {
      url: input.url,
      method: input.method,
      body: init.body === undefined ? await input.text() : String(init.body),
    };
  }
  // Most bodies are strings; only what is not needs a Request to read it.
  const { body = null } = init;
  const text = typeof body === 'string' || body === null ? (body ?? '') : await new Response(body).text();
  return { url: String(input), method: (init.method ?? 'GET').toUpperCase(), body: text };
}

/** `Response.error()` where the connection broke: msw and service workers take it for that. */
export function toResponse({ did, ends }: Reception): Response {
  return did && ends === 'answer'
    ? new Response(did.body, { status: did.status, headers: did.headers })
    : Response.error();
}

/** Rejects as soon as `signal` aborts; `work` goes on, and what comes of it is nobody's. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  if (signal.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(abortReason(signal));
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

export const waitOn =
  (clock: ServerTime) =>
  (ms: number): Promise<void> =>
    ms > 0
      ? new Promise((resolve) => {
          clock.setTimeout(resolve, ms);
        })
      : Promise.resolve();

const forever = (): Promise<never> => new Promise(() => {});

type Network = {
  readonly clock: ServerTime;
  readonly latencyMs: number;
  isOnline(): boolean;
  receive(call: Call): Promise<Reception>;
};

/** Half the latency to get there, half to come back; offline, each half fails at its end. */
export function createFetch({ clock, latencyMs, isOnline, receive }: Network) {
  const wait = waitOn(clock);

  async function send(input: string | URL | Request, init: RequestInit): Promise<Response> {
    if (!isOnline()) throw networkFailure();
    const call = await readCall(input, init);
    await wait(latencyMs / 2);
    if (!isOnline()) throw networkFailure();
    const reception = await receive(call);
    if (reception.ends === 'never') return forever();
    await wait(reception.afterMs + latencyMs / 2);
    if (reception.ends === 'break' || !isOnline()) throw networkFailure();
    return toResponse(reception);
  }

  return (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? (typeof input === 'object' && 'signal' in input ? input.signal : undefined);
    return untilAborted(signal?.aborted ? forever() : send(input, init), signal);
  };
}
