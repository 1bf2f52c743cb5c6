/** The public types of the facade. */
import type { Actor, InspectionEvent, Observer } from 'xstate';
import type { TokenLifecycleError } from '../../machines/errors';
import type { Session, SignOutReason } from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import type { KeyOptions } from '../../machines/key';
import type { RefreshPolicy } from '../../machines/policy';
import type {
  Clock,
  Connectivity,
  Logger,
  MintCause,
  Presence,
  RefreshLock,
  SessionCookie,
  SharedStore,
  TokenCache,
  TokenChannel,
  TokenKey,
  TokenSource,
  Unsubscribe,
} from '../../machines/ports';
import type { sessionMachine } from '../../machines/session/machine';
import type { Status } from '../../machines/token/context';
import type { TokenView } from '../../machines/view';
import type { DecodedToken } from '../token/decode';

/** What `createTokenLifecycle` takes. Only `source` is required. */
export type LifecycleOptions = {
  /** `null`: signed out. Omitted: restored from the cookie's or the cache's token (claim `sid`). */
  readonly session?: Session | null;
  /** A token to start from, e.g. rendered by the server. */
  readonly initialToken?: string;
  /** Where tokens come from. */
  readonly source: TokenSource;
  /** Separates lifecycles that share storage. Default: a hash of the source's endpoint. */
  readonly namespace?: string;
  /** Default: in memory. */
  readonly cache?: TokenCache;
  /** Default: IndexedDB in a browser, else in memory. */
  readonly store?: SharedStore;
  /** Default: no cookie. */
  readonly cookie?: SessionCookie;
  /** How tabs talk to each other. Default: `BroadcastChannel` in a browser, elsewhere none. */
  readonly channel?: TokenChannel;
  /** How tabs take turns. Default: Web Locks in a browser, elsewhere none. */
  readonly lock?: RefreshLock;
  /** Whether a token that another tab sent may be taken over. Called after all other checks; a throw counts as no. */
  readonly accept?: (token: string, claims: DecodedToken['claims']) => boolean;
  /** Default: `navigator.onLine` and its events. */
  readonly connectivity?: Connectivity;
  /** Default: the page's events; nobody looks where there is no page. */
  readonly presence?: Presence;
  /** Default: in a browser a Web Worker's timers, which hidden pages do not slow down; else the system's. */
  readonly clock?: Clock;
  /** What differs from `defaultPolicy`; durations in ms. */
  readonly policy?: Partial<RefreshPolicy>;
  /** From 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number;
  /** An XState inspection observer. Contexts and events carry no token. */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
  /** Never sees a raw token. */
  readonly logger?: Logger;
  /** What `dehydrate()` gave on the server: the first client snapshot equals the server's. */
  readonly hydrate?: Dehydrated;
};

/** What `getState()` gives. Times in epoch ms. */
export type LifecycleState = Omit<TokenView, 'failure'> & {
  /** The last failure, until a success; `null` while all is well. */
  readonly error: TokenLifecycleError | null;
};

/** State without the token, for server rendering. */
export type Dehydrated = { readonly v: 1; readonly state: Omit<LifecycleState, 'error'> };

export type GetTokenOptions = Omit<KeyOptions, 'params'> & {
  readonly params?: Readonly<Record<string, string>>;
  /** Forces a mint that starts after this call. */
  readonly skipCache?: boolean;
  readonly signal?: AbortSignal;
  /** How long this reader waits, in ms. */
  readonly timeoutMs?: number;
};

export type LifecycleEvents = {
  'token.updated': {
    readonly key: TokenKey;
    readonly expiresAt: number;
    readonly fingerprint: string;
    readonly from: TokenFacts['from'];
  };
  'session.signedIn': { readonly session: Session; readonly epoch: number; readonly from: 'restored' | 'given' };
  'session.signedOut': {
    readonly session: Session | null;
    readonly epoch: number;
    readonly reason: SignOutReason;
    readonly explanation: string;
  };
  'status.changed': { readonly status: Status; readonly previous: Status };
  'refresh.started': { readonly key: TokenKey; readonly attempt: number; readonly reason: MintCause };
  'refresh.succeeded': {
    readonly key: TokenKey;
    readonly attempt: number;
    readonly expiresAt: number | null;
    readonly fingerprint: string | null;
  };
  'refresh.failed': {
    readonly key: TokenKey;
    readonly attempt: number;
    /** The class of the failure. */
    readonly reason: string;
    readonly error: TokenLifecycleError;
    readonly nextAttemptAt: number | null;
  };
  'adapter.failed': {
    readonly adapter: string;
    readonly operation: string;
    readonly reason: string;
    readonly error: TokenLifecycleError | null;
  };
};

/** One transition of the machines, redacted. */
export type HistoryEntry = {
  /** Epoch ms. */
  readonly at: number;
  /** Which key, for people; `null` for the session itself. */
  readonly key: string | null;
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly ids: readonly string[];
  readonly description: string;
};

export type RemoteSignOut = 'revoked' | 'failed' | 'skipped';

export type TokenLifecycle = Disposable &
  AsyncDisposable & {
    /** The token endpoint, where the source names it. */
    readonly endpoint: string | undefined;
    getToken(options?: GetTokenOptions): Promise<string | null>;
    peek(options?: KeyOptions): string | null;
    getState(options?: KeyOptions): LifecycleState;
    getServerState(): LifecycleState;
    subscribe(listener: () => void): Unsubscribe;
    on<Type extends keyof LifecycleEvents>(type: Type, listener: (event: LifecycleEvents[Type]) => void): Unsubscribe;
    signIn(options: { readonly session: Session; readonly token?: string }): void;
    signOut(): Promise<{ readonly remote: Promise<RemoteSignOut>; readonly stored: Promise<void> }>;
    setActive(options: {
      readonly sessionId?: string;
      readonly organizationId?: string | null;
      readonly token?: string;
    }): void;
    refresh(options?: Omit<GetTokenOptions, 'skipCache'>): Promise<string | null>;
    reportRejected(token: string): void;
    readonly ready: Promise<void>;
    waitFor(
      predicate: (state: LifecycleState) => boolean,
      options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
    ): Promise<LifecycleState>;
    dehydrate(): Dehydrated;
    explain(): string;
    history(): readonly HistoryEntry[];
    readonly actor: Actor<typeof sessionMachine>;
    start(): TokenLifecycle;
    stop(): void;
  };
