export type { Decision } from '../../machines/handshake/decision';
export { decisionOf } from '../../machines/handshake/decision';
export type {
  ExchangeOutcome,
  HandshakeEvent,
  HandshakeFacts,
  RefreshOutcome,
  RequestFacts,
  TokenVerdict,
} from '../../machines/handshake/facts';
export { handshakeMachine } from '../../machines/handshake/machine';
export type {
  DecisionReason,
  HandshakeReason,
  RefreshHindrance,
  SignedOutReason,
  TimeFault,
  TokenFault,
  UnavailableReason,
} from '../../machines/handshake/reasons';
export { createRequestAuthenticator } from './authenticator';
export type { HeaderCookieOptions } from './header-cookie';
export { headerCookie } from './header-cookie';
export { createTokenPool } from './pool/create';
export type { PoolEvents, PoolReadOptions, PoolStats, TokenPool, TokenPoolOptions } from './pool/types';
export { applyAnswer, responseFor } from './respond';
export type {
  AuthenticateOptions,
  AuthenticationAnswer,
  AuthenticatorCookie,
  Handshake,
  HandshakeOptions,
  KeyResolver,
  RefreshOptions,
  RefreshRequest,
  RefreshResult,
  RequestAuthenticator,
  RequestAuthenticatorOptions,
  ServerCookie,
  SessionClaims,
  SignedIn,
  SignedOut,
  Unavailable,
} from './types';
