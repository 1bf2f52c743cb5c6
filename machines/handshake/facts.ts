/** What the server's decision is made from: verified facts about one request. No token, no header, no clock. */
import type { TimeFault, TokenFault } from './reasons';

/** What verification made of one token. `issuedAt` in epoch seconds, as the token has it; unverified where it did not verify. */
export type TokenVerdict =
  | { readonly is: 'valid'; readonly issuedAt: number }
  /** Only `exp` is wrong. */
  | { readonly is: 'expired'; readonly issuedAt: number }
  /** Only its time is wrong, at the other end. */
  | { readonly is: 'early'; readonly issuedAt: number; readonly reason: TimeFault }
  /** Not a token of the kind that is looked for (H4b). */
  | { readonly is: 'unreadable'; readonly reason: TokenFault }
  /** The keys cannot be reached, and there are no good ones from before. */
  | { readonly is: 'unverifiable'; readonly issuedAt: number | null }
  | { readonly is: 'bad'; readonly issuedAt: number | null; readonly reason: TokenFault };

export type RequestFacts = {
  /** In capitals. */
  readonly method: string;
  readonly webSocket: boolean;
  /** Proven by `Sec-Fetch-Site`, else by `Origin`. No proof is a no. */
  readonly sameOrigin: boolean;
  /** `Sec-Fetch-Dest`, or `null` where the browser does not send it. */
  readonly destination: string | null;
  /** `Accept` asks for HTML; counts only without a destination. */
  readonly acceptsHtml: boolean;
  readonly prefetch: boolean;
  /** The answer can carry `Set-Cookie` to the browser. */
  readonly canSetCookies: boolean;
};

export type HandshakeFacts = {
  readonly request: RequestFacts;
  /** What came as `Authorization: Bearer`, or `null`. */
  readonly bearer: TokenVerdict | null;
  /** One per different value of the session cookie. */
  readonly cookies: readonly TokenVerdict[];
  /** Epoch seconds of this browser's last sign-in or sign-out (`readMarker`), or `null`. Left out: there are no markers. */
  readonly marker?: number | null;
  /** Left out: nothing is refreshed here. */
  readonly refresh?: { readonly credential: boolean; readonly methods: readonly string[] };
  /** Left out: there is no handshake. */
  readonly handshake?: {
    /** Handshakes of this browser within the last 120 s. */
    readonly recent: number;
    /** A handshake token or nonce is in the address. */
    readonly back: boolean;
    /** A state cookie of this browser vouches for it. */
    readonly bound: boolean;
    /** Any state cookie came along, whatever it says. */
    readonly knownBrowser: boolean;
  };
};

/** What came of a handshake token or nonce. */
export type ExchangeOutcome =
  /** `session`: what the new session token is worth; `null` where the issuer says that nobody is signed in. */
  | { readonly is: 'verified'; readonly session: TokenVerdict | null }
  | { readonly is: 'invalid' }
  | { readonly is: 'unverifiable' }
  | { readonly is: 'failed' };

/** What came of a refresh credential. */
export type RefreshOutcome =
  | { readonly is: 'refreshed'; readonly session: TokenVerdict }
  /** The new token belongs to somebody else than the expired one. */
  | { readonly is: 'mismatch' }
  | { readonly is: 'refused' }
  | { readonly is: 'trouble' };

export type HandshakeEvent =
  /** The caller has looked into the handshake token or exchanged the nonce. */
  | { readonly type: 'exchange.answered'; readonly outcome: ExchangeOutcome }
  /** The caller has spent the refresh credential. */
  | { readonly type: 'refresh.answered'; readonly outcome: RefreshOutcome };
