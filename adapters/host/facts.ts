/** From raw tokens to what machines know of them. */
import type { MintedToken } from '../../machines/acceptance';
import { InvalidTokenError } from '../../machines/errors';
import type { TokenFacts } from '../../machines/held-token';
import type { MintResult, SharedRecord } from '../../machines/ports';
import type { Instant } from '../../machines/time';
import { checkToken, type DecodedToken, decodeToken } from '../token/decode';
import { fingerprint } from '../token/fingerprint';
import type { Vault } from './vault';

const identityOf = ({ sessionId, organizationId }: Pick<DecodedToken, 'sessionId' | 'organizationId'>) => ({
  ...(sessionId !== undefined && { sessionId }),
  ...(organizationId !== undefined && { organizationId }),
});

/** When an opaque token began and ends that was minted in this browser: the shared record has it by its fingerprint. */
function recordedLife(mark: string, record: SharedRecord | undefined): Pick<MintResult, 'issuedAt' | 'expiresAt'> {
  const { issuedAt, expiresAt } =
    Object.values(record?.keys ?? {}).find((known) => known.fingerprint === mark && known.expiresAt !== undefined) ??
    {};
  return { ...(issuedAt !== undefined && { issuedAt }), ...(expiresAt !== undefined && { expiresAt }) };
}

/**
 * What a token says that was stored, and the shared record where it is silent; `null` where neither says.
 *
 * @throws InvalidTokenError where it cannot be a token
 */
export function describeStored(token: string, record: SharedRecord | undefined) {
  checkToken(token);
  const mark = fingerprint(token);
  const life = recordedLife(mark, record);
  const decoded = decodeIfJwt(token, life);
  return {
    fingerprint: mark,
    issuedAt: decoded?.issuedAt ?? instant(life.issuedAt),
    expiresAt: decoded?.expiresAt ?? instant(life.expiresAt),
    originIssuedAt: decoded?.originIssuedAt ?? null,
    ...(decoded && identityOf(decoded)),
  };
}

/**
 * A token that was not minted just now.
 *
 * @param record knows how long an opaque one lives
 * @throws InvalidTokenError where it cannot be a token, or nobody says when it ends
 */
export function storedFacts(
  token: string,
  from: TokenFacts['from'],
  vault: Vault,
  nowMs: number,
  record?: SharedRecord,
): TokenFacts {
  const { issuedAt, expiresAt, ...described } = describeStored(token, record);
  if (expiresAt === null) throw new InvalidTokenError('no_lifetime');
  return {
    generation: vault.put(token),
    ...described,
    issuedAt: issuedAt ?? Math.min(nowMs, expiresAt),
    expiresAt,
    from,
  };
}

/**
 * A token from another tab. For an opaque one the times come along with it.
 *
 * @throws InvalidTokenError where it cannot be a token, or nobody says when it ends
 */
export function peerFacts(
  sent: {
    readonly token: string;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    readonly leadCapMs?: number;
  },
  vault: Vault,
): TokenFacts {
  const { token, leadCapMs } = sent;
  checkToken(token);
  const decoded = decodeIfJwt(token, sent);
  const issuedAt = decoded?.issuedAt ?? instant(sent.issuedAt);
  const expiresAt = decoded?.expiresAt ?? instant(sent.expiresAt);
  if (expiresAt === null || issuedAt === null) throw new InvalidTokenError('no_lifetime');
  return {
    generation: vault.put(token),
    fingerprint: decoded?.fingerprint ?? fingerprint(token),
    issuedAt,
    expiresAt,
    originIssuedAt: decoded?.originIssuedAt ?? null,
    ...(decoded && identityOf(decoded)),
    from: 'peer',
    ...(leadCapMs !== undefined && leadCapMs > 0 && { leadCapMs }),
  };
}

const instant = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;

const differ = (one: unknown, other: unknown): boolean => one !== undefined && other !== undefined && one !== other;

/** An opaque token says nothing by itself; the source may. */
function decodeIfJwt(token: string, result: Pick<MintResult, 'expiresAt' | 'expiresInMs'>): DecodedToken | null {
  try {
    return decodeToken(token);
  } catch (error) {
    const described = instant(result.expiresAt) !== null || instant(result.expiresInMs) !== null;
    if (described && InvalidTokenError.is(error) && error.reason === 'malformed') return null;
    throw error;
  }
}

/**
 * A minted token. What the JWT says counts first, what the source says where the JWT is silent.
 *
 * @throws InvalidTokenError where there is no token, or it and the source contradict each other
 */
export function mintedFacts(result: MintResult, sentAt: Instant, receivedAt: Instant, vault: Vault): MintedToken {
  if (typeof result !== 'object' || result === null) throw new InvalidTokenError('empty');
  const { token } = result;
  checkToken(token);
  const decoded = decodeIfJwt(token, result);
  const issuedAt = decoded?.issuedAt ?? instant(result.issuedAt);
  const expiresAt = decoded?.expiresAt ?? instant(result.expiresAt);
  const expiresInMs = instant(result.expiresInMs);
  // What the source says about the token and what the token says must not differ.
  if (differ(decoded?.sessionId, result.sessionId)) throw new InvalidTokenError('other_session');
  if (differ(decoded?.organizationId, result.organizationId)) throw new InvalidTokenError('other_organization');
  const sessionId = decoded?.sessionId ?? result.sessionId;
  const organizationId = decoded?.organizationId ?? result.organizationId;
  return {
    generation: vault.put(token),
    fingerprint: decoded?.fingerprint ?? fingerprint(token),
    issuedAt,
    expiresAt,
    expiresInMs,
    originIssuedAt: decoded?.originIssuedAt ?? null,
    ...(sessionId !== undefined && { sessionId }),
    ...(organizationId !== undefined && { organizationId }),
    serverDate: instant(result.serverDate),
    sentAt,
    receivedAt,
  };
}
