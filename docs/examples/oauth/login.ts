/** A login by authorization code and PKCE, in a browser; what it ends with is handed to a lifecycle. */
import * as oauth from 'oauth4webapi';

export type Login = {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  /** Registered with the server; the page there calls `finishLogin`. */
  readonly redirectUri: string;
  /** `sessionStorage`: has to survive the way to the server and back, in this tab. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly dpop?: oauth.DPoPHandle;
};

/** Where to send the browser: `location.assign(await beginLogin(login))`. */
export async function beginLogin({ server, client, redirectUri, storage }: Login): Promise<URL> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  storage.setItem('login', JSON.stringify({ verifier, state }));
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid offline_access', // offline_access: a refresh token
    prompt: 'consent', // which OpenID Connect wants for it
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  return url;
}

/**
 * What the server gave, at the redirect address.
 *
 * @param here the address that the browser was sent to
 * @param more for a server on this machine: `{ [oauth.allowInsecureRequests]: true }`
 */
export async function finishLogin(
  { server, client, redirectUri, storage, dpop }: Login,
  here: URL,
  more: oauth.TokenEndpointRequestOptions = {},
): Promise<{ readonly sessionId: string; readonly refreshToken: string }> {
  const { verifier, state } = JSON.parse(storage.getItem('login') ?? '{}') as { verifier: string; state: string };
  storage.removeItem('login');
  const parameters = oauth.validateAuthResponse(server, client, here, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    verifier,
    { ...more, ...(dpop && { DPoP: dpop }) },
  );
  const result = await oauth.processAuthorizationCodeResponse(server, client, response, { requireIdToken: true });
  if (result.refresh_token === undefined) throw new Error('The server gave no refresh token.');
  // One id per login: two logins of a user are two sessions.
  const sid = oauth.getValidatedIdTokenClaims(result)?.sid;
  return { sessionId: typeof sid === 'string' ? sid : crypto.randomUUID(), refreshToken: result.refresh_token };
}
