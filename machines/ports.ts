/**
 * The seams between the lifecycle and the world: types only.
 *
 * Every method of an adapter may throw or reject. That is reported as `adapter.failed` and never changes whether the
 * user is signed in; what a failure looks like stands with each method.
 */

export type MaybePromise<T> = T | Promise<T>;

/** Ends a subscription. Callable, and with the method that Svelte, RxJS and React hooks look for. */
export type Unsubscribe = (() => void) & { unsubscribe(): void };

/** What a token is for. The *session token* has no `template` and the active organization; it alone reaches the cookie. */
export type TokenKey = {
  readonly sessionId: string;
  readonly template?: string;
  readonly organizationId?: string | null;
  /** Whatever else the source needs to tell two tokens apart: audience, scope, … */
  readonly params?: Readonly<Record<string, string>>;
};

/** Why a mint is asked for: the source may pass it on, so that a server can tell users from timers. */
export type MintCause =
  | 'read'
  | 'proactive'
  | 'forced'
  | 'wake'
  | 'online'
  | 'restore'
  | 'rejected'
  | 'probe'
  | 'retry';

/** How present the user is in this context. `headless`: there is no page (a server, a worker, React Native). */
export type PresenceLevel = 'focused' | 'visible' | 'hidden' | 'headless';

/** What one mint is told. */
export type MintRequest = {
  readonly key: TokenKey;
  /** Aborted on time-out, sign-out, switch and stop. A source that ignores it is abandoned, not awaited. */
  readonly signal: AbortSignal;
  /** 1 for the first try after a success, then counting. */
  readonly attempt: number;
  /** Epoch ms on the lifecycle's clock after which nobody waits for the answer any more. */
  readonly deadline: number;
  readonly cause: MintCause;
  readonly presence: PresenceLevel;
  /** The expired token during an outage, or the held one under `presentHeldToken: 'always'`. Belongs in the body, never in a URL. */
  readonly lastToken?: string;
  readonly lease: Lease | null;
  /** Only for a source with a rotating credential: read once, commit the next one before `mint()` resolves. */
  readonly credential?: CredentialSlot;
};

/** What a mint answers. */
export type MintResult = {
  readonly token: string;
  readonly tokenType?: 'Bearer' | 'DPoP';
  /** The server's clock when it answered, epoch ms, from a `Date` header or the body. The best evidence there is. */
  readonly serverDate?: number;
  /** Epoch ms; for opaque tokens, or where the JWT does not say. */
  readonly issuedAt?: number;
  /** Epoch ms. */
  readonly expiresAt?: number;
  /** Lifetime in ms, counted from the start of the request. */
  readonly expiresInMs?: number;
  readonly sessionId?: string;
  readonly organizationId?: string | null;
};

/** The one rotating credential of a session. */
export interface CredentialSlot {
  /** The credential to spend, or `undefined` where none is held. Rejects where the store cannot be read. */
  read(): Promise<string | undefined>;
  /** Makes the successor durable. Rejects where it could not be stored; the successor then stays in memory. */
  commit(next: string): Promise<void>;
}

/**
 * Mints tokens. Fails by throwing a `TokenRequestError`, or any error that has some of its properties (`status`,
 * `serverCode`, `retryAfterMs`); an error without a `status` means that no answer came.
 */
export interface TokenSource {
  /** `ambient`: a cookie. `reusable`: a refresh token that may be sent again. `rotating`: single use. Default `ambient`. */
  readonly credential?: 'ambient' | 'reusable' | 'rotating';
  /** Rotating only: for how many ms the server forgives a second use. Default 0: it does not. */
  readonly reuseGraceMs?: number;
  /** Identifies the endpoint; the default `namespace` is a hash of it. */
  readonly endpoint?: string;
  mint(request: MintRequest): Promise<MintResult>;
  /** Asked once after a 401. `unknown` where the server could not say: nobody is signed out by that. */
  checkSession?(request: { readonly sessionId: string; readonly signal: AbortSignal }): Promise<SessionVerdict>;
  /** Best effort at sign-out; the user is signed out locally whatever it answers. */
  revoke?(request: { readonly sessionId: string; readonly signal: AbortSignal }): Promise<void>;
  /** Headers that authorize `request`: a scheme, a DPoP proof. Default `Authorization: Bearer`. */
  authorize?(request: Request, token: string): Promise<Headers>;
  dispose?(): void;
  [Symbol.dispose]?(): void;
}

