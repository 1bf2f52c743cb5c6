/** Which requests may carry the token: those to an origin that is listed, character for character. */
import { checkSecurePlace, checkText, fail } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';

const pageUrl = (): string | undefined => (typeof location === 'undefined' ? undefined : location.href);

/** Where a request goes, or `undefined` where fetch itself will refuse it. */
export function urlOf(input: RequestInfo | URL): URL | undefined {
  const text = typeof input === 'object' && 'url' in input ? input.url : String(input);
  try {
    return new URL(text, pageUrl());
  } catch {
    return undefined;
  }
}

/** A path would promise a narrower rule than the one that holds, a wildcard a wider one. */
function checkOrigin(option: string, value: unknown): string {
  if (!(value instanceof URL)) checkText(option, value);
  const url = urlOf(String(value));
  const isOrigin = url !== undefined && url.href === `${url.origin}/` && /^https?:\/\/[^*]+$/i.test(String(value));
  if (!isOrigin) fail(option, "an origin such as 'https://api.example.com'", value);
  checkSecurePlace(option, url);
  return url.origin;
}

/**
 * The origins that get the token; by default the page's own.
 *
 * @throws ConfigurationError naming `origins`, or the one that cannot work
 */
export function checkOrigins(given: unknown): ReadonlySet<string> {
  if (given === undefined) {
    if (typeof location === 'undefined')
      throw new ConfigurationError('origins', 'must be given where there is no page');
    return new Set([checkOrigin('origins', location.origin)]);
  }
  if (!Array.isArray(given) || given.length === 0) fail('origins', 'a non-empty array of origins', given);
  return new Set(given.map((origin: unknown, index) => checkOrigin(`origins[${index}]`, origin)));
}
