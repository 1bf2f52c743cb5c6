/** The way to the issuer: where to, and what goes along. */
import { EncryptJWT, type JWK } from 'jose';
import { redactCause } from '../../machines/errors';
import type { HandshakeReason } from '../../machines/handshake/reasons';
import type { Logger } from '../../machines/ports';
import type { Address } from './address';
import type { HandshakeSettings } from './options';
import type { HandshakeOptions } from './types';
import type { VerifiedToken } from './verify';

/** How long a presented token can be read by the edge. */
const evidenceMs = 60_000;

export const redirectParameters = {
  returnTo: 'redirect_url',
  reason: 'reason',
  state: 'state',
  plain: '__session',
  encrypted: '__session_jwe',
} as const;

type EncryptionKey = NonNullable<HandshakeOptions['encryptionKey']>;

const isJwk = (key: EncryptionKey): key is JWK => 'kty' in key;

function headerFor(key: EncryptionKey) {
  if (isJwk(key)) {
    const alg = key.alg ?? (key.kty === 'RSA' ? 'RSA-OAEP-256' : 'ECDH-ES');
    return { alg, enc: 'A256GCM', ...(key.kid !== undefined && { kid: key.kid }) };
  }
  const { name, hash } = key.algorithm as { name: string; hash?: { name?: string } };
  const bits = hash?.name?.replace('SHA-', '');
  const rsa = bits === '1' || bits === undefined ? 'RSA-OAEP' : `RSA-OAEP-${bits}`;
  return { alg: name === 'RSA-OAEP' ? rsa : 'ECDH-ES', enc: 'A256GCM' };
}

/** Legible to the edge alone, for a minute, and for this handshake. */
function seal(token: string, key: EncryptionKey, about: { from: string; to: string; state: string; nowMs: number }) {
  return new EncryptJWT({ session: token, state: about.state })
    .setProtectedHeader({ ...headerFor(key), typ: 'session-evidence+jwt' })
    .setIssuer(about.from)
    .setAudience(about.to)
    .setIssuedAt(new Date(about.nowMs))
    .setExpirationTime(new Date(about.nowMs + evidenceMs))
    .encrypt(key);
}

/**
 * A tossed or forged token is no evidence. One that cannot be verified now may be: with the origin its keys are gone too, and
 * the edge has its own.
 */
const isEvidence = ({ verdict }: VerifiedToken): boolean => verdict.is !== 'bad' && verdict.is !== 'unreadable';

export type Departure = {
  readonly handshake: HandshakeSettings;
  readonly address: Address;
  readonly reason: HandshakeReason;
  readonly state: string;
  /** The session cookie's; never one that came as a bearer header. */
  readonly token: VerifiedToken | null;
  readonly nowMs: number;
  readonly logger: Logger;
};

/** The address at the issuer, with where to come back to, why, and the state (lifecycle §11). */
export async function departureUrl(departure: Departure): Promise<string> {
  const { handshake, address, reason, state, token, nowMs, logger } = departure;
  const url = new URL(handshake.url);
  url.searchParams.set(redirectParameters.returnTo, address.clean);
  url.searchParams.set(redirectParameters.reason, reason);
  url.searchParams.set(redirectParameters.state, state);
  const { present, encryptionKey } = handshake;
  if (!token || !isEvidence(token) || present === 'never') return url.href;
  if (present === 'plain') url.searchParams.set(redirectParameters.plain, token.token);
  else if (encryptionKey) {
    try {
      const about = { from: address.origin, to: url.origin, state, nowMs };
      url.searchParams.set(redirectParameters.encrypted, await seal(token.token, encryptionKey, about));
    } catch (error) {
      // An edge that still has its origin needs no evidence: the handshake goes on without.
      logger.error?.('The session token could not be encrypted for the handshake.', { cause: redactCause(error) });
    }
  }
  return url.href;
}
