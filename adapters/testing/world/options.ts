/** What a world can be told. */
import { checkBoolean, checkFunction, checkKnown, checkNumber, checkObject, checkOneOf } from '../../../machines/check';
import { ConfigurationError } from '../../../machines/errors';
import type { Session } from '../../../machines/events';
import { type RefreshPolicy, validatePolicy } from '../../../machines/policy';
import type { SharedStore } from '../../../machines/ports';
import { createTokenLifecycle } from '../../host/create';
import { checkSession } from '../../host/options';
import type { LifecycleOptions, TokenLifecycle } from '../../host/types';
import type { TokenServerOptions } from '../token-server/options';
import type { TraceEntry } from '../trace';
import type { CookieOptions } from './cookie';
import type { WorldFaults } from './faults';
import type { Layout } from './windows';

/** Which parts the tabs share. */
export type SharedOptions = {
  /** Default `tokens`. `notices`: as storage events carry them. */
  readonly channel?: 'tokens' | 'notices' | 'none';
  /** Default true. */
  readonly lock?: boolean;
  /** Default `ordered`, as IndexedDB is; `hint`, as web storage is. */
  readonly store?: SharedStore['consistency'];
  /** Default `per-tab`; `shared` where the server's credentials rotate, since tabs find them there. */
  readonly cache?: 'shared' | 'per-tab';
  /** Default true. Attributes as `documentCookie` takes them. */
  readonly cookie?: boolean | CookieOptions;
};

export type WorldOptions = {
  /** How many tabs the browser has, 1 to 100. Default 2. */
  readonly tabs?: number;
  /** Of all chance, a whole number of 32 bits. Default 1. */
  readonly seed?: number;
  /** Who is signed in. Default `{ id: 'sess_1' }`. `'unknown'`: tabs are not told, and look at what is stored. */
  readonly session?: Session | null | 'unknown';
  readonly policy?: Partial<RefreshPolicy>;
  /** `clock` is the world's. `signing` is `HS256` here by default: one seed, one trace. */
  readonly server?: Omit<TokenServerOptions, 'clock' | 'latencyMs'>;
  /** What a request takes, there and back, in ms. Default 100. */
  readonly latencyMs?: number;
  /** Default `tabs`: of one window one tab is seen. */
  readonly layout?: Layout;
  /** Default `worker`: timers of hidden pages run on time. `page`: once a second, after a minute once a minute. */
  readonly timers?: 'worker' | 'page';
  readonly shared?: SharedOptions;
  readonly faults?: WorldFaults;
  /** Opens and starts every tab, the first with the focus. Default true. */
  readonly open?: boolean;
  /** How many trace entries are kept at least. Default all. */
  readonly keep?: number;
  /** Told of each entry as it is noted. */
  readonly onEntry?: (entry: TraceEntry) => void;
  /** Further options of each tab's lifecycle. */
  readonly lifecycle?: (tab: number) => Partial<Omit<LifecycleOptions, 'source' | 'clock'>>;
  /** Another implementation to be put to the test. Default `createTokenLifecycle`. */
  readonly createLifecycle?: (options: LifecycleOptions, tab: number) => TokenLifecycle;
};

export type WorldSettings = {
  readonly tabs: number;
  readonly seed: number;
  readonly session: Session | null | undefined;
  readonly policy: RefreshPolicy;
  readonly server: Omit<TokenServerOptions, 'clock' | 'latencyMs'>;
  readonly latencyMs: number;
  readonly layout: Layout;
  readonly timers: 'worker' | 'page';
  readonly shared: {
    readonly channel: 'tokens' | 'notices' | 'none';
    readonly lock: boolean;
    readonly store: SharedStore['consistency'];
    readonly cache: 'shared' | 'per-tab';
    /** `null`: none. */
    readonly cookie: CookieOptions | null;
  };
  readonly faults: WorldFaults;
  readonly open: boolean;
  readonly keep: number;
  readonly onEntry: ((entry: TraceEntry) => void) | undefined;
  readonly lifecycle: NonNullable<WorldOptions['lifecycle']>;
  readonly createLifecycle: NonNullable<WorldOptions['createLifecycle']>;
};

const known = {
  tabs: 1,
  seed: 1,
  session: 1,
  policy: 1,
  server: 1,
  latencyMs: 1,
  layout: 1,
  timers: 1,
  shared: 1,
  faults: 1,
  open: 1,
  keep: 1,
  onEntry: 1,
  lifecycle: 1,
  createLifecycle: 1,
} satisfies Record<keyof WorldOptions, 1>;

function readShared(shared: SharedOptions, rotating: boolean): WorldSettings['shared'] {
  const { channel = 'tokens', lock = true, store = 'ordered', cache = rotating ? 'shared' : 'per-tab' } = shared;
  const { cookie = true } = shared;
  const name = (option: keyof SharedOptions) => `createWorld.shared.${option}`;
  checkKnown('createWorld.shared', shared, ['channel', 'lock', 'store', 'cache', 'cookie']);
  checkOneOf(name('channel'), channel, ['tokens', 'notices', 'none']);
  checkBoolean(name('lock'), lock);
  checkOneOf(name('store'), store, ['ordered', 'hint']);
  checkOneOf(name('cache'), cache, ['shared', 'per-tab']);
  if (rotating && cache === 'per-tab')
    throw new ConfigurationError(
      name('cache'),
      "must be 'shared' where credentials rotate: the tabs find theirs in it",
    );
  if (typeof cookie !== 'boolean') checkObject(name('cookie'), cookie);
  return { channel, lock, store, cache, cookie: cookie === true ? {} : cookie === false ? null : cookie };
}

/** @throws ConfigurationError for the first option that cannot work */
export function readWorldOptions(options: WorldOptions): WorldSettings {
  const name = (option: keyof WorldOptions) => `createWorld.${option}`;
  checkObject('createWorld', options);
  checkKnown('createWorld', options, Object.keys(known));
  const { tabs = 2, seed = 1, session = { id: 'sess_1' }, server = {}, latencyMs = 100, keep = 1e9 } = options;
  const { layout = 'tabs', timers = 'worker', shared = {}, faults = {}, open = true, onEntry } = options;
  const { lifecycle = () => ({}), createLifecycle = createTokenLifecycle } = options;
  checkNumber(name('tabs'), tabs, { min: 1, max: 100, integer: true });
  checkNumber(name('seed'), seed, { min: -(2 ** 31), max: 2 ** 32 - 1, integer: true });
  if (session !== null && session !== 'unknown') checkSession(name('session'), session);
  checkObject(name('server'), server);
  checkNumber(name('latencyMs'), latencyMs, { min: 0 });
  checkNumber(name('keep'), keep, { min: 1 });
  checkOneOf(name('layout'), layout, ['tabs', 'windows']);
  checkOneOf(name('timers'), timers, ['worker', 'page']);
  checkObject(name('shared'), shared);
  checkObject(name('faults'), faults);
  checkBoolean(name('open'), open);
  if (onEntry !== undefined) checkFunction(name('onEntry'), onEntry);
  checkFunction(name('lifecycle'), lifecycle);
  checkFunction(name('createLifecycle'), createLifecycle);
  return {
    tabs,
    seed,
    server: { signing: 'HS256', ...server },
    latencyMs,
    layout,
    timers,
    faults,
    open,
    keep,
    onEntry,
    lifecycle,
    createLifecycle,
    session: session === 'unknown' ? undefined : session,
    policy: validatePolicy(options.policy),
    shared: readShared(shared, server.credential === 'rotating'),
  };
}
