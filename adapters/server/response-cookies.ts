/** The cookies that an answer sets: the session's own, and those that come with a refresh or a handshake. */
import { redactCause } from '../../machines/errors';
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

/** What browsers would drop in silence (K05), or take for something else, is dropped here, and said. */
function checked(attributes: ServerAttributes, value: string, maxAge: number | undefined, logger: Logger): string[] {
  const { name } = attributes;
  // Before the text is made: in it, a semicolon in the value would begin an attribute.
  const text = isWritable(value) ? setCookieText(attributes, value, maxAge) : undefined;
  if (text !== undefined && fits(text)) return [text];
  logger.error?.('A cookie was not set: it is too large, or no cookie can hold its value.', { name });
  return [];
}

/** The session cookie; lives as long as the token, and the outage window on top. One text, or none. */
export function sessionCookie(
  options: AuthenticatorCookie,
  session: { readonly token: string; readonly claims: { readonly exp: number } },
  nowMs: number,
  logger: Logger,
): string[] {
  const until = session.claims.exp * 1_000 + (options.outageWindowMs ?? 0);
  return checked(attributesOf(options), session.token, Math.max(0, Math.ceil((until - nowMs) / 1_000)), logger);
}

/** Removes it. Only where the issuer itself says that nobody is signed in. */
export const endedSession = (options: AuthenticatorCookie): string => setCookieText(attributesOf(options), '', 0);

/** Cookies as a refresh or a handshake gives them. One that no browser would take costs nobody the session. */
export function serverCookies(cookies: unknown, logger: Logger): string[] {
  const list: readonly ServerCookie[] = Array.isArray(cookies) ? cookies : [];
  return list.flatMap((cookie) => {
    try {
      const { name, value, maxAge, httpOnly = true, sameSite = 'Lax', domain, path = '/' } = cookie;
      checkAttributes('cookies', { name, sameSite, path, secure: true, ...(domain !== undefined && { domain }) });
      const attributes = { name, path, domain, sameSite, httpOnly, secure: true, partitioned: false };
      return checked(attributes, String(value), value === '' ? 0 : maxAge, logger);
    } catch (error) {
      logger.error?.('A cookie was not set: no browser would take it.', { cause: redactCause(error) });
      return [];
    }
  });
}