export type SessionVerdict = 'active' | 'gone' | 'unknown';

/** Time, and the only way to set a timer. Never throws. */
export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary point. Never runs backwards, may pause while the machine sleeps. */
  monotonicNow(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
  dispose?(): void;
}

/** Whether there is a network. `false` keeps every request back; a platform that does not know says `true`. */
export interface Connectivity {
  isOnline(): boolean;
  subscribe(listener: (online: boolean) => void): () => void;
  dispose?(): void;
}

export type PresenceState = {
  readonly visibility: 'visible' | 'hidden' | 'prerender' | 'unknown';
  readonly focus: boolean | 'unknown';
  readonly frame: 'top' | 'same-site' | 'cross-site';
};

export type PresenceChange =
  | 'visible'
  | 'hidden'
  | 'focus'
  | 'blur'
  | 'freeze'
  | 'resume'
  | 'pagehide'
  | 'pageshow'
  | 'activated';

/** Whether somebody looks at this page. */
export interface Presence {
  current(): PresenceState;
  subscribe(listener: (change: PresenceChange) => void): () => void;
  dispose?(): void;
}

/** Secrets: best effort, may be empty or absent. A throw on `get` means "unreadable", which is not the same as "empty". */
export interface TokenCache {
  get(key: string): MaybePromise<string | undefined>;
  /** `expiresAt` in epoch ms: the cache may drop the entry some time after it. */
  set(key: string, value: string, options: { readonly expiresAt: number }): MaybePromise<void>;
  /** Removes every entry whose key starts with `prefix`: sign-out clears keys that another tab made. */
  deleteAll(prefix: string): MaybePromise<void>;
  dispose?(): void;
}

/** What tabs and processes know of one key. No secrets. Times in epoch ms. */
export type SharedKey = {
  issuedAt?: number;
  originIssuedAt?: number;
  expiresAt?: number;
  fingerprint?: string;
  /** Fingerprints of the rotating credentials before, where this is the entry of one. */
  spent?: readonly string[];
  /** The tab that failed last, how often in a row, why, and when the next one may try. */
  failed?: {
    by: string;
    attempt: number;
    since: number;
    notBefore: number;
    kind: 'backoff' | 'decay' | 'ambiguous';
    class: string;
    status?: number;
    code?: string;
  };
  /** The mint that runs now: by whom, since when, and until when it can be believed to run. */
  minting?: { by: string; since: number; until: number };
  /** Start of the last mint. */
  startedAt?: number;
  /** Starts of mints of the last minute that brought nothing, of all tabs. */
  failedAt?: readonly number[];
};

/** A rotating credential that was sent. `startedAt`: for the first time. Times in epoch ms. */
export type InFlight = {
  owner: string;
  startedAt: number;
  deadline: number;
  /** A fingerprint. */
  credential: string;
  /** Whose it is. */
  sessionHash?: string;
};

