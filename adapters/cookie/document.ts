import { CookieError } from '../../machines/errors';
import type { CookieWrite, SessionCookie } from '../../machines/ports';
import { type CookieAttributes, cookieValues, serializeCookie } from './attributes';
import { attributesFor, companionOf, dependsOnSite, twinsOf, variants } from './choose';
import { findForeign } from './foreign';
import { decodeContext, draft, encodeContext, type SessionCookieOptions, same, settle } from './options';
import { type CookieDocument, isCrossSite } from './page';

export type DocumentCookieOptions = SessionCookieOptions & {
  /** Default: the global one, looked up on use. */
  readonly document?: CookieDocument;
};

type Opened = { readonly document: CookieDocument; readonly used: CookieAttributes };

const valuesOf = ({ document }: Opened, { name }: CookieAttributes): string[] => cookieValues(document.cookie, name);

const disagree = (values: readonly string[]): boolean => new Set(values).size > 1;

/**
 * The session cookie of a page, by `document.cookie` (lifecycle §10). One set of attributes serves writing and removing; each
 * write is read back, so that what the browser drops in silence comes out as `rejected`.
 *
 * Left out, the attributes follow from the page: name `__Host-__session` in a secure context without `domain`, else `__session`;
 * path `/`; `Secure` in a secure context; `SameSite=Lax`, or `SameSite=None; Partitioned` in a frame of another site. A server
 * must be able to read the cookie's whole lifetime: pass `outageWindowMs` where it mints from an expired token.
 *
 * The name belongs to this cookie alone. A second value that these options cannot have written (tossed by a sibling host, say) is
 * reported as `duplicate`; where the browser has the Cookie Store API, which tells where that cookie lies, it is removed right
 * after. Methods throw where there is no document, and what the browser throws where cookies are denied (`SecurityError`).
 * `remove()` throws a `CookieError` where a value of the name is still visible afterwards, `write()` a `ConfigurationError` for a
 * token that no cookie can hold.
 *
 * @throws {ConfigurationError} for attributes that no cookie can have, such as `SameSite=None` without `Secure`
 * @example createTokenLifecycle({ source, cookie: documentCookie({ outageWindowMs: 5 * 60_000 }) });
 */
export function documentCookie(options: DocumentCookieOptions = {}): SessionCookie {
  const settings = settle('documentCookie', options);
  let judged: { readonly document: CookieDocument; readonly isCrossSite: boolean } | undefined;

  /** Asked once: the pages around a document stay the same. */
  function crossSite(document: CookieDocument): boolean {
    if (!dependsOnSite(options)) return false;
    if (judged?.document !== document) judged = { document, isCrossSite: isCrossSite(document) };
    return judged.isCrossSite;
  }

  function open(): Opened {
    const document: CookieDocument | undefined =
      options.document ?? (globalThis as { document?: CookieDocument }).document;
    if (!document) throw Object.assign(new Error('There is no document here.'), { code: 'document_missing' });
    const isSecureContext = document.defaultView?.isSecureContext === true;
    return { document, used: attributesFor(options, { isSecureContext, isCrossSite: crossSite(document) }) };
  }

  const all = ({ used }: Opened): CookieAttributes[] => variants(options, used, settings.formerly);

  function removeAll(opened: Opened): void {
    for (const variant of all(opened)) opened.document.cookie = serializeCookie(variant, '', 0);
  }

  /** Best effort, and later: nobody waits for it. What lies where ours does is left alone: it may be newer than this call. */
  function removeForeign({ document }: Opened, ours: CookieAttributes): void {
    const store = document.defaultView?.cookieStore;
    if (!store) return;
    const removed = findForeign(store, ours).then((found) => {
      for (const one of found) document.cookie = serializeCookie(one, '', 0);
    });
    removed.catch(() => undefined);
  }

  function write(token: string, expiresAt: number): CookieWrite {
    const opened = open();
    const { document, used } = opened;
    const { text, maxAge, fits } = draft(settings, used, token, expiresAt);
    const values = () => valuesOf(opened, used);
    if (!fits) return { status: 'rejected', reason: 'too_large' };
    if (same(values(), token)) return { status: 'unchanged' };
    // A lifetime that is over would remove what is there, and nothing but sign-out may do that.
    if (!(maxAge > 0)) return { status: 'rejected', reason: 'blocked' };
    document.cookie = text;
    if (!values().includes(token)) return { status: 'rejected', reason: 'blocked' };
    if (same(values(), token)) return { status: 'written' };
    // A twin of ours, from before a partition or a domain? Whatever stays then was tossed by somebody else.
    removeAll(opened);
    document.cookie = text;
    if (same(values(), token)) return { status: 'written' };
    removeForeign(opened, used);
    return { status: 'rejected', reason: 'duplicate' };
  }

  /** Removes what else these options may have written, until there is one value. */
  function removeTwins(opened: Opened, companion: CookieAttributes): void {
    for (const twin of twinsOf(companion, all(opened).map(companionOf))) {
      if (!disagree(valuesOf(opened, companion))) return;
      opened.document.cookie = serializeCookie(twin, '', 0);
    }
  }

  return {
    sync: true,
    read: () => {
      const opened = open();
      return valuesOf(opened, opened.used).map((value) => ({ value }));
    },
    write: (token, { expiresAt }) => write(token, expiresAt),
    remove: () => {
      const opened = open();
      removeAll(opened);
      if (valuesOf(opened, opened.used).length === 0) return;
      removeForeign(opened, opened.used);
      throw new CookieError(
        'duplicate',
        'A cookie of this name is still there: it was set with another domain or path.',
      );
    },
    readContext: () => {
      const opened = open();
      const companion = companionOf(opened.used);
      removeTwins(opened, companion);
      const values = valuesOf(opened, companion);
      if (disagree(values)) {
        removeForeign(opened, companion);
        throw new CookieError('duplicate');
      }
      return values[0] === undefined ? undefined : decodeContext(values[0]);
    },
    writeContext: (value) => {
      const opened = open();
      const companion = companionOf(opened.used);
      const encoded = encodeContext(settings, companion, value);
      const put = (): void => {
        opened.document.cookie = serializeCookie(companion, encoded);
      };
      const values = () => valuesOf(opened, companion);
      if (same(values(), encoded)) return;
      put();
      if (!values().includes(encoded)) throw new CookieError('blocked');
      if (same(values(), encoded)) return;
      removeTwins(opened, companion);
      put();
      if (same(values(), encoded)) return;
      removeForeign(opened, companion);
      throw new CookieError('duplicate');
    },
  };
}
