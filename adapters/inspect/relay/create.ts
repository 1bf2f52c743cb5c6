/** `createInspectorRelay`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { loadViewerPage } from '../targets/viewer-url';
import { createGate, type Gate } from './gate';
import { createHub } from './hub';
import { type InspectorRelayOptions, readRelayOptions } from './options';

export type InspectorRelay = AsyncDisposable & {
  /** To be opened in a browser of this machine. Whoever has it sees everything: it is a secret. */
  readonly url: string;
  /** For `createTokenInspector({ to: 'websocket', url })`. Whoever has it may send, and sees nothing. */
  readonly socketUrl: string;
  /** Closes every connection and the port. */
  stop(): Promise<void>;
};

const address = '127.0.0.1';

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // The address holds the secret.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Nobody is told what is missing: a wrong path looks like a wrong host. */
const refuse = (socket: Duplex): void => {
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
};

function serve(gate: Gate, page: string) {
  return (request: IncomingMessage, answer: ServerResponse): void => {
    if (request.method !== 'GET' || gate.admit(request) !== 'view') answer.writeHead(404).end();
    else answer.writeHead(200, headers).end(page);
  };
}

/**
 * Passes on what `createTokenInspector({ to: 'websocket' })` sends, from Node or a page, to the viewer, which it serves
 * as well. It listens on 127.0.0.1 alone, and lets nobody in without a random path and a Host and Origin that fit.
 *
 * @param options `port` (default 0, a free one), `allowedOrigins` of pages that may send (none), `page`, `keepEvents` for
 *   viewers that come later (1000), `maxMessageBytes` (1 MB)
 * @throws ConfigurationError for an option that cannot work; Node's error where the port is taken
 * @example
 * const relay = await createInspectorRelay();
 * console.log(`Look at ${relay.url}`);
 * const { inspect } = createTokenInspector({ to: 'websocket', url: relay.socketUrl });
 */
export async function createInspectorRelay(options: InspectorRelayOptions = {}): Promise<InspectorRelay> {
  const settings = readRelayOptions(options);
  const { allowedOrigins, keepEvents, maxMessageBytes } = settings;
  const page = settings.page ?? (await loadViewerPage());
  const server = createServer();
  const port = await listen(server, settings.port);
  const gate = createGate({ port, allowedOrigins });
  const hub = createHub(keepEvents);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });

  server.on('request', serve(gate, page));
  server.on('upgrade', (request, socket, head) => {
    // A connection that breaks off before it is accepted.
    socket.on('error', () => socket.destroy());
    const door = gate.admit(request);
    if (!door) {
      refuse(socket);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      // Too large a message ends the connection; that is all there is to say.
      accepted.on('error', () => accepted.terminate());
      if (door === 'view') hub.addViewer(accepted);
      else hub.addSender(accepted);
    });
  });

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= new Promise((resolve) => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return stopping;
  };
  const authority = `${address}:${port}`;
  return {
    url: `http://${authority}${gate.paths.view}?ws`,
    socketUrl: `ws://${authority}${gate.paths.send}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
