/** The vocabulary of the session chart: types, guards, actions, delays and placeholder actors, by name. */
import { assign, emit, enqueueActions, fromPromise, setup } from 'xstate';
import type {
  Confirmation,
  Remembered,
  Restored,
  Seen,
  Session,
  SessionEmitted,
  SessionEvent,
  SignOutReason,
} from '../events';
import { isBeforeStalePoint, type TokenFacts } from '../held-token';
import { keyId, keyOf } from '../key';
import type { SessionVerdict, TokenKey } from '../ports';
import { backoffMs, type Pause } from '../schedule';
import { followWall, leastSetBackMs, type ServerClock, setBackByMs } from '../server-time';
import { elapsedMs } from '../time';
import { tokenMachine } from '../token/machine';
import { notBeforeFloor } from '../token/retry';
import { activeKeyId, remember, type SessionContext, type SessionInput, type SignInTime, tokenInput } from './context';

/** A placeholder never settles: a machine that nobody provided for waits in a named state instead of passing. */
const unprovided = () => new Promise<never>(() => {});

/** Nothing that was learned about the session before counts for the next. */
const anew = (context: SessionContext, session: Session | null, token: TokenFacts | null) => ({
  session,
  given: token ?? undefined,
  epoch: context.epoch + 1,
  signedInAt: null,
  outageMarked: false,
  pause: null,
  rejected: [],
  answerLost: false,
});

/** Told on the wall clock as it is now: somebody may have set it back since. */
function signedInOnWall({ signedInAt, seen: before }: SessionContext, seen: Seen): SignInTime | null {
  const lostMs = setBackByMs(before.now, seen.now);
  if (signedInAt === null || lostMs === 0) return signedInAt;
  const { wallMs, setBackMs = 0 } = signedInAt;
  return { ...signedInAt, wallMs: wallMs - lostMs, setBackMs: setBackMs + lostMs };
}

/** What seems to come from the future was told before somebody set the clock back: since the sign-in, or before that. */
function isBeforeSignIn({ signedInAt, seen: { now } }: SessionContext, at: number | undefined): boolean {
  if (signedInAt === null || at === undefined) return false;
  const toldAt = at > now.wallMs + leastSetBackMs ? at - (signedInAt.setBackMs ?? 0) : at;
  return toldAt > now.wallMs + leastSetBackMs || now.wallMs - toldAt > elapsedMs(signedInAt, now);
}

type Given = { readonly session: Session; readonly token: TokenFacts | null };

