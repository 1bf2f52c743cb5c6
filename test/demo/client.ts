import { createDemoServer, type DemoServer } from '../../docs/demo/server/server';

/** A browser's half of the demo without a browser: it keeps the session cookie and sends what the page would send. */
export type DemoClient = {
  readonly url: string;
  readonly server: DemoServer;
  /** What the browser would send. */
  cookie(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  signIn(userId?: string): Promise<{ id: string; organizationId: string | null }>;
  mint(body?: Record<string, unknown>): Promise<Response>;
  /** Mints and hands out the token itself. */
  token(body?: Record<string, unknown>): Promise<string>;
};

export async function startDemo(settings: Parameters<typeof createDemoServer>[0] = {}): Promise<DemoClient> {
  const server = await createDemoServer(settings);
  const url = await server.listen(0);
  let cookie = '';

  const client: DemoClient = {
    url,
    server,
    cookie: () => cookie,
    fetch: async (path, init = {}) => {
      const headers = new Headers(init.headers);
      if (cookie && !headers.has('cookie')) headers.set('cookie', cookie);
      const response = await fetch(url + path, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        if (pair.startsWith('demo_session=')) cookie = pair.endsWith('=') ? '' : pair;
      }
      return response;
    },
    post: (path, body = {}, headers = {}) =>
      client.fetch(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'x-token-lifecycle': '1', origin: url, ...headers },
      }),
    signIn: async (userId) => {
      const response = await client.post('/sign-in', userId === undefined ? {} : { userId });
      return ((await response.json()) as { session: { id: string; organizationId: string | null } }).session;
    },
    mint: (body = {}) => client.post('/tokens', body),
    token: async (body) => ((await (await client.mint(body)).json()) as { token: string }).token,
  };
  return client;
}

/** The first error code of a refused request. */
export async function codeOf(response: Response): Promise<string | undefined> {
  const body = (await response.json()) as { errors?: { code: string }[] };
  return body.errors?.[0]?.code;
}
