/** What the session machine remembers. */
import type { Remembered, Seen, Session } from '../events';
import type { TokenFacts } from '../held-token';
import { keyId, keyOf } from '../key';
import { defaultPolicy, type RefreshPolicy } from '../policy';
import type { TokenKey } from '../ports';
import { isPaused, type Pause } from '../schedule';
import { adoptRecorded, leastSetBackMs, localClock, type ServerClock, sharedClock } from '../server-time';
import { type Instant, instantAt } from '../time';
import { alone, type Credential, type Sharing, type TokenInput } from '../token/context';
import { notBeforeFloor } from '../token/retry';

export type SessionContext = {
  readonly policy: RefreshPolicy;
  readonly credential: Credential;
  readonly sharing: Sharing;
  readonly seen: Seen;
  readonly clock: ServerClock;
  /** Raised by every sign-in, sign-out and switch: results of an older one are dropped. */
  readonly epoch: number;
  /** The epoch of the sign-in that this session comes from: the same in all of its tabs. */
  readonly signInEpoch: number;
  /** When somebody signed in here; where the session was found, when this page began; `null` after a switch. */
  readonly signedInAt: SignInTime | null;
  readonly session: Session | null;
  /** Started with the knowledge that nobody is signed in. */
  readonly nobody: boolean;
  /** The token that came with the session; `undefined`: look for one. */
  readonly given: TokenFacts | null | undefined;
  /** Keys that have a token machine, by its id. */
  readonly keys: Readonly<Record<string, TokenKey>>;
  readonly outageMarked: boolean;
  readonly pause: Pause | null;
  readonly rejected: readonly string[];
  readonly answerLost: boolean;
  readonly restoreTries: number;
};

/** On the wall clock as it is now; `setBackMs`: by how much somebody has set that back since. */
export type SignInTime = Instant & { readonly setBackMs?: number };

/** What a session machine starts from. Only `seen` is required. */
export type SessionInput = {
  readonly seen: Seen;
  readonly policy?: RefreshPolicy;
  readonly credential?: Credential;
  readonly sharing?: Sharing;
  /** `null`: signed out. `undefined`: ask the `restore` actor. */
  readonly session?: Session | null;
  /** A token that came along, e.g. rendered by a server. */
  readonly token?: TokenFacts | null;
  /** Where it goes on after a stop: the epoch of the sign-in that the session comes from. */
  readonly signInEpoch?: number;
  /** When the page began or, where it goes on after a stop, somebody signed in. Default `seen.now`. */
  readonly signedInAt?: SignInTime | null;
};

export function initialContext(input: SessionInput): SessionContext {
  return {
    policy: input.policy ?? defaultPolicy,
    credential: input.credential ?? { kind: 'ambient', reuseGraceMs: 0 },
    sharing: input.sharing ?? alone,
    seen: input.seen,
    clock: localClock,
    epoch: 0,
    signInEpoch: input.signInEpoch ?? 0,
    signedInAt: input.signedInAt === undefined ? input.seen.now : input.signedInAt,
    session: input.session ?? null,
    nobody: input.session === null,
    given: input.token ?? undefined,
    keys: {},
    outageMarked: false,
    pause: null,
    rejected: [],
    answerLost: false,
    restoreTries: 0,
  };
}

/** The key of the active session and organization. */
export const activeKey = ({ session }: SessionContext): TokenKey | null => (session ? keyOf(session) : null);

/** Its token machine's id. */
export const activeKeyId = (context: SessionContext): string | null => {
  const key = activeKey(context);
  return key ? keyId(key) : null;
};

/** The source asked to be sent nothing for a while, and that is not over (S10). */
export const isLeftAlone = ({ pause, seen }: SessionContext): boolean => isPaused(pause, seen.now);

/** What a token machine of this session starts from. */
export function tokenInput(context: SessionContext, key: TokenKey, token: TokenFacts | null | undefined): TokenInput {
  const { seen, policy, credential, sharing, clock, pause, rejected, outageMarked, answerLost } = context;
  const active = keyId(key) === activeKeyId(context);
  return {
    key,
    seen,
    policy,
    credential,
    sharing,
    clock,
    active,
    pause,
    rejected,
    outageMarked,
    answerLost,
    ...(token !== undefined && { token }),
  };
}

/** Another tab signed in to this session since. From the future: before somebody set the clock back, nobody knows when. */
function rememberSignIn(context: SessionContext, { signInEpoch = 0, signedInAt }: Remembered): Partial<SessionContext> {
  if (signInEpoch <= context.signInEpoch) return {};
  const { now } = context.seen;
  if (signedInAt === undefined) return { signInEpoch };
  return { signInEpoch, signedInAt: signedInAt > now.wallMs + leastSetBackMs ? null : instantAt(signedInAt, now) };
}

/** What this browser knew before counts where nothing better is known yet. */
export const remember = (context: SessionContext, remembered: Remembered): Partial<SessionContext> => ({
  epoch: Math.max(context.epoch, remembered.epoch),
  ...rememberSignIn(context, remembered),
  clock: adoptRecorded(context.clock, sharedClock(remembered.clockOffsetMs, remembered.issuedAt), context.seen.now),
  ...(remembered.pause && { pause: notBeforeFloor(context, remembered.pause) }),
  ...(remembered.rejected && { rejected: remembered.rejected }),
  ...(remembered.answerLost && { answerLost: true }),
  ...(remembered.outage !== undefined && { outageMarked: remembered.outage }),
});
