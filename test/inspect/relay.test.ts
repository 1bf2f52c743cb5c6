/** Issue 5, item 2: the relay passes on what it is meant to, and lets nobody else in. Real sockets on 127.0.0.1. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { createActor, createMachine } from 'xstate';
import { createTokenInspector } from '../../adapters/inspect';
import { createInspectorRelay, type InspectorRelay, type InspectorRelayOptions } from '../../adapters/inspect/relay';

const page = '<!doctype html><title>Viewer</title>';
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(options: InspectorRelayOptions = {}): Promise<InspectorRelay> {
  const relay = await createInspectorRelay({ page, ...options });
  open.push({ close: relay.stop });
  return relay;
}

const viewUrl = (relay: InspectorRelay): string => relay.url.replace('http:', 'ws:');

/** `null`: not let in. */
async function join(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, options);
  const heard: unknown[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(data.toString())));
  open.push({ close: () => socket.terminate() });
  const outcome = await once(socket, 'open').then(
    () => 'open',
    () => null,
  );
  return outcome === null ? null : { socket, heard };
}

async function until(check: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!check() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

const event = (at: number) => ({ type: '@xstate.event', sessionId: 'x:0', event: { type: `e${at}` } });

function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number | undefined; body: string; headers: object }>((resolve, reject) => {
    const asked = request(url, { headers, method }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode, body, headers: answer.headers }));
    });
    asked.on('error', reject).end();
  });
}

describe('the relay passes on', () => {
  it('issue 5 what a process shows, to who looks now and to who looks later', async () => {
    const relay = await start();
    const now = await join(viewUrl(relay));
    const inspector = createTokenInspector({ to: 'websocket', url: relay.socketUrl, WebSocket, name: 'worker 7' });
    open.push({ close: inspector.stop });
    const machine = createMachine({
      id: 'door',
      initial: 'shut',
      states: { shut: { on: { open: 'ajar' } }, ajar: {} },
    });
    createActor(machine, { inspect: inspector.inspect }).start().send({ type: 'open' });
    await until(() => now?.heard.length === 5);
    const later = await join(viewUrl(relay));
    await until(() => later?.heard.length === 5);
    expect(later?.heard).toEqual(now?.heard);
    expect(now?.heard.at(-1)).toMatchObject({ snapshot: { value: 'ajar' }, source: { label: 'worker 7' } });
  });

  it('issue 5 nothing to who sends, and nothing from who looks', async () => {
    const relay = await start();
    const viewer = await join(viewUrl(relay));
    const [one, other] = [await join(relay.socketUrl), await join(relay.socketUrl)];
    viewer?.socket.send(JSON.stringify(event(0)));
    one?.socket.send(JSON.stringify(event(1)));
    await until(() => viewer?.heard.length === 1);
    expect(viewer?.heard).toEqual([event(1)]);
    expect([one?.heard, other?.heard]).toEqual([[], []]);
  });

  it('issue 5 events alone, one by one or in lists; the rest is dropped', async () => {
    const relay = await start();
    const viewer = await join(viewUrl(relay));
    const sender = await join(relay.socketUrl);
    const noise = ['nonsense', '[]', 'null', '{"type":"@xstate.event"}', '{"type":"else","sessionId":"x:0"}'];
    for (const text of noise) sender?.socket.send(text);
    sender?.socket.send(JSON.stringify([event(1), 5, event(2)]));
    await until(() => viewer?.heard.length === 2);
    expect(viewer?.heard).toEqual([event(1), event(2)]);
  });

  it('issue 5 at most so much of the past, and a chart for as long as it is needed', async () => {
    const relay = await start({ keepEvents: 3 });
    const sender = await join(relay.socketUrl);
    const chart = { type: '@xstate.actor', sessionId: 'x:0', definition: '{"states":{}}' };
    const viewer = await join(viewUrl(relay));
    sender?.socket.send(JSON.stringify([chart, ...Array.from({ length: 20 }, (_, at) => event(at))]));
    await until(() => viewer?.heard.length === 21);
    const later = await join(viewUrl(relay));
    await until(() => later?.heard.length === 4);
    expect(later?.heard).toEqual([chart, event(17), event(18), event(19)]);
  });
});

