/** Options in, settings out: everything checked and every default chosen before anything starts. */
import {
  checkFunction,
  checkKnown,
  checkMethods,
  checkNumber,
  checkObject,
  checkOneOf,
  checkText,
  fail,
} from '../../machines/check';
import type { Session } from '../../machines/events';
import type { KeyOptions } from '../../machines/key';
import { type RefreshPolicy, validatePolicy } from '../../machines/policy';
import type {
  Clock,
  Connectivity,
  Logger,
  Presence,
  RefreshLock,
  SessionCookie,
  SharedStore,
  TokenCache,
  TokenChannel,
  TokenSource,
} from '../../machines/ports';
import type { Credential, Sharing } from '../../machines/token/context';
import { memoryCache } from '../cache/memory';
import { broadcastChannel } from '../channel/broadcast';
import { storageEventChannel } from '../channel/storage-event';
import { systemClock } from '../clock/system';
import { workerClock } from '../clock/worker';
import { browserConnectivity } from '../connectivity/browser';
import { webLock } from '../lock/web';
import { browserPresence } from '../presence/browser';
import { headlessPresence } from '../presence/headless';
import { indexedDbStore } from '../store/indexed-db';
import { memoryStore } from '../store/memory';
import { hashName } from '../token/fingerprint';
import type { Dehydrated, GetTokenOptions, LifecycleOptions } from './types';

export type Settings = {
  readonly session: Session | null | undefined;
  readonly initialToken: string | undefined;
  readonly source: TokenSource;
  readonly credential: Credential;
  readonly sharing: Sharing;
  /** Other tabs or processes read the cache too, and a rotating credential with it. */
  readonly sharesCache: boolean;
  /** Tells this tab's messages and marks from those of others. No secret, and no identity beyond this page. */
  readonly tabId: string;
  readonly namespace: string;
  readonly cache: TokenCache;
  readonly store: SharedStore;
  readonly cookie: SessionCookie | undefined;
  readonly channel: TokenChannel | undefined;
  readonly lock: RefreshLock | undefined;
  readonly accept: LifecycleOptions['accept'];
  readonly connectivity: Connectivity;
  readonly presence: Presence;
  readonly clock: Clock;
  /** Told once where there is no worker to run the timers, and why. */
  onClockFallback(listener: (cause: string) => void): void;
  readonly policy: RefreshPolicy;
  readonly random: () => number;
  readonly inspect: LifecycleOptions['inspect'];
  readonly logger: Logger;
  readonly hydrate: Dehydrated | undefined;
  /** What the lifecycle made itself, and disposes of. */
  readonly owned: readonly { dispose?(): void }[];
};

const optionNames = [
  'session',
  'initialToken',
  'source',
  'namespace',
  'cache',
  'store',
  'cookie',
  'channel',
  'lock',
  'accept',
  'connectivity',
  'presence',
  'clock',
  'policy',
  'random',
  'inspect',
  'logger',
  'hydrate',
] as const satisfies readonly (keyof LifecycleOptions)[];

/** A session as somebody passed it in. @throws ConfigurationError */
export function checkSession(option: string, session: unknown): asserts session is Session {
  checkObject(option, session);
  checkKnown(option, session, ['id', 'organizationId']);
  checkText(`${option}.id`, session.id);
  if (session.organizationId !== undefined && session.organizationId !== null)
    checkText(`${option}.organizationId`, session.organizationId);
}

/** Which key is meant. @throws ConfigurationError */
export function checkKeyOptions(
  option: string,
  options: unknown,
  alsoKnown: readonly string[] = [],
): asserts options is KeyOptions {
  checkObject(option, options);
  checkKnown(option, options, ['template', 'organizationId', 'params', ...alsoKnown]);
  const { template, organizationId, params } = options;
  if (template !== undefined) checkText(`${option}.template`, template);
  if (organizationId !== undefined && organizationId !== null) checkText(`${option}.organizationId`, organizationId);
  if (params !== undefined) {
    checkObject(`${option}.params`, params);
    for (const [name, value] of Object.entries(params)) checkText(`${option}.params.${name}`, value);
  }
}

