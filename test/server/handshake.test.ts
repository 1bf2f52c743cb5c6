/** To the issuer and back, as a browser goes. */
import { exportJWK, generateKeyPair, jwtDecrypt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequestAuthenticatorOptions } from '../../adapters/server/types';
import { makeRound as roundWith, withReturn } from './support/round';
import {
  ask,
  departure,
  handshake,
  type Keys,
  makeKeys,
  makeStage,
  marker,
  open,
  said,
  seconds,
} from './support/stage';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

const makeRound = (options: Partial<RequestAuthenticatorOptions> = {}) => roundWith(keys, options);

const uat = String(seconds(0));

describe('the way to the issuer', () => {
  it('H8 carries where to come back to, why, and a state that the browser keeps', async () => {
    const { go } = await makeRound({ handshake: { url: 'https://auth.example.com/handshake?app=1' } });
    const answer = await go('/account?tab=1&q=%20a+b');
    const away = departure(answer);
    expect(away.origin + away.pathname).toBe('https://auth.example.com/handshake');
    const state = away.searchParams.get('state') ?? '';
    expect(Object.fromEntries(away.searchParams)).toEqual({
      app: '1',
      redirect_url: 'https://app.example.com/account?tab=1&q=%20a+b',
      reason: 'session-token-expired',
      state,
    });
    expect(state).toMatch(/^[\w-]{22}$/);
    const time = (seconds(100) * 1_000).toString(36);
    expect(answer.headers.getSetCookie()).toEqual([
      `__Host-handshake-${state.slice(0, 8)}=${state}.${state.slice(0, 4)}${time}; Path=/; Max-Age=120; SameSite=Lax; Secure; HttpOnly`,
    ]);
    expect(answer.headers.get('location')).toBe(away.href);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('vary')).toBe('Cookie, Authorization');
  });

  it('H8 has a new state each time', async () => {
    const { go } = await makeRound();
    const states = new Set<string | null>();
    for (let count = 0; count < 3; count += 1) states.add(departure(await go('/')).searchParams.get('state'));
    expect(states.size).toBe(3);
  });

  it('H8 in a frame the cookie lives in its partition', async () => {
    const { go } = await makeRound();
    const answer = await go('/', { 'sec-fetch-dest': 'iframe' });
    expect(answer.headers.getSetCookie()[0]).toMatch(/; SameSite=None; Secure; Partitioned; HttpOnly$/);
  });

  it.each([
    ['never by default', {}],
    ['never where it says so', { presentTokenOnHandshake: 'never' as const }],
  ])('S11 does not carry the token: %s', async (_, given) => {
    const { go, jar } = await makeRound({ handshake: { ...handshake, ...given } });
    const token = jar.cookies.__session ?? '?';
    const { href } = departure(await go('/'));
    expect(href).not.toContain(token.slice(0, 20));
    expect(href).not.toContain('__session');
  });

  it.each(['EC', 'RSA'])('H8 #6678 carries it encrypted to the edge, for a minute (%s)', async (kty) => {
    const alg = kty === 'EC' ? 'ECDH-ES' : 'RSA-OAEP-256';
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'edge-1' };
    for (const encryptionKey of [jwk, publicKey]) {
      const { go, jar } = await makeRound({
        handshake: { ...handshake, presentTokenOnHandshake: 'encrypted', encryptionKey },
      });
      const token = jar.cookies.__session ?? '?';
      const away = departure(await go('/'));
      expect(away.href).not.toContain(token.slice(0, 20));
      const sealed = away.searchParams.get('__session_jwe') ?? '';
      const open = (at: number) =>
        jwtDecrypt(sealed, privateKey, {
          issuer: 'https://app.example.com',
          audience: 'https://auth.example.com',
          currentDate: new Date(seconds(at) * 1_000),
        });
      const { payload, protectedHeader } = await open(159);
      expect(payload).toMatchObject({ session: token, state: away.searchParams.get('state'), exp: seconds(160) });
      expect(protectedHeader).toMatchObject({ alg, enc: 'A256GCM', typ: 'session-evidence+jwt' });
      expect(protectedHeader.kid).toBe(encryptionKey === jwk ? 'edge-1' : undefined);
      await expect(open(160)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    }
  });

  it('H8 goes on without it where it cannot be encrypted, and says so without a secret', async () => {
    const { go, jar, heard } = await makeRound({
      handshake: { ...handshake, presentTokenOnHandshake: 'encrypted', encryptionKey: { kty: 'EC', crv: 'P-999' } },
    });
    const token = jar.cookies.__session ?? '?';
    const away = departure(await go('/'));
    expect(away.searchParams.has('__session_jwe')).toBe(false);
    expect(heard).toHaveLength(1);
    expect(JSON.stringify(heard)).not.toContain(token.slice(0, 20));
  });

  it('H4 H5 carry a token that verifies, or would but for its time, and no other', async () => {
    const plain = { ...handshake, presentTokenOnHandshake: 'plain' as const };
    const { authenticate, session, handshake: _, ...stage } = await makeStage(keys, { marker, handshake: plain });
    const stranger = await makeKeys();
    const presented = async (cookies: Record<string, string>) =>
      departure(await authenticate(open({ cookies }))).searchParams.get('__session');
    const good = await session();
    expect(await presented({ __session: good })).toBe(good);
    expect(await presented({ __session: good, __client_uat: String(seconds(1)) })).toBe(good);
    expect(await presented({ __session: await session({ signer: stranger.signer }) })).toBeNull();
    expect(await presented({ __session: 'rubbish' })).toBeNull();
    expect(await presented({ __client_uat: uat })).toBeNull();
    expect(stage.heard).toEqual([]);
  });

  it('H2b of several cookies, the one that counts', async () => {
    const { authenticate, session } = await makeStage(keys, {
      marker,
      handshake: { ...handshake, presentTokenOnHandshake: 'plain' },
    });
    const good = await session();
    const cookies = `__session=rubbish; __session=${good}; __client_uat=${seconds(1)}`;
    expect(departure(await authenticate(open({ cookies }))).searchParams.get('__session')).toBe(good);
  });
});

