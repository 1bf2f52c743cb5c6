/** The Web Locks of one origin, as the specification has them, for exclusive locks. */
export type FakeLockManager = Pick<LockManager, 'request'> & {
  /** Requests that hold a lock, and those that wait for one: what `query()` would tell. */
  readonly held: number;
  readonly pending: number;
  steal(name: string): Promise<void>;
};

type Entry = { name: string; held: boolean; grant: () => void; refuse: (error: Error) => void };
type Callback = (lock: Lock | null) => unknown;

const abortError = (): Error => new DOMException('Lock broken by another request', 'AbortError');

export function createLockManager(): FakeLockManager {
  let entries: Entry[] = [];
  const queueOf = (name: string): Entry[] => entries.filter((entry) => entry.name === name);
  const soon = (run: () => void): void => {
    void Promise.resolve().then(run);
  };

  function leave(entry: Entry): void {
    if (!entries.includes(entry)) return;
    entries = entries.filter((one) => one !== entry);
    soon(() => grantFirst(entry.name));
  }

  function grantFirst(name: string): void {
    const [first] = queueOf(name);
    if (!first || first.held) return;
    first.held = true;
    first.grant();
  }

  function request(name: string, options: LockOptions, callback: Callback): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { ifAvailable = false, steal = false, signal } = options;
      if (signal && (ifAvailable || steal)) throw new DOMException('No signal with these', 'NotSupportedError');
      if (signal?.aborted) throw signal.reason;
      soon(() => {
        if (ifAvailable && queueOf(name).length > 0) {
          resolve(callback(null));
          return;
        }
        const entry: Entry = {
          name,
          held: false,
          refuse: reject,
          grant: () => {
            const result = Promise.resolve(callback({ name, mode: 'exclusive' }));
            result.then(resolve, reject);
            result.then(
              () => leave(entry),
              () => leave(entry),
            );
          },
        };
        if (steal) {
          for (const holder of queueOf(name).filter(({ held }) => held)) {
            entries = entries.filter((one) => one !== holder);
            holder.refuse(abortError());
          }
          entries.unshift(entry);
        } else entries.push(entry);
        signal?.addEventListener('abort', () => {
          if (entry.held) return;
          leave(entry);
          reject(signal.reason);
        });
        soon(() => grantFirst(name));
      });
    });
  }

  return {
    request: request as LockManager['request'],
    get held() {
      return entries.filter(({ held }) => held).length;
    },
    get pending() {
      return entries.filter(({ held }) => !held).length;
    },
    steal: async (name) => {
      await request(name, { steal: true }, () => undefined);
    },
  };
}
