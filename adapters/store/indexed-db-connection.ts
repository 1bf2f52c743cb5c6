import type { Clock } from '../../machines/ports';

export const objectStoreName = 'records';

export type Connection = {
  /** The open database; opens it where it is not. Rejects where that fails, and tries anew next time. */
  get(): Promise<IDBDatabase>;
  close(): void;
};

type Timers = Pick<Clock, 'setTimeout' | 'clearTimeout'>;

const problem = (code: string, message: string): Error => Object.assign(new Error(message), { code });

/** One attempt. `closed` is called when the browser, or another tab that wants to delete the database, ends the connection. */
function open(
  factory: IDBFactory,
  name: string,
  timing: { timers: Timers; timeoutMs: number },
  closed: () => void,
): { opened: Promise<IDBDatabase>; abandon(): void } {
  let abandon: (reason: Error) => void = () => {};
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const request = factory.open(name, 1);
    let abandoned = false;
    // Some browsers have had databases that never open. A late answer is closed again, lest it block a deletion.
    const timer = timing.timers.setTimeout(
      () => abandon(problem('indexeddb_timeout', 'IndexedDB did not open in time.')),
      timing.timeoutMs,
    );
    const settle = (): void => timing.timers.clearTimeout(timer);
    abandon = (reason) => {
      abandoned = true;
      settle();
      reject(reason);
    };
    request.onupgradeneeded = () => {
      if (!request.result.objectStoreNames.contains(objectStoreName)) request.result.createObjectStore(objectStoreName);
    };
    request.onerror = () => abandon(request.error ?? problem('indexeddb_failed', 'IndexedDB could not be opened.'));
    request.onblocked = () => abandon(problem('indexeddb_blocked', 'IndexedDB is blocked by another tab.'));
    request.onsuccess = () => {
      const database = request.result;
      if (abandoned) {
        database.close();
        return;
      }
      settle();
      database.onversionchange = () => {
        database.close();
        closed();
      };
      database.onclose = closed;
      resolve(database);
    };
  });
  return { opened, abandon: () => abandon(problem('indexeddb_closed', 'The store was disposed while it opened.')) };
}

/** Opens lazily, shares one connection, forgets it when it ends or fails. */
export function connect(
  factory: () => IDBFactory,
  name: string,
  timing: { timers: Timers; timeoutMs: number },
): Connection {
  let current: ReturnType<typeof open> | undefined;
  return {
    get: async () => {
      if (current) return current.opened;
      const attempt = open(factory(), name, timing, () => forget());
      const forget = (): void => {
        if (current === attempt) current = undefined;
      };
      current = attempt;
      attempt.opened.catch(forget);
      return attempt.opened;
    },
    close: () => {
      const closing = current;
      current = undefined;
      closing?.abandon();
      closing?.opened.then(
        (database) => database.close(),
        () => {},
      );
    },
  };
}
