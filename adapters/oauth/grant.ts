/** The refresh-token grant (RFC 6749 §6), and what its answer says. */
import {
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  type DPoPHandle,
  None,
  refreshTokenGrantRequest,
} from 'oauth4webapi';
import { InvalidTokenError, TokenRequestError } from '../../machines/errors';
import type { MintResult } from '../../machines/ports';
import { toMintResult } from '../source/http-answer';
import { fieldsOf } from '../source/http-body';
import { serverCodeOf, toRequestError } from '../source/http-errors';
import type { HttpAnswer } from '../source/http-exchange';
import { retryAfterOf } from '../source/retry-after';
import type { Exchange } from './exchange';
import type { Parameters } from './parameters';

export type GrantSettings = {
  readonly client: Client;
  readonly clientAuthentication?: ClientAuth;
  readonly dpop?: DPoPHandle;
  readonly isRotating: boolean;
  readonly now: () => number;
};

export type GrantRequest = {
  readonly server: AuthorizationServer;
  readonly refreshToken: string;
  readonly parameters: Parameters;
  readonly signal: AbortSignal;
};

/** Said by whatever stands in front of the server, which may have got the request all the same. */
const saidByGateways = new Set([502, 504]);

export function createGrant(settings: GrantSettings, exchange: Exchange) {
  const { client, clientAuthentication = None(), dpop, isRotating, now } = settings;

  const send = ({ server, refreshToken, parameters, signal }: GrantRequest): Promise<HttpAnswer> =>
    exchange({ signal }, (options) =>
      refreshTokenGrantRequest(server, client, clientAuthentication, refreshToken, {
        ...options,
        additionalParameters: { ...parameters },
        ...(dpop && { DPoP: dpop }),
      }),
    );

  /** No `status`: of a single-use token nobody can say whether it is spent (R5.14). */
  const unknown = (message: string, status: number): TokenRequestError =>
    new TokenRequestError(message, { cause: { name: 'UnknownOutcome', status } });

  function refusal(answer: HttpAnswer): TokenRequestError {
    const isByGateway = saidByGateways.has(answer.status) && serverCodeOf(answer) === undefined;
    const saysWhen = retryAfterOf(answer.headers, fieldsOf(answer.body), now) !== undefined;
    return isRotating && isByGateway && !saysWhen
      ? unknown('A gateway answered in place of the authorization server.', answer.status)
      : toRequestError(answer, now);
  }

  return {
    /**
     * @returns the answer to a refresh that the server has granted
     * @throws TokenRequestError
     */
    ask: async (request: GrantRequest): Promise<HttpAnswer> => {
      let answer = await send(request);
      // It has refused the proof, not looked at the refresh token. The handle has taken the nonce from this answer (RFC 9449 §8).
      if (dpop && !answer.ok && serverCodeOf(answer) === 'use_dpop_nonce') answer = await send(request);
      if (!answer.ok) throw refusal(answer);
      const { access_token, refresh_token } = fieldsOf(answer.body);
      // Granted, and the successor did not get here.
      if (isRotating && access_token === undefined && refresh_token === undefined)
        throw unknown('The authorization server’s answer cannot be read.', answer.status);
      return answer;
    },
    /** The successor, where the server sent one. */
    successorIn: ({ body }: HttpAnswer): string | undefined => {
      const { refresh_token } = fieldsOf(body);
      return typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : undefined;
    },
    /** @throws InvalidTokenError where it is no token that can be used */
    resultOf: async (answer: HttpAnswer): Promise<MintResult> => {
      const { access_token, token_type, expires_in } = fieldsOf(answer.body);
      // What else stands there, an ID token above all, is for the login: its clock checks would make a wrong clock fatal.
      const value = { access_token, token_type, expires_in };
      const result = await toMintResult(
        answer.body.kind === 'json' ? { ...answer, body: { kind: 'json', value } } : answer,
      );
      const type = result.tokenType ?? (token_type === undefined ? 'Bearer' : 'unknown');
      // A token that is not bound where a bound one was asked for is a downgrade (RFC 9449 §5).
      if (type !== (dpop ? 'DPoP' : 'Bearer'))
        throw new InvalidTokenError('untrusted', 'The token is not of the type that was asked for.');
      return { ...result, tokenType: type };
    },
  };
}
