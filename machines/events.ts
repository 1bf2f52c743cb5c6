/** What machines hear, say and answer. One line each: who sends it, and when. Facts and fingerprints, never a token. */
import type { MintedToken } from './acceptance';
import type { Failure } from './failure';
import type { TokenFacts } from './held-token';
import type { MintCause, PresenceLevel, SessionVerdict, TokenKey } from './ports';
import type { Pause } from './schedule';
import type { ServerClock } from './server-time';
import type { Instant } from './time';

/** What the host sees at an instant. The only way in which time, network, presence and chance reach a machine. */
export type Seen = {
  readonly now: Instant;
  readonly online: boolean;
  readonly presence: PresenceLevel;
  /** Since when the page has been hidden; `null` while it is not. */
  readonly hiddenSince: Instant | null;
  /** A random number from 0 to 1, for jitter. */
  readonly roll: number;
  /** The page just became visible, got the focus, came back from the bfcache, or resumed. */
  readonly woke: boolean;
  /** The key (as `keyId` names it) whose mint has just been answered: the outcome is the next thing that its machine hears. */
  readonly answered?: string;
};

/** The active session. */
export type Session = { readonly id: string; readonly organizationId?: string | null };

export type SignOutReason =
  /** `signOut()` here. */
  | 'user'
  /** Another tab signed out. */
  | 'peer'
  /** The server said that the session is gone. */
  | 'session_gone'
  /** The server refused the credential with a code that ends sessions. */
  | 'credential_refused'
  /** A rotating credential was spent by a request whose answer was lost. */
  | 'lost_response';

/** Sent by the host before every other event and before every timer fires. */
export type TickEvent = { readonly type: 'clock.tick'; readonly seen: Seen };

export type TokenEvent =
  | TickEvent
  /** Session machine: a sibling learned better what time it is at the server. */
  | { readonly type: 'clock.corrected'; readonly clock: ServerClock }
  /** Host: a read that the held token alone does not settle for good. `waiting`: it was not served. */
  | { readonly type: 'token.read'; readonly forced: boolean; readonly waiting: boolean }
  /** Host, with the next tick: the token was read since the last mint (reads of a usable token send nothing). */
  | { readonly type: 'token.used' }
  /** Host: an API refused the token with this fingerprint. */
  | { readonly type: 'token.rejected'; readonly fingerprint: string }
  /** Host: another tab has this token, and it passed the acceptance rules. `clock`: what that tab believes. */
  | { readonly type: 'peer.token'; readonly token: TokenFacts; readonly clock: ServerClock | null }
  /** Session machine: the origin is (no longer) in an outage, as a sibling found. */
  | { readonly type: 'outage.noticed'; readonly marked: boolean }
  /** Session machine: the source asked, over another key, to be left alone (R5.8). */
  | { readonly type: 'floor.raised'; readonly pause: Pause }
  /** Session machine: this key's token is (no longer) the one of the active session. */
  | { readonly type: 'key.activated'; readonly active: boolean }
  /** Session machine: signed in again under this key. */
  | { readonly type: 'session.given'; readonly token: TokenFacts | null }
  /** Session machine: signed out. */
  | { readonly type: 'session.ended' };

/** What a token machine says. The host listens. */
export type TokenEmitted =
  | { readonly type: 'mint.started'; readonly number: number; readonly attempt: number; readonly cause: MintCause }
  | {
      readonly type: 'mint.succeeded';
      readonly number: number;
      readonly generation: number;
      /** False: the held token is as good; only the mint's own callers get this one. */
      readonly held: boolean;
      readonly attempt: number;
    }
  | {
      readonly type: 'mint.failed';
      readonly number: number;
      readonly attempt: number;
      readonly failure: Failure;
      /** Of the token that came and was refused: nobody asks for it any more. */
      readonly generation?: number;
    }
  | { readonly type: 'reads.failed'; readonly readers: 'plain' | 'forced' | 'all'; readonly failure: Failure }
  | { readonly type: 'clock.learned'; readonly clock: ServerClock }
  | { readonly type: 'outage.noticed'; readonly marked: boolean }
  | { readonly type: 'floor.raised'; readonly pause: Pause }
  | { readonly type: 'session.gone'; readonly reason: SignOutReason };

/** What the `turn` actor is asked: whether this tab may mint now, or another one has done it already. */
export type TurnInput = {
  readonly key: TokenKey;
  /** Only a mint of its own will do: a token that another tab has does not count (R10.4). */
  readonly forced: boolean;
};

/** Tries that failed in any tab, as the shared record tells. */
export type SharedTries = {
  /** Failed in a row. */
  readonly attempt: number;
  readonly failure: Failure;
  /** Until then nobody tries again. */
  readonly pause: Pause;
};

