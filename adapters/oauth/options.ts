/** What `oauthTokenSource` can be told. */
import type { AuthorizationServer, Client, ClientAuth, DPoPHandle } from 'oauth4webapi';
import {
  checkBoolean,
  checkFunction,
  checkKnown,
  checkMethods,
  checkNumber,
  checkObject,
  checkOneOf,
  checkText,
  fail,
} from '../../machines/check';
import type { MaybePromise, TokenKey } from '../../machines/ports';
import type { Fetch } from '../source/http-options';
import { checkParameters, type Parameters } from './parameters';
import { checkMetadata, checkPlace } from './places';

export type OAuthTokenSourceOptions = {
  /**
   * The authorization server: its metadata, as the login has it already, or its issuer identifier, by which the metadata is
   * found before the first request. https, or http to a loopback address; every endpoint likewise.
   */
  readonly server: AuthorizationServer | string | URL;
  /** Where an issuer's metadata lies: OpenID Connect Discovery ('oidc', the default) or RFC 8414 ('oauth2'). */
  readonly discovery?: 'oidc' | 'oauth2';
  /** As oauth4webapi takes it: `{ client_id }`. */
  readonly client: Client;
  /** As oauth4webapi makes them: `PrivateKeyJwt(key)`, … Default: none, the client is a public one. */
  readonly clientAuthentication?: ClientAuth;
  /**
   * The refresh token that the login gave, until the server has replaced it. A function is asked where none is stored, before
   * a request; `undefined` from it means that there is none, and readers get an error with `serverCode` 'no_refresh_token'.
   */
  readonly refreshToken?: string | ((about: { readonly sessionId: string }) => MaybePromise<string | undefined>);
  /** 'rotating' (default): each refresh token is good for one use. 'reusable': the server never replaces it. */
  readonly credential?: 'rotating' | 'reusable';
  /** Rotating only: for how many ms the server forgives a second use of a refresh token. Default 0: it does not. */
  readonly reuseGraceMs?: number;
  /**
   * Sent with each refresh: `scope`, `resource`, `audience`, … A key's `params` come on top. A function gets the key and gives
   * them all, e.g. to make an organization of it.
   */
  readonly parameters?: Parameters | ((key: TokenKey) => Parameters);
  /** Binds the tokens to a key pair (RFC 9449): `DPoP(client, keyPair)` of oauth4webapi, with the key pair of the login. */
  readonly dpop?: DPoPHandle;
  /**
   * Ask the server by RFC 7662 whether a refused refresh token is really dead. Default false: `invalid_grant` says so. Few
   * servers let a public client ask.
   */
  readonly introspect?: boolean;
  /** Default: the platform's, looked up at each call. */
  readonly fetch?: Fetch;
  /** The local clock, epoch ms: measures a `Retry-After` date where the server does not tell its own time. */
  readonly now?: () => number;
};

/** Every option, for the check and for nothing else: `satisfies` keeps it complete. */
const known = {
  server: 1,
  discovery: 1,
  client: 1,
  clientAuthentication: 1,
  refreshToken: 1,
  credential: 1,
  reuseGraceMs: 1,
  parameters: 1,
  dpop: 1,
  introspect: 1,
  fetch: 1,
  now: 1,
} satisfies Record<keyof OAuthTokenSourceOptions, 1>;

/** @throws ConfigurationError naming the option that cannot work */
export function checkOAuthOptions(options: unknown): asserts options is OAuthTokenSourceOptions {
  checkObject('options', options);
  checkKnown('options', options, Object.keys(known));
  const { server, discovery, client, refreshToken, credential, reuseGraceMs, parameters, dpop, introspect } = options;
  if (typeof server === 'string' || server instanceof URL) checkPlace('server', server);
  else checkMetadata('server', server);
  if (discovery !== undefined) checkOneOf('discovery', discovery, ['oidc', 'oauth2'] as const);
  checkObject('client', client);
  checkText('client.client_id', client.client_id);
  if (typeof refreshToken !== 'function' && refreshToken !== undefined) checkText('refreshToken', refreshToken);
  if (credential !== undefined) checkOneOf('credential', credential, ['rotating', 'reusable'] as const);
  if (reuseGraceMs !== undefined) {
    checkNumber('reuseGraceMs', reuseGraceMs, { min: 0 });
    if (credential === 'reusable') fail('reuseGraceMs', "left out where the credential is 'reusable'", reuseGraceMs);
  }
  if (parameters !== undefined && typeof parameters !== 'function') checkParameters('parameters', parameters);
  if (dpop !== undefined) checkMethods('dpop', dpop, ['calculateThumbprint']);
  if (introspect !== undefined) checkBoolean('introspect', introspect);
  for (const name of ['clientAuthentication', 'fetch', 'now'] as const) {
    if (options[name] !== undefined) checkFunction(name, options[name]);
  }
}
