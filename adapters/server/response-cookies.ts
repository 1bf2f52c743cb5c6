/** The cookies that an answer sets: the session's own, and those that come with a refresh or a handshake. */
import type { Logger } from '../../machines/ports';
import { checkAttributes } from '../cookie/attributes';
import { fits, isWritable, type ServerAttributes, setCookieText } from './set-cookie';
import type { AuthenticatorCookie, ServerCookie } from './types';

const attributesOf = (options: AuthenticatorCookie): ServerAttributes => ({
  name: options.name,
  path: options.path ?? '/',
  domain: options.domain,
  secure: true,
  httpOnly: options.httpOnly ?? false,
  sameSite: options.sameSite ?? (options.partitioned ? 'None' : 'Lax'),
  partitioned: options.partitioned ?? false,
});

/** The session cookie; lives as long as the token, and the outage window on top. */
export function sessionCookieText(options: AuthenticatorCookie, token: string, expiresAt: number, nowMs: number) {
  const seconds = Math.ceil((expiresAt + (options.outageWindowMs ?? 0) - nowMs) / 1_000);
  return setCookieText(attributesOf(options), token, Math.max(0, seconds));
}

/** Removes it. Only where the issuer itself says that nobody is signed in. */
export const endedSessionText = (options: AuthenticatorCookie): string => setCookieText(attributesOf(options), '', 0);

/** @throws ConfigurationError for a cookie that no browser would take */
export function serverCookieText(cookie: ServerCookie): string {
  const { name, value, maxAge, httpOnly = true, sameSite = 'Lax', domain, path = '/' } = cookie;
  checkAttributes('cookies', { name, sameSite, path, secure: true, ...(domain !== undefined && { domain }) });
  const attributes = { name, path, domain, sameSite, httpOnly, secure: true, partitioned: false };
  return setCookieText(attributes, value, value === '' ? 0 : maxAge);
}

/** What browsers would drop in silence (K05) is dropped here, and said. */
export function sendable(texts: readonly string[], logger: Logger): string[] {
  return texts.filter((text) => {
    const name = text.slice(0, text.indexOf('='));
    const value = text.slice(name.length + 1).split(';')[0] ?? '';
    if (isWritable(value) && fits(text)) return true;
    logger.error?.('A cookie was not set: it is too large, or no cookie can hold its value.', { name });
    return false;
  });
}
