/** One browser in virtual time: tabs over one jar, store, channel, lock and network; nothing is started behind one's back. */
import { memoryCache } from '../../adapters/cache/memory';
import { memoryChannel } from '../../adapters/channel/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryLock } from '../../adapters/lock/memory';
import { memoryPresence } from '../../adapters/presence/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { TokenSource } from '../../machines/ports';
import { createTab, type Tab, type TabOptions } from './tab';
import { createTokenServer, type TokenServerOptions } from './token-server';

export type BrowserOptions = TabOptions & {
  readonly server?: Omit<TokenServerOptions, 'clock'>;
  /** What the tabs do not have in common: of store and cookie each gets its own, channel and lock are missing. */
  readonly without?: readonly ('store' | 'cookie' | 'channel' | 'lock')[];
};

export type ReadingOptions = { readonly everyMs?: number; readonly of?: readonly Tab[] };

/** The first tab has the focus, the others are hidden behind it, as in one window. */
export function createBrowser({ server: serverOptions, without = [], ...common }: BrowserOptions = {}) {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, ...serverOptions });
  const isMissing = (name: string): boolean => without.some((one) => one === name);
  const shared = {
    clock,
    store: memoryStore(),
    cookie: memoryCookie({ clock }),
    channel: memoryChannel(),
    lock: memoryLock({ clock }),
    namespace: 'app',
    ...common,
  };
  /** What every tab is given of it. */
  const given: TabOptions = Object.fromEntries(Object.entries(shared).filter(([name]) => !isMissing(name)));
  const tabs: Tab[] = [];

  function make(options: TabOptions = {}): Tab {
    const isFirst = tabs.length === 0;
    const presence = memoryPresence();
    presence.set(isFirst ? { visibility: 'visible', focus: true } : { visibility: 'hidden', focus: false });
    const source: Partial<TokenSource> = { ...server.source, ...common.source, ...options.source };
    const tab = createTab({ cache: memoryCache(), presence, ...given, ...options, source });
    tabs.push(tab);
    return tab;
  }

  return {
    ...shared,
    server,
    tabs,
    /** Made, not started. */
    make,
    /** Made and started. */
    open: (options: TabOptions = {}): Tab => {
      const tab = make(options);
      tab.tokens.start();
      return tab;
    },
    /** Looks at one tab; the others go behind it. */
    focus: (seen: Tab): void => {
      for (const tab of tabs) {
        if (tab !== seen) {
          tab.presence.set({ visibility: 'hidden', focus: false });
          tab.presence.emit('hidden');
        }
      }
      seen.presence.set({ visibility: 'visible', focus: true });
      seen.presence.emit('visible');
      seen.presence.emit('focus');
    },
    /** What reached the server, of all tabs. */
    requests: () => server.requests,
    /** When it did, in ms since the beginning. */
    get instants(): number[] {
      return server.instants;
    },
    /** Lets time pass while every tab reads once per `everyMs`. Gives the errors that readers got. */
    read: async (ms: number, { everyMs = 1_000, of = tabs }: ReadingOptions = {}): Promise<unknown[]> => {
      const errors: unknown[] = [];
      for (let passed = 0; passed < ms; passed += everyMs) {
        for (const { tokens } of of) tokens.getToken().catch((error) => errors.push(error));
        await clock.advance(Math.min(everyMs, ms - passed));
      }
      return errors;
    },
  };
}
