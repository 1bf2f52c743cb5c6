/** The token source for any endpoint that takes and answers JSON. */
import { ConfigurationError, sessionEndingCodes } from '../../machines/errors';
import type { MintRequest, MintResult, SessionVerdict, TokenSource } from '../../machines/ports';
import { toMintResult } from './http-answer';
import { fieldsOf } from './http-body';
import { serverCodeOf, toRequestError } from './http-errors';
import { exchange, type HttpAnswer } from './http-exchange';
import { checkHttpOptions, type HttpTokenSourceOptions, type MintFields } from './http-options';

type SessionRequest = { readonly sessionId: string; readonly signal: AbortSignal };

function mintFields({ key, cause, presence, attempt, lastToken }: MintRequest): MintFields {
  return {
    sessionId: key.sessionId,
    ...(key.template !== undefined && { template: key.template }),
    ...(key.organizationId !== undefined && { organizationId: key.organizationId }),
    ...(key.params !== undefined && { params: key.params }),
    cause,
    presence,
    attempt,
    ...(lastToken !== undefined && { expired_token: lastToken }),
  };
}

/** Proof is asked for: a bare 404 is a router talking, and an HTML page with any status is anybody. */
function verdictOf(answer: HttpAnswer, goneCodes: readonly string[]): SessionVerdict {
  const { active } = fieldsOf(answer.body);
  if (answer.ok) {
    if (answer.body.kind === 'empty') return 'active';
    if (answer.body.kind !== 'json') return 'unknown';
    return active === false ? 'gone' : 'active';
  }
  if (![401, 404, 410].includes(answer.status)) return 'unknown';
  return active === false || goneCodes.includes(serverCodeOf(answer) ?? '') ? 'gone' : 'unknown';
}

/**
 * A token source over HTTP: it posts JSON to `url` and reads a token from the answer.
 *
 * Request: `{ sessionId, template?, organizationId?, params?, cause, presence, attempt, expired_token? }`, with the header
 * `X-Token-Lifecycle: 1` (refuse requests without it: another site cannot send it unasked), no caching, no redirects.
 *
 * Answer: 2xx with `{ token | jwt | access_token }` and, where the token is no JWT, `expires_in` (seconds) or `expires_at`
 * (epoch seconds); optionally `issued_at` (epoch seconds), `token_type`, `session_id`, `organization_id`, and `server_date`
 * where the endpoint is of another origin and does not expose `Date`. Refusal: a status with `{ errors: [{ code }] }` or
 * `{ error }` (RFC 6749 §5.2), and `Retry-After` or `retry_after_seconds`.
 *
 * `sessionUrl` is posted `{ sessionId }` after a 401: a 2xx says active; `{ "active": false }`, or 401, 404 or 410 with one
 * of `goneCodes`, says gone; anything else says nothing, and nobody is signed out by it. `revokeUrl` is posted the same.
 *
 * @param options see `HttpTokenSourceOptions`
 * @throws ConfigurationError at once for an option that cannot work; from `mint()` where a relative URL has no `location`
 * @example
 * const source = httpTokenSource({ url: '/tokens', sessionUrl: '/session', revokeUrl: '/session/end' });
 */
export function httpTokenSource(options: HttpTokenSourceOptions): TokenSource {
  checkHttpOptions(options);
  const settings: HttpTokenSourceOptions = { ...options };
  const { url, sessionUrl, revokeUrl, goneCodes = sessionEndingCodes } = settings;
  const now = () => (settings.now ?? Date.now)();

  async function mint(request: MintRequest): Promise<MintResult> {
    const fields = mintFields(request);
    const answer = await exchange(settings, {
      operation: 'mint',
      option: 'url',
      url,
      sessionId: request.key.sessionId,
      signal: request.signal,
      payload: () => (settings.body ? settings.body(fields, request) : fields),
    });
    if (!answer.ok) throw toRequestError(answer, now);
    return toMintResult(answer, settings.parse);
  }

  async function checkSession(target: string | URL, { sessionId, signal }: SessionRequest): Promise<SessionVerdict> {
    try {
      const answer = await exchange(settings, {
        operation: 'check',
        option: 'sessionUrl',
        url: target,
        sessionId,
        signal,
        payload: () => ({ sessionId }),
      });
      return verdictOf(answer, goneCodes);
    } catch (thrown) {
      // A URL that cannot be called is a mistake, and stays one. Otherwise: no answer, no verdict.
      if (ConfigurationError.is(thrown)) throw thrown;
      return 'unknown';
    }
  }

  async function revoke(target: string | URL, { sessionId, signal }: SessionRequest): Promise<void> {
    const answer = await exchange(settings, {
      operation: 'revoke',
      option: 'revokeUrl',
      url: target,
      sessionId,
      signal,
      payload: () => ({ sessionId }),
    });
    // A session that is already gone is what was asked for.
    if (!answer.ok && verdictOf(answer, goneCodes) !== 'gone') throw toRequestError(answer, now);
  }

  return {
    credential: 'ambient',
    endpoint: String(url),
    mint,
    ...(sessionUrl !== undefined && { checkSession: (request: SessionRequest) => checkSession(sessionUrl, request) }),
    ...(revokeUrl !== undefined && { revoke: (request: SessionRequest) => revoke(revokeUrl, request) }),
  };
}
