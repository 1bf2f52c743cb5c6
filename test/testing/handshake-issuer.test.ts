/** The issuing side of a handshake in the test kit, with an authenticator of ours in front: #6678 from end to end (§11). */
import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { createRequestAuthenticator } from '../../adapters/server/authenticator';
import type { HandshakeOptions, RequestAuthenticatorOptions } from '../../adapters/server/types';
import { createTokenServer } from '../../adapters/testing/token-server/create';
import type { TokenServerOptions } from '../../adapters/testing/token-server/options';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { departure, Jar, open, origin, said } from '../server/support/stage';

const auth = 'https://auth.test';

type Given = {
  readonly handshake?: Partial<HandshakeOptions>;
  readonly app?: Partial<RequestAuthenticatorOptions>;
  readonly server?: Omit<TokenServerOptions, 'handshake' | 'clock'>;
  readonly issuing?: Partial<NonNullable<TokenServerOptions['handshake']>>;
};

/** An application, its issuer, and a browser that is signed in at the issuer. */
async function setUp({ handshake, app, server: serverOptions, issuing }: Given = {}) {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, ...serverOptions, handshake: { appOrigins: [origin], ...issuing } });
  const authenticate = createRequestAuthenticator({
    keys: await server.jwks(),
    issuer: auth,
    audience: 'api',
    appOrigin: origin,
    cookie: { name: '__session', outageWindowMs: 3_600_000 },
    marker: { cookie: '__client_uat' },
    handshake: { url: `${auth}/handshake`, ...handshake },
    clock,
    ...app,
  } as RequestAuthenticatorOptions);
  server.respondWith({ do: 'mint', claims: { aud: 'api' } });
  const jars = { app: new Jar(() => clock.now()), issuer: new Jar(() => clock.now()) };
  /** At the issuer, as a browser would. */
  const visit = async (url: URL | string): Promise<Response> => {
    const cookie = Object.entries(jars.issuer.cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const response = await server.handle(new Request(url, { headers: { cookie } }));
    jars.issuer.take(response.headers);
    return response;
  };
  /** In the application. */
  const go = async (path: string) => {
    const answer = await authenticate(open({ path, cookies: jars.app.cookies }));
    jars.app.take(answer.headers);
    return answer;
  };
  const home = (response: Response): string => (response.headers.get('location') ?? '').slice(origin.length);
  /** Opens a page and follows every redirect. */
  const land = async (path = '/a?b=1') => {
    const away = await go(path);
    if (away.status !== 'handshake') return said(away);
    const back = await visit(away.location);
    if (back.status !== 302) return `${back.status} at the issuer`;
    const returned = await go(home(back));
    if (returned.status !== 'handshake') return said(returned);
    expect(returned.location).toBe(`${origin}${path}`);
    return said(await go(path));
  };
  const signedIn = await visit(`${auth}/sign-in?session_id=sess_1&redirect_url=${origin}/`);
  jars.app.set('__client_uat', jars.issuer.cookies.__client_uat ?? '');
  return { clock, server, authenticate, jars, visit, go, home, land, signedIn };
}

const sealed = async () => {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES');
  return {
    handshake: { presentTokenOnHandshake: 'encrypted', encryptionKey: publicKey },
    issuing: { decryptionKey: privateKey },
  } as const;
};
const plain: Given = { handshake: { presentTokenOnHandshake: 'plain' } };

