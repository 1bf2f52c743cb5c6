/** `Set-Cookie` headers: one per cookie and response. */
import { type CookieAttributes, isCookieValue, serializeCookie } from '../cookie/attributes';

export type ServerAttributes = CookieAttributes & { readonly httpOnly: boolean };

/** What browsers keep, name and attributes included (RFC 6265). */
export const maxCookieBytes = 4_096;

/** Name, domain, path and partition: what makes a cookie the same cookie. */
const placeOf = (text: string): string => {
  const [pair = '', ...attributes] = text.split(/; */);
  const kept = attributes.filter((one) => /^(?:path|domain)=|^partitioned$/i.test(one)).sort();
  return [pair.slice(0, pair.indexOf('=')), ...kept].join(';');
};

/** The header's text. @param maxAge seconds; 0 removes the cookie; left out: until the browser is closed */
export function setCookieText(attributes: ServerAttributes, value: string, maxAge?: number): string {
  return `${serializeCookie(attributes, value, maxAge)}${attributes.httpOnly ? '; HttpOnly' : ''}`;
}

/** Whether a browser would keep it. */
export const fits = (text: string): boolean => new TextEncoder().encode(text).length <= maxCookieBytes;

/** Whether a value can stand in a cookie at all. */
export const isWritable = isCookieValue;

/**
 * Adds a `Set-Cookie` in the place of an earlier one for the same cookie (E09), and sees to it that nobody else gets the
 * response: a cookie out of a shared cache is somebody else's session.
 */
export function addCookie(headers: Headers, text: string): void {
  const others = headers.getSetCookie().filter((other) => placeOf(other) !== placeOf(text));
  headers.delete('Set-Cookie');
  for (const one of [...others, text]) headers.append('Set-Cookie', one);
  headers.set('Cache-Control', 'no-store');
}