describe('the way back', () => {
  it('H2 sets the new token and goes on to the clean address, signed in', async () => {
    const { go, back, renewed, jar } = await makeRound();
    const away = departure(await go('/account?tab=1'));
    const answer = await go(await back(away));
    expect(said(answer)).toBe('handshake handshake-completed');
    expect(answer).toMatchObject({ location: 'https://app.example.com/account?tab=1' });
    const [session, state] = answer.headers.getSetCookie();
    expect(session).toBe(`__session=${renewed}; Path=/; Max-Age=60; SameSite=Lax; Secure`);
    expect(state).toMatch(/^__Host-handshake-[\w-]{8}=used\.[\w-]{4}\w+; Path=\/; Max-Age=120;/);
    expect(answer.headers.get('cache-control')).toBe('no-store');

    const landed = await go('/account?tab=1');
    expect(landed).toMatchObject({ status: 'signed-in', token: renewed });
    expect(landed.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-handshake-[\w-]{8}=; .*Max-Age=0;/)]);
    expect(Object.keys(jar.cookies).sort()).toEqual(['__client_uat', '__session']);
    expect([...(await go('/')).headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });

  it('H2 takes over cookies that are listed, with attributes of its own', async () => {
    const round = await makeRound({
      handshake: { ...handshake, cookies: ['__refresh'] },
      cookie: { name: '__session', domain: 'example.com', httpOnly: true, outageWindowMs: 300_000 },
    });
    const cookies = {
      __session: { value: round.renewed, maxAge: 5, domain: 'evil.example' },
      __client_uat: { value: String(seconds(100)) },
      __refresh: { value: 'next', maxAge: 3_600, httpOnly: false },
      evil: { value: 'tossed' },
      __proto__: { value: 'tossed' },
    };
    const answer = await round.go(await round.back(departure(await round.go('/')), cookies));
    expect(answer.headers.getSetCookie().slice(0, 3)).toEqual([
      `__session=${round.renewed}; Path=/; Domain=example.com; Max-Age=360; SameSite=Lax; Secure; HttpOnly`,
      `__client_uat=${seconds(100)}; Path=/; Max-Age=34560000; SameSite=Lax; Secure`,
      '__refresh=next; Path=/; Max-Age=3600; SameSite=Lax; Secure; HttpOnly',
    ]);
    expect(answer.headers.getSetCookie()).toHaveLength(4);
  });

  it('H2 S1 removes the cookie where the issuer says that nobody is signed in', async () => {
    const { go, back, jar } = await makeRound();
    const away = departure(await go('/'));
    const answer = await go(await back(away, { __session: { value: '' }, __client_uat: { value: '0' } }));
    expect(said(answer)).toBe('handshake handshake-completed');
    expect(answer.headers.getSetCookie()[0]).toBe('__session=; Path=/; Max-Age=0; SameSite=Lax; Secure');
    expect(jar.cookies.__session).toBeUndefined();
    expect(said(await go('/'))).toBe('signed-out session-token-and-uat-missing');
  });

  it('H2 works once: the same address again is ignored', async () => {
    const { go, back, jar, authenticate } = await makeRound();
    const path = await back(departure(await go('/')));
    const before = jar.cookies;
    expect(said(await go(path))).toBe('handshake handshake-completed');
    expect(said(await go(path))).toBe('signed-in cookie');
    // Not even with the cookies of before: a copy of address and cookie is worth nothing.
    const replayed = await authenticate(open({ path, cookies: before }));
    expect(said(replayed)).toBe('handshake session-token-expired');
  });

  it('H2 two requests at once do not both get it', async () => {
    const { back, go, jar, authenticate } = await makeRound();
    const path = await back(departure(await go('/')));
    const both = await Promise.all([1, 2].map(() => authenticate(open({ path, cookies: jar.cookies }))));
    expect(both.map(said).sort()).toEqual(['handshake handshake-completed', 'handshake session-token-expired']);
  });

  it('H2 one handshake token does not serve two handshakes', async () => {
    const { back, go } = await makeRound();
    const [first, second] = [departure(await go('/')), departure(await go('/'))];
    const jti = { claims: { jti: 'one' } };
    expect(said(await go(await back(first, undefined, jti)))).toBe('handshake handshake-completed');
    expect(said(await go(await back(second, undefined, jti)))).toBe('signed-in cookie');
  });

  it('H2 another browser’s handshake signs nobody in', async () => {
    const attacker = await makeRound();
    const path = await attacker.back(departure(await attacker.go('/')));
    const victim = await makeRound();
    const answer = await victim.go(path);
    expect(said(answer)).toBe('signed-out cookies-blocked');
    // With a handshake of its own under way: still not that one.
    const other = await makeRound();
    departure(await other.go('/'));
    const away = departure(await other.go(path));
    expect(away.searchParams.get('redirect_url')).toBe('https://app.example.com/');
  });

  it('H2 a state that only begins like ours is not ours', async () => {
    const { go, handshake: sign, renewed } = await makeRound();
    const away = departure(await go('/'));
    const state = `${away.searchParams.get('state')?.slice(0, 8)}${'x'.repeat(14)}`;
    const token = await sign(state, { __session: { value: renewed } }, { iat: 100 });
    const path = withReturn(away, { __handshake: token, __handshake_state: state });
    expect(said(await go(path))).toBe('handshake session-token-expired');
  });

  it('H2 a token for another state under this one is ignored', async () => {
    const { go, back } = await makeRound();
    const away = departure(await go('/'));
    expect(said(await go(await back(away, undefined, { claims: { state: 'x'.repeat(22) } })))).toMatch(
      /^handshake session-token-expired/,
    );
  });

  it.each([
    ['another type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['another audience', { claims: { aud: 'https://other.example.com' } }],
    ['another issuer', { claims: { iss: 'https://other.example.com' } }],
    ['expired', { iat: 30, exp: 90 }],
    ['living longer than a minute', { iat: 100, exp: 161 }],
    ['issued in the future', { iat: 106, exp: 160 }],
    ['without an id', { claims: { jti: undefined } }],
    ['without an expiry', { claims: { exp: undefined } }],
    ['without a state', { claims: { state: undefined } }],
    ['without cookies', { claims: { cookies: undefined } }],
    ['with cookies of another shape', { claims: { cookies: ['__session=x'] } }],
    ['with a session that is no text', { claims: { cookies: { __session: { value: 7 } } } }],
  ])('H2 ignored: %s', async (_, given) => {
    const { go, back, heard } = await makeRound();
    const answer = await go(await back(departure(await go('/a?b=c')), undefined, given));
    expect(said(answer)).toBe('handshake session-token-expired');
    // Ignored and stripped: the next round does not carry it along.
    expect(departure(answer).searchParams.get('redirect_url')).toBe('https://app.example.com/a?b=c');
    expect(heard).toEqual([]);
  });

  it('H2 ignored: one that is signed by somebody else, and rubbish', async () => {
    const { go, back } = await makeRound();
    const stranger = await makeKeys();
    expect(said(await go(await back(departure(await go('/')), undefined, { signer: stranger.signer })))).toMatch(
      /^handshake session-/,
    );
    const away = departure(await go('/'));
    const state = away.searchParams.get('state') ?? '';
    const path = withReturn(away, { __handshake: 'x'.repeat(40_000), __handshake_state: state });
    expect(said(await go(path))).toBe('signed-out handshake-loop');
  });

  it('H2 F19 fresh from the issuer and out of time here: a clock is wrong', async () => {
    const { go, back, session } = await makeRound();
    const old = await session({ iat: 0, exp: 60 });
    const answer = await go(await back(departure(await go('/')), { __session: { value: old } }));
    expect(said(answer)).toBe('signed-out clock-skew-suspected');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('H2 a new session token that does not verify sets no cookie', async () => {
    const { go, back, session } = await makeRound();
    const foreign = await session({ claims: { aud: 'https://other.example.com' }, iat: 100, exp: 160 });
    const answer = await go(await back(departure(await go('/')), { __session: { value: foreign } }));
    expect(said(answer)).toBe('signed-out token-invalid-audience');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('H2 is for pages: a fetch of the same address is answered by its cookie', async () => {
    const { go, back, jar, authenticate } = await makeRound();
    const path = await back(departure(await go('/')));
    const answer = await authenticate(ask({ path, cookies: jar.cookies }));
    expect(said(answer)).toBe('signed-out session-token-expired');
    expect(said(await go(path))).toBe('handshake handshake-completed');
  });

  it('H1 H2 a bearer token leaves the handshake alone', async () => {
    const { go, back } = await makeRound();
    const path = await back(departure(await go('/')));
    expect(said(await go(path, { authorization: 'Bearer a.b.c' }))).toBe('signed-out token-malformed');
    expect(said(await go(path))).toBe('handshake handshake-completed');
  });

  it('K05 a session token that no browser would keep is not sent, and that is said', async () => {
    const { go, back, session, heard } = await makeRound();
    const large = await session({ iat: 100, exp: 160, claims: { roles: 'x'.repeat(4_000) } });
    const answer = await go(await back(departure(await go('/')), { __session: { value: large } }));
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(JSON.stringify(heard)).toContain('too large');
    expect(JSON.stringify(heard)).not.toContain(large.slice(0, 20));
  });
});

describe('cookies that a handshake brings', () => {
  it('H2 cannot add attributes, nor headers', async () => {
    const round = await makeRound({ handshake: { ...handshake, cookies: ['__refresh'] } });
    const bring = async (value: string) => {
      const cookies = { __session: { value: round.renewed }, __refresh: { value } };
      const { headers } = await round.go(await round.back(departure(await round.go('/')), cookies));
      return headers.getSetCookie().filter((text) => text.startsWith('__refresh'));
    };
    expect(await bring('x; Domain=evil.example')).toEqual([]);
    round.jar.set('__session', '');
    expect(await bring('x\r\nset-cookie: y=z')).toEqual([]);
    round.jar.set('__session', '');
    expect(await bring('')).toEqual(['__refresh=; Path=/; Max-Age=0; SameSite=Lax; Secure; HttpOnly']);
    expect(round.heard).toHaveLength(2);
  });
});
