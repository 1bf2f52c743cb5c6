/** Where the authorization server's endpoints are: told, or discovered once. */
import { type AuthorizationServer, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { TokenRequestError } from '../../machines/errors';
import { toRequestError } from '../source/http-errors';
import type { HttpAnswer } from '../source/http-exchange';
import type { Exchange } from './exchange';
import type { OAuthTokenSourceOptions } from './options';
import { checkMetadata } from './places';

type Settings = Pick<OAuthTokenSourceOptions, 'server' | 'discovery'>;

/** Always with a code: what fails here has not spent any credential, and an error without one would be taken for that. */
const failed = (message: string, cause?: unknown, more = {}): TokenRequestError =>
  new TokenRequestError(message, { serverCode: 'discovery_failed', cause, ...more });

/** Only trouble keeps its status: a 401 or 404 for metadata says nothing about the session. */
function refused(answer: HttpAnswer, now: () => number): TokenRequestError {
  const { status, retryAfterMs } = toRequestError(answer, now);
  const isTrouble = answer.status >= 500 || answer.status === 429;
  return failed(`The server's metadata was refused with ${answer.status}.`, undefined, {
    ...(isTrouble && { status, retryAfterMs }),
  });
}

export function createMetadata({ server, discovery = 'oidc' }: Settings, exchange: Exchange, now: () => number) {
  const isIssuer = typeof server === 'string' || server instanceof URL;
  let found: AuthorizationServer | undefined = isIssuer ? undefined : { ...server };

  async function discover(issuer: URL, signal: AbortSignal): Promise<AuthorizationServer> {
    let answer: HttpAnswer;
    try {
      answer = await exchange({ signal }, (options) => discoveryRequest(issuer, { algorithm: discovery, ...options }));
    } catch (thrown) {
      throw failed("No answer came with the server's metadata.", thrown);
    }
    if (!answer.ok) throw refused(answer, now);
    if (answer.body.kind !== 'json') throw failed("The server's metadata is no JSON.");
    try {
      // Read here already, by its size and type; compared there, by the rules of discovery.
      const metadata = await processDiscoveryResponse(issuer, Response.json(answer.body.value));
      checkMetadata('server', metadata);
      return metadata;
    } catch (thrown) {
      throw failed("The server's metadata cannot be used.", thrown);
    }
  }

  return {
    /** What is there without asking: nothing, before an issuer's metadata was found. */
    get known(): AuthorizationServer | undefined {
      return found;
    },
    /** @throws TokenRequestError with `serverCode` 'discovery_failed'; the next call asks again */
    get: async (signal: AbortSignal): Promise<AuthorizationServer> => {
      if (!found && isIssuer) found = await discover(new URL(server), signal);
      return found as AuthorizationServer;
    },
  };
}
