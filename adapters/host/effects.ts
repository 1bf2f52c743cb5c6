/** What follows outside the machines when a token is held, or somebody signs in, switches or signs out (§7, §8). */
import type { Session, SessionEmitted } from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import type { MaybePromise } from '../../machines/ports';
import { serverNowMs, setBackByMs } from '../../machines/server-time';
import type { SessionSnapshot } from '../../machines/view';
import { isFresher } from './adoption';
import type { Writer } from './cookie-context';
import type { CookieKeeper } from './cookie-keeper';
import type { Emitter } from './emitter';
import type { Slot } from './keys';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { Peers } from './peers';
import { chain, isPromiseLike } from './promises';
import { activeOf, type RecordKeeper } from './record';
import {
  isSignedOutSince,
  keyAfterFailure,
  keyWithToken,
  recordWithToken,
  withOutage,
  withRejected,
  withSignIn,
  withSignOut,
  withSwitch,
} from './record-changes';
import type { Report } from './report';
import { createSerial } from './serial';
import type { LifecycleEvents } from './types';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly cookies: CookieKeeper;
  readonly peers: Peers;
  readonly emitter: Emitter<LifecycleEvents>;
  /** The session machine as it is now, or as the stop left it: a write that lands late asks as well. */
  session(): SessionSnapshot;
  /** When this page began, local epoch ms; `null` where it goes on after a stop. */
  startedAt(): number | null;
  /** The active session's slot. */
  active(): Slot | undefined;
  /** How things stand now, to be put into words later. */
  account(): () => string;
  /** This browser has seen a later epoch than the machine knew when it signed in. */
  epochRaised(epoch: number, signInEpoch: number | undefined): void;
  /** What is stored says that the session was signed out in another tab. */
  signedOutElsewhere(): void;
};

export type Effects = {
  /** A token is held that was not held before: cache, cookie, record, then the event (R7.11 to R7.15). */
  tokenHeld(slot: Slot, token: TokenFacts): void;
  /** The cookie carries the held token of the active session, or it is written again. */
  syncCookie(slot: Slot): void;
  /** The epoch turned out to be a later one: companion and cookie say so too. */
  confirmActive(): void;
  /** A mint that brought nothing: the tabs share the wait that follows from it (R5.28). */
  triedInVain(slot: Slot): void;
  outage(marked: boolean): void;
  /** Somebody set the wall clock back: what is on record is put right, unless it was already (R9.11). */
  clockFollowed(event: Extract<SessionEmitted, { type: 'clock.followed' }>): void;
  retryAfter(ms: number): void;
  rejected(fingerprint: string): void;
  signedIn(event: Extract<SessionEmitted, { type: 'session.signed-in' }>): void;
  switched(event: Extract<SessionEmitted, { type: 'session.switched' }>): void;
  /** Resolves when what was asked for so far is where other tabs look for it. */
  written(): Promise<unknown>;
  /** Resolves when everything local is done. */
  signedOut(event: Extract<SessionEmitted, { type: 'session.signed-out' }>): Promise<void>;
};

