/** Everything real: the demo's server on a free port, `fetch`, the system's clock. Lifetimes are short. */
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleEvents, LifecycleOptions } from '../../adapters/host/types';
import { httpTokenSource } from '../../adapters/source/http';
import { createDemoServer } from '../../docs/demo/server/server';
import type { DemoSettings } from '../../docs/demo/server/settings';

export type Call = { readonly at: number; readonly path: string; readonly body: Record<string, unknown> };

/** Signed in at a server of its own; started. */
export async function startStack(settings: Partial<DemoSettings> = {}, policy: LifecycleOptions['policy'] = {}) {
  const server = await createDemoServer({ settings: { ttlSeconds: 4, ...settings } });
  const url = await server.listen(0);
  const signedIn = await fetch(`${url}/sign-in`, {
    method: 'POST',
    headers: { 'x-token-lifecycle': '1', 'content-type': 'application/json' },
    body: '{}',
  });
  const { session } = (await signedIn.json()) as { session: { id: string } };
  // Node keeps no cookies: what a browser would send along is sent by hand.
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

  const calls: Call[] = [];
  const source = httpTokenSource({
    url: `${url}/tokens`,
    sessionUrl: `${url}/session`,
    revokeUrl: `${url}/sign-out`,
    headers: { cookie },
    fetch: (input, init) => {
      const body = JSON.parse(String(init.body)) as Record<string, unknown>;
      calls.push({ at: performance.now(), path: new URL(input).pathname, body });
      return fetch(input, init);
    },
  });
  const tokens = createTokenLifecycle({ session: { id: session.id }, source, policy: { jitter: 0, ...policy } });
  tokens.start();

  return {
    server,
    url,
    tokens,
    calls,
    mints: () => calls.filter(({ path }) => path === '/tokens'),
    set: (change: Partial<DemoSettings>) => server.settings.set({ ...server.settings.get(), ...change }),
    /** The next event of a type, or the first for which `wanted` says yes. */
    next: <Type extends keyof LifecycleEvents>(type: Type, wanted = (_: LifecycleEvents[Type]) => true) =>
      new Promise<LifecycleEvents[Type]>((resolve) => {
        const stop = tokens.on(type, (event) => {
          if (!wanted(event)) return;
          stop();
          resolve(event);
        });
      }),
    /** What an API that checks the signature makes of a token. */
    api: async (token: string): Promise<number> =>
      (await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status,
    /** A mint by hand, with the cookie of this session. */
    mintByHand: async (): Promise<number> => {
      const answer = await fetch(`${url}/tokens`, {
        method: 'POST',
        headers: { cookie, 'x-token-lifecycle': '1', 'content-type': 'application/json' },
        body: '{}',
      });
      return answer.status;
    },
    close: async () => {
      tokens.stop();
      await server.close();
    },
  };
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