describe('with an origin', () => {
  it('H4 H2 who has signed in at the issuer lands signed in, and stays so without another handshake', async () => {
    const { signedIn, land, go, server, jars } = await setUp();
    expect(signedIn.status).toBe(302);
    expect(signedIn.headers.getSetCookie()[0]).toMatch(/^__client=.*; Secure; HttpOnly; SameSite=Lax$/);
    expect(await land()).toBe('signed-in cookie');
    expect(await server.verify(jars.app.cookies.__session ?? '')).toMatchObject({ sid: 'sess_1', aud: 'api' });
    expect(said(await go('/'))).toBe('signed-in cookie');
    expect(server.handshakes).toMatchObject([
      { reason: 'client-uat-but-no-session-token', how: 'none', by: 'origin', answer: 'signed-in' },
    ]);
  });

  it('H2 by a nonce, which is good for one exchange', async () => {
    const exchanged: string[] = [];
    const exchange = async ({ nonce }: { nonce: string }): Promise<string | null> => {
      exchanged.push(nonce);
      const response = await fixture.server.handle(new Request(`${auth}/handshake/exchange?nonce=${nonce}`));
      return response.ok ? ((await response.json()) as { token: string }).token : null;
    };
    const fixture = await setUp({ issuing: { by: 'nonce' }, handshake: { exchange } });
    expect(await fixture.land()).toBe('signed-in cookie');
    expect(exchanged).toHaveLength(1);
    expect(await exchange({ nonce: exchanged[0] ?? '' })).toBeNull();
  });

  it('H2 a nonce is good for a minute', async () => {
    const { go, visit, server, clock } = await setUp({
      issuing: { by: 'nonce' },
      handshake: { exchange: async () => null },
    });
    const back = await visit(departure(await go('/')));
    const nonce = new URL(back.headers.get('location') ?? '').searchParams.get('__handshake_nonce');
    await clock.advance(60_000);
    expect((await server.handle(new Request(`${auth}/handshake/exchange?nonce=${nonce}`))).status).toBe(404);
  });

  it('H7 a credential comes along, and renews the token without a redirect', async () => {
    const fixture = await setUp({
      server: { credential: 'rotating' },
      issuing: { cookies: { refresh: '__Host-refresh' } },
      handshake: { cookies: ['__Host-refresh'] },
      app: {
        refresh: {
          credential: '__Host-refresh',
          run: async ({ credential }) => {
            const body = JSON.stringify({ sessionId: 'sess_1', refresh_token: credential });
            const response = await fixture.server.handle(new Request(`${auth}/tokens`, { method: 'POST', body }));
            const given = (await response.json()) as { token: string; refresh_token: string };
            return { token: given.token, cookies: [{ name: '__Host-refresh', value: given.refresh_token }] };
          },
        },
      },
    });
    expect(await fixture.land()).toBe('signed-in cookie');
    await fixture.clock.advance(120_000);
    expect(await fixture.land()).toBe('signed-in refresh');
    await fixture.clock.advance(120_000);
    expect(await fixture.land()).toBe('signed-in refresh');
    expect(fixture.server.handshakes).toHaveLength(1);
    expect(fixture.server.reuses).toBe(0);
  });

  it('H2 H3 who signs out at the issuer is signed out after the next handshake', async () => {
    const { land, visit, clock, jars } = await setUp();
    await land();
    const left = await visit(`${auth}/sign-out?redirect_url=${origin}/`);
    expect(left.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__client=; .*Max-Age=0/),
      expect.stringMatching(/^__client_uat=0;/),
    ]);
    await clock.advance(120_000);
    expect(await land()).toMatch(/^signed-out/);
    expect(jars.app.cookies).toMatchObject({ __client_uat: '0' });
  });

  it('§11 nobody is sent to a place that is not known', async () => {
    const { visit, server } = await setUp();
    for (const path of ['handshake', 'sign-in', 'sign-out']) {
      for (const to of ['https://evil.example.com/', '//evil.example.com', `${origin}.evil.example.com`, '', '/']) {
        const answer = await visit(`${auth}/${path}?redirect_url=${encodeURIComponent(to)}`);
        expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      }
    }
    expect(server.handshakes.every(({ answer }) => answer === 'refused')).toBe(true);
  });
});

