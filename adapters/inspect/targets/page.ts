/** A viewer in another page: the protocol of `@statelyai/inspect` by messages, to one window of one origin and to no other. */
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { createHistory } from '../history';

/** What is used of the page that is inspected. */
export type OwnPage = Pick<Window, 'addEventListener' | 'removeEventListener'>;

export type PageLink = {
  send(event: StatelyInspectionEvent): void;
  start(): void;
  stop(): void;
};

export type PageLinkOptions = {
  readonly page: OwnPage;
  /** The window of the viewer, as soon as there is one. */
  readonly peer: () => Window | null;
  /** The only origin that messages are meant for, and the only one that is listened to. */
  readonly origin: string;
  readonly keepEvents: number;
};

/**
 * The library's own adapter posts to whoever happens to be in that window (`'*'`), believes any window that says it is
 * the viewer, and listens for ever.
 */
export function createPageLink({ page, peer, origin, keepEvents }: PageLinkOptions): PageLink {
  const history = createHistory<StatelyInspectionEvent>(keepEvents, (event) => event);
  let connected = false;

  const post = (message: unknown): void => peer()?.postMessage(message, origin);

  /** The viewer says so whenever it is loaded: again after a reload, and then it knows nothing. */
  function hear({ data, source, origin: from }: MessageEvent<unknown>): void {
    const { type } = (data ?? {}) as { readonly type?: unknown };
    if (type !== '@statelyai.connected' || from !== origin || source === null || source !== peer()) return;
    connected = true;
    for (const event of history.all()) post(event);
  }

  return {
    start: () => page.addEventListener('message', hear),
    send: (event) => {
      history.add(event);
      if (connected) post(event);
    },
    stop: () => {
      page.removeEventListener('message', hear);
      if (connected) post({ type: '@statelyai.disconnected' });
      connected = false;
      history.clear();
    },
  };
}
