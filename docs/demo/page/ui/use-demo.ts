import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Store } from '../../store';
import type { Demo } from '../model/demo';

export const DemoContext = createContext<Demo | null>(null);

/** What is behind the page. */
export function useDemo(): Demo {
  const demo = useContext(DemoContext);
  if (!demo) throw new Error('useDemo needs a <DemoContext> around it.');
  return demo;
}

export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.watch, store.get);

/** Where a click fails, the lists on the page say why; nobody is helped by an unhandled rejection. */
export const attempt = (work: Promise<unknown>): void => void work.catch(() => undefined);
