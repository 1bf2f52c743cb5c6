import type { Presence } from '../../machines/ports';

/**
 * Where there is no page at all: a server, a worker, a command line. Nobody is known to look, and nobody is known not to.
 *
 * @example createTokenLifecycle({ source, presence: headlessPresence() });
 */
export function headlessPresence(): Presence {
  return {
    current: () => ({ visibility: 'unknown', focus: 'unknown', frame: 'top' }),
    subscribe: () => () => {},
  };
}
