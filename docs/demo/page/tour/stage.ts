import type { LifecycleState, OfflineError } from '../../../../index';
import type { LoggedRequest } from '../../server/request-log';
import type { DemoSettings } from '../../server/settings';
import { fingerprint, readCookie, tokenCookieName } from '../model/cookie';
import type { Demo } from '../model/demo';
import { expectThat } from './types';

/** What one read gave, and how fast. */
export type Reading = { readonly got: string | null | OfflineError | Error; readonly ms: number };

/** What the steps of the tour can do and see: the page's own levers, and nothing beside. */
export type TourStage = {
  /** A new session with a token that lives for ten seconds, a healthy origin, a whole network. */
  begin(): Promise<LifecycleState>;
  connect(on: boolean): void;
  change(settings: Partial<DemoSettings>): Promise<void>;
  state(): LifecycleState;
  until(holds: (state: LifecycleState) => boolean): Promise<LifecycleState>;
  read(): Promise<Reading>;
  /** Fingerprint of what is in the cookie; `null` without one. */
  cookie(): Promise<string | null>;
  /** The mints that the server was asked for since `begin`, oldest first, that it has answered. */
  mints(): readonly LoggedRequest[];
  /** Waits until that many have been answered. */
  untilMints(count: number): Promise<readonly LoggedRequest[]>;
  expired(): Promise<void>;
};

const lifetimeSeconds = 10;
const patienceMs = 20_000;

export function createTourStage(demo: Demo, signal: AbortSignal): TourStage {
  const { tokens, network, controls, feed } = demo;
  let firstId = 0;

  const until: TourStage['until'] = (holds) => tokens.waitFor(holds, { signal, timeoutMs: patienceMs });
  const isMint = ({ id, path, outcome, sessionId }: LoggedRequest): boolean =>
    id > firstId && path === '/tokens' && outcome !== 'pending' && sessionId === tokens.getState().sessionId;
  const mints = () => feed.requests.get().filter(isMint);

  const untilMints: TourStage['untilMints'] = (count) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (mints().length < count) return;
        unwatch();
        resolve(mints());
      };
      const unwatch = feed.requests.watch(look);
      const stop = (): void => {
        unwatch();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      look();
    });

  async function begin(): Promise<LifecycleState> {
    const isAlone = demo.tabs.list.get().length === 1;
    expectThat(isAlone, 'another tab is open, and would help this one out: close it first');
    network.connect(true);
    for (const name of demo.trouble.active.get()) demo.trouble.set(name, false);
    await controls.change({ fault: 'none', ttlSeconds: lifetimeSeconds, clockOffsetSeconds: 0 });
    if (tokens.getState().state !== 'signed-out') await tokens.signOut();
    signal.throwIfAborted();
    const session = await controls.signIn('user_ada');
    firstId = feed.requests.get().at(-1)?.id ?? 0;
    tokens.signIn({ session });
    await until(({ state }) => state === 'fresh');
    // Its own mint is not one of those that the steps count.
    firstId = (await untilMints(1)).at(-1)?.id ?? firstId;
    return tokens.getState();
  }

  return {
    begin,
    connect: network.connect,
    change: controls.change,
    state: () => tokens.getState(),
    until,
    read: async () => {
      const before = performance.now();
      const got = await tokens.getToken({ signal }).catch((error: Error) => error);
      return { got, ms: performance.now() - before };
    },
    cookie: async () => {
      const value = readCookie(tokenCookieName);
      return value === undefined ? null : fingerprint(value);
    },
    mints,
    untilMints,
    expired: async () => {
      await until(({ serving }) => !serving);
      const { expiresAt, clockOffsetMs } = tokens.getState();
      const leftMs = (expiresAt ?? 0) - (Date.now() + clockOffsetMs);
      if (leftMs > 0) await wait(leftMs, signal);
    },
  };
}

/** @throws the signal's reason */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
