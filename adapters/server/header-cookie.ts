import { checkBoolean, checkMethods } from '../../machines/check';
import type { CookieWrite, SessionCookie } from '../../machines/ports';
import { attributesFor, companionOf, variants } from '../cookie/choose';
import {
  decodeContext,
  draft,
  encodeContext,
  type SessionCookieOptions as PageCookieOptions,
  same,
  settle,
} from '../cookie/options';
import { cookiePairs } from './cookie-header';
import { addCookie, setCookieText } from './set-cookie';

export type HeaderCookieOptions = PageCookieOptions & {
  /** Default false: a page that keeps its token fresh has to be able to write it. */
  readonly httpOnly?: boolean;
};

/**
 * The session cookie on a server: reads from a request, writes to the headers of its response (lifecycle §10, §11). What was
 * written is what the rest of the same request reads (E06), and each cookie is set once, however often it is written (E09).
 *
 * Left out, the attributes are those of `documentCookie` on a secure page: name `__Host-__session` without `domain`, path `/`,
 * `Secure`, `SameSite=Lax`. A server cannot read back what a browser keeps: `written` means sent.
 *
 * @param request the request whose `Cookie` header is read
 * @param headers of the response; must not have been sent yet
 * @throws ConfigurationError for attributes that no cookie can have
 * @example createTokenLifecycle({ source, cookie: headerCookie(request, headers) });
 */
export function headerCookie(request: Request, headers: Headers, options: HeaderCookieOptions = {}): SessionCookie {
  const { httpOnly = false, ...given } = options;
  checkMethods('headers', headers, ['append', 'getSetCookie']);
  checkBoolean('headerCookie.httpOnly', httpOnly);
  const settings = settle('headerCookie', given);

  // There is no page to ask: a server that keeps sessions is taken to be reached over https, and by its own site.
  const session = attributesFor(given, { isSecureContext: given.secure ?? true, isCrossSite: false });
  const companion = companionOf(session);
  const cameIn = (name: string): string[] =>
    cookiePairs(request).flatMap((pair) => (pair.name === name ? [pair.value] : []));

  /** What the browser will have once it has the response; by name. */
  const after = new Map<string, readonly string[]>();
  const valuesOf = (name: string): readonly string[] => after.get(name) ?? cameIn(name);

  function write(token: string, expiresAt: number): CookieWrite {
    const { maxAge, fits } = draft(settings, session, token, expiresAt);
    if (!fits) return { status: 'rejected', reason: 'too_large' };
    if (same(valuesOf(session.name), token)) return { status: 'unchanged' };
    // A lifetime that is over would remove what is there, and nothing but sign-out may do that.
    if (!(maxAge > 0)) return { status: 'rejected', reason: 'blocked' };
    addCookie(headers, setCookieText({ ...session, httpOnly }, token, maxAge));
    after.set(session.name, [token]);
    return { status: 'written' };
  }

  return {
    sync: true,
    read: () => valuesOf(session.name).map((value) => ({ value })),
    write: (token, { expiresAt }) => write(token, expiresAt),
    remove: () => {
      for (const variant of variants(given, session, settings.formerly)) {
        addCookie(headers, setCookieText({ ...variant, httpOnly }, '', 0));
        after.set(variant.name, []);
      }
    },
    readContext: () => {
      const [first] = valuesOf(companion.name);
      return first !== undefined && same(valuesOf(companion.name), first) ? decodeContext(first) : undefined;
    },
    writeContext: (value) => {
      const encoded = encodeContext(settings, companion, value);
      addCookie(headers, setCookieText({ ...companion, httpOnly: false }, encoded));
      after.set(companion.name, [encoded]);
    },
  };
}
