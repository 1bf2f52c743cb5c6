/** What can be said of a token's life without saying the token: times, names, a fingerprint. */
import { InvalidTokenError } from '../../../machines/errors';
import { cutoffMs, lifetimeMs, staleAtMs } from '../../../machines/held-token';
import type { RefreshPolicy } from '../../../machines/policy';
import { decodeToken } from '../../token/decode';
import { fingerprint } from '../../token/fingerprint';
import { harmless } from '../terminal';
import { type Candidate, looksLikeJwt } from './find';

/** `stale`: still given to readers while the next one is fetched. `expiring`: readers wait for the next one. */
export type Verdict =
  | 'fresh'
  | 'stale'
  | 'expiring'
  | 'expired'
  | 'not-yet-valid'
  | 'endless'
  | 'unreadable'
  | 'opaque';

/** Times in epoch ms. */
export type Life = {
  readonly where: string;
  readonly fingerprint: string;
  readonly bytes: number;
  readonly verdict: Verdict;
  /** Why it cannot be read. */
  readonly reason?: string;
  readonly algorithm?: string;
  readonly type?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** From when on a refresh is due, by the policy. */
  readonly staleAt?: number;
  /** From when on readers wait for the next one. */
  readonly cutoffAt?: number;
  /** Names alone: values may identify somebody. */
  readonly claims?: readonly string[];
  /** Of a cookie: names, and those values that say how it is kept. */
  readonly attributes?: readonly string[];
  readonly warnings: readonly string[];
};

/** What browsers and servers take for one cookie or header line, with its attributes. */
const cookieBudget = 4_096;

function verdictOf(
  now: number,
  notBefore: number | null,
  times: { staleAt: number; cutoffAt: number; expiresAt: number },
): Verdict {
  if (notBefore !== null && notBefore > now) return 'not-yet-valid';
  if (now >= times.expiresAt) return 'expired';
  if (now >= times.cutoffAt) return 'expiring';
  return now >= times.staleAt ? 'stale' : 'fresh';
}

const secondsOf = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? value * 1_000 : null);

/** Attribute names, and the values of those whose value is no secret. */
const openly = /^(?:path|domain|max-age|expires|samesite|priority)=/i;
const attributesOf = ({ attributes }: Candidate): { readonly attributes?: readonly string[] } =>
  attributes === undefined
    ? {}
    : { attributes: attributes.map((one) => harmless(openly.test(one) ? one : (one.split('=')[0] ?? ''))) };

function cookieWarnings({ attributes, where, value }: Candidate): readonly string[] {
  if (attributes === undefined) return [];
  const has = (name: string): boolean => attributes.some((one) => one.toLowerCase().startsWith(name));
  const name = where.replace(/^cookie /, '');
  const whole = [`${name}=${value}`, ...attributes].join('; ').length;
  return [
    ...(has('secure') ? [] : ['not Secure: it is sent without encryption as well']),
    ...(has('samesite') ? [] : ['no SameSite: browsers differ in what they take that to mean']),
    ...(whole > cookieBudget ? [`${whole} bytes with its attributes: browsers keep ${cookieBudget}`] : []),
  ];
}

/**
 * Explains one candidate.
 *
 * @param now epoch ms, by this computer's clock
 */
export function explainLife(candidate: Candidate, policy: RefreshPolicy, now: number): Life {
  const { value } = candidate;
  const base = {
    where: harmless(candidate.where),
    fingerprint: fingerprint(value),
    bytes: Buffer.byteLength(value),
    ...attributesOf(candidate),
  };
  const cookie = cookieWarnings(candidate);
  if (!looksLikeJwt(value)) return { ...base, verdict: 'opaque', warnings: cookie };
  try {
    const { header, claims, issuedAt, expiresAt } = decodeToken(value);
    const { alg, typ, nbf } = { ...header, nbf: claims.nbf } as Readonly<Record<string, unknown>>;
    const facts = {
      ...base,
      ...(typeof alg === 'string' && { algorithm: harmless(alg) }),
      ...(typeof typ === 'string' && { type: harmless(typ) }),
      ...(issuedAt !== null && { issuedAt }),
      claims: Object.keys(claims).map((name) => harmless(name, 40)),
    };
    const warnings = [
      ...(String(alg).toLowerCase() === 'none' ? ['unsigned (alg none): no server may accept it'] : []),
      ...(issuedAt === null ? ['no iat: its age is unknown'] : []),
      ...(issuedAt !== null && issuedAt > now + 5_000
        ? ['issued in the future: this clock or the issuer’s is wrong']
        : []),
      ...(issuedAt !== null && expiresAt !== null && expiresAt <= issuedAt ? ['expires before it was issued'] : []),
      ...cookie,
    ];
    if (expiresAt === null)
      return { ...facts, verdict: 'endless', warnings: [...warnings, 'no exp: it never expires'] };
    const lifetime = { issuedAt: issuedAt ?? now, expiresAt };
    const times = { expiresAt, staleAt: staleAtMs(lifetime, policy), cutoffAt: expiresAt - cutoffMs(lifetime, policy) };
    const long =
      lifetimeMs(lifetime) > 24 * 3_600_000
        ? ['lives for more than a day: long for a token that cannot be revoked']
        : [];
    return { ...facts, ...times, verdict: verdictOf(now, secondsOf(nbf), times), warnings: [...warnings, ...long] };
  } catch (error) {
    const reason = InvalidTokenError.is(error) ? error.reason : 'malformed';
    return { ...base, verdict: 'unreadable', reason, warnings: cookie };
  }
}
