/** Who signs tokens for the tabs suite, and what it thinks of refresh tokens that come twice. */
import { randomUUID } from 'node:crypto';
import { generateKeyPair, jwtVerify, SignJWT } from 'jose';

export type TokenFor = { readonly sessionId: string; readonly organizationId?: string | null };

/** `revoked`: somebody used a spent one, and the whole family is dead. */
export type Rotation = { readonly is: 'rotated'; readonly next: string } | { readonly is: 'refused' };

export type Authority = {
  /** Seconds that a token lives; may be changed at any time. */
  ttlSeconds: number;
  /** How often a spent refresh token came again. */
  readonly reuses: number;
  sign(whom: TokenFor, at?: { readonly issuedAt: number }): Promise<string>;
  /** Rejects for a token that was not signed here, and for an expired one. */
  verify(token: string): Promise<{ readonly sid: unknown }>;
  /** One refresh token per session, single use, no grace: who sends a spent one loses the session. */
  rotate(sessionId: string, credential: string | undefined): Rotation;
};

export async function createAuthority(ttlSeconds: number): Promise<Authority> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const current = new Map<string, string>();
  const revoked = new Set<string>();
  let reuses = 0;

  const authority = {
    ttlSeconds,
    get reuses() {
      return reuses;
    },
    sign: ({ sessionId, organizationId }: TokenFor, at = { issuedAt: Math.floor(Date.now() / 1_000) }) =>
      new SignJWT({ sid: sessionId, ...(organizationId && { org_id: organizationId }), jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
        .setSubject(`user_of_${sessionId}`)
        .setIssuer('https://issuer.test')
        .setAudience('tabs')
        .setIssuedAt(at.issuedAt)
        .setExpirationTime(at.issuedAt + authority.ttlSeconds)
        .sign(privateKey),
    verify: async (token: string) => {
      const { payload } = await jwtVerify(token, publicKey, { issuer: 'https://issuer.test', audience: 'tabs' });
      return { sid: payload.sid };
    },
    rotate: (sessionId: string, credential: string | undefined): Rotation => {
      const held = current.get(sessionId);
      // The very first one is what signing in gives.
      const isFine = !revoked.has(sessionId) && credential === held;
      if (!isFine) {
        if (credential !== undefined && !revoked.has(sessionId)) {
          reuses += 1;
          revoked.add(sessionId);
        }
        return { is: 'refused' };
      }
      const next = randomUUID();
      current.set(sessionId, next);
      return { is: 'rotated', next };
    },
  };
  return authority;
}
