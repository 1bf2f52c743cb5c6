import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Trace } from '../trace';

/** Entries are hashed in pieces: one string of them all would be large. */
const piece = 500;
const digits = 16;

export const hashText = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, digits);

/** 16 hex digits that stand for a whole trace: equal if and only if every entry is. */
export function hashTrace(trace: Trace): string {
  const hash = sha256.create();
  for (let from = 0; from < trace.length; from += piece) {
    hash.update(utf8ToBytes(JSON.stringify(trace.slice(from, from + piece))));
  }
  return bytesToHex(hash.digest()).slice(0, digits);
}
