/** A fetch that carries the token, to the origins that may have it. */
import { checkFunction, checkKnown, checkMethods, checkObject } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import { checkOrigins, urlOf } from './origins';
import { prepareReplay } from './replay';

export type FetchLike = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** What it needs of a lifecycle. */
export interface FetchTokens {
  /** The token endpoint, where it is known: never given a token by this fetch. */
  readonly endpoint?: string | undefined;
  getToken(options?: { signal?: AbortSignal }): Promise<string | null>;
  reportRejected(token: string): void;
}

export type TokenFetchOptions = {
  /** Exact origins, https or loopback. Default: the page's own. */
  readonly origins?: readonly (string | URL)[];
  /** Default: the platform's, as it is when this is called, so that the result may replace it. */
  readonly fetch?: FetchLike;
  /** Headers that authorize `request`, which has no body here; as `TokenSource.authorize`. Default: `Authorization: Bearer`. */
  readonly authorize?: (request: Request, token: string) => Promise<Headers>;
};

const known = { origins: 1, fetch: 1, authorize: 1 } satisfies Record<keyof TokenFetchOptions, 1>;

function checkedOptions(tokens: unknown, options: TokenFetchOptions) {
  checkMethods('tokens', tokens, ['getToken', 'reportRejected']);
  checkObject('options', options);
  checkKnown('options', options, Object.keys(known));
  if (options.fetch !== undefined) checkFunction('fetch', options.fetch);
  if (options.authorize !== undefined) checkFunction('authorize', options.authorize);
  const send = options.fetch ?? (globalThis as { fetch?: FetchLike }).fetch;
  if (!send) throw new ConfigurationError('fetch', 'must be given on a platform that has none');
  return { origins: checkOrigins(options.origins), send };
}

/** The headers that fetch would send: those of `init` replace a Request's as a whole. */
const headersOf = (input: RequestInfo | URL, init: RequestInit | undefined): Headers =>
  new Headers(init?.headers ?? (typeof input === 'object' && 'headers' in input ? input.headers : undefined));

const isSamePlace = (url: URL, endpoint: string | undefined): boolean => {
  const other = endpoint === undefined ? undefined : urlOf(endpoint);
  return other !== undefined && other.origin === url.origin && other.pathname === url.pathname;
};

/**
 * Makes a `fetch` that adds the token to requests whose exact origin is listed and that carry no `Authorization` yet. All
 * other requests pass unchanged, the token source's own among them: they are known by their `X-Token-Lifecycle` header and
 * by `tokens.endpoint`, so that a refresh can never wait for itself. Signed out, a request goes without the header.
 *
 * After a 401 the token is reported as rejected, and the request is sent once more if its body can be sent again and there
 * is a different token by then. A second 401 belongs to the caller, and a token that was refused while it was new is not
 * reported again: the API says no for a reason of its own. A stream body is not sent twice; a `Request` with a body is
 * copied beforehand. Redirects are the platform's: by the Fetch standard it drops `Authorization` when one leaves the origin.
 *
 * @param tokens a lifecycle, or anything with its `getToken` and `reportRejected`
 * @returns rejects as `getToken` does (`OfflineError`, …) where no token could be had, else as `fetch`
 * @throws ConfigurationError for an option that cannot work
 * @example
 * const api = createTokenFetch(tokens, { origins: ['https://api.example.com'] });
 * const response = await api('https://api.example.com/me');
 */
export function createTokenFetch(tokens: FetchTokens, options: TokenFetchOptions = {}): FetchLike {
  const { origins, send } = checkedOptions(tokens, options);
  /** The last token that was refused right after it had replaced a refused one. */
  let refusedWhileNew: string | undefined;

  const isOurs = (url: URL, headers: Headers): boolean =>
    /^https?:$/.test(url.protocol) &&
    origins.has(url.origin) &&
    !headers.has('authorization') &&
    !headers.has('x-token-lifecycle') &&
    !isSamePlace(url, tokens.endpoint);

  async function authorized(url: URL, method: string, given: Headers, token: string): Promise<Headers> {
    const headers = new Headers(given);
    if (options.authorize) {
      const added = await options.authorize(new Request(url, { method, headers }), token);
      added.forEach((text, name) => {
        headers.set(name, text);
      });
    } else headers.set('authorization', `Bearer ${token}`);
    return headers;
  }

  return async (input, init) => {
    const url = urlOf(input);
    const headers = headersOf(input, init);
    if (!url || !isOurs(url, headers)) return send(input, init);

    const request = typeof input === 'object' && 'method' in input ? input : undefined;
    const method = init?.method ?? request?.method ?? 'GET';
    const signal = init?.signal ?? request?.signal;
    const ask = () => tokens.getToken(signal ? { signal } : {});
    const sendWith = async (target: RequestInfo | URL, token: string) =>
      send(target, { ...init, headers: await authorized(url, method, headers, token) });

    const token = await ask();
    if (token === null) return send(input, init);
    const replay = prepareReplay(input, init);
    try {
      const first = await sendWith(input, token);
      if (first.status !== 401 || token === refusedWhileNew) return first;
      tokens.reportRejected(token);
      const next = replay ? await ask() : null;
      if (!replay || next === null || next === token) return first;
      first.body?.cancel().catch(() => undefined);
      const second = await sendWith(replay.input, next);
      if (second.status === 401) refusedWhileNew = next;
      return second;
    } finally {
      replay?.drop();
    }
  };
}
