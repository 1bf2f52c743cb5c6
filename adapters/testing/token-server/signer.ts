/** Signatures: real ones by jose, or HMAC in one synchronous step where speed counts. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64url, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** What stands in a token. */
export type TokenClaims = {
  readonly iat: number;
  readonly exp?: number;
  readonly sid?: string;
  readonly [claim: string]: unknown;
};

export type TokenContents = { readonly header: Readonly<Record<string, unknown>>; readonly claims: TokenClaims };

export type Signing = 'ES256' | 'HS256';

export type Signer = {
  sign(contents: TokenContents): string | Promise<string>;
  /** Rejects with jose's error. Time does not matter. */
  verify(token: string, now: Date): Promise<JWTPayload>;
  /** Public keys: none where the secret is shared. */
  jwks(): Promise<JSONWebKeySet>;
};

const keyId = 'test-key';

/** A key pair of its own, made once. Two runs give two signatures: use HS256 where traces are compared. */
function createEs256(hold: <T>(work: Promise<T>) => Promise<T>): Signer {
  let keys: ReturnType<typeof generateKeyPair> | undefined;
  const pair = () => {
    keys ??= hold(generateKeyPair('ES256'));
    return keys;
  };
  return {
    sign: async ({ header, claims }) => {
      const { privateKey } = await pair();
      const jwt = new SignJWT(claims as JWTPayload).setProtectedHeader({ ...header, alg: 'ES256', kid: keyId });
      return hold(jwt.sign(privateKey));
    },
    verify: async (token, now) => {
      const { publicKey } = await pair();
      return (await hold(jwtVerify(token, publicKey, { algorithms: ['ES256'], currentDate: now }))).payload;
    },
    jwks: async () => {
      const { publicKey } = await pair();
      const key = await hold(exportJWK(publicKey));
      return { keys: [{ ...key, kid: keyId, alg: 'ES256', use: 'sig' }] };
    },
  };
}

/** The same contents give the same token, at once and without leaving the thread. */
function createHs256(hold: <T>(work: Promise<T>) => Promise<T>): Signer {
  const secret = utf8ToBytes('a secret of the test kit, known to everybody');
  const encode = (part: unknown): string => base64url.encode(JSON.stringify(part));
  return {
    sign: ({ header, claims }) => {
      const input = `${encode({ ...header, alg: 'HS256', kid: keyId })}.${encode(claims)}`;
      return `${input}.${base64url.encode(hmac(sha256, secret, utf8ToBytes(input)))}`;
    },
    verify: async (token, now) =>
      (await hold(jwtVerify(token, secret, { algorithms: ['HS256'], currentDate: now }))).payload,
    jwks: async () => ({ keys: [] }),
  };
}

export const createSigner = (signing: Signing, hold: <T>(work: Promise<T>) => Promise<T>): Signer =>
  signing === 'ES256' ? createEs256(hold) : createHs256(hold);
