/** What the cookie adapters know of the page that they are on. */
import { type CookieAttributes, cookieValues, serializeCookie } from './attributes';
import type { CookieStoreLike } from './foreign';

/** What the cookie adapter uses of a document. */
export type CookieDocument = { cookie: string; readonly defaultView?: CookieWindow | null };

/** What it uses of a window: only what may be touched across origins, its own address, and its own cookies. */
export type CookieWindow = {
  readonly isSecureContext?: boolean;
  readonly top?: unknown;
  readonly parent?: unknown;
  readonly location?: { readonly href?: string };
  readonly cookieStore?: CookieStoreLike;
};

/** Whether any page around this one has another origin. */
export function isFramedByAnother(window: CookieWindow): boolean {
  if (window.top === undefined) return false;
  try {
    for (let around = window; around.top !== around; around = around.parent as CookieWindow) {
      if (typeof (around.parent as CookieWindow).location?.href !== 'string') return true;
    }
    return false;
  } catch {
    return true;
  }
}

/** How long a probe may lie about, in seconds, if a crash leaves it behind. */
export const probeLifetime = 10;

/**
 * A cookie that only sticks where every page around is of the same site. Which hosts make up a site nobody can tell without the
 * list of public suffixes: the browser has it, and this asks. The name is new each time, since frames that ask at once would
 * take away each other's.
 */
export function makeProbe(): CookieAttributes {
  const name = `__session_probe_${Math.random().toString(36).slice(2)}`;
  return { name, path: '/', domain: undefined, sameSite: 'Strict', secure: true, partitioned: false };
}

/**
 * Whether the document is in a frame of another site, so that it needs a partition: that is to be had in secure contexts only.
 * Throws what the browser throws where cookies are denied.
 */
export function isCrossSite(document: CookieDocument): boolean {
  const window = document.defaultView;
  if (!window?.isSecureContext || !isFramedByAnother(window)) return false;
  const probe = makeProbe();
  document.cookie = serializeCookie(probe, '1', probeLifetime);
  const sticks = cookieValues(document.cookie, probe.name).length > 0;
  if (sticks) document.cookie = serializeCookie(probe, '', 0);
  return !sticks;
}
