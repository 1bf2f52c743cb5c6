/** `createTokenPool`: many sessions in one process. */
import { checkFunction, checkKnown, checkObject, checkText } from '../../../machines/check';
import { redactCause, StoppedError, TokenRequestError } from '../../../machines/errors';
import { createEmitter } from '../../host/emitter';
import { createNames } from '../../host/names';
import { checkReadOptions, checkSession } from '../../host/options';
import { withPatience } from '../../host/patience';
import { isPlain } from '../../host/reads';
import { patienceMs } from '../../host/report';
import type { LifecycleEvents } from '../../host/types';
import { checkToken } from '../../token/decode';
import { type Active, createActive } from './active';
import { lookUp, publish } from './arrival';
import { namespaceOf } from './cell';
import { ageMs, createEntry, type Entry, giveTo, suspend } from './entry';
import { createGate } from './gate';
import { readPoolOptions } from './settings';
import type { PoolEvents, PoolReadOptions, TokenPool, TokenPoolOptions } from './types';

/** The same failure of an adapter is told again after so long, in ms: thousands of sessions meet it. */
const toldAgainMs = 60_000;

/** How often a pool that drains looks whether it is quiet, in ms. */
const drainLookMs = 20;

/**
 * Keeps the tokens of many sessions in one process, for a backend that stands between browsers and an API.
 *
 * A session that nothing happens with is its token and a few numbers. A read that finds the token fresh is answered from
 * these; one that finds it stale is answered, too, and wakes a lifecycle, the same as in a browser, which refreshes, retries,
 * survives an outage or signs out, and is folded back when all is quiet. All timers of all sessions are one of the platform.
 * Nothing is refreshed that nobody reads.
 *
 * With `cache`, `store` and `lock` (see `token-lifecycle/redis`) several processes share the sessions: each knows what any of them
 * was told, one of them refreshes, and single-use credentials survive a process that is killed.
 *
 * @param options only `source` is required; see `TokenPoolOptions`
 * @throws ConfigurationError naming the option that cannot work, and why
 * @example
 * const pool = createTokenPool({ source: httpTokenSource({ url: 'https://auth.example.com/tokens' }) }).start();
 * await pool.signIn({ session: { id: 'sess_1' }, token });
 * const current = await pool.getToken({ sessionId: 'sess_1' }); // a string; null: not signed in; otherwise a typed error
 */
