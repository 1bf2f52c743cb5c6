/** What becomes of the shared record when a token is held, a mint fails, or somebody signs in, switches or signs out. Pure. */
import type { Session } from '../../machines/events';
import { freshnessOrder, type TokenFacts } from '../../machines/held-token';
import type { SharedKey, SharedRecord } from '../../machines/ports';
import { leastSetBackMs } from '../../machines/server-time';
import { type Instant, instantAt, isWithin } from '../../machines/time';
import type { TokenContext } from '../../machines/token/context';
import { permissionFor, recordedContext, type Writer } from './cookie-context';
import { isElsewhere } from './credential';
import { withoutMark } from './mark';
import { activeOf } from './record';

/** As many sessions that signed in or out in this browser, and refused tokens, are remembered. */
const remembered = 20;

/** More than the window of S9 holds. */
const rememberedTries = 10;

type BySession<T> = Readonly<Record<string, T>>;

const without = <T>(known: BySession<T> | undefined, session: string): BySession<T> =>
  Object.fromEntries(Object.entries(known ?? {}).filter(([other]) => other !== session));

const withLatest = <T>(known: BySession<T> | undefined, session: string, latest: T): BySession<T> =>
  Object.fromEntries([...Object.entries(without(known, session)), [session, latest] as const].slice(-remembered));

/** The keys of a session are forgotten with it. */
const keysWithout = (keys: SharedRecord['keys'], prefix: string): NonNullable<SharedRecord['keys']> =>
  Object.fromEntries(Object.entries(keys ?? {}).filter(([name]) => !name.startsWith(prefix)));

/** A sign-in may bring no credential, and what was spent before it is still in the cache. */
const keysAnew = (keys: SharedRecord['keys'], prefix: string): NonNullable<SharedRecord['keys']> => {
  const spentOf = Object.entries(keys ?? {}).flatMap(([name, { spent }]) =>
    name.startsWith(prefix) && spent ? [[name, { spent }] as const] : [],
  );
  return { ...keysWithout(keys, prefix), ...Object.fromEntries(spentOf) };
};

/** A key after a token was taken: whatever failed before is over. What another tab has meanwhile, and is fresher, stays named. */
export function keyWithToken(known: SharedKey, token: TokenFacts, serverNowMs: number): SharedKey {
  const { startedAt, issuedAt, expiresAt = 0, originIssuedAt = null, spent } = known;
  const isFresher =
    issuedAt !== undefined && expiresAt > serverNowMs && freshnessOrder({ issuedAt, originIssuedAt }, token) > 0;
  if (isFresher) return known;
  return {
    issuedAt: token.issuedAt,
    expiresAt: token.expiresAt,
    fingerprint: token.fingerprint,
    ...(token.originIssuedAt !== null && { originIssuedAt: token.originIssuedAt }),
    ...(startedAt !== undefined && { startedAt }),
    ...(spent && { spent }),
  };
}

/** What stands for the whole browser is of its active context only. */
export function recordWithToken(
  now: SharedRecord,
  { session, epoch, token, offsetMs }: { session: Session; epoch: number; token: TokenFacts; offsetMs: number },
): SharedRecord {
  const own = activeOf(session);
  const { active } = now;
  const isActive =
    !active || (active.sessionHash === own.sessionHash && active.organizationHash === own.organizationHash);
  if (!isActive || now.epoch > epoch) return now;
  const { issuedAt, expiresAt, fingerprint } = token;
  return { ...now, epoch, issuedAt, expiresAt, fingerprint, clockOffsetMs: offsetMs };
}

