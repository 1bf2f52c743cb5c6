/** A real HTTP server on 127.0.0.1 that answers the way a test says. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
export type Reply = (response: ServerResponse, seen: Seen) => void;

export type TestServer = {
  readonly origin: string;
  readonly seen: Seen[];
  /** How every request is answered from now on. */
  answer(reply: Reply): void;
  /** Resolves once `count` requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
};

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const raw =
  (status: number, body: string, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

/** Takes the request and never says a word. */
export const hang: Reply = () => undefined;

export const drop: Reply = (response) => {
  response.socket?.destroy();
};

/** Sends the head and half a body, and leaves it at that. */
export const stall =
  (status: number): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.write('{"token":"');
  };

/** Sends half a body and breaks the connection. */
export const breakOff =
  (status: number): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"token":"', () => response.socket?.destroy());
  };

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

export async function startServer(): Promise<TestServer> {
  const seen: Seen[] = [];
  const waiting: { count: number; done: () => void }[] = [];
  let reply: Reply = json(500, {});
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body: await bodyOf(request) };
    seen.push(one);
    reply(response, one);
    for (const { count, done } of waiting) if (seen.length >= count) done();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (next) => {
      reply = next;
    },
    arrived: (count) =>
      new Promise((done) => {
        waiting.push({ count, done });
        if (seen.length >= count) done();
      }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