export function createTokenPool(options: TokenPoolOptions): TokenPool {
  const settings = readPoolOptions(options);
  const { timers, policy, shared, namespace } = settings;
  const entries = new Map<string, Entry>();
  const actives = new Map<Entry, Active>();
  const arriving = new Map<string, Promise<Entry | undefined>>();
  const gate = createGate<Entry>(settings.refreshesAtOnce, timers);
  const toldAt = new Map<string, number>();
  const emitter = createEmitter<PoolEvents>((error) => {
    options.logger?.error?.('A listener threw.', { ...redactCause(error) });
  });
  /** The event goes with the type: both come from a lifecycle. */
  const tell = emitter.emit as (type: keyof LifecycleEvents, event: object) => void;
  let phase: 'idle' | 'running' | 'stopped' = 'idle';
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let mints = 0;
  let failures = 0;
  let offsetMs = 0;

  function drop(entry: Entry): void {
    if (entries.get(entry.session.id) === entry) entries.delete(entry.session.id);
  }

  function passOn<Type extends keyof LifecycleEvents>(entry: Entry, type: Type, event: LifecycleEvents[Type]): void {
    const sessionId = entry.session.id;
    if (type === 'refresh.started') mints += 1;
    if (type === 'refresh.failed') failures += 1;
    if (type === 'session.signedOut') drop(entry);
    if (type === 'adapter.failed') {
      const { adapter, operation, reason } = event as LifecycleEvents['adapter.failed'];
      const place = `${adapter}.${operation}.${reason}`;
      const now = timers.monotonicNow();
      if (now - (toldAt.get(place) ?? Number.NEGATIVE_INFINITY) < toldAgainMs) return;
      toldAt.set(place, now);
    }
    tell(type, { ...event, sessionId });
  }

  function activate(entry: Entry, recorded = (): void => {}): Active {
    const known = actives.get(entry);
    if (known) return known;
    const before = entry.token;
    gate.take(entry);
    const active = createActive({
      settings,
      entry,
      passOn: (type, event) => {
        // What was held before is no news.
        const isOld = type === 'token.updated' && 'from' in event && event.from !== 'mint' && entry.token === before;
        if (!isOld) passOn(entry, type, event);
      },
      signedOutElsewhere: () => actives.get(entry)?.tokens.actor.send({ type: 'peer.signed-out', epoch: null }),
      recorded,
      through: () => gate.leave(entry),
      folded: () => {
        offsetMs = active.tokens.getState().clockOffsetMs || offsetMs;
        end(entry);
      },
    });
    actives.set(entry, active);
    return active;
  }

  function end(entry: Entry): void {
    actives.delete(entry);
    gate.leave(entry);
  }

  function settle(entry: Entry): void {
    actives.get(entry)?.stop();
    end(entry);
    drop(entry);
  }

  /** Nobody waits for it: the token is served until its turn has come. */
  function wake(entry: Entry): void {
    if (actives.has(entry)) return;
    gate.nudge(entry, () => {
      const isWanted = entries.get(entry.session.id) === entry && ageMs(entry, timers) >= entry.freshForMs;
      if (isWanted) activate(entry);
      return isWanted;
    });
  }

  /** Signed in at another process. */
  function arrive(sessionId: string): Promise<Entry | undefined> {
    if (!shared) return Promise.resolve(undefined);
    const known = arriving.get(sessionId);
    if (known) return known;
    const found = lookUp(shared, namespace, sessionId)
      .then((session) => {
        const entry = entries.get(sessionId) ?? (session && createEntry(session));
        if (entry) entries.set(sessionId, entry);
        return entry;
      })
      .finally(() => arriving.delete(sessionId));
    arriving.set(sessionId, found);
    return found;
  }

  async function readAnew({ sessionId, ...asked }: PoolReadOptions): Promise<string | null> {
    if (phase === 'idle') await begun;
    if (phase !== 'running') throw new StoppedError();
    for (;;) {
      const entry = entries.get(sessionId) ?? (await arrive(sessionId));
      if (phase !== 'running') throw new StoppedError();
      if (!entry) return null;
      const turn = actives.has(entry) ? undefined : gate.turn(entry);
      if (turn) await turn;
      if (phase !== 'running') throw new StoppedError();
      if (entries.get(sessionId) === entry) return activate(entry).read(asked);
      // Signed out, forgotten or signed in anew, while this one waited.
      gate.leave(entry);
    }
  }

  /** What is there already; where it is stale, it is replaced behind that. */
  function serve(sessionId: string | undefined): string | null {
    const entry = phase === 'running' && sessionId !== undefined ? entries.get(sessionId) : undefined;
    if (entry?.token == null) return null;
    const { token, freshForMs, usableForMs } = entry;
    const age = ageMs(entry, timers);
    if (age >= usableForMs) return null;
    if (age >= freshForMs) wake(entry);
    return token;
  }

  function getToken(asked: PoolReadOptions): Promise<string | null> {
    const served = isBare(asked) ? serve(asked?.sessionId) : null;
    if (served !== null) return Promise.resolve(served);
    try {
      const { sessionId, ...others } = checked('getToken', asked);
      checkReadOptions('getToken', others);
      // How long somebody would wait says nothing about which token is meant.
      const token = isPlain(others) && !others.skipCache && !others.signal?.aborted ? serve(sessionId) : null;
      if (token !== null) return Promise.resolve(token);
      return withPatience(timers, readAnew({ ...others, sessionId }), others);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async function signIn(given: Parameters<TokenPool['signIn']>[0]): Promise<void> {
    checkObject('signIn', given);
    checkKnown('signIn', given, ['session', 'token', 'credential']);
    const { token, credential } = given;
    checkSession('signIn.session', given.session);
    if (credential !== undefined) checkText('signIn.credential', credential);
    const session = { ...given.session };
    const entry = createEntry(session);
    if (token !== undefined) giveTo(entry, token, offsetMs, policy, timers);
    if (phase === 'idle') await begun;
    if (phase === 'stopped') throw new StoppedError();
    if (shared) {
      await publish(shared, namespace, session, credential);
      entry.isNew = true;
    } else if (credential !== undefined) {
      const name = createNames(namespaceOf(namespace, session.id)).credential(session.id);
      entry.secrets = new Map([[name, credential]]);
    }
    const before = entries.get(session.id);
    if (before) settle(before);
    entries.set(session.id, entry);
    if (shared) await enter(entry);
    emitter.emit('session.signedIn', { sessionId: session.id, session });
  }

  /** The shared record says so, too: otherwise an earlier sign-out would stand. */
  function enter(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = timers.setTimeout(() => {
        settle(entry);
        reject(new TokenRequestError('The sign-in could not be recorded.', { failure: 'transient' }));
      }, patienceMs);
      activate(entry, () => {
        timers.clearTimeout(timer);
        resolve();
      });
    });
  }

  function stop(): void {
    if (phase === 'stopped') return;
    phase = 'stopped';
    for (const active of actives.values()) active.stop();
    actives.clear();
    gate.clear();
    timers.clearAll();
  }

  async function drain(): Promise<void> {
    const until = timers.monotonicNow() + policy.requestTimeoutMs;
    const isBusy = () => gate.isNeeded || [...actives.values()].some((one) => !one.isQuiet());
    while (isBusy() && timers.monotonicNow() < until) {
      await new Promise<void>((resolve) => {
        timers.setTimeout(resolve, drainLookMs);
      });
    }
    stop();
  }

  const pool: TokenPool = {
    signIn,
    getToken,
    peek: (asked) => {
      const entry = entries.get(checked('peek', asked, ['sessionId']).sessionId);
      return entry && ageMs(entry, timers) < entry.unexpiredForMs ? entry.token : null;
    },
    reportRejected: (asked) => {
      const { sessionId, token } = checked('reportRejected', asked, ['sessionId', 'token']);
      checkToken(token);
      const entry = entries.get(sessionId);
      if (phase !== 'running' || entry?.token !== token) return;
      suspend(entry);
      activate(entry).reject(token);
    },
    signOut: async (asked) => {
      const { sessionId } = checked('signOut', asked, ['sessionId']);
      if (phase === 'idle') await begun;
      if (phase !== 'running') throw new StoppedError();
      const entry = entries.get(sessionId) ?? (await arrive(sessionId));
      if (!entry) return { remote: Promise.resolve('skipped') };
      const { tokens, during } = activate(entry);
      drop(entry);
      const { remote, stored } = await during(tokens.signOut());
      await during(stored);
      return { remote: during(remote) };
    },
    forget: (asked) => {
      const entry = entries.get(checked('forget', asked, ['sessionId']).sessionId);
      if (entry) settle(entry);
    },
    on: (type, listener) => {
      checkFunction('listener', listener);
      return emitter.on(type, listener);
    },
    stats: () => ({
      sessions: entries.size,
      active: actives.size,
      waiting: gate.waiting,
      timers: timers.size,
      mints,
      failures,
    }),
    start: () => {
      phase = 'running';
      begin();
      return pool;
    },
    stop,
    drain,
    [Symbol.dispose]: stop,
    [Symbol.asyncDispose]: drain,
  };
  return pool;
}

/** The session's own token, and nothing else is said: the shortest way. */
function isBare(asked: PoolReadOptions): boolean {
  for (const name in asked)
    if (name !== 'sessionId' && asked[name as keyof PoolReadOptions] !== undefined) return false;
  return true;
}

/** @throws ConfigurationError */
function checked<Asked extends { readonly sessionId: string }>(
  option: string,
  asked: Asked,
  known?: readonly string[],
): Asked {
  checkObject(option, asked);
  if (known) checkKnown(option, asked, known);
  checkText(`${option}.sessionId`, asked.sessionId);
  return asked;
}
