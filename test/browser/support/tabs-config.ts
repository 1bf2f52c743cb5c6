/** What a page of the tabs suite is told, and what it tells: shared by the page's script and by the tests. */
import type { RefreshPolicy, TokenLifecycle } from '../../../index';

/** What is taken away before any script of the library runs. */
export type Missing = 'BroadcastChannel' | 'locks';

export type TabConfig = {
  /** Who asks, as the server counts. */
  readonly tab: string;
  /** Omitted: restored. `null`: signed out. */
  readonly session?: { readonly id: string; readonly organizationId?: string | null } | null;
  /** `http`: `httpTokenSource`. `plain`: a source of its own, for pages that are no secure context. `rotating`: spends refresh tokens. */
  readonly source?: 'http' | 'plain' | 'rotating';
  readonly cache?: 'web-storage' | 'indexed-db';
  readonly store?: 'web-storage';
  /** `true`: with its defaults. */
  readonly cookie?: true | { readonly name: string };
  readonly namespace?: string;
  readonly policy?: Partial<RefreshPolicy>;
  readonly without?: readonly Missing[];
  /** Calls `getToken()` so often, in ms. */
  readonly readEveryMs?: number;
};

/** One event of the lifecycle, as far as tests ask. */
export type EventSeen = {
  readonly type: string;
  /** Epoch ms. */
  readonly at: number;
  /** `from` of a token, `reason` of a failure or a sign-out. */
  readonly why?: string;
  /** `adapter.operation`, where one failed. */
  readonly where?: string;
};

export type Seen = {
  readonly events: EventSeen[];
  /** Answers that the page's own readers got, however they asked. */
  readonly reads: {
    served: number;
    signedOut: number;
    failed: number;
    /** Tokens whose time was over by more than a network latency when they were given. */
    expired: number;
    /** How long past its expiry the latest one was given, in ms; negative where none was. */
    latestMs: number;
    slowestMs: number;
  };
  /** Between two runs of a page timer of 500 ms: how much the browser slows them down. */
  readonly timers: { longestGapMs: number };
  /** `persisted` of each `pageshow`. */
  readonly shown: boolean[];
  /** Errors that nobody caught. */
  readonly uncaught: string[];
};

/** What scripts of such a page find as `tab`. */
export type TabPage = {
  readonly tokens: TokenLifecycle;
  readonly seen: Seen;
  /** A read that is looked at: whether what it gives has expired already, at the instant it is given. */
  read(options?: { readonly skipCache?: boolean; readonly timeoutMs?: number }): Promise<string | null>;
  /** The same without waiting. */
  peek(): string | null;
};
