/** What an edge that has lost its origin goes by: its own cookie, and a token that the origin once signed. */
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtDecrypt } from 'jose';
import type { Signer } from '../signer';
import type { HandshakeIssuerSettings } from './options';

/** `typ` of the issuer's own cookie: it is nobody's token, and no token is it. */
const clientType = 'client+jwt';

export type Evidence = { readonly token: string | null; readonly how: 'none' | 'plain' | 'encrypted' };

export type Client = { readonly sessionId: string /** Epoch seconds. */; readonly since: number };

/** The claims of a token of ours, whenever it expired. */
async function claimsOf(token: string, typ: string, signer: Signer): Promise<JWTPayload | null> {
  try {
    if (decodeProtectedHeader(token).typ !== typ) return null;
    const { exp = 0 } = decodeJwt(token);
    return await signer.verify(token, new Date((exp - 1) * 1_000));
  } catch {
    return null;
  }
}

export function createEvidence(settings: HandshakeIssuerSettings, signer: Signer, now: () => number) {
  const { decryptionKey, evidenceSeconds } = settings;

  async function unsealed(jwe: string, state: string, audience: string): Promise<string | null> {
    if (!decryptionKey) return null;
    try {
      const { payload } = await jwtDecrypt(jwe, decryptionKey, { audience, currentDate: new Date(now()) });
      return payload.state === state && typeof payload.session === 'string' ? payload.session : null;
    } catch {
      return null;
    }
  }

  return {
    /** The issuer's own cookie; of 400 days. */
    clientCookie: async (sessionId: string): Promise<string> => {
      const iat = Math.floor(now() / 1_000);
      const claims = { sid: sessionId, iat, exp: iat + 400 * 24 * 60 * 60 };
      return signer.sign({ header: { typ: clientType }, claims });
    },
    clientOf: async (cookie: string | undefined): Promise<Client | null> => {
      const claims = cookie === undefined ? null : await claimsOf(cookie, clientType, signer);
      const { sid, iat = 0, exp = 0 } = claims ?? {};
      return typeof sid === 'string' && exp * 1_000 > now() ? { sessionId: sid, since: iat } : null;
    },
    /** The session token that came along, as it is. */
    presentedIn: async (asked: URL): Promise<Evidence> => {
      const { searchParams } = asked;
      const jwe = searchParams.get('__session_jwe');
      if (jwe !== null) {
        return { token: await unsealed(jwe, searchParams.get('state') ?? '', asked.origin), how: 'encrypted' };
      }
      const token = searchParams.get('__session');
      return { token, how: token === null ? 'none' : 'plain' };
    },
    /** Signed here, of this session, and not expired for too long. */
    isGood: async (token: string | null, { sessionId }: Client): Promise<boolean> => {
      const claims = token === null ? null : await claimsOf(token, 'JWT', signer);
      return claims?.sid === sessionId && now() < ((claims.exp ?? 0) + evidenceSeconds) * 1_000;
    },
  };
}
