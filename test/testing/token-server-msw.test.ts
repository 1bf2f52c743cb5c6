/** The token server as a handler of msw: the application's own requests, intercepted. */
import { http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import { httpTokenSource } from '../../adapters/source/http';
import { memoryStore } from '../../adapters/store/memory';
import { createTokenServer, type TokenServer } from '../../adapters/testing/token-server/create';

let server: TokenServer;
const network = setupServer(http.all('https://auth.test/*', ({ request }) => server.handle(request)));

beforeAll(() => network.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  server = createTokenServer();
});
afterEach(() => network.resetHandlers());
afterAll(() => network.close());

const lifecycle = () =>
  createTokenLifecycle({
    session: { id: 'sess_1' },
    store: memoryStore(),
    source: httpTokenSource({
      url: 'https://auth.test/tokens',
      sessionUrl: 'https://auth.test/session',
      revokeUrl: 'https://auth.test/session/end',
    }),
    policy: { jitter: 0, retryInitialMs: 20, mintFloorMs: 1, requestTimeoutMs: 200 },
  });

describe('a token server behind msw', () => {
  it('§7 mints', async () => {
    using tokens = lifecycle().start();
    const token = (await tokens.getToken()) ?? '';
    expect(await server.verify(token)).toMatchObject({ sid: 'sess_1' });
  });

  it('§5 fails as it is told, also by silence and by a broken connection', async () => {
    server.script([{ do: 'drop' }, { do: 'hang' }, { do: 'status', status: 429, code: 'slow_down' }]);
    using tokens = lifecycle().start();
    const failures: string[] = [];
    tokens.on('refresh.failed', ({ reason }) => failures.push(reason));
    expect(await tokens.getToken()).toMatch(/^ey/);
    expect(failures).toEqual(['transient', 'timed-out', 'rate-limited']);
  });

  it('§8 hears of a sign-out', async () => {
    using tokens = lifecycle().start();
    await tokens.getToken();
    const { remote } = await tokens.signOut();
    expect(await remote).toBe('revoked');
    expect(server.requests.map(({ op }) => op)).toEqual(['mint', 'revoke']);
  });
});
