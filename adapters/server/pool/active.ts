/** A session while something happens with it: a lifecycle of its own, folded back into its entry when all is quiet. */
import { isJwt } from '../../host/adoption';
import { createTokenLifecycle } from '../../host/create';
import type { GetTokenOptions, LifecycleEvents, TokenLifecycle } from '../../host/types';
import { createBusy } from './busy';
import { createCell } from './cell';
import { type Entry, foldInto } from './entry';
import type { PoolSettings } from './settings';

export type Active = {
  readonly tokens: TokenLifecycle;
  read(asked: GetTokenOptions): Promise<string | null>;
  /** Keeps it from being folded until `work` has settled. */
  during<T>(work: Promise<T>): Promise<T>;
  /** An API refused the token: whoever reads from now on reads behind that. */
  reject(token: string): void;
  /** Nobody waits, nothing is being sent or written. */
  isQuiet(): boolean;
  /** At once, whatever runs. */
  stop(): void;
};

type Deps = {
  readonly settings: PoolSettings;
  readonly entry: Entry;
  passOn<Type extends keyof LifecycleEvents>(type: Type, event: LifecycleEvents[Type]): void;
  signedOutElsewhere(): void;
  /** The shared record knows of the sign-in. */
  recorded(): void;
  /** What it was woken for is done, or will be tried again later. */
  through(): void;
  /** Quiet for long enough: the entry has all that is worth keeping. */
  folded(): void;
};

const passed = [
  'token.updated',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
] as const satisfies readonly (keyof LifecycleEvents)[];

export function createActive({ settings, entry, passOn, signedOutElsewhere, recorded, through, folded }: Deps): Active {
  const { timers, policy, shared, lock, namespace, troubledForMs, common } = settings;
  const cell = createCell(entry, namespace, shared, { signedOutElsewhere, recorded });
  const { adapters, isBusy } = createBusy({ ...cell, lock });
  const tokens = createTokenLifecycle({
    ...common,
    ...adapters,
    // Somebody signed in: that is told apart from a machine that starts again, and counts whatever the clocks say.
    session: entry.isNew ? null : entry.session,
    namespace: cell.namespace,
    clock: timers,
  });
  let working = 0;
  let touchedAt = timers.monotonicNow();
  let timer: unknown;
  let isOver = false;
  /** Only what is held can be refused, and it has to be restored for that. */
  let rejecting: Promise<void> | null = null;

  /** While it looks for what is stored, the machine knows less than the entry. */
  function fold(): void {
    const state = tokens.getState();
    if (state.state !== 'restoring') foldInto(entry, tokens.peek(), state, policy, timers);
  }

  function stop(): void {
    if (isOver) return;
    isOver = true;
    timers.clearTimeout(timer);
    tokens.stop();
  }

  function isUnderWay(): boolean {
    const { state } = tokens.getState();
    return state === 'refreshing' || state === 'restoring';
  }

  const isQuiet = (): boolean => working === 0 && !isBusy() && !isUnderWay();

  /** Longer than the floor: what is insisted on again meets the machine that remembers the last mint. */
  function check(): void {
    const { state, clockOffsetMs } = tokens.getState();
    const lingerMs = state === 'fresh' || state === 'signed-out' ? policy.mintFloorMs : troubledForMs;
    if (!isQuiet() || timers.monotonicNow() - touchedAt < lingerMs) {
      watch();
      return;
    }
    fold();
    // All is well, so the next machine needs to be told nothing; except what time it is, and how long an opaque token lives.
    const saysItself = entry.token === null || isJwt(entry.token);
    if (state === 'fresh' && clockOffsetMs === 0 && saysItself) entry.record = undefined;
    stop();
    folded();
  }

  const watch = (): void => {
    timer = timers.setTimeout(check, policy.mintFloorMs);
  };

  const during = async <T>(work: Promise<T>): Promise<T> => {
    working += 1;
    try {
      return await work;
    } finally {
      working -= 1;
      touchedAt = timers.monotonicNow();
    }
  };

  for (const type of passed) {
    tokens.on(type, (event) => {
      if (isOver) return;
      if (type === 'refresh.started') touchedAt = timers.monotonicNow();
      if (type === 'token.updated') fold();
      passOn(type, event);
    });
  }
  tokens.subscribe(() => {
    if (isOver) return;
    fold();
    if (!isUnderWay()) through();
  });
  tokens.start();
  const { session, token } = entry;
  if (entry.isNew) tokens.signIn({ session, ...(token !== null && { token }) });
  watch();
  return {
    tokens,
    read: (asked) => during(rejecting ? rejecting.then(() => tokens.getToken(asked)) : tokens.getToken(asked)),
    during,
    reject: (token) => {
      const done = during(tokens.ready.then(() => tokens.reportRejected(token)))
        .catch(() => {})
        .then(() => {
          if (rejecting === done) rejecting = null;
        });
      rejecting = done;
    },
    isQuiet,
    stop,
  };
}