describe('the relay keeps out', () => {
  it('issue 5 whoever does not know the path', async () => {
    const relay = await start();
    const { origin, pathname } = new URL(relay.url);
    expect(pathname).toMatch(/^\/[\w-]{22}\/$/);
    expect(new URL(relay.socketUrl).pathname).not.toBe(pathname);
    const wrong = [`${origin}/`, `${origin}${pathname}x`, `${origin}${pathname.slice(0, -2)}/`, `${origin}/viewer/`];
    for (const url of wrong) {
      expect((await get(url)).status).toBe(404);
      expect(await join(url.replace('http:', 'ws:'))).toBeNull();
    }
    const other = await start();
    expect(new URL(other.url).pathname).not.toBe(pathname);
  });

  it('issue 5 every other Host, which is how a name of an attacker’s leads here', async () => {
    const relay = await start();
    const { port } = new URL(relay.url);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:1`]) {
      expect([host, (await get(relay.url, { host })).status]).toEqual([host, 404]);
      expect([host, await join(viewUrl(relay), { headers: { host } })]).toEqual([host, null]);
    }
    expect((await get(relay.url, { host: `localhost:${port}` })).status).toBe(200);
  });

  it('issue 5 every page that is not meant, and lets those that are send, not look', async () => {
    const relay = await start({ allowedOrigins: ['http://localhost:5173'] });
    const { origin } = new URL(relay.url);
    for (const foreign of ['https://evil.example', 'null', 'http://localhost:5174', 'http://127.0.0.1:1']) {
      expect([foreign, await join(viewUrl(relay), { origin: foreign })]).toEqual([foreign, null]);
      expect([foreign, await join(relay.socketUrl, { origin: foreign })]).toEqual([foreign, null]);
    }
    expect(await join(relay.socketUrl, { origin: 'http://localhost:5173' })).not.toBeNull();
    expect(await join(viewUrl(relay), { origin: 'http://localhost:5173' })).toBeNull();
    expect(await join(viewUrl(relay), { origin })).not.toBeNull();
  });

  it('issue 5 messages that are too large, with whoever sends them', async () => {
    const relay = await start({ maxMessageBytes: 1_024 });
    const viewer = await join(viewUrl(relay));
    const sender = await join(relay.socketUrl);
    const closed = sender && once(sender.socket, 'close');
    sender?.socket.send(JSON.stringify({ ...event(1), padding: 'x'.repeat(2_000) }));
    await closed;
    (await join(relay.socketUrl))?.socket.send(JSON.stringify(event(2)));
    await until(() => viewer?.heard.length === 1);
    expect(viewer?.heard).toEqual([event(2)]);
  });

  it('issue 5 everybody who is not on this machine: it listens on 127.0.0.1 alone', async () => {
    const relay = await start();
    const port = Number(new URL(relay.url).port);
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address !== '127.0.0.1')
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address));
    for (const host of ['127.0.0.2', '::1', ...elsewhere]) {
      const socket = connect({ host, port });
      const outcome = await once(socket, 'connect').then(
        () => 'connected',
        () => 'refused',
      );
      socket.destroy();
      expect([host, outcome]).toEqual([host, 'refused']);
    }
  });
});

describe('the relay', () => {
  it('issue 5 serves the viewer under one URL, not to be framed, kept or told to others', async () => {
    const relay = await start();
    const { status, body, headers } = await get(relay.url);
    expect([status, body]).toEqual([200, page]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    expect((await get(relay.url, {}, 'POST')).status).toBe(404);
    expect((await get(relay.socketUrl.replace('ws:', 'http:'))).status).toBe(404);
  });

  it('issue 5 stop() closes every connection and the port, at once, however often it is called', async () => {
    const relay = await start();
    const viewer = await join(viewUrl(relay));
    const sender = await join(relay.socketUrl);
    const gone = [viewer, sender].map((one) => one && once(one.socket, 'close'));
    await Promise.all([relay.stop(), relay.stop(), relay[Symbol.asyncDispose]()]);
    await Promise.all(gone);
    await expect(get(relay.url)).rejects.toThrow('ECONNREFUSED');
  });

  it('issue 5 rejects where the port is taken', async () => {
    const relay = await start();
    await expect(createInspectorRelay({ page, port: Number(new URL(relay.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