/** A key after a mint that brought nothing: the tabs share the wait that follows from it (R5.28). */
export function keyAfterFailure(
  { minting, failed: _, ...now }: SharedKey,
  context: TokenContext,
  tabId: string,
): SharedKey {
  const { failedStarts, failedTries, pause, error } = context;
  // Other tabs may have started meanwhile: what they wrote is kept.
  const own = failedStarts.map(({ wallMs }) => wallMs);
  // Written down as the turn was given, some ms before the machine started: one try, not two.
  const claimed = minting?.by === tabId ? minting.since : undefined;
  const others = (now.failedAt ?? []).filter((at) => at !== claimed);
  const failedAt = [...new Set([...others, ...own])].sort((a, b) => a - b).slice(-rememberedTries);
  // A `Retry-After` is shared as a floor for every key; being offline, or without the credential, is each tab's own affair.
  if (!pause || pause.kind === 'retry-after' || error?.class === 'offline' || isElsewhere(error))
    return { ...now, failedAt };
  return {
    ...now,
    failedAt,
    failed: {
      by: tabId,
      attempt: failedTries,
      since: pause.since.wallMs,
      notBefore: pause.since.wallMs + pause.ms,
      kind: pause.kind,
      class: error?.class ?? 'invalid',
      ...(error?.status !== undefined && { status: error.status }),
      ...(error?.serverCode !== undefined && { code: error.serverCode }),
    },
  };
}

export const withRejected = (now: SharedRecord, fingerprint: string): SharedRecord => ({
  ...now,
  rejected: [...(now.rejected ?? []).filter((other) => other !== fingerprint), fingerprint].slice(-remembered),
});

export const withOutage = (now: SharedRecord, marked: boolean): SharedRecord =>
  (now.outage ?? false) === marked ? now : { ...now, outage: marked };

export type SignIn = {
  readonly writer: Writer;
  readonly epoch: number;
  readonly restored: boolean;
  readonly prefix: string;
  /** When this page began, local epoch ms; `null` where it goes on after a stop, which is no sign-in. */
  readonly startedAt: number | null;
  readonly at: Instant;
  /** Sign-ins that this tab knew of by then: they were before, whatever the clock says that somebody may have set since. */
  readonly before: SharedRecord['signIns'];
  /** When it is written, which may be long after. */
  readonly now: Instant;
};

/**
 * Another tab signed out of the session after this page began, which could not know, or after the sign-in, which was slow to be
 * written.
 */
export function isSignedOutSince({ signedOut, tombstone }: SharedRecord, session: string, signIn: SignIn): boolean {
  const { restored, startedAt, at, now } = signIn;
  if (signedOut?.[session] === undefined) return false;
  if (restored && startedAt === null) return true;
  if (tombstone === undefined) return false;
  return isWithin(tombstone.at, restored && startedAt !== null ? instantAt(startedAt, at) : at, now);
}

/** The sign-in to `session` that is on record, if somebody signed in after this tab did, and that was written first. */
function laterSignIn({ signIns }: SharedRecord, session: string, { at, before, now }: SignIn) {
  const other = signIns?.[session];
  return other && other.at !== before?.[session]?.at && isWithin(other.at, at, now) ? other : undefined;
}

const isLateFor = (record: SharedRecord, signIn: SignIn): boolean =>
  record.active !== undefined &&
  Object.keys(record.signIns ?? {}).some((session) => laterSignIn(record, session, signIn));

