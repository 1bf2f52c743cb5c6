import { type LockOutcome, type RefreshLock, webLock } from '../../../../index';

/** A lock that another script of the origin can be made to hold: for real, by Web Locks. */
export type RivalLock = { readonly lock: RefreshLock; hold(on: boolean): void };

export function createRivalLock(): RivalLock {
  const own = webLock();
  const names = new Set<string>();
  let letGo: AbortController | null = null;

  /** Takes `name`, as soon as it is free, until the rival lets go. Resolves when it has it. */
  function seize(name: string, until: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const release = new Promise<void>((done) => until.addEventListener('abort', () => done(), { once: true }));
      navigator.locks
        .request(name, { signal: until }, () => {
          resolve();
          return release;
        })
        .catch(() => resolve());
    });
  }

  return {
    lock: {
      run: async <T>(...[name, options, task]: Parameters<RefreshLock['run']>): Promise<LockOutcome<T>> => {
        const isNew = !names.has(name);
        names.add(name);
        if (isNew && letGo) await seize(name, letGo.signal);
        return own.run(name, options, task as Parameters<typeof own.run<T>>[2]);
      },
    },
    hold: (on) => {
      letGo?.abort();
      letGo = on ? new AbortController() : null;
      for (const name of names) if (letGo) void seize(name, letGo.signal);
    },
  };
}
