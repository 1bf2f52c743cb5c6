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

export type BrowserOptions = TabOptions & { readonly server?: Omit<TokenServerOptions, 'clock'> };

/** The first tab has the focus, the others are hidden behind it, as in one window. */
export function createBrowser({ server: serverOptions, ...common }: BrowserOptions = {}) {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, ...serverOptions });
  const shared = {
    clock,
    store: memoryStore(),
    cookie: memoryCookie({ clock }),
    channel: memoryChannel(),
    lock: memoryLock({ clock }),
    namespace: 'app',
    ...common,
  };
  const tabs: Tab[] = [];

  function make(options: TabOptions = {}): Tab {
    const isFirst = tabs.length === 0;
    const presence = memoryPresence();
    presence.set(isFirst ? { visibility: 'visible', focus: true } : { visibility: 'hidden', focus: false });
    const source: Partial<TokenSource> = { ...server.source, ...common.source, ...options.source };
    const tab = createTab({ cache: memoryCache(), presence, ...shared, ...options, source });
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
  };
}