export function createEffects(deps: Deps): Effects {
  const { settings, names, observer, report, record, cookies, peers, emitter } = deps;
  const { cache } = settings;
  const serial = createSerial(report);

  const isActive = (slot: Slot): boolean => deps.active() === slot;
  const epochNow = (): number => deps.session().context.epoch;

  const writerOf = (session: Session, signInEpoch: number): Writer => ({
    session,
    signInEpoch,
    focused: observer.isAttended(),
  });

  function syncCookie(slot: Slot): void {
    const { context } = deps.session();
    const { clock, rejected } = slot.actor.getSnapshot().context;
    const { token, held } = slot;
    const now = observer.now();
    if (!context.session || !isActive(slot) || token === null || !held || now.wallMs >= slot.unexpiredUntil) return;
    const { epoch, session, signInEpoch } = context;
    const isCurrent = () => epochNow() === epoch && deps.session().context.session === session;
    const putRight = (): void => {
      const active = deps.active();
      if (deps.session().hasTag('signed-out')) cookies.removeAgain();
      else if (active) syncCookie(active);
    };
    cookies.write({
      token,
      facts: held,
      writer: writerOf(session, signInEpoch),
      epoch,
      offsetMs: clock.offsetMs,
      nowMs: now.wallMs,
      rejected,
      isCurrent,
      putRight,
      signedOutElsewhere: deps.signedOutElsewhere,
    });
  }

  /** What the cache has under a name; nothing where it fails. At once, where it answers at once. */
  function cachedAs(name: string): string | undefined | PromiseLike<string | undefined> {
    const got = report.attempt<MaybePromise<string | undefined>>('cache', 'get', () => cache.get(name), undefined);
    if (!isPromiseLike(got)) return got;
    return report.settle('cache', 'get', () => got).then((found) => (found.ok ? found.value : undefined));
  }

  function remember(slot: Slot, token: string, facts: TokenFacts): void {
    const epoch = epochNow();
    const { sessionId } = slot.key;
    const active = isActive(slot);
    const options = { expiresAt: slot.unexpiredUntil };
    const { clock, rejected } = slot.actor.getSnapshot().context;
    const nowMs = serverNowMs(clock, observer.now());
    /** Others write there too, and what they got may be fresher than a page's old token or one minted at an edge (S8). */
    const isBeaten = (cached: string | undefined): boolean =>
      cached !== undefined && isFresher(cached, facts, { serverNowMs: nowMs, rejected, record: record.known });
    const isGone = () => epochNow() !== epoch && deps.session().context.session?.id !== sessionId;
    const write = (name: string): void => {
      const set = () => cache.set(name, token, options);
      const run = () => {
        if (!settings.sharesCache) return set();
        return chain(cachedAs(name), (cached) => (isGone() || isBeaten(cached) ? undefined : set()));
      };
      // Signed out while it was being written, however long that took: taken back.
      const landed = (): void => {
        if (isGone()) void report.settle('cache', 'deleteAll', () => cache.deleteAll(name));
      };
      serial.write(name, { adapter: 'cache', operation: 'set', run, landed });
    };
    write(names.token(slot.key));
    if (active) write(names.activeToken);
  }

  /** Writes down that there is a new token, and looks whether somebody signed out elsewhere meanwhile (R8.16). */
  async function recordToken(slot: Slot, token: TokenFacts): Promise<void> {
    const { session, epoch, signInEpoch } = deps.session().context;
    const { clock } = slot.actor.getSnapshot().context;
    if (!session) return;
    const name = names.token(slot.key);
    const isOwn = isActive(slot);
    const { sessionHash } = activeOf(session);
    const nowMs = serverNowMs(clock, observer.now());
    const { offsetMs } = clock;
    const written = await record.updateKey(
      name,
      (known) => keyWithToken(known, token, nowMs),
      (before) => {
        // What time it is at the server, a mint of any key has confirmed.
        const now = token.from === 'mint' ? { ...before, clockOffsetMs: offsetMs } : before;
        return isOwn ? recordWithToken(now, { session, epoch, token, offsetMs }) : now;
      },
    );
    const left = written?.signedOut?.[sessionHash];
    const isOver = left !== undefined && left >= signInEpoch;
    const isBuried = written?.tombstone && !written.signedOut && written.epoch > epoch;
    if (!(isOver || isBuried) || epochNow() !== epoch) return;
    const places = [name, ...(isOwn ? [names.activeToken] : [])];
    for (const place of places) void report.settle('cache', 'deleteAll', () => cache.deleteAll(place));
    deps.signedOutElsewhere();
  }

  return {
    syncCookie,
    tokenHeld: (slot, token) => {
      const raw = slot.token;
      if (raw === null) return;
      if (token.from !== 'cache') remember(slot, raw, token);
      syncCookie(slot);
      // The cookie's companion told of a sign-out: nothing of the session is told any more (S7).
      if (deps.session().hasTag('signed-out')) return;
      if (token.from === 'mint' || token.from === 'given') {
        const recorded = recordToken(slot, token);
        if (peers.canAsk) peers.tellToken(slot);
        // Whoever hears of it without the token looks it up in the record.
        else void recorded.then(() => peers.tellToken(slot));
      }
      const { expiresAt, fingerprint, from } = token;
      emitter.emit('token.updated', { key: slot.key, expiresAt, fingerprint, from });
    },
    confirmActive: () => {
      const { session, epoch, signInEpoch } = deps.session().context;
      if (!session) return;
      cookies.activate(writerOf(session, signInEpoch), epoch, 'going-on');
      const active = deps.active();
      if (active) syncCookie(active);
    },
    triedInVain: (slot) => {
      const { context } = slot.actor.getSnapshot();
      void record.updateKey(names.token(slot.key), (now) => keyAfterFailure(now, context, settings.tabId));
    },
    outage: (marked) => {
      void record.update((now) => withOutage(now, marked));
    },
    clockFollowed: ({ beforeMs, offsetMs }) => {
      void record.update((now) => ((now.clockOffsetMs ?? 0) === beforeMs ? { ...now, clockOffsetMs: offsetMs } : now));
    },
    written: () => Promise.all([record.idle(), serial.idle()]),
    retryAfter: (ms) => record.raiseFloor(ms),
    rejected: (fingerprint) => {
      const { session } = deps.session().context;
      if (session) peers.tell({ is: 'rejected', session: names.sessionPrefix(session.id), fingerprint });
      void record.update((now) => withRejected(now, fingerprint));
    },
    signedIn: ({ session, epoch, restored }) => {
      const writer = writerOf(session, deps.session().context.signInEpoch);
      const startedAt = deps.startedAt();
      const goesOn = restored && startedAt === null;
      cookies.activate(writer, epoch, !restored ? 'sign-in' : goesOn ? 'going-on' : 'start');
      const prefix = names.sessionPrefix(session.id);
      const before = record.known?.signIns;
      const signIn = { writer, epoch, restored, prefix, startedAt, before, at: observer.now() };
      void record
        .update((now) => withSignIn(now, { ...signIn, now: observer.now() }), session, goesOn)
        .then((written) => {
          const { sessionHash } = activeOf(session);
          if (!written) return;
          const isOver = isSignedOutSince(written, sessionHash, { ...signIn, now: observer.now() });
          // Meanwhile somebody may have signed in as somebody else.
          if (isOver && deps.session().context.epoch === epoch) deps.signedOutElsewhere();
          if (written.epoch <= epoch) return;
          // Somebody else's sign-in does not make this session a later one.
          const isOurs = written.active?.sessionHash === sessionHash;
          deps.epochRaised(written.epoch, isOurs ? written.signInEpoch : undefined);
        });
      emitter.emit('session.signedIn', { session, epoch, from: restored ? 'restored' : 'given' });
    },
    switched: ({ session, epoch }) => {
      const { signInEpoch } = deps.session().context;
      const writer = { ...writerOf(session, signInEpoch), focused: true };
      cookies.activate(writer, epoch, 'going-on');
      void record.update((now) => withSwitch(now, { writer, epoch }));
    },
    signedOut: async ({ session, epoch, reason }) => {
      const isOwn = reason !== 'peer';
      // As far as this tab knows; the record knows for certain, a moment later.
      const above = Math.max(epoch, (record.known?.epoch ?? 0) + 1);
      const writer = session && writerOf(session, isOwn ? above : deps.session().context.signInEpoch);
      const prefix = session && names.sessionPrefix(session.id);
      const clear = (): Promise<unknown> =>
        Promise.all(
          [...(prefix ? [prefix] : []), names.activeToken].map((place) =>
            report.settle('cache', 'deleteAll', () => cache.deleteAll(place)),
          ),
        );
      // What is there by now may be of a later sign-in, whose credential nobody has twice.
      const isLate = async (): Promise<boolean> => {
        await record.read();
        const signIn = session && record.known?.signIns?.[activeOf(session).sessionHash];
        return !!signIn && signIn.epoch > (writer?.signInEpoch ?? 0);
      };
      const cleared = isOwn || !settings.sharesCache ? clear() : isLate().then((late) => (late ? undefined : clear()));
      const removed = cookies.signedOut(writer, epoch);
      const at = observer.now();
      const tellPeers = (reached: number | null): void => {
        const now = observer.now();
        // It may be told long after, on a clock that somebody has set back since.
        const told = at.wallMs - setBackByMs(at, now);
        if (prefix) peers.tell({ is: 'signed-out', session: prefix, epoch: reached, at: told });
      };
      const bury = async (): Promise<void> => {
        const knownSignInAt = session ? record.known?.signIns?.[activeOf(session).sessionHash]?.at : undefined;
        const signOut = { writer, prefix, epoch, knownSignInAt, reason, at };
        const buried = await record.update((now) => withSignOut(now, { ...signOut, now: observer.now() }), session);
        // With nothing on record, each tab counts its own epochs: when it was has to do.
        if (!buried) return tellPeers(null);
        const reached = session && buried.signedOut?.[activeOf(session).sessionHash];
        if (reached && reached > above) tellPeers(reached);
      };
      // Whoever heard it from a peer passes nothing on: it is told and written already.
      if (isOwn) tellPeers(above);
      const buried = isOwn ? bury() : undefined;
      emitter.emit('session.signedOut', { session, epoch, reason, explanation: deps.account()() });
      await Promise.all([cleared, removed, buried]);
    },
  };
}
