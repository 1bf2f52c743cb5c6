/** What stands in a token. */
import type { MintBehaviour } from './behaviour';
import type { MintAsked } from './request';
import type { TokenContents } from './signer';

type Facts = {
  readonly issuer: string;
  readonly nowMs: number;
  readonly ttlSeconds: number;
  /** Makes two tokens of one second two strings. */
  readonly serial: number;
  /** Epoch seconds. */
  readonly oiat: number | undefined;
};

export function contentsOf({ key }: MintAsked, how: MintBehaviour, facts: Facts): TokenContents {
  const iat = Math.floor(facts.nowMs / 1_000) - (how.ageSeconds ?? 0);
  const sid = how.sid === undefined ? key.sessionId : how.sid;
  const oiat = how.oiat ?? facts.oiat;
  return {
    header: { typ: 'JWT', ...(oiat !== undefined && { oiat }) },
    claims: {
      iss: facts.issuer,
      sub: `user_of_${key.sessionId}`,
      jti: String(facts.serial),
      iat,
      exp: iat + (how.ttlSeconds ?? facts.ttlSeconds),
      ...(sid !== null && { sid }),
      ...(key.organizationId && { org_id: key.organizationId }),
      ...(key.template !== undefined && { template: key.template }),
      ...(key.params && { params: key.params }),
      ...how.claims,
    },
  };
}
