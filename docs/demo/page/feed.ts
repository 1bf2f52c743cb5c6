import type { LoggedRequest } from '../server/request-log';
import type { DemoSettings } from '../server/settings';

/** Follows the server's own account of things. EventSource reconnects by itself and then starts with all that is known. */
export function followServer(listeners: {
  settings(settings: DemoSettings): void;
  /** All that is known, oldest first. */
  requests(entries: readonly LoggedRequest[]): void;
}): void {
  const known = new Map<number, LoggedRequest>();
  const feed = new EventSource('/demo/requests');
  const read = <T>(event: MessageEvent<string>): T => JSON.parse(event.data) as T;

  feed.addEventListener('settings', (event) => listeners.settings(read(event)));
  feed.addEventListener('requests', (event) => {
    known.clear();
    for (const entry of read<LoggedRequest[]>(event)) known.set(entry.id, entry);
    listeners.requests([...known.values()]);
  });
  feed.addEventListener('request', (event) => {
    const entry = read<LoggedRequest>(event);
    known.set(entry.id, entry);
    listeners.requests([...known.values()].slice(-200));
  });
}
