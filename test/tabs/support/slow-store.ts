/** A shared store that takes its time, as long as `slow.ms` says. */
import type { Clock, SharedStore } from '../../../machines/ports';

export function slowStore(
  store: SharedStore,
  clock: Clock,
  only: 'read' | 'update',
  slow: { ms: number },
): SharedStore {
  const wait = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, slow.ms));
  return only === 'read'
    ? { ...store, read: (name) => wait().then(() => store.read(name)) }
    : { ...store, update: (...given) => wait().then(() => store.update(...given)) };
}
