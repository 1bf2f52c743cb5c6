import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The first 8 hex digits of a SHA-256: enough to tell two tokens apart, too little to be one. Synchronous, since a read
 * that is served starts no promise chain (WebCrypto would).
 */
export const fingerprint = (secret: string): string => bytesToHex(sha256(utf8ToBytes(secret))).slice(0, 8);

/** For names in shared places: what identifies a session stays unreadable (16 hex digits of a SHA-256). */
export const hashName = (name: string): string => bytesToHex(sha256(utf8ToBytes(name))).slice(0, 16);
