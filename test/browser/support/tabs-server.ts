/** The server of the tabs suite: pages, tokens, and a list of who asked for what. */
import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { type Authority, createAuthority } from './tabs-authority';
import type { TabConfig } from './tabs-config';

/** Those under `localhost` are secure contexts and need no DNS; `.test` is not and wants `insecureHosts`. */
export type TabHost = 'app.shop.localhost' | 'evil.shop.localhost' | 'app.beta.localhost' | 'app.shop.test';

/** Makes `*.test` lead to this machine. */
export const insecureHosts = '--host-resolver-rules=MAP *.test 127.0.0.1';

export type MintSeen = {
  /** Epoch ms at which it arrived. */
  readonly at: number;
  readonly tab: string;
  readonly sessionId: string;
  readonly organizationId?: string | null;
  readonly cause: string;
  readonly presence: string;
  /** `undefined` while it hangs. */
  status?: number;
};

/** `drop`: the connection breaks without an answer. A number is a status. */
export type TabAnswer = 'mint' | 'hang' | 'drop' | number;

export type TabServer = {
  readonly authority: Authority;
  /** Every request for a token, in order of arrival. */
  readonly mints: readonly MintSeen[];
  /** Decides about each request. */
  answer: (mint: MintSeen) => TabAnswer;
  /** Before each answer, in ms. */
  latencyMs: number;
  /** Breaks whatever is under way, as a network that goes away would. */
  dropConnections(): void;
  /** The address of a page with a lifecycle. */
  page(host: TabHost, config: TabConfig, csp?: string): string;
  /** The address of a page without one. */
  blank(host: TabHost): string;
  close(): Promise<void>;
};

type Env = { Bindings: HttpBindings };

const documentWith = (script: string): string =>
  `<!doctype html><html lang="en"><title>tab</title><link rel="icon" href="data:,">${script}<p>tab</p></html>`;

/** Before any other script: what this browser is not to have. */
const removals: Record<NonNullable<TabConfig['without']>[number], string> = {
  BroadcastChannel: 'delete window.BroadcastChannel',
  locks: 'delete Navigator.prototype.locks',
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param options.script the bundle of the page
 * @param options.ttlSeconds how long a token lives
 */
export async function serveTabs(options: { readonly script: string; readonly ttlSeconds: number }): Promise<TabServer> {
  const authority = await createAuthority(options.ttlSeconds);
  const mints: MintSeen[] = [];
  const app = new Hono<Env>();

  async function weigh(context: Context<Env>, body: Record<string, unknown>): Promise<MintSeen | Response> {
    const { sessionId, organizationId, cause, presence } = body;
    const mint: MintSeen = {
      at: Date.now(),
      tab: context.req.header('x-tab') ?? '',
      sessionId: String(sessionId),
      ...(typeof organizationId === 'string' && { organizationId }),
      cause: String(cause),
      presence: String(presence),
    };
    mints.push(mint);
    const answer = server.answer(mint);
    if (answer === 'hang') return RESPONSE_ALREADY_SENT;
    await sleep(server.latencyMs);
    if (answer === 'drop') {
      context.env.outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    mint.status = answer === 'mint' ? 200 : answer;
    if (answer === 'mint') return mint;
    return context.json({ errors: [{ code: 'refused' }] }, mint.status as 503);
  }

  // A sandboxed page is of no origin at all.
  app.use(cors({ origin: '*', exposeHeaders: ['date'] }));
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-cache');
  });
  app.get('/tab.js', (context) => context.text(options.script, 200, { 'content-type': 'text/javascript' }));
  app.get('/blank', (context) => context.html(documentWith('')));
  app.get('/tab', (context) => {
    const { csp, config = '{}' } = context.req.query();
    const { without = [] } = JSON.parse(config) as TabConfig;
    if (csp !== undefined) context.header('content-security-policy', csp);
    const before = without.length > 0 ? `<script>${without.map((one) => removals[one]).join(';')}</script>` : '';
    return context.html(documentWith(`${before}<script src="/tab.js"></script>`));
  });
  app.post('/tokens', async (context) => {
    const mint = await weigh(context, await context.req.json());
    return mint instanceof Response ? mint : context.json({ token: await authority.sign(mint) });
  });
  app.post('/rotate', async (context) => {
    const body = await context.req.json();
    const mint = await weigh(context, body);
    if (mint instanceof Response) return mint;
    const rotation = authority.rotate(mint.sessionId, body.credential);
    if (rotation.is === 'rotated') return context.json({ token: await authority.sign(mint), next: rotation.next });
    mint.status = 401;
    return context.json({ errors: [{ code: 'invalid_grant' }] }, 401);
  });
  app.post('/session', (context) => context.json({ active: true }));
  app.post('/sign-out', (context) => context.json({}));

  const http = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const server: TabServer = {
    authority,
    mints,
    answer: () => 'mint',
    latencyMs: 20,
    dropConnections: () => http.closeAllConnections(),
    page: (host, config, csp) => {
      const url = new URL('/tab', `http://${host}:${port}`);
      url.searchParams.set('config', JSON.stringify(config));
      if (csp !== undefined) url.searchParams.set('csp', csp);
      return url.href;
    },
    blank: (host) => `http://${host}:${port}/blank`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
