/** Section 11 once more, as a flat list of sentences, in words of its own. Shares no code with the machine. */

export const tokens = ['absent', 'valid', 'expired', 'early', 'bad', 'unreadable', 'unverifiable'] as const;
/** What the marker is, seen from a token that was issued at 1000.9 s. */
export const markers = ['off', 'none', 'older', 'same-second', 'newer'] as const;
export const methods = ['GET', 'HEAD', 'POST'] as const;
export const destinations = ['document', 'iframe', 'empty', 'unsaid-html', 'unsaid'] as const;
export const manners = ['plain', 'prefetch', 'read-only', 'websocket'] as const;
export const refreshes = ['off', 'without-credential', 'with-credential'] as const;
/** Off; how many there have been; or back from one: with no state cookie at all, or with one that is not this one's. */
export const handshakes = ['off', 0, 2, 3, 4, 'back-without-cookie', 'back-unbound'] as const;

export type Case = {
  readonly token: (typeof tokens)[number];
  readonly marker: (typeof markers)[number];
  readonly method: (typeof methods)[number];
  readonly destination: (typeof destinations)[number];
  readonly manner: (typeof manners)[number];
  readonly sameOrigin: boolean;
  readonly refresh: (typeof refreshes)[number];
  readonly handshake: (typeof handshakes)[number];
};

/** Every combination. */
export function* product(token: Case['token']): Generator<Case> {
  for (const marker of markers)
    for (const method of methods)
      for (const destination of destinations)
        for (const manner of manners)
          for (const sameOrigin of [true, false])
            for (const refresh of refreshes)
              for (const handshake of handshakes)
                yield { token, marker, method, destination, manner, sameOrigin, refresh, handshake };
}

const out = (reason: string): string => `signed-out ${reason}`;

/** The redirect, or what is said where there cannot be one. */
function wish(one: Case, reason: string): string {
  const isPage = ['document', 'iframe', 'unsaid-html'].includes(one.destination);
  if (one.handshake === 'off' || one.method !== 'GET' || !isPage || one.manner !== 'plain') return out(reason);
  if (one.handshake === 'back-without-cookie') return out('cookies-blocked');
  if (one.handshake === 3 || one.handshake === 4) return out('handshake-loop');
  return `handshake ${reason}`;
}

/** What keeps an expired token from being refreshed, in the order in which it is said. */
function hindrance({ refresh, method, manner }: Case): string {
  if (refresh === 'without-credential') return 'no-refresh-credential';
  if (method === 'POST') return 'method';
  if (manner === 'prefetch') return 'prefetch';
  return manner === 'plain' ? '' : 'read-only';
}

/** What the machine must decide. */
export function expected(one: Case): string {
  const { token, marker } = one;
  const carriesCookie = token !== 'absent' || one.refresh === 'with-credential';
  const couldBeForged = (one.method === 'POST' || one.manner === 'websocket') && !one.sameOrigin;
  if (carriesCookie && couldBeForged) return out('cross-origin-request'); // H0

  const refreshable = one.refresh === 'with-credential' && hindrance(one) === '';
  const noMarker = marker === 'off' || marker === 'none';
  if (token === 'absent' && noMarker) {
    if (refreshable) return 'refreshing'; // H3 → H7
    return out(one.handshake === 'back-without-cookie' ? 'cookies-blocked' : 'session-token-and-uat-missing'); // H3
  }
  if (token === 'absent') return wish(one, 'client-uat-but-no-session-token'); // H4
  if (marker === 'none') return wish(one, 'session-token-but-no-client-uat'); // H4
  if (token === 'unreadable') return out('token-malformed'); // H4b
  if (marker === 'newer') return wish(one, 'session-token-iat-before-client-uat'); // H5
  if (token === 'valid') return 'signed-in cookie'; // H6
  if (token === 'unverifiable') return 'unavailable keys-unreachable'; // H6b
  if (token === 'expired' && refreshable) return 'refreshing'; // H7
  if (token === 'expired') {
    const suffix = one.refresh === 'off' ? '' : `-refresh-non-eligible-${hindrance(one)}`;
    return wish(one, `session-token-expired${suffix}`); // H8
  }
  if (token === 'early') return wish(one, 'session-token-nbf'); // H8
  return out('token-invalid-signature'); // H9
}
