/** Why a request was answered as it was: stable words for logs, tests and the issuer. */

/** What can be wrong with one token. */
export type TokenFault =
  | 'token-too-large'
  | 'token-malformed'
  | 'token-type-mismatch'
  | 'token-invalid-signature'
  | 'token-invalid-algorithm'
  | 'token-unknown-key'
  | 'token-invalid-issuer'
  | 'token-invalid-audience'
  | 'token-invalid-authorized-party'
  | 'token-missing-claim'
  | 'token-invalid-claim'
  | 'token-lifetime-too-long';

/** What can be wrong with its time, and nothing else. */
export type TimeFault = 'session-token-nbf' | 'session-token-iat-in-the-future';

/** Why an expired token was not refreshed, where refreshing is configured. */
export type RefreshHindrance = 'no-refresh-credential' | 'method' | 'prefetch' | 'read-only';

type Expired = 'session-token-expired' | `session-token-expired-refresh-non-eligible-${RefreshHindrance}`;

export type SignedOutReason =
  | TokenFault
  | TimeFault
  | Expired
  | 'cross-origin-request'
  | 'ambiguous-session'
  | 'session-token-and-uat-missing'
  | 'client-uat-but-no-session-token'
  | 'session-token-but-no-client-uat'
  | 'session-token-iat-before-client-uat'
  | 'refresh-refused'
  | 'refresh-session-mismatch'
  | 'cookies-blocked'
  | 'handshake-loop'
  | 'clock-skew-suspected';

export type HandshakeReason =
  | TimeFault
  | Expired
  | 'client-uat-but-no-session-token'
  | 'session-token-but-no-client-uat'
  | 'session-token-iat-before-client-uat'
  | 'session-token-and-uat-missing'
  | 'handshake-completed';

export type UnavailableReason = 'keys-unreachable' | 'refresh-failed' | 'handshake-exchange-failed';

export type DecisionReason = SignedOutReason | HandshakeReason | UnavailableReason;