describe('the origin is down', () => {
  it.each(['encrypted', 'plain'] as const)('H8 #6678 an expired token (%s) is enough for the edge', async (how) => {
    const { land, server, clock, jars } = await setUp(how === 'plain' ? plain : await sealed());
    await land();
    const first = jars.app.cookies.__session;
    await clock.advance(120_000);
    server.respondWith({ do: 'outage' });
    expect(await land('/deep?x=%20y')).toBe('signed-in cookie');
    expect(jars.app.cookies.__session).not.toBe(first);
    expect(await server.verify(jars.app.cookies.__session ?? '')).toMatchObject({ sid: 'sess_1', aud: 'api' });
    expect(server.handshakes[1]).toMatchObject({
      how,
      by: 'edge',
      answer: 'signed-in',
      presented: { sessionId: 'sess_1' },
    });
    expect(JSON.stringify(server.handshakes)).not.toContain('eyJ');
  });

  it('H8 without the token nobody can say, and nobody is signed out', async () => {
    const { land, server, clock, jars } = await setUp();
    await land();
    await clock.advance(120_000);
    server.respondWith({ do: 'outage' });
    expect(await land()).toBe('503 at the issuer');
    expect(jars.app.cookies).toHaveProperty('__session');
    server.respondWith({ do: 'mint', claims: { aud: 'api' } });
    expect(await land()).toBe('signed-in cookie');
    expect(server.handshakes.map(({ answer }) => answer)).toEqual(['signed-in', 'unavailable', 'signed-in']);
  });

  it('H8 the origin says what it is told to say', async () => {
    const { land, server, clock } = await setUp(plain);
    await land();
    await clock.advance(120_000);
    server.respondWith({ do: 'status', status: 502 });
    expect(await land()).toBe('502 at the issuer');
  });

  it('H8 evidence is no credential: without the issuer’s cookie it is worth nothing', async () => {
    const { land, server, clock, jars } = await setUp(plain);
    await land();
    await clock.advance(120_000);
    server.respondWith({ do: 'outage' });
    jars.issuer.set('__client', '');
    expect(await land()).toMatch(/^signed-out/);
    jars.issuer.set('__client', jars.app.cookies.__session ?? 'x');
    expect(await land()).toMatch(/^signed-out/);
  });

  it.each([
    ['it is of a session that was revoked', 'signed-out', async () => ({ revoke: true })],
    ['it expired too long ago', '503', async () => ({ waitMs: 3_600_000 })],
    ['it is of another session', '503', async () => ({ sessionId: 'sess_2' })],
  ])('H8 evidence does not count where %s', async (_, expected, given) => {
    const {
      revoke = false,
      waitMs = 0,
      sessionId,
    } = (await given()) as {
      revoke?: boolean;
      waitMs?: number;
      sessionId?: string;
    };
    const { land, visit, server, clock, jars } = await setUp({
      ...plain,
      app: { cookie: { name: '__session', outageWindowMs: 24 * 3_600_000 } },
    });
    await land();
    if (sessionId) await visit(`${auth}/sign-in?session_id=${sessionId}&redirect_url=${origin}/`);
    if (revoke) server.revoke('sess_1');
    await clock.advance(120_000 + waitMs);
    server.respondWith({ do: 'outage' });
    expect(jars.app.cookies).toHaveProperty('__session');
    expect(await land()).toMatch(new RegExp(`^${expected}`));
  });

  it('H8 a token that was sealed for another handshake, or by nobody, is none', async () => {
    const { land, go, visit, server, clock } = await setUp(await sealed());
    await land();
    await clock.advance(120_000);
    server.respondWith({ do: 'outage' });
    const away = departure(await go('/'));
    const other = departure(await go('/'));
    away.searchParams.set('__session_jwe', other.searchParams.get('__session_jwe') ?? '');
    expect((await visit(away)).status).toBe(503);
    away.searchParams.set('__session_jwe', 'a.b.c.d.e');
    expect((await visit(away)).status).toBe(503);
    expect((await visit(other)).status).toBe(302);
  });
});

describe('by default', () => {
  it('§11 a token server knows nothing of it', async () => {
    const server = createTokenServer();
    expect((await server.handle(new Request(`${auth}/handshake?redirect_url=${origin}/`))).status).toBe(404);
    expect(server.handshakes).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['handshake.appOrigins', { appOrigins: [] }],
    ['handshake.appOrigins[0]', { appOrigins: [`${origin}/path`] }],
    ['handshake.by', { appOrigins: [origin], by: 'post' }],
    ['handshake.evidenceSeconds', { appOrigins: [origin], evidenceSeconds: -1 }],
    ['handshake.cookies.client', { appOrigins: [origin], cookies: { client: '' } }],
    ['handshake.cookies.other', { appOrigins: [origin], cookies: { other: 'a' } }],
    ['handshake.url', { appOrigins: [origin], url: auth }],
  ])('§11 a bad %s is refused', (option, handshake) => {
    expect(() => createTokenServer({ handshake } as TokenServerOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: `createTokenServer.${option}` }),
    );
  });
});
