import type { LoggedRequest } from '../../server/request-log';
import { type DemoSettings, defaultSettings } from '../../server/settings';
import { createStore, type Store } from '../../store';

/** The server's own account of things. */
export type Feed = {
  readonly settings: Store<DemoSettings>;
  /** All that is known, oldest first. */
  readonly requests: Store<readonly LoggedRequest[]>;
  /** Follows the server; returns what ends it. EventSource reconnects by itself and then starts with all that is known. */
  start(): () => void;
};

const limit = 200;

export function createFeed(): Feed {
  const settings = createStore(defaultSettings);
  const requests = createStore<readonly LoggedRequest[]>([]);
  const read = <T>(event: MessageEvent<string>): T => JSON.parse(event.data) as T;

  return {
    settings,
    requests,
    start: () => {
      const known = new Map<number, LoggedRequest>();
      const source = new EventSource('/demo/requests');
      source.addEventListener('settings', (event) => settings.set(read(event)));
      source.addEventListener('requests', (event) => {
        known.clear();
        for (const entry of read<LoggedRequest[]>(event)) known.set(entry.id, entry);
        requests.set([...known.values()]);
      });
      source.addEventListener('request', (event) => {
        const entry = read<LoggedRequest>(event);
        known.set(entry.id, entry);
        requests.set([...known.values()].slice(-limit));
      });
      return () => source.close();
    },
  };
}
