/** The token source for OAuth 2 and OpenID Connect: an access token for a refresh token, by oauth4webapi. */
import { ConfigurationError } from '../../machines/errors';
import type { MintRequest, MintResult, SessionVerdict, TokenSource } from '../../machines/ports';
import { createCredentials } from './credentials';
import { createEnding } from './ending';
import { createExchange } from './exchange';
import { createGrant } from './grant';
import { createMetadata } from './metadata';
import { checkOAuthOptions, type OAuthTokenSourceOptions } from './options';
import { parametersFor } from './parameters';
import { authorizationFor } from './proof';

type SessionRequest = { readonly sessionId: string; readonly signal: AbortSignal };

/** A source that knows how its tokens are shown to APIs: give `authorize` to `createTokenFetch` as well. */
export type OAuthTokenSource = TokenSource & Required<Pick<TokenSource, 'authorize' | 'credential' | 'endpoint'>>;

/**
 * A token source for an OAuth 2 authorization server or OpenID provider: the refresh-token grant (RFC 6749 §6).
 *
 * The refresh token comes from the login (`refreshToken`) and goes into the lifecycle's `cache`, where each successor replaces
 * it before the new access token is given to anybody. Tabs or processes that share a session have to share that cache, an
 * ordered `store` and a `lock`. The default cache is the memory of one page.
 *
 * A refresh token that the server rotates is never sent twice, except inside `reuseGraceMs` after an answer was lost (R5.15);
 * without grace a lost answer is waited out until the held token has expired (R5.16). Gateways that answer 502 or 504 for the
 * server count as a lost answer. `invalid_grant` signs out (T13, T14).
 *
 * `authorize(request, token)` gives the headers for an API: `Authorization: Bearer`, or `DPoP` with its proof.
 * `revoke` is RFC 7009; `checkSession` is there with `introspect` and is RFC 7662. Both know only the refresh token that this
 * source has sent or received last.
 *
 * Errors are `TokenRequestError`s with `status`, `serverCode` (the server's, or 'no_refresh_token', 'invalid_parameters',
 * 'discovery_failed', 'request_not_sent', 'revocation_unsupported') and `retryAfterMs`, and `InvalidTokenError`s. None carries a token.
 *
 * @param options see `OAuthTokenSourceOptions`
 * @throws ConfigurationError at once for an option that cannot work
 * @example
 * const source = oauthTokenSource({ server: 'https://auth.example.com', client: { client_id: 'app' }, refreshToken });
 */
export function oauthTokenSource(options: OAuthTokenSourceOptions): OAuthTokenSource {
  checkOAuthOptions(options);
  const settings = { ...options, now: () => (options.now ?? Date.now)() };
  const { server, credential = 'rotating', dpop, now } = settings;
  const exchange = createExchange(settings.fetch);
  const metadata = createMetadata(settings, exchange, now);
  const credentials = createCredentials(settings);
  const grant = createGrant({ ...settings, isRotating: credential === 'rotating' }, exchange);
  const ending = createEnding(settings, exchange);

  async function mint(request: MintRequest): Promise<MintResult> {
    const { key, signal } = request;
    const parameters = parametersFor(key, settings.parameters);
    const found = await metadata.get(signal);
    // Read last: whatever fails before has not spent it.
    const held = await credentials.hold(request);
    const answer = await grant.ask({ server: found, refreshToken: held.token, parameters, signal });
    // Kept before anything else is said of the answer: a successor outlives a token that cannot be used.
    await held.keep(grant.successorIn(answer));
    return grant.resultOf(answer);
  }

  async function revoke({ sessionId, signal }: SessionRequest): Promise<void> {
    const refreshToken = await credentials.latest(sessionId);
    credentials.forget(sessionId);
    // Another tab may have one, and then it has not been revoked.
    if (refreshToken === undefined) throw credentials.missing();
    await ending.revoke({ server: await metadata.get(signal), refreshToken, signal });
  }

  async function checkSession({ sessionId, signal }: SessionRequest): Promise<SessionVerdict> {
    try {
      const refreshToken = await credentials.latest(sessionId);
      if (refreshToken === undefined) return 'unknown';
      return await ending.verdict({ server: await metadata.get(signal), refreshToken, signal });
    } catch (thrown) {
      // A mistake stays one. Otherwise: no answer, no verdict.
      if (ConfigurationError.is(thrown)) throw thrown;
      return 'unknown';
    }
  }

  const { known } = metadata;
  return {
    credential,
    ...(settings.reuseGraceMs !== undefined && { reuseGraceMs: settings.reuseGraceMs }),
    endpoint: known?.token_endpoint ?? String(server),
    mint,
    ...((!known || known.revocation_endpoint !== undefined) && { revoke }),
    ...(settings.introspect && { checkSession }),
    authorize: (request, token) => authorizationFor(request, token, dpop),
  };
}
