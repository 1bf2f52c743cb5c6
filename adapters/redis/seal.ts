/** Values that only holders of the key can read: JWE, direct encryption, A256GCM. */
import { base64url, CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { fail } from '../../machines/check';
import { hashName } from '../token/fingerprint';

/** 32 random bytes, or the same as base64url. `openssl rand -base64 32 | tr '+/' '-_' | tr -d '='` makes one. */
export type SealingKey = Uint8Array | string;

/** What is sealed; `expiresAt` in epoch ms. */
export type Sealed = { readonly value: string; readonly expiresAt: number };

export type Seal = {
  /** @param place where it will lie: it opens nowhere else */
  close(what: Sealed, place: string): Promise<string>;
  /** `undefined` for what was not sealed here: another key, another place, touched. */
  open(text: string, place: string): Promise<Sealed | undefined>;
};

function bytesOf(key: unknown, option: string): Uint8Array {
  let bytes: unknown = key;
  try {
    if (typeof key === 'string') bytes = base64url.decode(key);
  } catch {
    bytes = undefined;
  }
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== 32)
    fail(option, 'a Uint8Array of 32 bytes, or these as base64url', key);
  return bytes;
}

/** When it is first needed; jose would do it for each value. */
function importOnce(bytes: Uint8Array): () => Promise<CryptoKey> {
  let imported: Promise<CryptoKey> | undefined;
  return () => {
    imported ??= globalThis.crypto.subtle.importKey('raw', bytes.slice(), 'AES-GCM', false, ['encrypt', 'decrypt']);
    return imported;
  };
}

/**
 * @param keys the first one seals, all of them open: a new key is put in front, and the old one taken away once everything that
 * it sealed has been replaced
 * @throws ConfigurationError
 */
export function createSeal(option: string, keys: unknown): Seal {
  if (!Array.isArray(keys) || keys.length === 0) fail(option, 'a list of at least one key', keys);
  const named = keys.map((key: unknown, at) => {
    const bytes = bytesOf(key, `${option}[${at}]`);
    // Names the key and tells nothing of it: it is random, and 2^256 wide.
    return { id: hashName(base64url.encode(bytes)), secret: importOnce(bytes) };
  });
  const [first] = named;
  const byId = new Map(named.map(({ id, secret }) => [id, secret]));

  return {
    close: async ({ value, expiresAt }, at) => {
      if (!first) fail(option, 'a list of at least one key', keys);
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify([expiresAt, value])))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.id, at })
        .encrypt(await first.secret());
    },
    open: async (text, place) => {
      try {
        const { kid, at } = decodeProtectedHeader(text);
        const secret = byId.get(String(kid));
        if (!secret || at !== place) return undefined;
        const { plaintext } = await compactDecrypt(text, await secret(), {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        const [expiresAt, value] = JSON.parse(new TextDecoder().decode(plaintext)) as [unknown, unknown];
        return typeof value === 'string' && typeof expiresAt === 'number' ? { value, expiresAt } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
