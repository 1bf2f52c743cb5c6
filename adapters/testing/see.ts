/** From raw strings to what a trace may say of them. */

import { decodeToken } from '../token/decode';
import { fingerprint } from '../token/fingerprint';
import type { TokenSeen, ValueSeen } from './trace';

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A token without its secret; `null` for what is no JWT. */
export function seeToken(raw: unknown): TokenSeen | null {
  if (typeof raw !== 'string') return null;
  try {
    const { claims, expiresAt, issuedAt, originIssuedAt, organizationId, sessionId, ...token } = decodeToken(raw);
    return {
      fingerprint: token.fingerprint,
      sessionId: sessionId ?? null,
      organizationId: organizationId ?? null,
      template: textOf(claims.template),
      issuedAt,
      expiresAt,
      originIssuedAt,
    };
  } catch {
    return null;
  }
}

export function seeValue(raw: unknown): ValueSeen {
  if (raw === undefined || raw === null || raw === '') return { kind: 'empty' };
  const token = seeToken(raw);
  return token ? { kind: 'token', token } : { kind: 'other', fingerprint: fingerprint(String(raw)) };
}

/** Anything that looks like a JWT, or like a single-use credential of the test server. */
const secret = /eyJ[\w-]{8,}\.[\w-]+|credential-\d+-of-/;

/** The fingerprint of a secret that stands in a text where none may be; `null`: there is none. */
export function leakIn(text: string): string | null {
  const found = secret.exec(text)?.[0];
  return found === undefined ? null : fingerprint(found);
}

/** Tokens are looked at again and again: each is decoded once. Forgets all of them from time to time. */
export function createEyes(limit = 500): { token: typeof seeToken; value: typeof seeValue } {
  const seen = new Map<unknown, ValueSeen>();
  const value = (raw: unknown): ValueSeen => {
    const known = seen.get(raw);
    if (known) return known;
    const fresh = seeValue(raw);
    if (seen.size >= limit) seen.clear();
    seen.set(raw, fresh);
    return fresh;
  };
  return {
    value,
    token: (raw) => {
      const found = value(raw);
      return found.kind === 'token' ? found.token : null;
    },
  };
}
