/**
 * What could be seen of a world from outside, in order: requests, cookie, storage, messages, events, results of reads.
 * Nothing of it depends on how a lifecycle is built, so that whatever is checked over it holds for any. Types only; no token
 * is in it, fingerprints are.
 */
import type { FailureClass } from '../../machines/errors';
import type { RefreshPolicy } from '../../machines/policy';
import type {
  LockOutcome,
  MintCause,
  PresenceLevel,
  PresenceState,
  SessionVerdict,
  SharedRecord,
  SharedStore,
  TokenKey,
  TokenSource,
} from '../../machines/ports';
import type { Status } from '../../machines/token/context';
import type { StateName } from '../../machines/view';
import type { LifecycleEvents } from '../host/types';

/** A token as anybody may know it. Times in epoch ms on the server's clock; `null` where it does not say. */
export type TokenSeen = {
  readonly fingerprint: string;
  readonly sessionId: string | null;
  readonly organizationId: string | null;
  readonly template: string | null;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  /** Header `oiat`. */
  readonly originIssuedAt: number | null;
};

/** What lay where a token was expected: a JWT, nothing at all, or some other string. */
export type ValueSeen =
  | { readonly kind: 'token'; readonly token: TokenSeen }
  | { readonly kind: 'empty' }
  | { readonly kind: 'other'; readonly fingerprint: string };

type Where = {
  /** True ms since the world began: neither sleep nor a clock that is set stops or moves it. */
  readonly at: number;
  /** `null`: the machine, the browser, the server. */
  readonly tab: number | null;
};

/** The first entry of every trace: what an invariant has to know to judge the rest. */
export type WorldBegan = Where & {
  readonly is: 'world';
  readonly seed: number;
  readonly tabs: number;
  /** Complete, with the defaults. */
  readonly policy: RefreshPolicy;
  /** Epoch ms on the server's clock when `at` was 0. It runs on truly: server time is always `serverStart + at`. */
  readonly serverStart: number;
  /** Epoch ms on the machine's wall clock when `at` was 0. */
  readonly wallStart: number;
  readonly ttlMs: number;
  readonly latencyMs: number;
  readonly credential: NonNullable<TokenSource['credential']>;
  readonly reuseGraceMs: number;
  /** Whether the source can be asked if a session is over. */
  readonly checkSession: boolean;
  /** Which of the parts that tabs share there are. */
  readonly shared: {
    readonly channel: 'tokens' | 'notices' | 'none';
    readonly lock: boolean;
    readonly store: SharedStore['consistency'];
    readonly cache: 'shared' | 'per-tab';
    readonly cookie: boolean;
  };
};

/** What the world did to a tab, or to the whole machine where `tab` is `null`. */
export type CommandSeen = Where & {
  readonly is: 'command';
} & (
    | {
        readonly do:
          | 'open'
          | 'close'
          | 'crash'
          | 'show'
          | 'hide'
          | 'focus'
          | 'blur'
          | 'freeze'
          | 'resume'
          | 'pagehide'
          | 'pageshow'
          | 'offline'
          | 'online'
          | 'start'
          | 'stop';
      }
    /** `tab` asleep: its timers stand still. The machine asleep: wall time alone runs. */
    | { readonly do: 'sleep'; readonly ms: number }
    /** Somebody set the machine's wall clock. */
    | { readonly do: 'skew'; readonly ms: number }
    | { readonly do: 'sign-in' | 'switch'; readonly sessionId: string; readonly organizationId: string | null }
    | { readonly do: 'sign-out' }
    /** An API refused this token. */
    | { readonly do: 'reject'; readonly fingerprint: string }
  );

/** How a page is seen: as it is opened, and whenever that changes, whoever caused it. */
export type PresenceSeen = Where & {
  readonly is: 'presence';
  readonly visibility: PresenceState['visibility'];
  readonly focus: boolean;
};

/** Something was made to go wrong. `fault` names the kind, for counting; the effect has entries of its own. */
export type FaultSeen = Where & { readonly is: 'fault'; readonly fault: string; readonly detail?: string };

/** A tab sent a request. */
export type RequestSeen = Where & {
  readonly is: 'request';
  readonly id: number;
  readonly op: 'mint' | 'check' | 'revoke';
  readonly url: string;
  readonly key: TokenKey;
  /** For a mint. */
  readonly cause: MintCause | null;
  readonly presence: PresenceLevel | null;
  readonly attempt: number | null;
  /** The last token that came along. */
  readonly presented: TokenSeen | null;
  /** Fingerprint of the credential that was spent, where it rotates. */
  readonly credential: string | null;
  /** What the platform told this tab: `navigator.onLine`. */
  readonly online: boolean;
  /** Whether packets get through, which may differ. */
  readonly connected: boolean;
};