/** A sign-in; `restored`: a start that found its session, which is a sign-in too where there was a sign-out before. */
export function withSignIn(now: SharedRecord, signIn: SignIn): SharedRecord {
  const { writer, epoch, restored, prefix } = signIn;
  const { session } = writer;
  const active = activeOf(session);
  if (isSignedOutSince(now, active.sessionHash, signIn)) return now;
  const isNew = !restored || now.signedOut?.[active.sessionHash] !== undefined || now.tombstone !== undefined;
  if (!isNew) {
    const isDenied = permissionFor(writer, recordedContext(now, writer)) === 'denied';
    return { ...now, epoch: Math.max(epoch, now.epoch), ...(!isDenied && { active }) };
  }
  // Who is signed in again is above the tombstone, also where the page came with a session (T28, R8.15).
  const above = Math.max(epoch, now.epoch + 1);
  const signedOut = without(now.signedOut, active.sessionHash);
  const latest = laterSignIn(now, active.sessionHash, signIn) ?? { epoch: above, at: signIn.at.wallMs };
  const signIns = withLatest(now.signIns, active.sessionHash, latest);
  // Who is active stays it, and counts as later than this one.
  if (isLateFor(now, signIn)) return { ...now, epoch: above, signInEpoch: above, signIns, signedOut };
  const keys = keysAnew(now.keys, prefix);
  const { floorUntil, floorSince, rejected: _, tombstone: __, ...anew } = now;
  // What the source asked for still holds where nobody signs in, or after the sign-in, if that was slow to be written.
  const isSince = floorSince !== undefined && (restored || isWithin(floorSince, signIn.at, signIn.now));
  const floor = floorUntil !== undefined && isSince ? { floorUntil, floorSince } : {};
  return { ...anew, ...floor, epoch: above, signInEpoch: above, signIns, active, signedOut, keys };
}

export function withSwitch(now: SharedRecord, { writer, epoch }: { writer: Writer; epoch: number }): SharedRecord {
  const isBarred = permissionFor(writer, recordedContext(now, writer)) === 'denied';
  return { ...now, epoch: Math.max(epoch, now.epoch), ...(!isBarred && { active: activeOf(writer.session) }) };
}

export type SignOut = {
  readonly writer: Writer | null;
  readonly prefix: string | null;
  readonly epoch: number;
  /** The last sign-in to the session that the tab knew of as it signed out, local epoch ms as it was written. */
  readonly knownSignInAt: number | undefined;
  readonly reason: NonNullable<SharedRecord['tombstone']>['reason'];
  readonly at: Instant;
  /** When it is written, which may be long after. */
  readonly now: Instant;
};

/**
 * Somebody signed in to the session after it was signed out of, which was only slow to be written. Epochs do not tell: a tab
 * whose store fails counts its own.
 */
function isOvertaken({ signIns }: SharedRecord, session: string, { knownSignInAt, at, now }: SignOut): boolean {
  const signInAt = signIns?.[session]?.at;
  // Signed out in the future: before somebody set the clock back, that is, and what is new on record was after it.
  const isSetBack = at.wallMs > now.wallMs + leastSetBackMs;
  return signInAt !== undefined && signInAt !== knownSignInAt && (isSetBack || isWithin(signInAt, at, now));
}

/** Without the session: a tombstone, and of the rest only what is not its own. */
export function withSignOut(now: SharedRecord, signOut: SignOut): SharedRecord {
  const { writer, prefix, epoch, at, reason } = signOut;
  const { v, generation, issuedAt, clockOffsetMs, active, signInEpoch } = now;
  const own = writer && activeOf(writer.session).sessionHash;
  if (own !== null && isOvertaken(now, own, signOut)) return now;
  const above = Math.max(epoch, now.epoch + 1);
  const signedOut = own === null ? now.signedOut : withLatest(now.signedOut, own, above);
  const signIns = own === null ? {} : without(now.signIns, own);
  const keys = prefix === null ? {} : keysWithout(now.keys, prefix);
  const after = { epoch: above, ...(signedOut && { signedOut }) };
  const others = own === null ? undefined : withoutMark(now, own);
  if (active !== undefined && others && active.sessionHash !== own) return { ...others, keys, signIns, ...after };
  return {
    v,
    generation,
    ...after,
    ...(Object.keys(keys).length > 0 && { keys }),
    ...(Object.keys(signIns).length > 0 && { signIns }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs, ...(issuedAt !== undefined && { issuedAt }) }),
    ...(signInEpoch !== undefined && { signInEpoch }),
    // Another session's credential may be on its way.
    ...(others?.inFlight && { inFlight: others.inFlight }),
    ...(others?.inFlightToo && { inFlightToo: others.inFlightToo }),
    tombstone: { at: at.wallMs, reason },
  };
}