export const sessionSetup = setup({
  types: {
    context: {} as SessionContext,
    input: {} as SessionInput,
    events: {} as SessionEvent,
    emitted: {} as SessionEmitted,
    tags: {} as 'signed-in' | 'signed-out' | 'unknown' | 'failing',
    meta: {} as { readonly ids: readonly string[] },
  },
  actors: {
    /** Reads cookie, cache and store. Bounded in time: what hangs is reported as unreadable. */
    restore: fromPromise<Restored, { readonly session: Session | null }>(unprovided),
    /** Asks the source; `nobody` where it cannot be asked. */
    checkSession: fromPromise<SessionVerdict | 'nobody', { readonly sessionId: string }>(unprovided),
    token: tokenMachine,
  },
  delays: {
    untilBeat: ({ context: { policy, seen } }) =>
      seen.presence === 'focused' ? policy.focusedHeartbeatMs : policy.heartbeatMs,
    untilUnanswered: ({ context }) => context.policy.requestTimeoutMs,
    untilReadAgain: ({ context: { policy, restoreTries } }) => backoffMs(policy, restoreTries - 1),
  },
  guards: {
    isNobody: ({ context }) => context.nobody && context.session === null,
    startsWithFreshToken: ({ context: { session, given, policy, clock, seen } }) =>
      session !== null && !!given && isBeforeStalePoint(given, { policy, clock, now: seen.now }),
    isSessionKnown: ({ context }, { session }: { session: Session | null }) => (context.session ?? session) !== null,
    isSomebody: ({ context }) => context.session !== null,
    isComplete: (_, { complete }: { complete: boolean }) => complete,
    isRestoreBudgetSpent: ({ context }) => context.restoreTries > context.policy.offlineRetries,
    isHeadless: ({ context }) => context.seen.presence === 'headless',
    isSomewhereSeen: ({ context }) => context.seen.presence !== 'headless',
    isSameSession: ({ context }, { session }: { session: Session }) => context.session?.id === session.id,
    /** A sign-out of before this session's own sign-in is old news (T28). */
    isSignedOutElsewhere: ({ context }, { remembered }: { remembered: Remembered }) =>
      remembered.signedOut !== undefined && remembered.signedOut >= context.signInEpoch,
    /**
     * A sign-out that this session has not been signed in again after (S7). Where nothing could be stored, epochs are each tab's
     * own: then one that took its time is told by when it was.
     */
    isOfThisSignIn: ({ context }, { epoch, at }: { epoch: number | null; at?: number }) =>
      (epoch === null || epoch >= context.signInEpoch) && !isBeforeSignIn(context, at),
    isNewKey: ({ context }, { key }: { key: TokenKey }) =>
      key.sessionId === context.session?.id && !(keyId(key) in context.keys),
  },
  actions: {
    look: enqueueActions(({ context, enqueue }, { seen }: { seen: Seen }) => {
      const before = context.clock;
      const clock = followWall(before, context.seen.now, seen.now);
      enqueue.assign({ seen, clock, signedInAt: signedInOnWall(context, seen) });
      const isLearned = before.evidence !== 'local' || before.proof?.trusted === true;
      if (isLearned && clock.offsetMs !== before.offsetMs)
        enqueue.emit({ type: 'clock.followed', beforeMs: before.offsetMs, offsetMs: clock.offsetMs });
      for (const id of Object.keys(context.keys)) enqueue.sendTo(id, { type: 'clock.tick', seen });
    }),
    learnClock: enqueueActions(({ context, enqueue }, { clock, by }: { clock: ServerClock; by: string }) => {
      enqueue.assign({ clock });
      for (const id of Object.keys(context.keys)) if (id !== by) enqueue.sendTo(id, { type: 'clock.corrected', clock });
    }),
    noteOutage: enqueueActions(({ context, enqueue }, { marked, by }: { marked: boolean; by: string }) => {
      enqueue.assign({ outageMarked: marked });
      for (const id of Object.keys(context.keys)) if (id !== by) enqueue.sendTo(id, { type: 'outage.noticed', marked });
    }),
    raiseFloor: enqueueActions(({ context, enqueue }, { pause, by }: { pause: Pause; by: string }) => {
      enqueue.assign({ pause: notBeforeFloor(context, pause) });
      for (const id of Object.keys(context.keys)) if (id !== by) enqueue.sendTo(id, { type: 'floor.raised', pause });
    }),
    remember: assign(({ context }, { remembered }: { remembered: Remembered | null }) =>
      remembered ? remember(context, remembered) : {},
    ),
    /** The same, and every key hears of it. */
    rememberForKeys: enqueueActions(({ context, enqueue }, { remembered }: { remembered: Remembered }) => {
      const next = { ...context, ...remember(context, remembered) };
      enqueue.assign(next);
      const { pause, outage } = remembered;
      const refused = next.rejected.filter((one) => !context.rejected.includes(one));
      for (const id of Object.keys(context.keys)) {
        if (next.clock.offsetMs !== context.clock.offsetMs)
          enqueue.sendTo(id, { type: 'clock.corrected', clock: next.clock });
        if (pause) enqueue.sendTo(id, { type: 'floor.raised', pause });
        if (outage !== undefined) enqueue.sendTo(id, { type: 'outage.noticed', marked: outage });
        for (const fingerprint of refused) enqueue.sendTo(id, { type: 'token.rejected', fingerprint });
      }
    }),
    countRestore: assign(({ context }) => ({ restoreTries: context.restoreTries + 1 })),
    restored: assign(({ context }, { session, token }: Given | Restored) => ({
      session: context.session ?? session,
      // The restorer has weighed what was given against what is stored.
      given: token,
      restoreTries: 0,
    })),
    giveSession: assign(({ context }, { session, token }: Given) => ({
      ...anew(context, session, token),
      signInEpoch: context.epoch + 1,
      signedInAt: context.seen.now,
    })),
    /** Another session of this browser: nobody signed in for that. */
    switchSession: assign(({ context }, { session, token }: Given) => anew(context, session, token)),
    forgetSession: assign(({ context }) => anew(context, null, null)),
    raiseEpoch: assign(({ context }) => ({ epoch: context.epoch + 1 })),
    /** Starts the token machine of a key. */
    openKey: enqueueActions(({ context, enqueue }, { key }: { key: TokenKey }) => {
      const id = keyId(key);
      enqueue.assign({ keys: { ...context.keys, [id]: key } });
      enqueue.spawnChild('token', { id, input: tokenInput(context, key, undefined) });
    }),
    openActiveKey: enqueueActions(({ context, enqueue }) => {
      if (!context.session) return;
      const key = keyOf(context.session);
      const id = keyId(key);
      enqueue.assign({ keys: { ...context.keys, [id]: key }, given: undefined });
      enqueue.spawnChild('token', { id, input: tokenInput(context, key, context.given) });
    }),
    /** Another organization of the same session: its own key becomes the active one. */
    activateKey: enqueueActions(({ context, enqueue }, { session, token }: Given) => {
      const before = activeKeyId(context);
      const key = keyOf(session);
      const id = keyId(key);
      if (before === id) return;
      if (before && before in context.keys) enqueue.sendTo(before, { type: 'key.activated', active: false });
      enqueue.assign({ session, keys: { ...context.keys, [id]: key } });
      if (id in context.keys) enqueue.sendTo(id, { type: 'key.activated', active: true });
      else enqueue.spawnChild('token', { id, input: tokenInput({ ...context, session }, key, token ?? undefined) });
    }),
    /** Ends every key in one step: their timers stop, their mints are aborted. */
    closeKeys: enqueueActions(({ context, enqueue }) => {
      for (const id of Object.keys(context.keys)) {
        enqueue.sendTo(id, { type: 'session.ended' });
        enqueue.stopChild(id);
      }
      enqueue.assign({ keys: {} });
    }),
    tellSignedIn: emit(({ context }, { restored }: { restored: boolean }) => ({
      type: 'session.signed-in' as const,
      session: context.session ?? { id: '' },
      epoch: context.epoch,
      restored,
    })),
    tellSwitched: emit(({ context }, { session }: { session: Session }) => ({
      type: 'session.switched' as const,
      session,
      previous: context.session ?? session,
      epoch: context.epoch + 1,
    })),
    tellSignedOut: emit(({ context }, { reason }: { reason: SignOutReason }) => ({
      type: 'session.signed-out' as const,
      session: context.session,
      epoch: context.epoch + 1,
      reason,
    })),
    tellChecked: emit((_, { verdict }: { verdict: Confirmation }) => ({ type: 'session.checked' as const, verdict })),
    tellBeat: emit({ type: 'heart.beat' as const }),
    tellRestoreFailed: emit({ type: 'restore.failed' as const }),
  },
});
