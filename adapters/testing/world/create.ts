/** `createWorld`. */
import { checkNumber } from '../../../machines/check';
import { ConfigurationError } from '../../../machines/errors';
import type { Session } from '../../../machines/events';
import type { SharedRecord } from '../../../machines/ports';
import { createNames } from '../../host/names';
import type { GetTokenOptions } from '../../host/types';
import { createRandom } from '../simulate/random';
import { createTokenServer, type TokenServer } from '../token-server/create';
import type { Trace } from '../trace';
import { createVirtualClock, type VirtualClock } from '../virtual-clock';
import { createBus } from './channel';
import { type Cookies, createCookies } from './cookie';
import { explainTab } from './explain';
import type { Outage } from './link';
import { createLocks } from './lock';
import { createNetwork } from './network';
import { createObserver } from './observe';
import { readWorldOptions, type WorldOptions } from './options';
import { type Browser, loadPage, namespace, type Page } from './page';
import { createReader, type Read } from './reads';
import { createRecorder } from './recorder';
import { createCaches, createStores } from './storage';
import { createTab, type Tab, type TabSlot } from './tab';
import { createWindows } from './windows';

/** One browser with its tabs, a server, and the network between, in virtual time. */
export type World = Disposable & {
  readonly clock: VirtualClock;
  readonly server: TokenServer;
  readonly tabs: readonly Tab[];
  /** @throws ConfigurationError where there is no such tab */
  tab(index: number): Tab;
  /** The session cookie; empty where the tabs share none. */
  readonly cookies: Cookies;
  /** What the tabs agree on; `undefined` while nothing was written. */
  readonly record: SharedRecord | undefined;
  /** Everything that could be seen, in order; without raw tokens. */
  readonly trace: Trace;
  /** True ms since the world began. */
  readonly at: number;
  /** Time passes, in which everything happens that is due. */
  advance(ms: number): Promise<void>;
  /** The machine is suspended for `ms`. */
  sleep(ms: number): Promise<void>;
  /** Somebody sets the machine's wall clock, by `ms`. */
  skew(ms: number): void;
  /** The whole machine is without a network. `silent`: packets are lost, and the platform does not notice. */
  offline(outage?: Outage): void;
  online(): void;
  /** A read in a tab that the trace knows of. */
  read(index: number, options?: GetTokenOptions): Read;
  /** In the tab with the focus, or else in the first that is open. */
  signIn(session: string | Session): void;
  signOut(): void;
  /** Some script on the origin sends this to every tab. */
  forge(message: unknown): void;
  /** Every lock is taken away from whoever holds it. */
  stealLocks(): void;
  /** Why a tab is as it is, in words, with what happened to it last. */
  explain(index: number): string;
};

/**
 * One browser in virtual time: real lifecycles, one per tab, over one cookie jar, storage, channel, lock and network. One seed,
 * one trace, on any machine.
 *
 * @param options `tabs` (default 2), `seed` (1), `policy`, `server`, `latencyMs` (100), `shared`, `faults`; see `WorldOptions`
 * @throws ConfigurationError for an option that cannot work
 * @example
 * using world = createWorld({ tabs: 2, policy: { jitter: 0 } });
 * await world.advance(100);
 * world.tab(0).close();
 * await world.advance(43_000);
 * expect(world.server.mints, formatTrace(world.trace)).toHaveLength(2);
 */
