/** What docs/guides/oauth.md says is true of the code; its login is one that a real provider accepts. */
import { allowInsecureRequests, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { afterEach, describe, expect, it } from 'vitest';
import { type OAuthTokenSourceOptions, oauthTokenSource } from '../../adapters/oauth/index';
import { beginLogin, finishLogin, type Login } from '../../docs/examples/oauth/login';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';
import { clientId, openProvider, redirectUri } from './support/provider';
import { openTabs } from './support/tabs';

const guide = readText('docs/guides/oauth.md');

/** The login is a file that the others import. */
const nameOf = (text: string, at: number): string =>
  text.includes('export async function beginLogin') ? 'login.ts' : `snippet-${at}.ts`;

describe('the guide to OAuth', () => {
  it('R13.1 has examples that compile', { timeout: 120_000 }, () => {
    expect(snippetsIn(guide)).toHaveLength(5);
    // With one that does not: to compile takes long, and once tells both.
    const bad = "import { nothing } from 'token-lifecycle/oauth';\nnothing();";
    expect(snippetFaults([...snippetsIn(guide), bad], { nameOf })).toEqual([
      expect.stringContaining("no exported member 'nothing'"),
    ]);
  });

  it('R13.1 shows the login as it is tested', () => {
    expect(snippetsIn(guide)).toContain(readText('docs/examples/oauth/login.ts'));
  });

  it('R13.8 lists the options that there are', () => {
    const table = guide.slice(guide.indexOf('| option |'), guide.indexOf('Every address'));
    const listed = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names = '']) =>
      names.split(', ').map((name) => name.slice(1, -1)),
    );
    const options = { server: 'https://auth.example.com', client: { client_id: 'a' }, none: 1 };
    expect(() => oauthTokenSource(options as OAuthTokenSourceOptions)).toThrow(`there are ${listed.join(', ')}`);
  });
});

describe('the login', () => {
  const running: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of running.splice(0).reverse()) await end();
  });

  /** A browser that follows the server's redirects until they lead to the application. */
  async function follow(url: URL): Promise<URL> {
    const jar = new Map<string, string>();
    for (let at = url, steps = 0; steps < 20; steps += 1) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(at, { headers: { cookie }, redirect: 'manual' });
      for (const [name = '', value = ''] of response.headers.getSetCookie().map((one) => one.split(/[=;]/, 2)))
        jar.set(name, value);
      const next = new URL(response.headers.get('location') ?? '', at);
      if (next.href.startsWith(redirectUri)) return next;
      at = next;
    }
    throw new Error('It does not lead to the application.');
  }

  it('R13.2 by code and PKCE ends in a lifecycle that spends its refresh token once', { timeout: 40_000 }, async () => {
    const provider = await openProvider({ ttlSeconds: 60 });
    running.push(provider.close);
    const issuer = new URL(provider.issuer);
    const onLoopback = { [allowInsecureRequests]: true };
    const server = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, onLoopback));
    const kept = new Map<string, string>();
    const login: Login = {
      server,
      client: { client_id: clientId },
      redirectUri,
      storage: {
        getItem: (name) => kept.get(name) ?? null,
        setItem: (name, value) => void kept.set(name, value),
        removeItem: (name) => void kept.delete(name),
      },
    };
    const { sessionId, refreshToken } = await finishLogin(login, await follow(await beginLogin(login)), onLoopback);
    expect(kept.size).toBe(0);
    expect(sessionId).not.toBe('');
    const tokens = openTabs({ server, refreshToken }, { session: { id: sessionId } }).open();
    running.push(() => tokens.stop());
    expect(await provider.accountOf((await tokens.getToken()) ?? '')).toBe('user_1');
    await tokens.refresh();
    expect(provider.seen).toMatchObject({ reuses: 0, refused: [] });
  });
});