/** What tabs and processes agree on. No secrets. Times in epoch ms. */
export type SharedRecord = {
  v: 1;
  /** A fence: a commit names the generation that it read. */
  generation: number;
  epoch: number;
  issuedAt?: number;
  expiresAt?: number;
  fingerprint?: string;
  /** No request before this instant: a `Retry-After`, for every tab. */
  floorUntil?: number;
  /** When that was asked for: on a clock that was set back since, it is no longer than it was then. */
  floorSince?: number;
  attempt?: number;
  clockOffsetMs?: number;
  active?: { sessionHash: string; organizationHash: string };
  tombstone?: { at: number; reason: string };
  /** Fingerprints of tokens that an API refused. */
  rejected?: readonly string[];
  /** The rotating credential that is being spent, or was sent last and never answered. */
  inFlight?: InFlight;
  /** Those of other sessions, the newest first. */
  inFlightToo?: readonly InFlight[];
  /** The epoch of the last sign-in. A session from before it that is not the active one stays out of the cookie. */
  signInEpoch?: number;
  /** Sessions (hashed) that signed in, the last ones: a sign-out of before that was slow to be written does not end them. */
  signIns?: Readonly<Record<string, { epoch: number; at: number }>>;
  /** Sessions (hashed) that signed out in this browser, the last ones, with the epoch of that. */
  signedOut?: Readonly<Record<string, number>>;
  /** The origin is in an outage, and an edge mints from the last token. */
  outage?: boolean;
  /** By the name of the key; a rotating credential has an entry as well, with its fingerprint. */
  keys?: Readonly<Record<string, SharedKey>>;
};

/** No secrets: the one place where tabs and processes agree. */
export interface SharedStore {
  /** `ordered`: once `update()` has resolved, every later read anywhere sees it. */
  readonly consistency: 'ordered' | 'hint';
  /** Rejects where the store cannot be read: "unknown", which is not "empty". Garbage reads as `undefined`. */
  read(key: string): Promise<SharedRecord | undefined>;
  /** Atomic; `change` is pure and may run more than once. Returning `undefined` deletes the record. */
  update(
    key: string,
    change: (now: SharedRecord | undefined) => SharedRecord | undefined,
  ): Promise<SharedRecord | undefined>;
  dispose?(): void;
}

export interface RefreshLock {
  run<T>(
    name: string,
    options: { readonly waitMs: number; readonly leaseMs: number; readonly signal: AbortSignal },
    task: (lease: Lease) => Promise<T>,
  ): Promise<LockOutcome<T>>;
  dispose?(): void;
}

export type Lease = {
  /** Aborted when the lock was stolen, the lease ran out or the page freezes. */
  readonly signal: AbortSignal;
  readonly fence: number | null;
  readonly contended: boolean;
};

export type LockOutcome<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'lost' }
  | { readonly status: 'timeout' }
  | { readonly status: 'unavailable'; readonly cause: string };

export type CookieValue = {
  readonly value: string;
  readonly domain?: string | null;
  readonly path?: string;
  readonly partitioned?: boolean;
};

export type CookieWrite =
  | { readonly status: 'written' | 'unchanged' }
  | { readonly status: 'rejected'; readonly reason: 'too_large' | 'blocked' | 'duplicate' };

/** The cookie that carries the session token to the server. Never removed but on sign-out. */
export interface SessionCookie {
  /** True: effective when the call returns. */
  readonly sync: boolean;
  /** Every visible value of the name, in the order that the server sees. Throws where cookies cannot be read. */
  read(): MaybePromise<readonly CookieValue[]>;
  /** `expiresAt` in epoch ms. Verified by reading back; what did not arrive is `rejected`, not thrown. */
  write(token: string, meta: { readonly expiresAt: number }): MaybePromise<CookieWrite>;
  /** Removes every variant that was ever written. */
  remove(): MaybePromise<void>;
  /** The companion cookie, without a secret: active context, epoch, signed-out mark. */
  readContext?(): MaybePromise<string | undefined>;
  writeContext?(value: string): MaybePromise<void>;
  dispose?(): void;
}

/** Messages between the tabs of one browser. Unsigned: everything that arrives is held to the acceptance rules. */
export interface TokenChannel {
  /** False: notices only, never a token. */
  readonly carriesTokens: boolean;
  post(message: unknown): void;
  subscribe(listener: (message: unknown) => void): () => void;
  suspend?(): void;
  resume?(): void;
  dispose?(): void;
}

/** Where redacted messages go. Never sees a raw token. */
export interface Logger {
  debug?(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn?(message: string, details?: Readonly<Record<string, unknown>>): void;
  error?(message: string, details?: Readonly<Record<string, unknown>>): void;
}
