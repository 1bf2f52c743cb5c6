/** The end of a session at the server: told to it (RFC 7009), or asked of it (RFC 7662). */
import {
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  introspectionRequest,
  None,
  revocationRequest,
} from 'oauth4webapi';
import { TokenRequestError } from '../../machines/errors';
import type { SessionVerdict } from '../../machines/ports';
import { fieldsOf } from '../source/http-body';
import { toRequestError } from '../source/http-errors';
import type { Exchange } from './exchange';

type Settings = { readonly client: Client; readonly clientAuthentication?: ClientAuth; readonly now: () => number };

type About = { readonly server: AuthorizationServer; readonly refreshToken: string; readonly signal: AbortSignal };

const hint = { token_type_hint: 'refresh_token' };

export function createEnding({ client, clientAuthentication = None(), now }: Settings, exchange: Exchange) {
  return {
    /** @throws TokenRequestError where the server has not confirmed it */
    revoke: async ({ server, refreshToken, signal }: About): Promise<void> => {
      if (server.revocation_endpoint === undefined)
        throw new TokenRequestError('The server revokes no tokens.', { serverCode: 'revocation_unsupported' });
      const answer = await exchange({ signal, keepalive: true }, (options) =>
        revocationRequest(server, client, clientAuthentication, refreshToken, {
          ...options,
          additionalParameters: hint,
        }),
      );
      if (!answer.ok) throw toRequestError(answer, now);
    },
    /** Anything but a clear word says nothing, and signs nobody out. */
    verdict: async ({ server, refreshToken, signal }: About): Promise<SessionVerdict> => {
      const answer = await exchange({ signal }, (options) =>
        introspectionRequest(server, client, clientAuthentication, refreshToken, {
          ...options,
          additionalParameters: hint,
        }),
      );
      const { active } = fieldsOf(answer.body);
      if (!answer.ok || typeof active !== 'boolean') return 'unknown';
      return active ? 'active' : 'gone';
    },
  };
}
