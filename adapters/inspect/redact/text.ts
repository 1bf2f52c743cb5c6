/**
 * Strings. What is not known to be harmless becomes a fingerprint: a list of what secrets look like would always be one
 * kind of secret short.
 */
import { safeCode } from '../../../machines/errors';
import { fingerprint } from '../../token/fingerprint';

/**
 * How far a string is trusted, by where it stands.
 *
 * - `data`: it may hold anything. Only short runs of characters stay.
 * - `code`: a field whose values are names (event types, states, error codes). Longer runs stay if they are letters.
 * - `chart`: a machine's definition, which its author wrote down. As `code`, and names of fields tell no secrets.
 * - `secret`: a field that is named after a secret. Nothing stays.
 */
export type Trust = 'data' | 'code' | 'chart' | 'secret';

/** No run of so many characters leaves unless it reads like a name. */
const pieceLength = 16;
/** Too long to be worth a hash; its length says enough. */
const hashLimit = 16_384;
/** What separates runs in prose, JSON, headers and keys. Not `.`, `-`, `_`, `=`, `%`, `/`, `+`: they occur in tokens. */
const run = /[^\s"'`,;()[\]{}<>|]+/g;
/** Ours, so that nothing is redacted twice. */
const redacted = /^\[redacted (?:[0-9a-f]{8}|\d+ characters)\]$/;
/** What punctuation adds to a word in prose. */
const edges = /^[#*@–—]?|(?:[.:!?*–—]|\.\.\.)?$/g;
const twoCases = /[a-z].*[A-Z]|[A-Z].*[a-z]/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** `[redacted 9f86d081]`: the same secret looks the same everywhere, and tells nothing. */
export const redact = (secret: string): string =>
  secret.length > hashLimit ? `[redacted ${secret.length} characters]` : `[redacted ${fingerprint(secret)}]`;

/** Short, and yet nobody's word: letters of both cases, and digits here and there. */
const looksDrawn = (word: string): boolean => word.length >= 10 && /\d\D+\d/.test(word) && twoCases.test(word);

const isShort = (word: string): boolean => word.length < pieceLength && !looksDrawn(word);

/** Letters only, in words. With digits, identifiers of all kinds would pass. */
const readsLikeName = (word: string): boolean => !/\d/.test(word) && safeCode(word) !== undefined;

/** Part by part, so that a path of states and the name of each of them are redacted alike. */
const cleanPath = (path: string): string =>
  path.replace(/[^.#]+/g, (part) => (isShort(part) || readsLikeName(part.replace(edges, '')) ? part : redact(part)));

/**
 * A string that may leave.
 *
 * @example cleanText('Failed to fetch https://a.example/?t=eyJhbGciOi…', 'data') // 'Failed to fetch [redacted 5e1a7cc4]'
 */
export function cleanText(text: string, trust: Trust): string {
  if (text === '' || redacted.test(text)) return text;
  if (trust === 'secret' || text.length > hashLimit) return redact(text);
  if (trust !== 'data') return text.replace(run, cleanPath);
  return text.replace(run, (found) => (isShort(found) || instant.test(found) ? found : redact(found)));
}
