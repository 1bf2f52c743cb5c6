/** Answers with status 200 and nothing usable in them: what proxies, portals and bugs have sent to real clients. */
import type { TokenClaims } from './signer';

export const malformedKinds = [
  'empty-body',
  'empty-token',
  'null-token',
  'no-token',
  'not-a-jwt',
  'not-json',
  'html',
  'huge',
  'no-exp',
  'expired',
  'other-session',
  'other-organization',
] as const;

export type Malformed = (typeof malformedKinds)[number];

export type RawBody = { readonly type: string; readonly text: string };

const json = (value: unknown): RawBody => ({ type: 'application/json', text: JSON.stringify(value) });

/** A body without a token; `null` for the kinds that have one. */
export function malformedBody(how: Malformed): RawBody | null {
  switch (how) {
    case 'empty-body':
      return { type: 'application/json', text: '' };
    case 'empty-token':
      return json({ token: '' });
    case 'null-token':
      return json({ token: null });
    case 'no-token':
      return json({});
    case 'not-a-jwt':
      return json({ token: 'this is no token' });
    case 'not-json':
      return { type: 'application/json', text: '{"token":' };
    case 'html':
      return {
        type: 'text/html; charset=utf-8',
        text: '<!doctype html><title>Welcome</title><p>Please accept our terms.',
      };
    default:
      return null;
  }
}

/** Claims that make a well-formed token unusable. */
export function malformedClaims(how: Malformed, claims: TokenClaims): TokenClaims {
  const { exp: _, ...endless } = claims;
  switch (how) {
    case 'no-exp':
      return endless;
    case 'expired':
      return { ...claims, iat: claims.iat - 3600, exp: claims.iat - 3540 };
    case 'other-session':
      return { ...claims, sid: 'sess_of_somebody_else' };
    case 'other-organization':
      return { ...claims, org_id: 'org_of_somebody_else' };
    case 'huge':
      return { ...claims, padding: 'x'.repeat(20_000) };
    default:
      return claims;
  }
}
