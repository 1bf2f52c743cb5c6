import type { TokenLifecycle } from '../../../../index';
import { createStore, type Store } from '../../store';

/** The last thing that an adapter could not do. */
export type Report = { readonly adapter: string; readonly operation: string; readonly reason: string };

export function createReports(tokens: TokenLifecycle): Store<Report | null> {
  const last = createStore<Report | null>(null);
  tokens.on('adapter.failed', ({ adapter, operation, reason }) => last.set({ adapter, operation, reason }));
  return last;
}
