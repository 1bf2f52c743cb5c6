/** Options in, settings out. */
import { checkKnown, checkNumber, checkObject } from '../../../machines/check';
import { ConfigurationError } from '../../../machines/errors';
import type { RefreshPolicy } from '../../../machines/policy';
import type { RefreshLock } from '../../../machines/ports';
import { systemClock } from '../../clock/system';
import { readOptions } from '../../host/options';
import type { LifecycleOptions } from '../../host/types';
import { memoryLock } from '../../lock/memory';
import { headlessPresence } from '../../presence/headless';
import type { Shared } from './cell';
import { createTimers, type PoolTimers } from './timers';
import type { TokenPoolOptions } from './types';

export type PoolSettings = {
  readonly namespace: string;
  readonly shared: Shared | undefined;
  readonly lock: RefreshLock;
  readonly timers: PoolTimers;
  readonly policy: RefreshPolicy;
  readonly troubledForMs: number;
  readonly refreshesAtOnce: number;
  /** What every lifecycle gets as it is. */
  readonly common: Pick<
    LifecycleOptions,
    'source' | 'accept' | 'connectivity' | 'presence' | 'policy' | 'random' | 'inspect' | 'logger'
  >;
};

const known = {
  source: 1,
  namespace: 1,
  cache: 1,
  store: 1,
  lock: 1,
  accept: 1,
  connectivity: 1,
  clock: 1,
  policy: 1,
  random: 1,
  inspect: 1,
  logger: 1,
  troubledForMs: 1,
  refreshesAtOnce: 1,
} satisfies Record<keyof TokenPoolOptions, 1>;

/** @throws ConfigurationError for the first option that cannot work */
export function readPoolOptions(options: TokenPoolOptions): PoolSettings {
  checkObject('createTokenPool', options);
  checkKnown('createTokenPool', options, Object.keys(known));
  const { troubledForMs = 60_000, refreshesAtOnce = 64, ...others } = options;
  const { source, accept, cache, store, lock, connectivity, random, inspect, logger } = others;
  const { policy, namespace, clock } = readOptions({ clock: systemClock(), ...others });
  checkNumber('troubledForMs', troubledForMs, { min: 0 });
  checkNumber('refreshesAtOnce', refreshesAtOnce, { min: 1, integer: true });
  const given = [cache, store, lock].filter((one) => one !== undefined).length;
  if (given > 0 && given < 3) {
    const missing = cache === undefined ? 'cache' : store === undefined ? 'store' : 'lock';
    throw new ConfigurationError(missing, 'is needed too: processes that share sessions share cache, store and lock');
  }
  const timers = createTimers(clock);
  return {
    namespace,
    shared: cache && store ? { cache, store } : undefined,
    lock: lock ?? memoryLock({ clock: timers }),
    timers,
    policy,
    troubledForMs,
    refreshesAtOnce,
    common: {
      source,
      presence: headlessPresence(),
      policy,
      ...(accept && { accept }),
      ...(connectivity && { connectivity }),
      ...(random && { random }),
      ...(inspect && { inspect }),
      ...(logger && { logger }),
    },
  };
}
