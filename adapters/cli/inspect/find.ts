/** What the text is that somebody wants explained: a token, cookies, or a URL. */

/** A string that may be a token, and where it stood: `cookie __session`, `query parameter token`. */
export type Candidate = { readonly where: string; readonly value: string; readonly attributes?: readonly string[] };

export type Found =
  | { readonly is: 'values'; readonly values: readonly Candidate[] }
  /** An address without anything secret in it, which may be asked. */
  | { readonly is: 'endpoint'; readonly url: URL }
  /** An address with a query or user name in which no token was found: whatever it is, it is not sent anywhere. */
  | { readonly is: 'private-url' };

const jwt = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Three parts of base64url, of which the first begins like JSON: whether it can be read is another question. */
export const looksLikeJwt = (value: string): boolean => jwt.test(value) && value.startsWith('ey');

function safeDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const unquoted = (value: string): string => value.replace(/^"(.*)"$/, '$1');

/** Names of attributes, and those values that say how a cookie is kept. */
const attributeNames = /^(?:path|domain|max-age|expires|secure|httponly|samesite|partitioned|priority)$/i;

/** One `name=value` of a header. */
function cookieOf(pair: string): Candidate | null {
  const at = pair.indexOf('=');
  if (at < 1) return null;
  return { where: `cookie ${pair.slice(0, at).trim()}`, value: safeDecode(unquoted(pair.slice(at + 1).trim())) };
}

/** A `Set-Cookie` value: one cookie and how it is kept. */
export function readSetCookie(header: string): readonly Candidate[] {
  const [first = '', ...rest] = header.split(';').map((part) => part.trim());
  const cookie = cookieOf(first);
  return cookie ? [{ ...cookie, attributes: rest.filter(Boolean) }] : [];
}

function readCookies(header: string): readonly Candidate[] {
  const pairs = header
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean);
  const isAttribute = (part: string): boolean => attributeNames.test(part.split('=')[0]?.trim() ?? '');
  if (pairs.length > 1 && pairs.slice(1).every(isAttribute)) return readSetCookie(header);
  return pairs.flatMap((pair) => cookieOf(pair) ?? []);
}

/** Tokens in query and fragment; a fragment may be a query of its own (`#access_token=…`). */
function readUrl(url: URL): Found {
  const query = [...url.searchParams].map(([name, value]) => ({ where: `query parameter ${name}`, value }));
  const fragment = [...new URLSearchParams(url.hash.slice(1))].map(([name, value]) => ({
    where: value === '' ? 'fragment' : `fragment parameter ${name}`,
    value: value === '' ? name : value,
  }));
  const values = [...query, ...fragment].filter(({ value }) => looksLikeJwt(value));
  const inPath = url.pathname.split('/').filter((part) => looksLikeJwt(safeDecode(part)));
  values.push(...inPath.map((value) => ({ where: 'path', value: safeDecode(value) })));
  if (values.length > 0) return { is: 'values', values };
  const bare = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return bare ? { is: 'endpoint', url } : { is: 'private-url' };
}

function urlOf(text: string): URL | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * Finds out what a text is. Understood are a JWT, `Bearer` and `Authorization:` before it, `Cookie:` and `Set-Cookie:`
 * headers or their values, and http(s) addresses.
 */
export function findIn(given: string): Found {
  const text = given.trim();
  const [, header = '', rest = ''] = /^(set-cookie|cookie|authorization)\s*:\s*(.*)$/is.exec(text) ?? [];
  const body = header === '' ? text : rest.trim();
  if (/^set-cookie$/i.test(header)) return { is: 'values', values: readSetCookie(body) };
  if (/^cookie$/i.test(header)) return { is: 'values', values: readCookies(body) };
  const bearer = /^(?:bearer|dpop)\s+(\S+)$/i.exec(body)?.[1];
  if (bearer !== undefined) return { is: 'values', values: [{ where: 'bearer token', value: bearer }] };
  if (looksLikeJwt(body)) return { is: 'values', values: [{ where: 'token', value: body }] };
  const url = urlOf(body);
  if (url) return readUrl(url);
  const cookies = /^[^\s=;,]+=/.test(body) ? readCookies(body) : [];
  return { is: 'values', values: cookies.length > 0 ? cookies : [{ where: 'text', value: body }] };
}
