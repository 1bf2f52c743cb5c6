import type { PresenceState } from '../../machines/ports';

/** What is asked of a window; across origins only `top`, `parent` and `self` may be touched. */
export type FrameWindow = {
  readonly top?: unknown;
  readonly location?: { readonly ancestorOrigins?: ArrayLike<string>; readonly href?: string };
};

/** One host is the other, or lies below it, under the same scheme. Siblings may share no more than a public suffix. */
function related(one: URL, other: URL): boolean {
  if (one.protocol !== other.protocol) return false;
  const [a, b] = [one.hostname, other.hostname];
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

function topIsReadable(window: FrameWindow): boolean {
  try {
    // Throws, or reads as undefined, where the top page has another origin.
    return typeof (window.top as FrameWindow).location?.href === 'string';
  } catch {
    return false;
  }
}

/**
 * Where this page sits. Without the list of public suffixes nobody can tell for certain whether two sibling hosts are of one
 * site, so that siblings count as `cross-site`: what follows from it also works where they are not.
 */
export function frameOf(window: FrameWindow): PresenceState['frame'] {
  if (window.top === undefined || window.top === null || window.top === window) return 'top';
  const { ancestorOrigins, href } = window.location ?? {};
  // Firefox has no ancestorOrigins; there only the top page can be asked.
  if (!ancestorOrigins || href === undefined) return topIsReadable(window) ? 'same-site' : 'cross-site';
  try {
    const own = new URL(href);
    return Array.from(ancestorOrigins).every((origin) => related(own, new URL(origin))) ? 'same-site' : 'cross-site';
  } catch {
    // An opaque origin ("null"), or a page without an address of its own (about:srcdoc).
    return topIsReadable(window) ? 'same-site' : 'cross-site';
  }
}
