/** What one token machine remembers. Everything else is derived from it, see laws.ts. */
import type { Seen } from '../events';
import type { Failure } from '../failure';
import type { TokenFacts } from '../held-token';
import { defaultPolicy, type RefreshPolicy } from '../policy';
import type { MintCause, TokenKey } from '../ports';
import type { Pause } from '../schedule';
import { localClock, type ServerClock } from '../server-time';
import type { Instant } from '../time';

export type Status = 'ok' | 'degraded' | 'offline';

/** How the source proves who it is; decides what an unanswered request may have cost. */
export type Credential = {
  readonly kind: 'ambient' | 'reusable' | 'rotating';
  readonly reuseGraceMs: number;
};

/** What this tab shares with others: alone, it neither asks for a turn nor leaves one to somebody else. */
export type Sharing = {
  /** Other tabs or processes may mint for this session: a mint waits for its turn. */
  readonly turns: boolean;
  /** Other tabs hand over their tokens: the focused one goes first. */
  readonly peers: boolean;
};

export const alone: Sharing = { turns: false, peers: false };

export type TokenContext = {
  readonly key: TokenKey;
  readonly policy: RefreshPolicy;
  readonly credential: Credential;
  /** The session token of the active session: refreshed without being read, and the one that reaches the cookie. */
  readonly active: boolean;
  readonly sharing: Sharing;

  /** The last look at clocks, network and presence. */
  readonly seen: Seen;
  readonly clock: ServerClock;

  /** Nobody has looked for a token of this key yet. */
  readonly unexplored: boolean;
  /** The freshest token so far, even expired (T3, T11 need it). */
  readonly held: TokenFacts | null;
  /** Fingerprints of tokens that an API refused; they lose every comparison. */
  readonly rejected: readonly string[];

  /** Mints started so far; the number of the running one. */
  readonly mints: number;
  readonly lastStart: Instant | null;
  /** The running mint carries the held token. */
  readonly presenting: boolean;
  readonly cause: MintCause;
  /** Starts of failed mints that still count for the window of S9. */
  readonly failedStarts: readonly Instant[];
  /** Failed mints since the last success. */
  readonly failedTries: number;
  /** Those that count against the budget: nobody was served meanwhile, or somebody insisted. */
  readonly failures: number;
  readonly error: Failure | null;
  /** No request before it is over. */
  readonly pause: Pause | null;
  /** A returning or waking client does not mint in the very same instant as all others. */
  readonly spread: Pause | null;
  readonly askedAgain: boolean;
  /** The answer to a single-use credential was lost, and the one prompt retry is used up. */
  readonly answerLost: boolean;
  readonly offlineChecks: number;
  /** When the network is looked at again. */
  readonly check: Pause | null;
  readonly status: Status;
  /** The origin is failing and an edge mints from the last token. */
  readonly outage: { readonly marked: boolean; readonly refreshes: number };

  /** Somebody waits for a token. */
  readonly wanted: boolean;
  /** Somebody wants a mint with a number above this one. */
  readonly forcedAfter: number | null;
  readonly readSinceMint: boolean;
};

/** What a token machine starts from. Only `key` and `now` are required. */
export type TokenInput = {
  readonly key: TokenKey;
  readonly seen: Seen;
  readonly policy?: RefreshPolicy;
  readonly credential?: Credential;
  readonly active?: boolean;
  readonly sharing?: Sharing;
  readonly clock?: ServerClock;
  /** The token to start from; `null`: there is none; `undefined`: ask the `recall` actor. */
  readonly token?: TokenFacts | null;
  readonly pause?: Pause | null;
  readonly rejected?: readonly string[];
  readonly outageMarked?: boolean;
  readonly answerLost?: boolean;
};

export function initialContext(input: TokenInput): TokenContext {
  return {
    key: input.key,
    policy: input.policy ?? defaultPolicy,
    credential: input.credential ?? { kind: 'ambient', reuseGraceMs: 0 },
    active: input.active ?? false,
    sharing: input.sharing ?? alone,
    seen: input.seen,
    clock: input.clock ?? localClock,
    unexplored: input.token === undefined,
    held: input.token ?? null,
    rejected: input.rejected ?? [],
    mints: 0,
    lastStart: null,
    presenting: false,
    cause: 'restore',
    failedStarts: [],
    failedTries: 0,
    failures: 0,
    error: input.pause ? { class: 'rate-limited' } : null,
    pause: input.pause ?? null,
    spread: null,
    askedAgain: false,
    answerLost: input.answerLost ?? false,
    offlineChecks: 0,
    check: null,
    status: input.outageMarked ? 'degraded' : 'ok',
    outage: { marked: input.outageMarked ?? false, refreshes: 0 },
    wanted: false,
    forcedAfter: null,
    readSinceMint: false,
  };
}
