import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { createStore, type Store } from '../store';
import { createApp } from './app';
import { createServerClock } from './clock';
import type { Demo, DemoEnv } from './context';
import { createSigningKeys } from './keys';
import { emptyPage, type PageAssets } from './page';
import { createRequestLog, type RequestLog } from './request-log';
import { createSessionStore, type SessionStore } from './sessions';
import { type DemoSettings, defaultSettings } from './settings';
import { createTokenService } from './tokens';

export type DemoServer = {
  readonly app: Hono<DemoEnv>;
  readonly settings: Store<DemoSettings>;
  readonly sessions: SessionStore;
  readonly log: RequestLog;
  /**
   * Starts listening on the loopback.
   *
   * @param port 0 for any free one
   * @returns the address, e.g. `http://127.0.0.1:4400`. Rejects with `EADDRINUSE` where the port is taken.
   */
  listen(port: number): Promise<string>;
  /** Ends streams and open connections at once. Idempotent. */
  close(): Promise<void>;
};

const host = '127.0.0.1';

/**
 * A token server with everything that can go wrong on a switch. All state belongs to the instance.
 *
 * @param options.page the files of the page; without them only the endpoints are there
 * @example const server = await createDemoServer(); const url = await server.listen(0);
 */
export async function createDemoServer(
  options: { page?: PageAssets; settings?: Partial<DemoSettings> } = {},
): Promise<DemoServer> {
  const clock = createServerClock();
  const keys = await createSigningKeys();
  const settings = createStore<DemoSettings>({ ...defaultSettings, ...options.settings });
  settings.watch(({ clockOffsetSeconds }) => clock.setOffsetSeconds(clockOffsetSeconds));
  settings.set(settings.get());

  let address = `http://${host}`;
  const demo: Demo = {
    clock,
    keys,
    sessions: createSessionStore(),
    tokens: createTokenService(keys, clock, () => address),
    settings,
    log: createRequestLog(),
    page: options.page ?? emptyPage,
  };
  const app = createApp(demo);
  const http = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;

  return {
    app,
    settings,
    sessions: demo.sessions,
    log: demo.log,
    listen: (port) =>
      new Promise((resolve, reject) => {
        http.once('error', reject);
        http.listen(port, host, () => {
          http.off('error', reject);
          const bound = http.address();
          address = `http://${host}:${typeof bound === 'object' && bound ? bound.port : port}`;
          resolve(address);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
