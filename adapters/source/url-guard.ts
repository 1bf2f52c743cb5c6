/** Where a token may be sent: https anywhere, plain http only to this machine. */
import { checkSecurePlace, checkText, fail } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';

const parse = (text: string, base?: string): URL | undefined => {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
};

function refuseUnsafe(option: string, url: URL): void {
  checkSecurePlace(option, url);
  // fetch would refuse it at every single request, with a message that repeats the password.
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError(option, 'must not carry a user name or password');
  }
}

/**
 * Checks what can be checked before the first request. A relative URL is only resolved then, so that a module that is
 * also rendered on a server may create its source there.
 *
 * @throws ConfigurationError naming `option`
 */
export function checkUrl(option: string, value: unknown): asserts value is string | URL {
  if (!(value instanceof URL)) checkText(option, value);
  const absolute = parse(String(value));
  if (absolute) refuseUnsafe(option, absolute);
  else if (!parse(String(value), 'https://base.invalid')) fail(option, 'a URL', value);
}

/**
 * The absolute URL to call, resolved against `location` where it is relative.
 *
 * @throws ConfigurationError naming `option`, where there is no `location` or the page itself is not secure
 */
export function resolveUrl(option: string, value: string | URL): URL {
  const base = typeof location === 'undefined' ? undefined : location.href;
  const url = parse(String(value), base);
  if (!url) throw new ConfigurationError(option, 'must be absolute where there is no location to resolve it against');
  refuseUnsafe(option, url);
  return url;
}
