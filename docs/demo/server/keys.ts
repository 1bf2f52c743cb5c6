import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';

export type SigningKeys = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** What `/.well-known/jwks.json` answers: the public half only. */
  readonly jwks: JSONWebKeySet;
};

/** An ES256 pair that lives as long as the server: a restart makes every earlier token worthless, as it should. */
export async function createSigningKeys(): Promise<SigningKeys> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const kid = crypto.randomUUID();
  const jwk = await exportJWK(publicKey);
  return { kid, privateKey, publicKey, jwks: { keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] } };
}
