/** One request of oauth4webapi's, guarded as all of ours are, and its answer read without trusting it. */
import { allowInsecureRequests, type CustomFetchOptions, customFetch } from 'oauth4webapi';
import { ConfigurationError, TokenLifecycleError, TokenRequestError } from '../../machines/errors';
import { type HttpAnswer, readAnswer } from '../source/http-exchange';
import type { Fetch } from '../source/http-options';

/** What oauth4webapi is told of the transport. */
export type RequestOptions = {
  readonly signal: AbortSignal;
  readonly [customFetch]: (
    url: string,
    init: CustomFetchOptions<string, URLSearchParams | undefined>,
  ) => Promise<Response>;
  readonly [allowInsecureRequests]: true;
};

export type ExchangeOptions = {
  readonly signal: AbortSignal;
  /** Survives the navigation that often follows a sign-out. */
  readonly keepalive?: boolean;
};

function platformFetch(given: Fetch | undefined): Fetch {
  const found = given ?? (globalThis as { fetch?: Fetch }).fetch;
  if (!found) throw new ConfigurationError('fetch', 'must be given on a platform that has none');
  return found;
}

export type Exchange = ReturnType<typeof createExchange>;

/** @param given the user's own fetch */
export function createExchange(given: Fetch | undefined) {
  /**
   * @param ask makes the request with the options that it is given
   * @throws TokenRequestError without a `status` where no answer came; with `serverCode` 'request_not_sent' where nothing
   * went out, so that a single-use credential is known to be unspent (R13.3)
   */
  return async (
    { signal, keepalive = false }: ExchangeOptions,
    ask: (options: RequestOptions) => Promise<Response>,
  ): Promise<HttpAnswer> => {
    let isSent = false;
    try {
      const response = await ask({
        signal,
        // Which places are allowed was checked before (see places.ts): it knows of loopback addresses.
        [allowInsecureRequests]: true,
        [customFetch]: (url, init) => {
          // Not called as a method: window.fetch refuses any other `this`.
          const fetch = platformFetch(given);
          isSent = true;
          return fetch(url, {
            method: init.method,
            headers: init.headers,
            body: init.body ?? null,
            signal,
            redirect: 'error',
            cache: 'no-store',
            credentials: 'omit',
            ...(keepalive && { keepalive }),
          });
        },
      });
      return await readAnswer(response, signal);
    } catch (thrown) {
      if (TokenLifecycleError.is(thrown)) throw thrown;
      if (!isSent)
        throw new TokenRequestError('The request could not be prepared.', {
          serverCode: 'request_not_sent',
          cause: thrown,
        });
      const message = signal.aborted ? 'The request was aborted.' : 'No answer came from the authorization server.';
      throw new TokenRequestError(message, { cause: thrown });
    }
  };
}
