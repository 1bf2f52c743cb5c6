/** The facade: `createTokenLifecycle`. */

import { mismatch } from '../../machines/acceptance';
import { checkFunction, checkKnown, checkObject, checkOneOf, checkText } from '../../machines/check';
import {
  ConfigurationError,
  InvalidTokenError,
  ReadTimeoutError,
  redactCause,
  StoppedError,
} from '../../machines/errors';
import type { Session } from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import { keyId, keyOf } from '../../machines/key';
import { checkToken } from '../token/decode';
import { fingerprint } from '../token/fingerprint';
import { isAdoptable } from './adoption';
import { createCookieKeeper } from './cookie-keeper';
import { createCredentials } from './credential';
import { createEmitter, unsubscriber } from './emitter';
import { storedFacts } from './facts';
import { createJournal } from './journal';
import { createNames } from './names';
import { createObserver } from './observer';
import { checkKeyOptions, checkPatience, checkSession, readOptions } from './options';
import { withPatience } from './patience';
import { createPeers } from './peers';
import { createReads, isPlain, unreadable } from './reads';
import { createRecordKeeper } from './record';
import { createReport } from './report';
import { createRestorer } from './restore';
import { type Beginning, createRun, type Run } from './run';
import { blankState, createStates } from './state';
import type { LifecycleEvents, LifecycleOptions, LifecycleState, RemoteSignOut, TokenLifecycle } from './types';
import { createVault } from './vault';

const eventTypes = [
  'token.updated',
  'session.signedIn',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
] as const satisfies readonly (keyof LifecycleEvents)[];

/**
 * Keeps a signed-in user's token alive. Nothing happens before `start()`.
 *
 * @param options only `source` is required; see `LifecycleOptions`
 * @throws ConfigurationError naming the option that cannot work, and why; InvalidTokenError for a bad `initialToken`
 * @example
 * const tokens = createTokenLifecycle({ source: httpTokenSource({ url: '/tokens' }) }).start();
 * const token = await tokens.getToken(); // a string; null: signed out; otherwise a typed error
 */