/** How long somebody is ready to wait. @throws ConfigurationError */
export function checkPatience(option: string, options: { signal?: unknown; timeoutMs?: unknown }): void {
  const { signal, timeoutMs } = options;
  if (timeoutMs !== undefined) checkNumber(`${option}.timeoutMs`, timeoutMs, { min: 0 });
  if (signal !== undefined) {
    checkObject(`${option}.signal`, signal);
    if (typeof signal.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')
      fail(`${option}.signal`, 'an AbortSignal', signal);
  }
}

/** @throws ConfigurationError */
export function checkReadOptions(option: string, options: unknown): asserts options is GetTokenOptions {
  checkKeyOptions(option, options, ['skipCache', 'signal', 'timeoutMs']);
  const { skipCache } = options as GetTokenOptions;
  if (skipCache !== undefined && typeof skipCache !== 'boolean') fail(`${option}.skipCache`, 'a boolean', skipCache);
  checkPatience(option, options as GetTokenOptions);
}

function checkSource(source: unknown): asserts source is TokenSource {
  checkMethods('source', source, ['mint']);
  const { credential, reuseGraceMs, endpoint, checkSession, revoke } = source as Partial<TokenSource>;
  if (credential !== undefined) checkOneOf('source.credential', credential, ['ambient', 'reusable', 'rotating']);
  if (reuseGraceMs !== undefined) checkNumber('source.reuseGraceMs', reuseGraceMs, { min: 0 });
  if (endpoint !== undefined) checkText('source.endpoint', endpoint);
  if (checkSession !== undefined) checkFunction('source.checkSession', checkSession);
  if (revoke !== undefined) checkFunction('source.revoke', revoke);
}

const adapterMethods = {
  cache: ['get', 'set', 'deleteAll'],
  store: ['read', 'update'],
  cookie: ['read', 'write', 'remove'],
  channel: ['post', 'subscribe'],
  lock: ['run'],
  connectivity: ['isOnline', 'subscribe'],
  presence: ['current', 'subscribe'],
  clock: ['now', 'monotonicNow', 'setTimeout', 'clearTimeout'],
} as const;

const has = (name: 'indexedDB' | 'document' | 'BroadcastChannel'): boolean => {
  try {
    return (globalThis as Record<string, unknown>)[name] !== undefined;
  } catch {
    // Reading `indexedDB` throws in some sandboxed frames.
    return false;
  }
};

/** Tabs of a page talk by messages; where there are none, storage events tell at least that there is something new. */
const pageChannel = (name: string): TokenChannel =>
  has('BroadcastChannel') ? broadcastChannel({ name }) : storageEventChannel({ key: name });

/** Not from `random`: a constant one, as tests like it, would make all tabs the same. */
function createTabId(): string {
  const bytes = globalThis.crypto?.getRandomValues(new Uint8Array(8)) ?? [Math.random() * 2 ** 32, Date.now()];
  return [...bytes].map((byte) => Math.floor(byte).toString(16).padStart(2, '0')).join('');
}

/** @throws ConfigurationError for the first option that cannot work */
export function readOptions(options: LifecycleOptions): Settings {
  checkObject('options', options);
  checkKnown('options', options, optionNames);
  const { session, initialToken, source, namespace, random, inspect, logger, hydrate } = options;
  checkSource(source);
  if (session !== undefined && session !== null) checkSession('session', session);
  if (initialToken !== undefined) checkText('initialToken', initialToken);
  if (namespace !== undefined) checkText('namespace', namespace);
  for (const [name, methods] of Object.entries(adapterMethods)) {
    const adapter = options[name as keyof typeof adapterMethods];
    if (adapter !== undefined) checkMethods(name, adapter, methods);
  }
  if (options.accept !== undefined) checkFunction('accept', options.accept);
  if (random !== undefined) checkFunction('random', random);
  if (logger !== undefined) {
    checkObject('logger', logger);
    for (const level of ['debug', 'warn', 'error']) {
      if (logger[level] !== undefined) checkFunction(`logger.${level}`, logger[level]);
    }
  }
  if (inspect !== undefined && typeof inspect !== 'function') checkObject('inspect', inspect);
  if (hydrate !== undefined) {
    checkObject('hydrate', hydrate);
    if (hydrate.v !== 1) fail('hydrate', 'what dehydrate() gave', hydrate);
    checkObject('hydrate.state', hydrate.state);
  }
  const policy = validatePolicy(options.policy);

  const owned: { dispose?(): void }[] = [];
  const own = <Adapter extends { dispose?(): void }>(adapter: Adapter): Adapter => {
    owned.push(adapter);
    return adapter;
  };
  const isPage = has('document');
  const scope = namespace ?? (source.endpoint ? hashName(source.endpoint) : 'default');
  let tellFallback = (_: string): void => {};
  const onFallback = (cause: string): void => tellFallback(cause);
  const clock = options.clock ?? own(isPage ? workerClock({ onFallback }) : systemClock());
  const channel = options.channel ?? (isPage ? own(pageChannel(scope)) : undefined);
  const lock = options.lock ?? (isPage ? own(webLock()) : undefined);
  return {
    session: session ? { ...session } : session,
    initialToken,
    source,
    credential: { kind: source.credential ?? 'ambient', reuseGraceMs: source.reuseGraceMs ?? 0 },
    sharing: {
      turns:
        isPage || source.credential === 'rotating' || [channel, lock, options.store].some((one) => one !== undefined),
      peers: channel !== undefined,
    },
    sharesCache: options.cache !== undefined,
    tabId: createTabId(),
    namespace: scope,
    cache: options.cache ?? own(memoryCache()),
    store: options.store ?? own(has('indexedDB') ? indexedDbStore() : memoryStore()),
    cookie: options.cookie,
    channel,
    lock,
    accept: options.accept,
    connectivity: options.connectivity ?? own(browserConnectivity()),
    presence: options.presence ?? own(isPage ? browserPresence() : headlessPresence()),
    clock,
    onClockFallback: (listener) => {
      tellFallback = listener;
    },
    policy,
    random: random ?? Math.random,
    inspect,
    logger: logger ?? {},
    hydrate,
    owned,
  };
}
