/** The OAuth entry as types: what must compile, and what must not. */
import { type AuthorizationServer, type Client, type DPoPHandle, None } from 'oauth4webapi';
import { describe, expectTypeOf, it } from 'vitest';
import { type OAuthTokenSource, type OAuthTokenSourceOptions, oauthTokenSource } from '../../adapters/oauth/index';
import { createTokenFetch, createTokenLifecycle, type TokenSource } from '../../index';

declare const server: AuthorizationServer;
declare const client: Client;
declare const dpop: DPoPHandle;

describe('Types: oauthTokenSource', () => {
  it('Types: is a TokenSource, whose authorize fits createTokenFetch', () => {
    const source = oauthTokenSource({ server, client });
    expectTypeOf(source).toEqualTypeOf<OAuthTokenSource>();
    expectTypeOf(source).toExtend<TokenSource>();
    const tokens = createTokenLifecycle({ source });
    createTokenFetch(tokens, { origins: ['https://api.example.com'], authorize: source.authorize });
  });

  it('Types: takes what a login has', () => {
    oauthTokenSource({ server: 'https://auth.example.com', client: { client_id: 'app' }, refreshToken: 'r' });
    oauthTokenSource({ server: new URL('https://auth.example.com'), client, refreshToken: async () => undefined });
    oauthTokenSource({ server, client, clientAuthentication: None(), dpop, reuseGraceMs: 5_000 });
    oauthTokenSource({ server, client, credential: 'reusable', parameters: { scope: 'api' } });
    oauthTokenSource({ server, client, parameters: ({ sessionId, params = {} }) => ({ sessionId, ...params }) });
    expectTypeOf<OAuthTokenSourceOptions['refreshToken']>().not.toBeAny();
  });

  it('Types: refuses what cannot work', () => {
    // @ts-expect-error without a server
    oauthTokenSource({ client });
    // @ts-expect-error a client is an object
    oauthTokenSource({ server, client: 'app' });
    // @ts-expect-error a refresh token is no cookie
    oauthTokenSource({ server, client, credential: 'ambient' });
    // @ts-expect-error parameters are text
    oauthTokenSource({ server, client, parameters: { max_age: 5 } });
    // @ts-expect-error a handle, not a key pair
    oauthTokenSource({ server, client, dpop: { privateKey: 1, publicKey: 2 } });
    // @ts-expect-error misspelt
    oauthTokenSource({ server, client, refresh_token: 'r' });
  });
});
