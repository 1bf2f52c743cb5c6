/** The public types of the pool. */
import type { Session } from '../../../machines/events';
import type { Unsubscribe } from '../../../machines/ports';
import type { GetTokenOptions, LifecycleEvents, LifecycleOptions, RemoteSignOut } from '../../host/types';

/** What `createTokenPool` takes. Only `source` is required; `cache`, `store` and `lock` come together or not at all. */
export type TokenPoolOptions = Pick<
  LifecycleOptions,
  | 'source'
  | 'namespace'
  | 'cache'
  | 'store'
  | 'lock'
  | 'accept'
  | 'connectivity'
  | 'clock'
  | 'policy'
  | 'random'
  | 'inspect'
  | 'logger'
> & {
  /** How long a session in trouble (no network, a failing origin) goes on trying after its last read, in ms. Default 60000. */
  readonly troubledForMs?: number;
  /**
   * So many sessions are woken at once; the others wait for their turn, those first that have no token to serve meanwhile. What is
   * asked for by name (a sign-in, a sign-out, `reportRejected`) and retries do not wait. Default 64.
   */
  readonly refreshesAtOnce?: number;
};

export type PoolReadOptions = GetTokenOptions & { readonly sessionId: string };

type PassedOn =
  | 'token.updated'
  | 'session.signedOut'
  | 'status.changed'
  | 'refresh.started'
  | 'refresh.succeeded'
  | 'refresh.failed';

/** Those of a lifecycle, and whose. Fingerprints, never tokens. */
export type PoolEvents = {
  readonly [Type in PassedOn]: LifecycleEvents[Type] & { readonly sessionId: string };
} & {
  readonly 'session.signedIn': { readonly sessionId: string; readonly session: Session };
  /** Not of one session: the same failure again is told after a minute. */
  readonly 'adapter.failed': LifecycleEvents['adapter.failed'];
};

export type PoolStats = {
  /** Sessions that this process knows. */
  readonly sessions: number;
  /** Those of them with an actor: something happens, or did a moment ago. */
  readonly active: number;
  /** Sessions that wait for their turn to be refreshed. */
  readonly waiting: number;
  /** Timers that are set. The platform has one of them. */
  readonly timers: number;
  /** Since the pool was made. */
  readonly mints: number;
  readonly failures: number;
};

export type TokenPool = Disposable &
  AsyncDisposable & {
    /**
     * Somebody signed in. With `token` nothing is sent before that needs replacing; `credential` is the first single-use credential
     * of a rotating source. Resolves once it is written where other processes look; rejects where it could not be.
     */
    signIn(options: {
      readonly session: Session;
      readonly token?: string;
      readonly credential?: string;
    }): Promise<void>;
    /** A usable token; `null` where nobody of that id is signed in; else a typed error. */
    getToken(options: PoolReadOptions): Promise<string | null>;
    /** An unexpired token that is here already, or `null`. Synchronous, never a request. */
    peek(options: { readonly sessionId: string }): string | null;
    /** An API refused the token: it is replaced, once. */
    reportRejected(options: { readonly sessionId: string; readonly token: string }): void;
    /** Here and, by what is stored, in every process. Resolves when that is written. */
    signOut(options: { readonly sessionId: string }): Promise<{ readonly remote: Promise<RemoteSignOut> }>;
    /** This process need not know it any more. It stays signed in. */
    forget(options: { readonly sessionId: string }): void;
    on<Type extends keyof PoolEvents>(type: Type, listener: (event: PoolEvents[Type]) => void): Unsubscribe;
    stats(): PoolStats;
    start(): TokenPool;
    /** Who waits gets a `StoppedError`, what runs is abandoned. The sessions stay; `start()` goes on with them. */
    stop(): void;
    /** Lets what runs come to its end, for `requestTimeoutMs` at most, and stops: for a process that is asked to go. */
    drain(): Promise<void>;
  };
