/** One tab in virtual time: a lifecycle over in-memory adapters, a scripted server, and everything that it emitted. */
import { memoryCache } from '../../adapters/cache/memory';
import { memoryConnectivity } from '../../adapters/connectivity/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleEvents, LifecycleOptions, TokenLifecycle } from '../../adapters/host/types';
import { memoryPresence } from '../../adapters/presence/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createTokenServer, type TokenServerOptions } from './token-server';

export type TabOptions = Partial<Omit<LifecycleOptions, 'clock' | 'source'>> & {
  readonly server?: Omit<TokenServerOptions, 'clock'>;
  /** Changes to the scripted source. */
  readonly source?: Partial<LifecycleOptions['source']>;
  readonly clock?: ReturnType<typeof createVirtualClock>;
};

export type Recorded = {
  readonly [Type in keyof LifecycleEvents]: { type: Type; at: number } & LifecycleEvents[Type];
}[keyof LifecycleEvents];

const types: readonly (keyof LifecycleEvents)[] = [
  'token.updated',
  'session.signedIn',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
];

/** Signed in as `sess_1`, focused, online, jitter off, 100 ms of latency, tokens of 60 s; nothing has started. */
export function createTab({ server: serverOptions, source, clock: given, ...options }: TabOptions = {}) {
  const clock = given ?? createVirtualClock();
  const server = createTokenServer({ clock, ...serverOptions });
  const connectivity = memoryConnectivity();
  const presence = memoryPresence();
  const cache = memoryCache();
  const store = memoryStore();
  const cookie = memoryCookie();
  const startedAt = clock.monotonicNow();
  const { policy, ...rest } = options;
  const parts = {
    connectivity,
    presence,
    cache,
    store,
    cookie,
    ...(rest as Omit<typeof rest, 'connectivity' | 'presence'>),
  };
  const tokens: TokenLifecycle = createTokenLifecycle({
    session: { id: 'sess_1' },
    ...parts,
    clock,
    source: { ...server.source, ...source },
    policy: { jitter: 0, ...policy },
  });
  const events: Recorded[] = [];
  for (const type of types) {
    tokens.on(type, (event) => events.push({ type, at: clock.monotonicNow() - startedAt, ...event } as Recorded));
  }
  return {
    clock,
    server,
    ...parts,
    tokens,
    events,
    /** Virtual ms since the tab was made. */
    elapsed: () => clock.monotonicNow() - startedAt,
    /** Events of one type. */
    of: <Type extends keyof LifecycleEvents>(type: Type) =>
      events.filter((event): event is Extract<Recorded, { type: Type }> => event.type === type),
    /** Starts, and lets the first mint (100 ms) come back: fresh, with a token of whole seconds. */
    startFresh: async () => {
      tokens.start();
      await clock.advance(100);
    },
    /** How a read ends, without an unhandled rejection: `{ token }`, `{ error }` or `{ pending: true }` so far. */
    watch: (read: Promise<string | null>) => {
      const seen: { token?: string | null; error?: unknown; at?: number } = {};
      read.then(
        (token) => Object.assign(seen, { token, at: clock.monotonicNow() - startedAt }),
        (error) => Object.assign(seen, { error, at: clock.monotonicNow() - startedAt }),
      );
      return seen;
    },
  };
}

export type Tab = ReturnType<typeof createTab>;

/** The same, and nothing is said about the session: it is found in what is stored, or it is not. */
export const createUnnamedTab = (options: TabOptions = {}): Tab =>
  createTab({ ...options, session: undefined } as unknown as TabOptions);
