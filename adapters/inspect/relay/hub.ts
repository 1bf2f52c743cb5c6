/** What senders say, to all who look; and to those who come later, what was said. */
import type { RawData, WebSocket } from 'ws';
import { createHistory } from '../history';

/** Whoever reads so slowly is gone for all purposes. */
const maxBufferedBytes = 16 * 1_048_576;

type Message = { readonly type: string; readonly definition?: unknown; readonly text: string };

const types = new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']);

/** One event of the protocol, or nothing. */
function readMessage(value: unknown): Message | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, sessionId, definition } = value as { type?: unknown; sessionId?: unknown; definition?: unknown };
  if (typeof type !== 'string' || !types.has(type) || typeof sessionId !== 'string') return null;
  return { type, definition, text: JSON.stringify(value) };
}

/** A frame holds one event, or several in a list. What is none is dropped. */
function readFrame(data: RawData): Message[] {
  try {
    const parsed: unknown = JSON.parse(data.toString());
    return (Array.isArray(parsed) ? parsed : [parsed]).map(readMessage).filter((message) => message !== null);
  } catch {
    return [];
  }
}

export type Hub = {
  addViewer(socket: WebSocket): void;
  addSender(socket: WebSocket): void;
};

export function createHub(keepEvents: number): Hub {
  const history = createHistory<Message>(keepEvents, (message) => message);
  const viewers = new Set<WebSocket>();

  function tell(viewer: WebSocket, text: string): void {
    if (viewer.bufferedAmount > maxBufferedBytes) viewer.terminate();
    else viewer.send(text);
  }

  return {
    addViewer: (socket) => {
      for (const { text } of history.all()) tell(socket, text);
      viewers.add(socket);
      socket.on('close', () => viewers.delete(socket));
    },
    addSender: (socket) => {
      socket.on('message', (data) => {
        for (const message of readFrame(data)) {
          history.add(message);
          for (const viewer of viewers) tell(viewer, message.text);
        }
      });
    },
  };
}
