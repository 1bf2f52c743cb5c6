import { compactVerify, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { ServerClock } from './clock';
import type { SigningKeys } from './keys';
import type { DemoSession } from './sessions';

export const audience = 'token-lifecycle-demo';

/** How far two honest clocks may be apart, in seconds. */
const toleranceSeconds = 5;
/** How old a token may be that an edge mints from, in seconds: long enough for an outage, too short to be kept for later. */
const evidenceSeconds = 24 * 60 * 60;

export type TokenService = {
  /**
   * Signs a token for `session`.
   *
   * @param originIssuedAt when the origin itself last vouched for the session, epoch seconds. An edge that mints in its
   * place passes the old value on, so that a client prefers the origin's own token.
   */
  mint(
    session: DemoSession,
    options: { ttlSeconds: number; organizationId?: string | null; originIssuedAt?: number },
  ): Promise<string>;
  /** Everything that an API checks. Rejects with jose's own error. */
  verify(token: string): Promise<JWTPayload>;
  /**
   * What an edge checks before it mints from a token in place of the origin: signature, issuer, audience, age and that it
   * belongs to `session`. Its expiry is the one thing that does not matter.
   *
   * @returns `null` where the token is no evidence
   */
  readEvidence(token: string, session: DemoSession): Promise<{ originIssuedAt: number } | null>;
};

export function createTokenService(keys: SigningKeys, clock: ServerClock, issuer: () => string): TokenService {
  return {
    mint: (session, { ttlSeconds, organizationId = session.organizationId, originIssuedAt }) => {
      const iat = clock.seconds();
      return new SignJWT({ sid: session.id, azp: issuer(), ...(organizationId !== null && { org_id: organizationId }) })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: keys.kid, oiat: originIssuedAt ?? iat })
        .setSubject(session.userId)
        .setIssuer(issuer())
        .setAudience(audience)
        .setIssuedAt(iat)
        .setExpirationTime(iat + ttlSeconds)
        .sign(keys.privateKey);
    },

    verify: async (token) => {
      const { payload } = await jwtVerify(token, keys.publicKey, {
        algorithms: ['ES256'],
        issuer: issuer(),
        audience,
        requiredClaims: ['sub', 'sid', 'iat', 'exp'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(clock.now()),
      });
      return payload;
    },

    readEvidence: async (token, session) => {
      try {
        const { payload } = await compactVerify(token, keys.publicKey, { algorithms: ['ES256'] });
        const claims = JSON.parse(new TextDecoder().decode(payload)) as JWTPayload;
        const { oiat } = decodeProtectedHeader(token);
        const age = clock.seconds() - (claims.iat ?? 0);
        const belongs = claims.iss === issuer() && claims.aud === audience && claims.sid === session.id;
        if (!belongs || age > evidenceSeconds || age < -toleranceSeconds || typeof oiat !== 'number') return null;
        return { originIssuedAt: oiat };
      } catch {
        return null;
      }
    },
  };
}
