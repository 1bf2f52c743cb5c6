/** A WebSocket, to the relay of `token-lifecycle/inspect/relay` or to any other that takes one event per message. */
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { createHistory } from '../history';
import type { Report } from '../problems';
import type { Target } from './target';

/** What is used of a WebSocket: the platform's, or the one of the package `ws`. */
export type Socket = {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
};
export type SocketConstructor = new (url: string) => Socket;

export type SocketOptions = {
  readonly url: URL;
  /** `undefined`: the platform's. */
  readonly WebSocket: SocketConstructor | undefined;
  readonly keepEvents: number;
  readonly report: Report;
};

const isOpen = 1;
const firstWaitMs = 500;
const longestWaitMs = 10_000;

/** Node 20 has none of its own. Bundlers leave this import alone, as nothing that they could resolve. */
async function findConstructor(): Promise<SocketConstructor> {
  if (typeof WebSocket !== 'undefined') return WebSocket;
  const name = 'ws';
  const found = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as { default: SocketConstructor };
  return found.default;
}

export function socketTarget({ url, WebSocket: given, keepEvents, report }: SocketOptions): Target {
  /** Not sent yet. */
  const waiting = createHistory<StatelyInspectionEvent>(keepEvents, (event) => event);
  let socket: Socket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = firstWaitMs;
  let stopped = true;
  let complained = false;

  function complain(message: string): void {
    if (!complained) report({ reason: 'not-connected', message });
    complained = true;
  }

  function connectLater(Constructor: SocketConstructor): void {
    complain(`No connection to ${url.host}. It is tried again until it is there, or stop() is called.`);
    timer = setTimeout(() => connect(Constructor), waitMs);
    waitMs = Math.min(longestWaitMs, 2 * waitMs);
  }

  function connect(Constructor: SocketConstructor): void {
    if (stopped) return;
    let opening: Socket;
    try {
      opening = new Constructor(url.href);
    } catch {
      // A content security policy may forbid it.
      connectLater(Constructor);
      return;
    }
    socket = opening;
    opening.onopen = () => {
      waitMs = firstWaitMs;
      complained = false;
      for (const event of waiting.all()) opening.send(JSON.stringify(event));
      waiting.clear();
    };
    // What failed closes as well; without a listener the package `ws` would throw it.
    opening.onerror = () => {};
    opening.onclose = () => {
      if (!stopped && socket === opening) connectLater(Constructor);
    };
  }

  return {
    open: () => !stopped,
    start: () => {
      stopped = false;
      if (given) {
        connect(given);
        return;
      }
      findConstructor().then(connect, () =>
        complain("There is no WebSocket here. Install the package 'ws', or pass `WebSocket`."),
      );
    },
    send: (event) => {
      if (socket?.readyState === isOpen) socket.send(JSON.stringify(event));
      else waiting.add(event);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
      socket = null;
      waiting.clear();
    },
  };
}