/** What the `turn` actor answers. It does not throw. */
export type TurnOutcome =
  /** This tab may mint. The lock, where there is one, is held until the mint has ended. */
  | {
      readonly is: 'granted';
      /** The answer to a single-use credential was lost, and there is nothing to wait for (R5.16). */
      readonly answerLost: boolean;
      /** Of another tab; `null` where none failed. */
      readonly tries: SharedTries | null;
      /** Starts of failed mints that count for the window of S9, of all tabs. */
      readonly failedStarts: readonly Instant[];
    }
  /** Another tab has minted meanwhile. */
  | { readonly is: 'adopted'; readonly token: TokenFacts; readonly clock: ServerClock | null }
  /** No turn: the lock was not to be had, or a single-use credential may be spent already. */
  | { readonly is: 'refused'; readonly failure: Failure };

/** What the `mint` actor is asked. */
export type MintInput = {
  readonly key: TokenKey;
  readonly number: number;
  readonly attempt: number;
  readonly cause: MintCause;
  readonly presence: PresenceLevel;
  /** The held token to hand in, by its place in the vault. */
  readonly present: number | null;
  readonly startedAt: Instant;
};

/** What the `mint` actor answers: one union, whatever happened. It does not throw. */
export type MintOutcome =
  | { readonly is: 'minted'; readonly token: MintedToken }
  | { readonly is: 'failed'; readonly failure: Failure };

/** What the `confirmSession` actor answers; `nobody`: the source cannot be asked. */
export type Confirmation = SessionVerdict | 'nobody';

/** What this browser remembers from before. */
export type Remembered = {
  readonly epoch: number;
  readonly clockOffsetMs?: number;
  /** The `iat` of the token that was recorded with it. */
  readonly issuedAt?: number;
  /** A `Retry-After` that is not over. */
  readonly pause?: Pause;
  readonly rejected?: readonly string[];
  /** A single-use credential was sent before the restart, and no answer was heard. */
  readonly answerLost?: boolean;
  /** The epoch of the last sign-in in this browser. */
  readonly signInEpoch?: number;
  /** When it was, local epoch ms. */
  readonly signedInAt?: number;
  /** The origin is (no longer) in an outage, as a tab found. */
  readonly outage?: boolean;
  /** This session was signed out in this browser: the epoch of that. */
  readonly signedOut?: number;
};

export type SessionEvent =
  | TickEvent
  /** Host, for a token machine. */
  | { readonly type: 'clock.learned'; readonly clock: ServerClock; readonly by: string }
  | { readonly type: 'outage.noticed'; readonly marked: boolean; readonly by: string }
  /** Host, for a token machine: the source asked to be left alone. */
  | { readonly type: 'floor.raised'; readonly pause: Pause; readonly by: string }
  /** Host: somebody reads a key for the first time. */
  | { readonly type: 'key.opened'; readonly key: TokenKey }
  /** Host: `signIn()`. */
  | { readonly type: 'session.given'; readonly session: Session; readonly token: TokenFacts | null }
  /** Host: `setActive()`. */
  | { readonly type: 'session.switched'; readonly session: Session; readonly token: TokenFacts | null }
  /** Host: `signOut()`, or a token machine with proof. */
  | { readonly type: 'session.ended'; readonly reason: SignOutReason }
  /**
   * Host: another tab signed out of this session. `epoch`: of the sign-out; `null` where that is certain to be later. `at`: when
   * that was, on the wall clock that all tabs have in common, if it was said.
   */
  | { readonly type: 'peer.signed-out'; readonly epoch: number | null; readonly at?: number }
  /** Host, for a token machine that was told 401. */
  | { readonly type: 'session.doubted' }
  /** Host: the shared record was read. */
  | { readonly type: 'record.read'; readonly remembered: Remembered };

/** What the session machine says. */
export type SessionEmitted =
  | {
      readonly type: 'session.signed-in';
      readonly session: Session;
      readonly epoch: number;
      readonly restored: boolean;
    }
  | { readonly type: 'session.switched'; readonly session: Session; readonly previous: Session; readonly epoch: number }
  | {
      readonly type: 'session.signed-out';
      readonly session: Session | null;
      readonly epoch: number;
      readonly reason: SignOutReason;
    }
  | { readonly type: 'session.checked'; readonly verdict: Confirmation }
  /** Somebody set the wall clock back: what was learned of the server's stands now at another offset, in ms (R9.14). */
  | { readonly type: 'clock.followed'; readonly beforeMs: number; readonly offsetMs: number }
  /** A beat of the heart: where no channel tells, the host looks at the shared record. */
  | { readonly type: 'heart.beat' }
  /** Nothing could be read for the whole budget; those who wait are told. It goes on trying. */
  | { readonly type: 'restore.failed' };

/** What the `restore` actor answers. */
export type Restored = {
  readonly session: Session | null;
  readonly token: TokenFacts | null;
  /** False where a store could not be read: "unknown" is not "nobody". */
  readonly complete: boolean;
  readonly remembered: Remembered | null;
};
