import { checkNumber } from '../../machines/check';
import type { Clock, SessionCookie } from '../../machines/ports';

export type MemoryCookieOptions = {
  /** Makes the cookie vanish when its time is up. Without a clock it stays until it is removed. */
  readonly clock?: Pick<Clock, 'now'>;
  /** How many ms past the token's expiry the cookie lives on, for servers that mint from an expired one. Default 0. */
  readonly outageWindowMs?: number;
  /** Longest value in bytes. Default 4096, as browsers have it. */
  readonly maxBytes?: number;
};

/**
 * A cookie jar of one cookie, in memory. Share the instance between lifecycles: they then are tabs over one jar.
 *
 * @throws {ConfigurationError} for a number out of range
 * @example createTokenLifecycle({ source, cookie: memoryCookie() });
 */
export function memoryCookie(options: MemoryCookieOptions = {}): SessionCookie {
  const { clock, outageWindowMs = 0, maxBytes = 4096 } = options;
  checkNumber('memoryCookie.outageWindowMs', outageWindowMs, { min: 0 });
  checkNumber('memoryCookie.maxBytes', maxBytes, { min: 1 });
  let held: { value: string; until: number } | undefined;
  let context: string | undefined;

  const visible = () => (held && (!clock || clock.now() < held.until) ? held : undefined);

  return {
    sync: true,
    read: () => {
      const now = visible();
      return now ? [{ value: now.value }] : [];
    },
    write: (token, { expiresAt }) => {
      if (new TextEncoder().encode(token).length > maxBytes) return { status: 'rejected', reason: 'too_large' };
      if (visible()?.value === token) return { status: 'unchanged' };
      const until = expiresAt + outageWindowMs;
      // Writing it would be removing what is there.
      if (clock && until <= clock.now()) return { status: 'rejected', reason: 'blocked' };
      held = { value: token, until };
      return { status: 'written' };
    },
    remove: () => {
      held = undefined;
    },
    readContext: () => context,
    writeContext: (value) => {
      context = value;
    },
  };
}