export function createTokenLifecycle(options: LifecycleOptions): TokenLifecycle {
  const settings = readOptions(options);
  const { clock, source, logger } = settings;
  const onListenerError = (error: unknown): void => {
    try {
      logger.error?.('A listener threw.', { ...redactCause(error) });
    } catch {
      // A logger that fails cannot be reported to itself.
    }
  };
  const emitter = createEmitter<LifecycleEvents>(onListenerError);
  const report = createReport(emitter, logger, clock);
  settings.onClockFallback((cause) => report.failed('clock', 'worker', { code: cause }));
  const observer = createObserver(settings, report);
  const vault = createVault();
  const names = createNames(settings.namespace);
  const record = createRecordKeeper(settings, names, observer, report);
  const cookies = createCookieKeeper(settings.cookie, record, report);
  const peers = createPeers({ settings, names, observer, report, record, vault });
  const restorer = createRestorer({ settings, names, observer, report, record, vault });
  const isSignedOut = (): boolean => run().snapshot().hasTag('signed-out');
  const credentials = createCredentials({ settings, names, observer, record, report, isSignedOut });
  const journal = createJournal(() => clock.now());

  /** A token that the application gives, beside the session that it names. @throws InvalidTokenError */
  function readGiven(token: string, session: Session | null): TokenFacts {
    const facts = storedFacts(token, 'given', vault, observer.now().wallMs);
    const reason = session && mismatch(keyOf(session), facts);
    if (!reason) return facts;
    vault.drop(facts.generation);
    throw new InvalidTokenError(reason);
  }

  /** From the future: our clock may be what is wrong, so it is no mistake, and no token either (R7.18). */
  function believable(facts: TokenFacts): TokenFacts | null {
    const offsetMs = phase === 'running' ? run().snapshot().context.clock.offsetMs : 0;
    return isAdoptable(facts, { serverNowMs: observer.now().wallMs + offsetMs, longestMs: null }) ? facts : null;
  }

  let phase: 'idle' | 'running' | 'stopped' = 'idle';
  const listeners = new Set<() => void>();
  const first: LifecycleState = settings.hydrate
    ? { ...blankState, ...settings.hydrate.state, error: null }
    : settings.session === null
      ? { ...blankState, state: 'signed-out' }
      : blankState;
  const states = createStates(first);
  /** What a server renders is what it hands over. */
  let serverState = first;
  const watchers = new Set<(error: Error) => void>();
  let ready = createSignal();
  let untold = false;
  let clearRevocation = (): void => {};
  let toldStatus = first.status;

  const account = (): (() => string) => {
    const state = states.own;
    return journal.account(() => summarize(state));
  };

  const runDeps = {
    settings,
    names,
    observer,
    report,
    record,
    cookies,
    peers,
    restorer,
    vault,
    credentials,
    emitter,
    journal,
    account,
    told: new Map<string, number>(),
    refresh,
    changed,
    restoreFailed,
  };
  let left = beginning();
  let current: Run | null = createRun(runDeps, left);
  /** Asked for each time: a stop ends one, and whoever asks afterwards makes the next. */
  function run(): Run {
    current ??= createRun(runDeps, left);
    return current;
  }

  const reads = createReads({ clock, phase: () => phase, run });

  function beginning(): Beginning {
    const { session, initialToken } = settings;
    if (initialToken === undefined || session === null) return { session, token: null };
    const token = readGiven(initialToken, session ?? null);
    const { sessionId, organizationId } = token;
    const owner =
      session ??
      (sessionId === undefined
        ? undefined
        : { id: sessionId, ...(organizationId !== undefined && { organizationId }) });
    if (!owner)
      throw new ConfigurationError('session', 'is needed, since initialToken does not say whose it is (claim sid)');
    return { session: owner, token: believable(token) };
  }

  /** Who is told of an event finds the state that belongs to it. */
  function refresh(): void {
    if (phase !== 'running') return;
    const tokens = new Map([...run().slots].map(([id, { actor }]) => [id, actor.getSnapshot()]));
    if (states.update(run().snapshot(), run().active?.id ?? null, tokens)) untold = true;
  }

  function changed(): void {
    refresh();
    if (phase !== 'running') return;
    const { state, status } = states.own;
    if (state !== 'restoring') ready.resolve();
    if (!run().snapshot().hasTag('unknown')) reads.flush();
    if (!untold) return;
    untold = false;
    if (status !== toldStatus) {
      const previous = toldStatus;
      toldStatus = status;
      emitter.emit('status.changed', { status, previous });
    }
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        onListenerError(error);
      }
    }
  }

  function restoreFailed(): void {
    reads.rejectParked(unreadable());
  }

  const lifecycle: TokenLifecycle = {
    endpoint: source.endpoint,
    get ready() {
      return ready.promise;
    },
    get actor() {
      return run().actor;
    },
    getToken: reads.getToken,
    refresh: reads.refresh,
    peek: (asked = {}) => {
      checkKeyOptions('peek', asked);
      const slot = reads.find(asked);
      return slot && clock.now() < slot.unexpiredUntil ? slot.token : null;
    },
    getState: (asked = {}) => {
      checkKeyOptions('getState', asked);
      const { session } = run().snapshot().context;
      if (isPlain(asked)) return states.own;
      if (phase !== 'running' || !session) return states.own.state === 'signed-out' ? states.own : blankState;
      const id = keyId(keyOf(session, asked));
      if (id === run().active?.id) return states.own;
      return states.of(id, run().snapshot(), run().slots.get(id)?.actor.getSnapshot());
    },
    getServerState: () => serverState,
    subscribe: (listener) => {
      checkFunction('listener', listener);
      const own = () => listener();
      listeners.add(own);
      return unsubscriber(() => listeners.delete(own));
    },
    on: (type, listener) => {
      checkOneOf('type', type, eventTypes);
      checkFunction('listener', listener);
      return emitter.on(type, listener);
    },
    signIn: (given) => {
      checkObject('signIn', given);
      checkKnown('signIn', given, ['session', 'token']);
      const { session, token } = given;
      checkSession('signIn.session', session);
      const facts = token === undefined ? null : believable(readGiven(token, session));
      if (phase !== 'running') throw new StoppedError();
      run().tick();
      run().actor.send({ type: 'session.given', session: { ...session }, token: facts });
    },
    setActive: (given) => {
      checkObject('setActive', given);
      checkKnown('setActive', given, ['sessionId', 'organizationId', 'token']);
      const { sessionId, organizationId, token } = given;
      if (sessionId !== undefined) checkText('setActive.sessionId', sessionId);
      if (organizationId !== undefined && organizationId !== null)
        checkText('setActive.organizationId', organizationId);
      if (phase !== 'running') throw new StoppedError();
      const current = run().snapshot().context.session;
      if (!current) throw new ConfigurationError('setActive', 'needs somebody who is signed in; use signIn()');
      const kept = sessionId === undefined || sessionId === current.id ? current.organizationId : undefined;
      const organization = organizationId === undefined ? kept : organizationId;
      const session: Session = {
        id: sessionId ?? current.id,
        ...(organization !== undefined && { organizationId: organization }),
      };
      const facts = token === undefined ? null : believable(readGiven(token, session));
      run().tick();
      run().actor.send({ type: 'session.switched', session, token: facts });
    },
    signOut: async () => {
      const before = phase;
      const { session } = run().snapshot().context;
      // Also before the start and after the stop: a sign-out always works.
      if (before !== 'running') lifecycle.start();
      run().actor.send({ type: 'session.ended', reason: 'user' });
      const stored = run().signedOut;
      if (before !== 'running') {
        lifecycle.stop();
        phase = before;
      }
      return { remote: revoke(session), stored };
    },
    reportRejected: (token) => {
      checkToken(token);
      if (phase !== 'running') return;
      const rejected = fingerprint(token);
      run().tick();
      for (const { actor } of run().slots.values()) actor.send({ type: 'token.rejected', fingerprint: rejected });
      run().noteRejected(rejected);
    },
    waitFor: (predicate, patience = {}) => {
      checkFunction('predicate', predicate);
      checkObject('waitFor', patience);
      checkPatience('waitFor', patience);
      let leave = (): void => {};
      const matching = new Promise<LifecycleState>((resolve, reject) => {
        const look = (): void => {
          try {
            if (predicate(states.own)) resolve(states.own);
          } catch (error) {
            reject(error);
          }
        };
        listeners.add(look);
        watchers.add(reject);
        leave = () => {
          listeners.delete(look);
          watchers.delete(reject);
        };
        look();
      });
      return withPatience(clock, matching, patience).finally(leave);
    },
    dehydrate: () => {
      const { error: _, ...state } = states.own;
      if (!settings.hydrate) serverState = Object.freeze({ ...state, error: null });
      return { v: 1, state };
    },
    explain: () => account()(),
    history: () => journal.entries(),
    start: () => {
      if (phase === 'running') return lifecycle;
      phase = 'running';
      run().start();
      changed();
      return lifecycle;
    },
    stop: () => {
      if (phase === 'stopped') return;
      const { session, signInEpoch, signedInAt } = run().snapshot().context;
      const held = run().active?.held ?? null;
      const nobody = run().snapshot().hasTag('signed-out');
      phase = 'stopped';
      run().stop();
      report.stopWaiting();
      clearRevocation();
      const error = () => new StoppedError();
      for (const { readers } of run().slots.values()) {
        readers.rejectPlain(error);
        readers.rejectForced(error);
      }
      reads.rejectParked(error());
      for (const reject of [...watchers]) reject(error());
      ready.reject(error());
      ready = createSignal();
      left = nobody
        ? { session: null, token: null }
        : { session: session ?? settings.session, token: held, ...(session && { signInEpoch, signedInAt }) };
      current = null;
      for (const adapter of settings.owned) report.attempt('adapter', 'dispose', () => adapter.dispose?.(), undefined);
    },
    [Symbol.dispose]: () => lifecycle.stop(),
    [Symbol.asyncDispose]: async () => lifecycle.stop(),
  };

  /** Best effort: signed out is signed out, whatever the server says. */
  async function revoke(session: Session | null): Promise<RemoteSignOut> {
    if (!session || !source.revoke || !observer.isOnline()) return 'skipped';
    const deadline = new AbortController();
    const timer = clock.setTimeout(() => deadline.abort(), settings.policy.requestTimeoutMs);
    // A stop leaves the request its chance, but no timer.
    clearRevocation = () => clock.clearTimeout(timer);
    try {
      await Promise.race([
        source.revoke({ sessionId: session.id, signal: deadline.signal }),
        new Promise((_, reject) =>
          deadline.signal.addEventListener('abort', () =>
            reject(new ReadTimeoutError(settings.policy.requestTimeoutMs)),
          ),
        ),
      ]);
      return 'revoked';
    } catch (error) {
      report.failed('source', 'revoke', error);
      return 'failed';
    } finally {
      clock.clearTimeout(timer);
    }
  }

  return lifecycle;
}

/** A promise that others settle; who does not await it is not bothered by its rejection. */
function createSignal() {
  let resolve = (): void => {};
  let reject = (_: Error): void => {};
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

function summarize({ state, substate, status, error, nextAttemptAt, attempt }: LifecycleState): string {
  const where = substate ? `${state} (${substate})` : state;
  const why = error ? ` The last failure: ${error.message}` : '';
  const next =
    nextAttemptAt === null ? '' : ` Attempt ${attempt + 1} is due at ${new Date(nextAttemptAt).toISOString()}.`;
  return `The lifecycle is ${where}, status ${status}.${why}${next}`;
}