export function createWorld(options: WorldOptions = {}): World {
  const settings = readWorldOptions(options);
  const { shared, faults, latencyMs } = settings;
  const clock = createVirtualClock({ settleTurns: 1 });
  const began = clock.trueNow();
  const server = createTokenServer({ ...settings.server, clock, latencyMs });
  const recorder = createRecorder({
    at: () => clock.trueNow() - began,
    keep: settings.keep,
    onEntry: settings.onEntry,
  });
  const { note } = recorder;
  const random = createRandom(settings.seed);
  const credential = settings.server.credential ?? 'ambient';
  note(null, {
    is: 'world',
    seed: settings.seed,
    tabs: settings.tabs,
    policy: settings.policy,
    serverStart: server.now(),
    wallStart: clock.now(),
    ttlMs: (settings.server.ttlSeconds ?? 60) * 1_000,
    latencyMs,
    credential,
    reuseGraceMs: settings.server.reuseGraceMs ?? 0,
    checkSession: true,
    shared: { ...shared, cookie: shared.cookie !== null },
  });

  const parts = { clock, faults, recorder };
  const stores = createStores(parts, shared.store);
  const caches = createCaches(parts, shared.cache === 'shared');
  const cookies = createCookies(parts, shared.cookie ?? {});
  const bus = shared.channel === 'none' ? null : createBus(parts, shared.channel === 'tokens');
  const locks = shared.lock ? createLocks(parts) : null;
  let machineOutage: Outage | null = null;
  /** Who is signed in, as a page that is loaded now would be told. */
  let session: Session | null | undefined = settings.session === undefined ? undefined : null;

  function enter(next: Session): void {
    const before = session?.id;
    session = next;
    // Another organization of the same session: it goes on with the credential that it has.
    if (next.id === before) return;
    const { credential: first } = server.signIn(next.id);
    if (first !== undefined) caches.put(createNames(namespace).credential(next.id), first);
  }

  const browser: Browser = {
    settings,
    clock,
    server,
    stores,
    caches,
    cookies: shared.cookie ? cookies : null,
    bus,
    locks,
    observer: createObserver(recorder),
    recorder,
    fetchOver: createNetwork(parts, server, latencyMs),
    outage: () => machineOutage,
    random: () => random.fork().unit,
    signedOut: (sessionId) => {
      if (session?.id === sessionId) session = null;
    },
    evict: (page) => slots[page.index]?.evict(),
  };
  const openPages = (): Page[] => slots.map(({ page }) => page()).filter((page) => page !== null);
  const windows = createWindows(settings.layout, openPages);
  const reader = createReader(recorder, server.now);
  const slots: readonly TabSlot[] = Array.from({ length: settings.tabs }, (_, index) =>
    createTab(index, {
      recorder,
      reader,
      windows,
      load: (at) => loadPage(browser, at, session),
      neighbour: (at) => {
        const others = openPages().filter(({ process }) => process.state === 'running');
        return others.filter((page) => page.index < at).at(-1) ?? others[0];
      },
      advance: clock.advance,
      later: (ms, run) => void clock.setTimeout(run, ms),
      signedIn: enter,
      signedOut: () => {
        session = null;
      },
    }),
  );
  const tabs = slots.map(({ tab }) => tab);

  function tabAt(index: number): Tab {
    const found = tabs[index];
    if (!found) throw new ConfigurationError(`tab(${String(index)})`, `is none; there are ${tabs.length}, from 0`);
    return found;
  }
  function someTab(): Tab {
    const open = tabs.filter(({ isOpen, isFrozen }) => isOpen && !isFrozen);
    const found = open.find(({ presence }) => presence.focus === true) ?? open[0];
    if (!found) throw new ConfigurationError('world', 'has no tab that is open');
    return found;
  }
  function setOutage(outage: Outage | null): void {
    machineOutage = outage;
    for (const { link } of openPages()) link.update();
  }

  const world: World = {
    clock,
    server,
    tabs,
    tab: tabAt,
    cookies: cookies.cookies,
    get record() {
      return stores.truth(namespace);
    },
    trace: recorder.entries,
    get at() {
      return recorder.at();
    },
    advance: async (ms) => {
      await clock.advance(ms);
      cookies.expire();
    },
    sleep: async (ms) => {
      checkNumber('sleep(ms)', ms, { min: 0 });
      note(null, { is: 'command', do: 'sleep', ms });
      await clock.sleep(ms);
      cookies.expire();
    },
    skew: (ms) => {
      note(null, { is: 'command', do: 'skew', ms });
      clock.skew(ms);
      cookies.expire();
    },
    offline: (outage = {}) => {
      note(null, { is: 'command', do: 'offline' });
      setOutage(outage);
    },
    online: () => {
      note(null, { is: 'command', do: 'online' });
      setOutage(null);
    },
    read: (index, asked) => tabAt(index).read(asked),
    signIn: (given) => someTab().signIn(given),
    signOut: () => someTab().signOut(),
    forge: (message) => bus?.forge(message),
    stealLocks: () => locks?.steal(),
    explain: (index) => explainTab(tabAt(index), recorder),
    [Symbol.dispose]: () => {
      for (const page of openPages()) {
        page.process.kill();
        page.lock.letGo();
        page.tokens.stop();
      }
    },
  };
  if (settings.session) enter(settings.session);
  if (settings.open) for (const tab of tabs) tab.open({ focus: tab.index === 0 });
  return world;
}
