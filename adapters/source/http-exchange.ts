/** One POST to an endpoint of ours, from prepared to read. */
import { ConfigurationError, TokenLifecycleError, TokenRequestError } from '../../machines/errors';
import { type BodyContent, readBody } from './http-body';
import type { Fetch, HttpOperation, HttpTokenSourceOptions } from './http-options';
import { resolveUrl } from './url-guard';

export type HttpAnswer = {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: BodyContent;
};

export type HttpCall = {
  readonly operation: HttpOperation;
  /** The option that the URL comes from, for an error that names it. */
  readonly option: 'url' | 'sessionUrl' | 'revokeUrl';
  readonly url: string | URL;
  readonly sessionId: string;
  readonly signal: AbortSignal;
  readonly payload: () => unknown;
};

function platformFetch(given: Fetch | undefined): Fetch {
  const found = given ?? (globalThis as { fetch?: Fetch }).fetch;
  if (!found) throw new ConfigurationError('fetch', 'must be given on a platform that has none');
  return found;
}

/** `work`, but no longer than the signal allows: a header function or a foreign fetch may not look at it. */
function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', leave));
  });
}

/**
 * What a response says, whatever its status.
 *
 * @throws whatever the stream of a 2xx fails with, when the connection breaks half-way
 */
export async function readAnswer(response: Response, signal: AbortSignal): Promise<HttpAnswer> {
  const { status, ok } = response;
  const body = await readBody(response, signal).catch((thrown: unknown): BodyContent => {
    if (ok) throw thrown;
    // The status has arrived, and that is what counts.
    return { kind: 'not-json' };
  });
  return { status, ok, headers: response.headers, body };
}

async function send(options: HttpTokenSourceOptions, call: HttpCall): Promise<HttpAnswer> {
  // Not called as a method: window.fetch refuses any other `this`.
  const fetch = platformFetch(options.fetch);
  const url = resolveUrl(call.option, call.url);
  const { operation, sessionId, signal } = call;
  const given =
    typeof options.headers === 'function' ? await options.headers({ operation, sessionId }) : options.headers;
  const headers = new Headers({ accept: 'application/json', 'content-type': 'application/json' });
  for (const [name, text] of Object.entries(given ?? {})) headers.set(name, text);
  // A page of another origin cannot send it without a preflight; it also marks the request for createTokenFetch.
  headers.set('x-token-lifecycle', '1');
  const response = await fetch(url.href, {
    method: 'POST',
    headers,
    body: JSON.stringify(call.payload()) ?? null,
    signal,
    redirect: 'error',
    cache: 'no-store',
    credentials: options.credentials ?? 'same-origin',
    // Sign-out is often followed by a navigation, which must not cut the request off.
    ...(operation === 'revoke' && { keepalive: true }),
  });
  return readAnswer(response, signal);
}

/**
 * Sends one request and reads its answer, whatever its status.
 *
 * @throws TokenRequestError without a `status` where no answer came, the request was aborted, or it could not be prepared
 * @throws ConfigurationError where the URL cannot be called from here
 */
export async function exchange(options: HttpTokenSourceOptions, call: HttpCall): Promise<HttpAnswer> {
  try {
    return await untilAborted(() => send(options, call), call.signal);
  } catch (thrown) {
    if (TokenLifecycleError.is(thrown)) throw thrown;
    const message = call.signal.aborted ? 'The request was aborted.' : 'No answer came from the token endpoint.';
    throw new TokenRequestError(message, { cause: thrown });
  }
}
