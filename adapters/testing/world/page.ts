/** One page: a lifecycle over its view of everything that the browser shares. It lives until it is closed, crashes or is evicted. */
import type { Session } from '../../../machines/events';
import type { Clock, TokenSource } from '../../../machines/ports';
import type { LifecycleOptions, TokenLifecycle } from '../../host/types';
import type { Fetch } from '../../source/http-options';
import type { TokenServer } from '../token-server/create';
import type { Bus } from './channel';
import type { createCookies } from './cookie';
import { createTabLink, type Outage, type TabLink } from './link';
import type { Locks, TabLock } from './lock';
import type { Link } from './network';
import type { WorldObserver } from './observe';
import type { WorldSettings } from './options';
import { createProcess, type Process } from './process';
import type { Recorder } from './recorder';
import type { Caches, Stores } from './storage';
import { createPagePresence, type PagePresence } from './windows';

export type Page = {
  readonly index: number;
  readonly process: Process;
  readonly presence: PagePresence;
  readonly link: TabLink;
  readonly lock: TabLock;
  readonly tokens: TokenLifecycle;
  /** In the back/forward cache. */
  cached: boolean;
  /** What is armed, subscribed and held. */
  leftovers(): { readonly timers: number; readonly listeners: number; readonly locks: number };
  noteState(): void;
};

export type Browser = {
  readonly settings: WorldSettings;
  readonly clock: Clock;
  readonly server: TokenServer;
  readonly stores: Stores;
  readonly caches: Caches;
  readonly cookies: ReturnType<typeof createCookies> | null;
  readonly bus: Bus | null;
  readonly locks: Locks | null;
  readonly observer: WorldObserver;
  readonly recorder: Recorder;
  fetchOver(link: Link): Fetch;
  /** The machine's own network. */
  outage(): Outage | null;
  random(): () => number;
  /** Somebody is known to be signed out. */
  signedOut(sessionId: string | null): void;
  evict(page: Page): void;
};

export const namespace = 'world';

/** A hidden page's own timers: once a second, and once a minute after a minute. */
function heldBackMs(settings: WorldSettings, clock: Clock, presence: () => PagePresence): number {
  if (settings.timers === 'worker') return 0;
  const { hiddenSince } = presence();
  if (hiddenSince === null) return 0;
  const now = clock.monotonicNow();
  const every = now - hiddenSince >= 60_000 ? 60_000 : 1_000;
  return now % every === 0 ? 0 : every - (now % every);
}

const noLock: TabLock = {
  run: async () => ({ status: 'unavailable', cause: 'locks_missing' }),
  open: 0,
  letGo: () => {},
};

/** @param session `undefined`: the page is not told, and looks at what is stored */
export function loadPage(browser: Browser, index: number, session: Session | null | undefined): Page {
  const { settings, clock } = browser;
  const process = createProcess(clock, () => heldBackMs(settings, clock, () => presence));
  const presence = createPagePresence(process, ({ visibility, focus }) =>
    browser.recorder.note(index, { is: 'presence', visibility, focus: focus === true }),
  );
  const link = createTabLink(process, browser.outage);
  const fetch = browser.fetchOver({ tab: index, process, isConnected: link.isConnected, isOnline: link.isOnline });
  const source: TokenSource = browser.server.source(fetch);
  const lock = browser.locks?.tab(index, process) ?? noLock;
  const channel = browser.bus?.tab(index, process, {
    isCached: () => page.cached,
    evict: () => browser.evict(page),
  });
  const cookie = browser.cookies?.tab(index, process);
  const options: LifecycleOptions = {
    ...(session !== undefined && { session }),
    source,
    namespace,
    cache: browser.caches.tab(index, process),
    store: browser.stores.tab(index, process),
    ...(cookie && { cookie }),
    ...(channel && { channel }),
    ...(browser.locks && { lock }),
    connectivity: link.connectivity,
    presence,
    clock: process.clock,
    policy: settings.policy,
    random: browser.random(),
    logger: browser.observer.logger(index),
    ...settings.lifecycle(index),
  };
  const tokens = settings.createLifecycle(options, index);
  const noteState = browser.observer.observe(index, process, tokens, browser.signedOut);
  const page: Page = {
    index,
    process,
    presence,
    link,
    lock,
    tokens,
    cached: false,
    noteState,
    leftovers: () => ({
      timers: process.timers,
      listeners: presence.listeners + link.listeners + (channel?.listeners ?? 0),
      locks: lock.open,
    }),
  };
  return page;
}
