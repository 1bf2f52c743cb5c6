/** Where verification keys come from, and how long they are believed in when there are no new ones. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type ExportedJWKSCache,
  errors,
  type JSONWebKeySet,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose';
import { checkSecurePlace, fail } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { KeyResolver, RequestAuthenticatorOptions } from './types';

/** How long the last good keys stand in through an outage. */
const lastGoodMs = 24 * 60 * 60_000;
/** After a failed fetch nothing is fetched for this long: a request should not have to wait for the next one to fail. */
export const keysRestMs = 10_000;

/** Nobody can say whether a token is good. Does not leave the library. */
export class KeysUnreachable extends Error {
  override readonly name = 'KeysUnreachable';
}

/** Errors that say something about the token. All others are about the way to the keys. */
const aboutTheToken: readonly unknown[] = [
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
  errors.JOSENotSupported.code,
];

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/**
 * jose fetches, with one fetch in flight, and looks again for a key that it does not know. This adds what it does not do:
 * when fetching fails, the last good set stands in.
 */
function remoteKeys(url: URL, fetch: RequestAuthenticatorOptions['fetch']): JWTVerifyGetKey {
  // jose puts the last good set in, dated by the system's clock.
  const kept: JWKSCacheInput & Partial<ExportedJWKSCache> = {};
  const remote = createRemoteJWKSet(url, { [jwksCache]: kept, ...(fetch && { [customFetch]: fetch }) });
  let restUntil = Number.NEGATIVE_INFINITY;
  let local: { readonly of: JSONWebKeySet; readonly find: ReturnType<typeof createLocalJWKSet> } | undefined;

  async function findKept(...asked: Parameters<JWTVerifyGetKey>) {
    const { jwks, uat } = kept;
    if (!jwks || uat === undefined || Date.now() - uat > lastGoodMs) throw new KeysUnreachable();
    if (local?.of !== jwks) local = { of: jwks, find: createLocalJWKSet(jwks) };
    try {
      return await local.find(...asked);
    } catch (error) {
      // A key that was published since? That cannot be told now.
      throw codeOf(error) === errors.JWKSNoMatchingKey.code ? new KeysUnreachable() : error;
    }
  }

  return async (...asked) => {
    if (Date.now() < restUntil) return findKept(...asked);
    try {
      return await remote(...asked);
    } catch (error) {
      if (aboutTheToken.includes(codeOf(error))) throw error;
      restUntil = Date.now() + keysRestMs;
      return findKept(...asked);
    }
  };
}

function givenKeys(resolve: KeyResolver): JWTVerifyGetKey {
  return async (...asked) => {
    let key: Awaited<ReturnType<KeyResolver>> | null | undefined;
    try {
      key = await resolve(...asked);
    } catch (error) {
      throw aboutTheToken.includes(codeOf(error)) ? error : new KeysUnreachable();
    }
    if (key === null || key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
}

function localKeys(set: JSONWebKeySet): JWTVerifyGetKey {
  const keys: unknown = set.keys;
  if (!Array.isArray(keys) || keys.length === 0) fail('keys', 'a JWK set with at least one key', set);
  if (keys.some((key) => typeof key === 'object' && key !== null && ('d' in key || 'k' in key))) {
    throw new ConfigurationError('keys', 'must hold public keys only');
  }
  try {
    return createLocalJWKSet(set);
  } catch {
    fail('keys', 'a JWK set', set);
  }
}

/** @throws ConfigurationError */
export function readKeys({ keys, fetch }: Pick<RequestAuthenticatorOptions, 'keys' | 'fetch'>): JWTVerifyGetKey {
  if (typeof keys === 'function') return givenKeys(keys);
  if (typeof keys === 'string' || keys instanceof URL) {
    const text = String(keys);
    if (!URL.canParse(text)) fail('keys', 'an absolute URL, a JWK set or a function', keys);
    const url = new URL(text);
    checkSecurePlace('keys', url);
    return remoteKeys(url, fetch);
  }
  if (typeof keys !== 'object' || keys === null) fail('keys', 'an absolute URL, a JWK set or a function', keys);
  return localKeys(keys);
}
