/** Where the request was sent, as browsers see it: an own origin, never the one that `Host` claims. */

export const handshakeParameters = {
  token: '__handshake',
  nonce: '__handshake_nonce',
  state: '__handshake_state',
} as const;

const ours: readonly string[] = Object.values(handshakeParameters);

export type Address = {
  /** One of the configured origins. */
  readonly origin: string;
  /** Absolute, on that origin, without the parameters of a handshake. */
  readonly clean: string;
  /** What stands in those parameters; several values are none. */
  readonly parameters: Readonly<Record<keyof typeof handshakeParameters, string | null>>;
  /** Any of those parameters is there. */
  readonly isBack: boolean;
};

const nameOf = (part: string): string => [...new URLSearchParams(part).keys()][0] ?? '';

/** Part by part, so that what remains is the very text that it was. */
function withoutOurs(search: string): string {
  const parts = search.replace(/^\?/, '').split('&');
  return parts.filter((part) => !ours.includes(nameOf(part))).join('&');
}

/**
 * @param url the request's, whose origin may be that of a proxy's inside
 * @param origins the own ones; the first counts where the request names none of them
 */
export function addressOf(url: string, origins: readonly [string, ...string[]]): Address {
  const asked = new URL(url);
  const origin = origins.find((own) => own === asked.origin) ?? origins[0];
  const one = (name: string): string | null => {
    const values = asked.searchParams.getAll(name);
    return values.length === 1 ? values[0] || null : null;
  };
  const clean = new URL(origin);
  // `//evil.example` is a path here and an origin to whoever uses the path alone.
  clean.pathname = asked.pathname.replace(/^[/\\]+/, '/');
  clean.search = withoutOurs(asked.search);
  return {
    origin,
    clean: clean.href,
    parameters: {
      token: one(handshakeParameters.token),
      nonce: one(handshakeParameters.nonce),
      state: one(handshakeParameters.state),
    },
    isBack: ours.some((name) => asked.searchParams.has(name)),
  };
}
