/** One start of the lifecycle: the place where machines and ports meet. */
import { type Actor, createActor, type InspectionEvent } from 'xstate';
import type { Session, SessionEmitted, TokenEmitted } from '../../machines/events';
import type { Failure } from '../../machines/failure';
import { lifetimeMs, type TokenFacts } from '../../machines/held-token';
import { keyFromId } from '../../machines/key';
import type { PresenceChange } from '../../machines/ports';
import { activeKeyId, isLeftAlone, type SignInTime } from '../../machines/session/context';
import type { sessionMachine } from '../../machines/session/machine';
import type { SessionSnapshot, TokenSnapshot } from '../../machines/view';
import type { CookieKeeper } from './cookie-keeper';
import type { Credentials } from './credential';
import { createEffects } from './effects';
import { createElsewhere } from './elsewhere';
import type { Emitter } from './emitter';
import { errorFor } from './failures';
import { hostedMachine, type Work, workFor } from './hosted';
import type { Journal } from './journal';
import { abandonReaders, createSlot, refreshSlot, type Slot, settleReaders, type TokenActor } from './keys';
import { createLocks } from './locks';
import { createMachineClock } from './machine-clock';
import { createMint } from './mint';
import type { Names } from './names';
import { createNeighbour } from './neighbour';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { Peers } from './peers';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import type { Restorer } from './restore';
import { createTurns } from './turns';
import type { LifecycleEvents } from './types';
import type { Vault } from './vault';

export type RunDeps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly cookies: CookieKeeper;
  readonly peers: Peers;
  readonly restorer: Restorer;
  readonly vault: Vault;
  readonly credentials: Credentials;
  readonly emitter: Emitter<LifecycleEvents>;
  readonly journal: Journal;
  /** How things stand now, to be put into words later. */
  account(): () => string;
  /** Which token each key was last told about, also by an earlier start. */
  readonly told: Map<string, number>;
  /** Brings `getState()` up to date, before anybody is told why. */
  refresh(): void;
  /** Something that users can see may have changed: they are told. */
  changed(): void;
  /** Nothing could be read for the whole budget. */
  restoreFailed(): void;
};

/** What a start begins with: the options, or what the last stop left. */
export type Beginning = {
  readonly session: Session | null | undefined;
  readonly token: TokenFacts | null;
  /** After a stop: it is no later than it was. */
  readonly signInEpoch?: number;
  readonly signedInAt?: SignInTime | null;
};

export type Run = {
  readonly actor: Actor<typeof sessionMachine>;
  readonly slots: ReadonlyMap<string, Slot>;
  readonly active: Slot | undefined;
  snapshot(): SessionSnapshot;
  start(): void;
  stop(): void;
  tick(woke?: boolean): void;
  /** An API refused the token with this fingerprint: other starts are to know. */
  noteRejected(fingerprint: string): void;
  /** Local clean-up of the last sign-out. */
  readonly signedOut: Promise<void>;
};

/** It has its turn, or waits for it. */
const isAtTurn = (token: TokenSnapshot): boolean =>
  token.matches({ refreshing: 'queueing' }) ||
  token.matches({ refreshing: 'minting' }) ||
  token.matches({ 'outage-fallback': 'presenting-expired-token' });

const wakes = new Set(['visible', 'focus', 'pageshow', 'resume', 'activated']);

