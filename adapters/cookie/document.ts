import { checkNumber, fail } from '../../machines/check';
import { CookieError } from '../../machines/errors';
import type { Clock, CookieWrite, SessionCookie } from '../../machines/ports';
import {
  type CookieAttributes,
  checkAttributes,
  cookieValues,
  type GivenAttributes,
  isCookieValue,
  serializeCookie,
} from './attributes';
import { attributesFor, type CookieDocument, type Scope, variants } from './page';

export type DocumentCookieOptions = GivenAttributes & {
  /** How many ms past the token's expiry the cookie lives on, for servers that mint from an expired one. Default 0. */
  readonly outageWindowMs?: number;
  /** Longest cookie in bytes, with name and attributes. Default 4096. */
  readonly maxBytes?: number;
  /** Where earlier releases of the app wrote it: removed with the rest, and where it shadows the present one. */
  readonly formerly?: readonly Scope[];
  /** Default: the global one, looked up on use. */
  readonly document?: CookieDocument;
  /** Tells how long a token has left. Default: the system clock. */
  readonly clock?: Pick<Clock, 'now'>;
};

/** The companion has no secret and no lifetime: it matters to the tabs that are open. */
const companionOf = (attributes: CookieAttributes): CookieAttributes => ({
  ...attributes,
  name: `${attributes.name}_ctx`,
});

const bytes = (text: string): number => new TextEncoder().encode(text).length;

const same = (values: readonly string[], value: string): boolean =>
  values.length > 0 && values.every((one) => one === value);

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/**
 * The session cookie of a page, by `document.cookie` (lifecycle §10). One set of attributes serves writing and removing; each
 * write is read back, so that what the browser drops in silence comes out as `rejected`.
 *
 * Left out, the attributes follow from the page: name `__Host-__session` in a secure context without `domain`, else `__session`;
 * path `/`; `Secure` in a secure context; `SameSite=Lax`, or `SameSite=None; Partitioned` in a frame of another origin. A server
 * must be able to read the cookie's whole lifetime: pass `outageWindowMs` where it mints from an expired token.
 *
 * Methods throw where there is no document, and what the browser throws where cookies are denied (`SecurityError`). `remove()`
 * throws a `CookieError` where a value of the name is still visible afterwards, `write()` a `ConfigurationError` for a token
 * that no cookie can hold.
 *
 * @throws {ConfigurationError} for attributes that no cookie can have, such as `SameSite=None` without `Secure`
 * @example createTokenLifecycle({ source, cookie: documentCookie({ outageWindowMs: 5 * 60_000 }) });
 */
export function documentCookie(options: DocumentCookieOptions = {}): SessionCookie {
  const { outageWindowMs = 0, maxBytes = 4096, formerly = [], clock = Date } = options;
  checkAttributes('documentCookie', options);
  checkNumber('documentCookie.outageWindowMs', outageWindowMs, { min: 0 });
  checkNumber('documentCookie.maxBytes', maxBytes, { min: 1 });
  formerly.forEach((scope, index) => {
    checkAttributes(`documentCookie.formerly[${index}]`, scope);
  });

  function open(): { document: CookieDocument; used: CookieAttributes } {
    const document: CookieDocument | undefined =
      options.document ?? (globalThis as { document?: CookieDocument }).document;
    if (!document) throw Object.assign(new Error('There is no document here.'), { code: 'document_missing' });
    return { document, used: attributesFor(options, document) };
  }

  function removeAll(document: CookieDocument, used: CookieAttributes): void {
    for (const variant of variants(options, used, formerly)) document.cookie = serializeCookie(variant, '', 0);
  }

  function write(token: string, expiresAt: number): CookieWrite {
    if (!isCookieValue(token) || token === '') fail('token', 'made of the characters that a cookie may hold', token);
    const { document, used } = open();
    const maxAge = Math.ceil((expiresAt + outageWindowMs - clock.now()) / 1000);
    const text = serializeCookie(used, token, maxAge);
    if (bytes(text) > maxBytes) return { status: 'rejected', reason: 'too_large' };
    const values = () => cookieValues(document.cookie, used.name);
    if (same(values(), token)) return { status: 'unchanged' };
    // A lifetime that is over would remove what is there, and nothing but sign-out may do that.
    if (!(maxAge > 0)) return { status: 'rejected', reason: 'blocked' };
    document.cookie = text;
    if (!values().includes(token)) return { status: 'rejected', reason: 'blocked' };
    if (same(values(), token)) return { status: 'written' };
    // A twin of ours, from before a partition or a domain? Whatever stays then was tossed by somebody else.
    removeAll(document, used);
    document.cookie = text;
    return same(values(), token) ? { status: 'written' } : { status: 'rejected', reason: 'duplicate' };
  }

  return {
    sync: true,
    read: () => {
      const { document, used } = open();
      return cookieValues(document.cookie, used.name).map((value) => ({ value }));
    },
    write: (token, { expiresAt }) => write(token, expiresAt),
    remove: () => {
      const { document, used } = open();
      removeAll(document, used);
      if (cookieValues(document.cookie, used.name).length > 0) {
        throw new CookieError(
          'duplicate',
          'A cookie of this name is still there: it was set with another domain or path.',
        );
      }
    },
    readContext: () => {
      const { document, used } = open();
      const [first, ...others] = cookieValues(document.cookie, companionOf(used).name);
      if (first === undefined) return undefined;
      if (!same(others, first) && others.length > 0) throw new CookieError('duplicate');
      return decode(first);
    },
    writeContext: (value) => {
      const { document, used } = open();
      const companion = companionOf(used);
      const encoded = encodeURIComponent(value);
      const text = serializeCookie(companion, encoded);
      if (bytes(text) > maxBytes) throw new CookieError('too_large');
      if (same(cookieValues(document.cookie, companion.name), encoded)) return;
      document.cookie = text;
      if (!cookieValues(document.cookie, companion.name).includes(encoded)) throw new CookieError('blocked');
    },
  };
}
