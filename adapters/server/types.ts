/** What goes into a request authenticator and what comes out: types only. */
import type { CryptoKey, JSONWebKeySet, JWK, JWTPayload, JWTVerifyGetKey } from 'jose';
import type { HandshakeReason, SignedOutReason, UnavailableReason } from '../../machines/handshake/reasons';
import type { Clock, Logger, MaybePromise } from '../../machines/ports';

/** A cookie that the server sets by itself, apart from the session cookie. */
export type ServerCookie = {
  readonly name: string;
  /** An empty value removes the cookie. */
  readonly value: string;
  /** Seconds. Left out: until the browser is closed. */
  readonly maxAge?: number;
  /** Default true. */
  readonly httpOnly?: boolean;
  /** Default 'Lax'. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None';
  readonly domain?: string;
  /** Default '/'. */
  readonly path?: string;
};

/** Where the session token stands, and with which attributes it is written. */
export type AuthenticatorCookie = {
  readonly name: string;
  readonly domain?: string;
  /** Default '/'. */
  readonly path?: string;
  /** Default 'Lax'. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None';
  /** Default false: a page that keeps its token fresh has to be able to write it. */
  readonly httpOnly?: boolean;
  readonly partitioned?: boolean;
  /** How many ms past its expiry the cookie lives on, for an edge that mints from an expired token. Default 0. */
  readonly outageWindowMs?: number;
};

/** What a refresh is told. */
export type RefreshRequest = {
  readonly credential: string;
  /** The token to replace; `null` where none came along. */
  readonly expiredToken: string | null;
  /** Aborted after 10 s. */
  readonly signal: AbortSignal;
  readonly request: Request;
};

export type RefreshResult = {
  readonly token: string;
  /** The next credential, for instance. Sent to the browser together with the token. */
  readonly cookies?: readonly ServerCookie[];
};

export type RefreshOptions = {
  /** The name of the cookie that holds the credential, or how to find it. */
  readonly credential: string | ((request: Request) => MaybePromise<string | null | undefined>);
  /**
   * Spends the credential. `null`, or an error with a 4xx `status` or a session-ending code: refused. Any other error is
   * trouble of the server's, and signs nobody out.
   */
  readonly run: (request: RefreshRequest) => Promise<RefreshResult | null>;
  /** Default GET and HEAD. */
  readonly methods?: readonly string[];
  /**
   * Lets one of several callers of the same `key` (a SHA-256 of the credential) run `task`; all get its result. Default: one
   * per process, shared until the new token is about to expire, 60 s at most. Several processes need one of their own.
   */
  readonly singleFlight?: (key: string, task: () => Promise<RefreshResult | null>) => Promise<RefreshResult | null>;
};

export type HandshakeOptions = {
  /** Where the issuer answers handshakes. Its query is kept. */
  readonly url: string | URL;
  /**
   * Whether the redirect carries the current session token, as evidence for an edge that has lost its origin. `never`
   * (default); `encrypted`: as a JWE that is good for 60 s; `plain`: legible, in a URL, which is logged in many places.
   */
  readonly presentTokenOnHandshake?: 'never' | 'encrypted' | 'plain';
  /** The edge's public key, for `encrypted`. */
  readonly encryptionKey?: JWK | CryptoKey;
  /** Turns a nonce into a handshake token; `null` for one that the issuer does not know. Throws where there is no answer. */
  readonly exchange?: (request: {
    readonly nonce: string;
    readonly state: string;
    /** Aborted after 10 s. */
    readonly signal: AbortSignal;
  }) => Promise<string | null>;
  /** Names of cookies, besides the session cookie and the marker, that a handshake may set. Written HttpOnly. */
  readonly cookies?: readonly string[];
};

export type KeyResolver = JWTVerifyGetKey;

type OwnOrigins =
  /** The origin that browsers see, such as `https://app.example.com`. Never taken from `Host`. */
  | { readonly appOrigin: string; readonly allowedOrigins?: readonly string[] }
  /** Several of them: the one that the request names, if it is listed, else the first. */
  | { readonly appOrigin?: undefined; readonly allowedOrigins: readonly string[] };

export type RequestAuthenticatorOptions = OwnOrigins & {
  /**
   * A JWKS address, a JWK set, or a function as jose takes it. A function throws jose's `JWKSNoMatchingKey` (or gives
   * `undefined`) where there is no such key; any other error means that the keys cannot be reached.
   */
  readonly keys: string | URL | JSONWebKeySet | KeyResolver;
  readonly issuer: string | readonly string[];
  /** Give this or `authorizedParties`: without either, whatever the issuer signs for any application is good here. */
  readonly audience?: string | readonly string[];
  /** Values of the claim `azp`, one of which must be there. */
  readonly authorizedParties?: readonly string[];
  /** Default: every asymmetric signature that is in common use. */
  readonly algorithms?: readonly string[];
  /** Values of the header `typ`, one of which must be there. Default: `JWT`, or none at all. */
  readonly tokenTypes?: readonly string[];
  /** Values of the header `cat`, one of which must be there. Default: not looked at. */
  readonly categories?: readonly string[];
  /** How far this server's clock and the issuer's may be apart, in ms. Default 5000. */
  readonly clockSkewMs?: number;
  /** Tokens that live longer are refused. Default: any lifetime. */
  readonly maxLifetimeMs?: number;
  readonly cookie: AuthenticatorCookie;
  /** The cookie that tells, in epoch seconds, when this browser last signed in or out. */
  readonly marker?: { readonly cookie: string };
  readonly refresh?: RefreshOptions;
  readonly handshake?: HandshakeOptions;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Fetches the JWKS. Default: the global one, looked up on use. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Never sees a raw token. */
  readonly logger?: Logger;
};

/** Claims of a token that verified. */
export type SessionClaims = JWTPayload & { readonly iss: string; readonly sub: string } & {
  readonly iat: number;
  readonly exp: number;
};

type Answer = {
  /** To be put on the response, whatever it is; `Set-Cookie` may be there several times. */
  readonly headers: Headers;
  /** The address that was asked for, on the own origin, without what a handshake has added to it. */
  readonly url: string;
};

export type SignedIn = Answer & {
  readonly status: 'signed-in';
  readonly via: 'bearer' | 'cookie' | 'refresh';
  /** The token that vouches for the user; after a refresh the new one, which the request's own headers do not have yet. */
  readonly token: string;
  readonly claims: SessionClaims;
  readonly userId: string;
  readonly sessionId: string | null;
  readonly organizationId: string | null;
  /** Epoch ms. */
  readonly expiresAt: number;
};

export type SignedOut = Answer & { readonly status: 'signed-out'; readonly reason: SignedOutReason };

/** Redirect with 307: to the issuer, or back to the clean address (`handshake-completed`). */
export type Handshake = Answer & {
  readonly status: 'handshake';
  readonly reason: HandshakeReason;
  readonly location: string;
};

/** Answer 503: nobody can say now whether the user is signed in. */
export type Unavailable = Answer & {
  readonly status: 'unavailable';
  readonly reason: UnavailableReason;
  readonly retryAfterMs: number;
};

export type AuthenticationAnswer = SignedIn | SignedOut | Handshake | Unavailable;

export type AuthenticateOptions = {
  /** The answer's headers cannot reach the browser (a server component, a stream that has begun): nothing is spent. */
  readonly readOnly?: boolean;
};

type Authenticate = (request: Request, options?: AuthenticateOptions) => Promise<AuthenticationAnswer>;

/** Callable, and with a method that does the same. */
export type RequestAuthenticator = Authenticate & { readonly authenticate: Authenticate };