export function createRun(deps: RunDeps, beginning: Beginning): Run {
  const { settings, observer, report, record, restorer, vault, emitter, journal, peers } = deps;
  const { source, policy, credential } = settings;
  const slots = new Map<string, Slot>();
  const isFirst = beginning.signInEpoch === undefined;
  let startedAt = 0;
  const subscriptions: (() => void)[] = [];
  let running = false;
  /** What was minted here tells what a stored token may look like (R7.19). */
  let longestMinted: number | null = null;
  let signedOut: Promise<void> = Promise.resolve();
  let activeFor: { readonly session: Session | null; readonly id: string | null } = { session: null, id: null };

  const neighbour = createNeighbour({
    ...deps,
    slots,
    actor: () => actor,
    elsewhere: () => elsewhere,
    isRunning: () => running,
    longestMs: () => longestMinted,
    tick: () => tick(),
  });

  function tick(woke = false, answered?: string): void {
    if (!running) return;
    for (const slot of slots.values()) {
      if (slot.used) slot.actor.send({ type: 'token.used' });
      slot.used = false;
    }
    actor.send({ type: 'clock.tick', seen: observer.look(woke, answered) });
    if (!woke) return;
    if (run.active) effects.syncCookie(run.active);
    if (settings.sharing.turns) void neighbour.lookAtRecord();
  }

  const effects = createEffects({
    ...deps,
    session: () => actor.getSnapshot(),
    active: () => run.active,
    startedAt: () => (isFirst ? startedAt : null),
    epochRaised: (epoch, signInEpoch) => {
      if (!running) return;
      actor.send({ type: 'record.read', remembered: { epoch, ...(signInEpoch !== undefined && { signInEpoch }) } });
      effects.confirmActive();
    },
    signedOutElsewhere: () => {
      if (running) actor.send({ type: 'peer.signed-out', epoch: null });
    },
  });
  const machineClock = createMachineClock(settings.clock, () => tick());

  /** All keys share one question to the source: the session machine asks it. */
  const confirmSession: Work['confirmSession'] = ({ signal }) =>
    new Promise((resolve) => {
      const { unsubscribe } = actor.on('session.checked', ({ verdict }) => {
        unsubscribe();
        resolve(verdict);
      });
      signal.addEventListener('abort', unsubscribe);
      actor.send({ type: 'session.doubted' });
    });
  const checkSession: Work['checkSession'] = async ({ input, signal }) => {
    if (!source.checkSession) return 'nobody';
    // While the mint was under way another tab may have been asked to wait. Nobody waits for a store that fails (T4).
    const looking = settings.sharing.turns ? neighbour.lookAtRecord() : undefined;
    if (!record.isFailing) await looking;
    if (signal.aborted) return 'unknown';
    tick();
    if (!observer.isOnline() || isLeftAlone(actor.getSnapshot().context)) return 'unknown';
    const verdict = await source.checkSession({ sessionId: input.sessionId, signal });
    tick();
    return verdict === 'active' || verdict === 'gone' ? verdict : 'unknown';
  };
  const recall: Work['recall'] = async ({ input }) => {
    const { clock } = actor.getSnapshot().context;
    const found = await restorer.recall(input.key, { offsetMs: clock.offsetMs, longestMs: longestMinted });
    tick();
    return found;
  };
  const restore: Work['restore'] = async ({ input }) => {
    const found = await restorer.restore(input.session, beginning.token, isFirst);
    tick();
    return found;
  };
  const elsewhere = createElsewhere({ ...deps, isActive: (slot) => run.active === slot });
  const turns = createTurns({
    ...deps,
    locks: createLocks(settings, report),
    elsewhere,
    slot: (id) => slots.get(id),
    written: effects.written,
    tell: neighbour.tellRecord,
    tick: () => tick(),
  });
  const mint = createMint({
    ...deps,
    lease: turns.lease,
    isWorthWaiting: turns.isWorthWaiting,
    tell: neighbour.tellRecord,
    isLeftAlone: () => isLeftAlone(actor.getSnapshot().context),
    tick: (answered) => tick(false, answered),
  });

  function onToken(slot: Slot): void {
    if (slots.get(slot.id) !== slot) return;
    const before = slot.held;
    const snapshot = slot.actor.getSnapshot();
    const token = refreshSlot(slot, snapshot, vault);
    if (token && deps.told.get(slot.id) === token.generation) effects.syncCookie(slot);
    else if (token) {
      deps.told.set(slot.id, token.generation);
      if (token.from === 'mint') longestMinted = Math.max(longestMinted ?? 0, lifetimeMs(token));
      if (before) vault.drop(before.generation);
      deps.refresh();
      effects.tokenHeld(slot, token);
    }
    // What was minted is written by now, or waits to be: the lock is given back behind it.
    if (!isAtTurn(snapshot)) turns.release(slot.id);
    deps.changed();
  }

  function onEmitted(slot: Slot, event: TokenEmitted): void {
    onToken(slot);
    // A listener may have signed out meanwhile: nothing of the old epoch is told any more (S7).
    if (slots.get(slot.id) !== slot) return;
    const { key } = slot;
    const { context } = slot.actor.getSnapshot();
    const planned = slot.actor.getSnapshot().matches('offline-retrying') ? context.check : context.pause;
    const nextAttemptAt = planned ? planned.since.wallMs + planned.ms : null;
    const explained = (failure: Failure, attempt: number) => {
      const error = errorFor(failure, { attempt, nextAttemptAt });
      Object.defineProperty(error, 'explanation', { get: deps.account(), configurable: true });
      return error;
    };
    const isUnexpiredNow = () => observer.now().wallMs < slot.unexpiredUntil;
    settleReaders(slot, event, vault, isUnexpiredNow, (failure) => explained(failure, context.failedTries));
    switch (event.type) {
      case 'mint.started':
        emitter.emit('refresh.started', { key, attempt: event.attempt, reason: event.cause });
        break;
      case 'mint.succeeded':
        emitter.emit('refresh.succeeded', {
          key,
          attempt: event.attempt,
          expiresAt: slot.held?.expiresAt ?? null,
          fingerprint: slot.held?.fingerprint ?? null,
        });
        if (slot.held?.generation !== event.generation) vault.drop(event.generation);
        if (!event.held && settings.sharing.turns) effects.triedInVain(slot);
        break;
      case 'mint.failed': {
        if (event.generation !== undefined) vault.drop(event.generation);
        const error = explained(event.failure, event.attempt);
        emitter.emit('refresh.failed', {
          key,
          attempt: event.attempt,
          reason: event.failure.class,
          error,
          nextAttemptAt,
        });
        if (settings.sharing.turns) effects.triedInVain(slot);
        break;
      }
      case 'clock.learned':
        actor.send({ type: 'clock.learned', clock: event.clock, by: slot.id });
        break;
      case 'outage.noticed':
        actor.send({ type: 'outage.noticed', marked: event.marked, by: slot.id });
        effects.outage(event.marked);
        break;
      case 'floor.raised':
        actor.send({ type: 'floor.raised', pause: event.pause, by: slot.id });
        effects.retryAfter(event.pause.ms);
        break;
      case 'session.gone':
        actor.send({ type: 'session.ended', reason: event.reason });
        break;
    }
  }

  /** A token machine was made: it is listened to before it says its first word. */
  function adopt(child: TokenActor): void {
    const key = keyFromId(child.id);
    if (!key) return;
    const before = slots.get(child.id);
    if (before) abandonReaders(before);
    const slot = createSlot(child, key);
    slots.set(child.id, slot);
    child.on('*', (event) => onEmitted(slot, event));
    child.subscribe(() => onToken(slot));
  }

  function onSession(event: SessionEmitted): void {
    deps.refresh();
    if (event.type === 'session.signed-in') effects.signedIn(event);
    if (event.type === 'session.signed-out') {
      for (const { readers } of slots.values()) readers.dismiss();
      slots.clear();
      if (event.session) deps.credentials.forget(event.session.id);
      signedOut = effects.signedOut(event);
      turns.releaseAll();
    }
    if (event.type === 'session.switched') {
      effects.switched(event);
      const { active } = run;
      if (active) effects.syncCookie(active);
    }
    // Where no channel tells, the record does.
    if (event.type === 'heart.beat' && settings.sharing.turns && !settings.channel) void neighbour.lookAtRecord();
    if (event.type === 'clock.followed') effects.clockFollowed(event);
    if (event.type === 'restore.failed') deps.restoreFailed();
  }

  function onSnapshot(snapshot: SessionSnapshot): void {
    for (const [id, slot] of slots) {
      if (id in snapshot.context.keys) continue;
      slots.delete(id);
      abandonReaders(slot);
    }
    deps.changed();
  }

  function inspect(event: InspectionEvent): void {
    journal.observe(event);
    if (event.type === '@xstate.actor' && keyFromId((event.actorRef as TokenActor).id))
      adopt(event.actorRef as TokenActor);
    const { inspect: forward } = settings;
    // A foreign observer may throw; it would throw out of every transition.
    const tell = () => (typeof forward === 'function' ? forward(event) : forward?.next?.(event));
    if (forward) report.attempt('inspect', 'next', tell, undefined);
  }

  const actor = createActor(hostedMachine, {
    clock: machineClock,
    inspect,
    input: {
      seen: observer.blank(),
      policy,
      credential,
      sharing: settings.sharing,
      ...(beginning.session !== undefined && { session: beginning.session }),
      token: beginning.token,
      ...(beginning.signInEpoch !== undefined && { signInEpoch: beginning.signInEpoch }),
      signedInAt: beginning.signedInAt === undefined ? observer.now() : beginning.signedInAt,
    },
  });
  workFor(actor, { restore, checkSession, recall, turn: turns.turn, mint, confirmSession });
  actor.on('*', onSession);
  actor.subscribe(onSnapshot);

  /** A page that goes into the back/forward cache hears and says nothing (R10.11). */
  function onPresence(change: PresenceChange): void {
    if (change === 'pagehide') peers.suspend();
    if (change === 'pageshow') peers.resume();
    tick(wakes.has(change));
  }

  const run: Run = {
    actor,
    slots,
    get active() {
      const { context } = actor.getSnapshot();
      // Every read asks: the name of the key is worked out once per session.
      if (context.session !== activeFor.session) activeFor = { session: context.session, id: activeKeyId(context) };
      return activeFor.id === null ? undefined : slots.get(activeFor.id);
    },
    get signedOut() {
      return signedOut;
    },
    snapshot: () => actor.getSnapshot(),
    noteRejected: effects.rejected,
    tick,
    start: () => {
      running = true;
      startedAt = observer.now().wallMs;
      record.restart();
      const { connectivity, presence } = settings;
      subscriptions.push(
        report.attempt(
          'connectivity',
          'subscribe',
          () => connectivity.subscribe(() => tick()),
          () => {},
        ),
        report.attempt(
          'presence',
          'subscribe',
          () => presence.subscribe(onPresence),
          () => {},
        ),
        peers.join(neighbour),
      );
      actor.start();
      tick();
      // Whoever came with a fresh token did not wait for the record; it is heard afterwards.
      if (!actor.getSnapshot().hasTag('unknown')) void neighbour.lookAtRecord(isFirst).then(effects.confirmActive);
    },
    stop: () => {
      running = false;
      actor.stop();
      turns.stop();
      machineClock.clearAll();
      for (const leave of subscriptions.splice(0)) report.attempt('host', 'unsubscribe', leave, undefined);
    },
  };
  return run;
}