/** The server dealt with a request, whether or not its answer will arrive. */
export type ServedSeen = Where & {
  readonly is: 'served';
  readonly id: number;
  /** The behaviour that was asked of it: `mint`, `status`, `hang`, `drop`, `outage`, `malformed`, … */
  readonly by: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly retryAfterMs: number | null;
  /** Minted, valid or not. */
  readonly token: TokenSeen | null;
  readonly verdict: SessionVerdict | null;
  /** A rotating credential that had been spent before, outside the grace. */
  readonly reused: boolean;
};

/** What a tab got for its request. None of it: it waits still, or was closed. */
export type AnswerSeen = Where & {
  readonly is: 'answer';
  readonly id: number;
  /** `failed`: no answer came. `aborted`: the tab gave up first. `late`: it came after that, and nobody listens. */
  readonly outcome: 'answered' | 'failed' | 'aborted' | 'late';
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly token: TokenSeen | null;
};

/** A read through the world. A `peek` has its `settled` right after it. */
export type ReadSeen = Where & {
  readonly is: 'read';
  readonly id: number;
  readonly kind: 'plain' | 'forced' | 'peek';
  /** `null` where nobody is signed in, as far as the tab knows. */
  readonly key: TokenKey | null;
  readonly timeoutMs: number | null;
};

export type SettledSeen = Where & {
  readonly is: 'settled';
  readonly id: number;
  readonly outcome: 'token' | 'null' | 'error';
  /** What was given is never trusted to be a token: an empty string would be `empty`. */
  readonly value: ValueSeen | null;
  /** Of the error. */
  readonly code: string | null;
  readonly failure: FailureClass | null;
  /** Epoch ms at the server at this instant. */
  readonly serverNow: number;
};

/** The session cookie changed, or a write of it was refused. `tab` `null`: by time, by the server, by a sibling domain. */
export type CookieSeen = Where & {
  readonly is: 'cookie';
  readonly did: 'written' | 'removed' | 'expired' | 'refused' | 'tossed';
  readonly value: ValueSeen;
  /** Every value of the name that a server would see afterwards, in its order. */
  readonly now: readonly ValueSeen[];
};

/** The cookie's companion, which has no secret. */
export type CompanionSeen = Where & { readonly is: 'companion'; readonly value: string | null };

/** A token, or a credential, was put into a cache or taken out. `key` is a name without a secret. */
export type CacheSeen = Where & {
  readonly is: 'cache';
  readonly did: 'set' | 'deleted';
  readonly key: string;
  readonly value: ValueSeen;
};

/** The shared record was updated. `null`: it was deleted. Names that tabs give themselves by chance stand as `tab#1`, `tab#2`, … */
export type StoreSeen = Where & { readonly is: 'store'; readonly name: string; readonly record: SharedRecord | null };

/** A message between tabs. `tab` is who did it: the sender posts, the receiver is delivered to; a forger has none. */
export type MessageSeen = Where & {
  readonly is: 'message';
  /** The same for a message and all its deliveries. */
  readonly id: number;
  readonly did: 'posted' | 'delivered' | 'dropped' | 'forged';
  /** Field `is` of the message, where it has one. */
  readonly kind: string | null;
  readonly value: ValueSeen | null;
};

export type LockSeen = Where & {
  readonly is: 'lock';
  readonly did: 'wanted' | 'granted' | 'stolen' | LockOutcome<unknown>['status'];
  readonly name: string;
};

/** A lifecycle emitted this. */
export type EventSeen = {
  readonly [Type in keyof LifecycleEvents]: Where & {
    readonly is: 'event';
    readonly type: Type;
    readonly event: LifecycleEvents[Type];
  };
}[keyof LifecycleEvents];

/** `getState()` changed. Times as it gives them. */
export type StateSeen = Where & {
  readonly is: 'state';
  readonly state: StateName;
  readonly substate: string | null;
  readonly status: Status;
  readonly serving: boolean;
  readonly fingerprint: string | null;
  readonly expiresAt: number | null;
  readonly attempt: number;
  readonly nextAttemptAt: number | null;
  readonly sessionId: string | null;
  readonly organizationId: string | null;
  /** What the tab takes the server's clock to be, minus its own wall clock. */
  readonly clockOffsetMs: number;
};

/** What a lifecycle left behind when it was stopped. All 0, or L4 is broken. */
export type LeftoversSeen = Where & {
  readonly is: 'leftovers';
  readonly timers: number;
  readonly listeners: number;
  readonly locks: number;
};

/** A raw token stood where none may be: in an event, an error, a log line, a URL. */
export type LeakSeen = Where & { readonly is: 'leak'; readonly where: string; readonly fingerprint: string };

export type TraceEntry =
  | WorldBegan
  | CommandSeen
  | PresenceSeen
  | FaultSeen
  | RequestSeen
  | ServedSeen
  | AnswerSeen
  | ReadSeen
  | SettledSeen
  | CookieSeen
  | CompanionSeen
  | CacheSeen
  | StoreSeen
  | MessageSeen
  | LockSeen
  | EventSeen
  | StateSeen
  | LeftoversSeen
  | LeakSeen;

export type Trace = readonly TraceEntry[];
