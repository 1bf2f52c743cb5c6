import { decodeProtectedHeader } from 'jose';

/** `token`, `accessToken`, `refresh_token`, … */
const secretName = /(?:token|jwt|credential|secret|password|cookie|authorization)$/i;
/** What stands between the words of a text; dots do not. */
const gap = /[^\w.-]+/;

function isHeader(encoded: string): boolean {
  try {
    decodeProtectedHeader(`${encoded}..`);
    return true;
  } catch {
    return false;
  }
}

/** A compact token, signed or encrypted, has at least two dots, and a JSON object before the first. */
function holdsToken(text: string): boolean {
  return text.split(gap).some((word) => {
    const parts = word.split('.');
    return parts.slice(0, -2).some(isHeader);
  });
}

/**
 * Whether something in `value` is a JWT, or has the name of a secret. `value` is what `JSON.parse` gives: a tree. No proof
 * that there is none, since an opaque token under a harmless name looks like anything else.
 */
export function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return holdsToken(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, inner]) => secretName.test(name) || holdsSecret(name) || holdsSecret(inner),
  );
}
