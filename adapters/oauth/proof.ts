/** How an access token is shown to an API: as a bearer token, or with a proof of the key that it is bound to. */
import { allowInsecureRequests, customFetch, type DPoPHandle, protectedResourceRequest } from 'oauth4webapi';

/**
 * Headers that authorize `request` with `token`.
 *
 * The handle makes proofs for requests that oauth4webapi sends, so one is sent, to nobody.
 */
export async function authorizationFor(
  request: Request,
  token: string,
  dpop: DPoPHandle | undefined,
): Promise<Headers> {
  let sent: HeadersInit = { authorization: `Bearer ${token}` };
  if (dpop) {
    await protectedResourceRequest(token, request.method, new URL(request.url), undefined, null, {
      DPoP: dpop,
      [allowInsecureRequests]: true,
      [customFetch]: async (_, { headers }) => {
        sent = headers;
        return new Response();
      },
    });
  }
  const headers = new Headers();
  for (const name of ['authorization', 'dpop']) {
    const value = new Headers(sent).get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
