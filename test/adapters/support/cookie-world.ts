import { type DocumentCookieOptions, documentCookie } from '../../../adapters/cookie/document';
import type { CookieDocument } from '../../../adapters/cookie/page';
import { createCookieJar } from './cookie-jar';

export const start = Date.UTC(2026, 0, 1);
export const secure = 'https://app.shop.test/a/b';

/** A jar, its pages, and cookies in them, on a clock of its own. */
export function setup(url = secure, options: { partitions?: boolean } = {}) {
  let now = start;
  const clock = { now: () => now };
  const jar = createCookieJar({ now: clock.now, ...options });
  const page = (within?: string[], cookieStore?: 'tells all' | 'tells little') =>
    jar.page({ url, ...(within && { within }), ...(cookieStore && { cookieStore }) });
  return {
    jar,
    page,
    now: clock.now,
    pass: (ms: number) => {
      now += ms;
    },
    cookie: (more: DocumentCookieOptions = {}) => documentCookie({ document: page(), clock, ...more }),
    /** What the page sees of the session cookie, companion apart. */
    seen: (within?: string[]) => page(within).cookie,
  };
}

export const later = { expiresAt: start + 60_000 };

/** Everything that is assigned to `document.cookie` from now on. */
export function watchWrites(document: CookieDocument): string[] {
  const written: string[] = [];
  const real = Object.getOwnPropertyDescriptor(document, 'cookie');
  Object.defineProperty(document, 'cookie', {
    get: () => real?.get?.call(document),
    set: (text: string) => {
      written.push(text);
      real?.set?.call(document, text);
    },
  });
  return written;
}
