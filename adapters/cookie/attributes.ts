import { checkBoolean, checkOneOf, checkText } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';

export type SameSite = 'Lax' | 'Strict' | 'None';

/** What a cookie is written with, and removed with: one object for both, or a removal misses what a write made. */
export type CookieAttributes = {
  readonly name: string;
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: SameSite;
  readonly secure: boolean;
  readonly partitioned: boolean;
};

/** Attributes as a caller may give them: those left out are chosen by where the page is. */
export type GivenAttributes = {
  readonly name?: string;
  readonly path?: string;
  readonly domain?: string;
  readonly sameSite?: SameSite;
  readonly secure?: boolean;
  readonly partitioned?: boolean;
};

const nameLike = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valueLike = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const pathLike = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const domainLike = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/;

/** What RFC 6265 allows in a value: no space, quote, comma, semicolon, backslash or control character. */
export function isCookieValue(value: string): boolean {
  return valueLike.test(value);
}

/** The prefix of a name that browsers attach conditions to; they compare it without regard to case. */
const prefixOf = (name: string): string | undefined => /^__(host|secure)-/i.exec(name)?.[1]?.toLowerCase();

function demand(holds: boolean, option: string, reason: string): void {
  if (!holds) throw new ConfigurationError(option, reason);
}

/** Each attribute by itself: nothing may break out of its place in the cookie string. */
function checkEach(option: string, given: GivenAttributes): void {
  const { name, path, domain, sameSite, secure, partitioned } = given;
  if (name !== undefined) {
    checkText(`${option}.name`, name);
    demand(nameLike.test(name), `${option}.name`, "must be letters, digits and !#$%&'*+-.^_`|~ only");
  }
  if (path !== undefined) {
    checkText(`${option}.path`, path);
    demand(pathLike.test(path), `${option}.path`, 'must start with / and have no semicolon or control character');
  }
  if (domain !== undefined) {
    checkText(`${option}.domain`, domain);
    demand(domainLike.test(domain), `${option}.domain`, 'must be a host name without a leading dot');
  }
  if (sameSite !== undefined) checkOneOf(`${option}.sameSite`, sameSite, ['Lax', 'Strict', 'None']);
  if (secure !== undefined) checkBoolean(`${option}.secure`, secure);
  if (partitioned !== undefined) checkBoolean(`${option}.partitioned`, partitioned);
}

/**
 * Refuses what browsers would drop without a word (K02): combinations of attributes that no cookie can have.
 *
 * @param option how to name the culprit, e.g. `documentCookie`
 * @throws {ConfigurationError}
 */
export function checkAttributes(option: string, given: GivenAttributes): void {
  checkEach(option, given);
  const { name = '', path = '/', domain, sameSite, secure, partitioned } = given;
  demand(sameSite !== 'None' || secure !== false, `${option}.secure`, 'must be true for SameSite=None');
  if (partitioned === true) {
    demand(secure !== false, `${option}.secure`, 'must be true for a partitioned cookie');
    demand(
      sameSite === undefined || sameSite === 'None',
      `${option}.sameSite`,
      "must be 'None' for a partitioned cookie",
    );
  }
  const prefix = prefixOf(name);
  if (prefix) demand(secure !== false, `${option}.secure`, 'must be true for a name with this prefix');
  if (prefix === 'host') {
    demand(domain === undefined, `${option}.domain`, 'must be left out for a __Host- name');
    demand(path === '/', `${option}.path`, "must be '/' for a __Host- name");
  }
}

/** Whether a cookie of this name can lie in this place. */
export function canLie({ name, domain, path }: Pick<CookieAttributes, 'name' | 'domain' | 'path'>): boolean {
  return prefixOf(name) !== 'host' || (domain === undefined && path === '/');
}

/** What makes two cookies one, beside the name: browsers lower the case of domains. */
export function isSamePlace(
  one: Pick<CookieAttributes, 'domain' | 'path' | 'partitioned'>,
  other: Pick<CookieAttributes, 'domain' | 'path' | 'partitioned'>,
): boolean {
  return (
    one.domain?.toLowerCase() === other.domain?.toLowerCase() &&
    one.path === other.path &&
    one.partitioned === other.partitioned
  );
}

/**
 * The string that `document.cookie` takes, or a `Set-Cookie` header.
 *
 * @param maxAge seconds; 0 removes the cookie; left out, it lasts as long as the browser runs
 */
export function serializeCookie(attributes: CookieAttributes, value: string, maxAge?: number): string {
  const { name, path, domain, sameSite, secure, partitioned } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    `SameSite=${sameSite}`,
    ...(secure ? ['Secure'] : []),
    ...(partitioned ? ['Partitioned'] : []),
  ].join('; ');
}

/** Every value of `name` in a `Cookie` header or in `document.cookie`, in order. */
export function cookieValues(header: string, name: string): string[] {
  const values: string[] = [];
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) values.push(pair.slice(at + 1).trim());
  }
  return values;
}
