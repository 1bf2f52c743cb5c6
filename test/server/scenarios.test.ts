/** The cases that servers have been caught by, with real tokens and real requests. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequestAuthenticatorOptions } from '../../adapters/server/types';
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

const all: Partial<RequestAuthenticatorOptions> = { marker, handshake };
const uat = String(seconds(0));

describe('a plain application, with a cookie or a bearer token', () => {
  it('H6 the session cookie signs in', async () => {
    const { authenticate, session } = await makeStage(keys);
    const token = await session({ claims: { org_id: 'org_1' } });
    const answer = await authenticate(open({ cookies: { __session: token } }));
    expect(answer).toMatchObject({
      status: 'signed-in',
      via: 'cookie',
      token,
      userId: 'user_1',
      sessionId: 'sess_1',
      organizationId: 'org_1',
      expiresAt: seconds(60) * 1_000,
      url: 'https://app.example.com/',
    });
    expect([...answer.headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });

  it('H1 a bearer token signs in, by POST and from anywhere', async () => {
    const { authenticate, session } = await makeStage(keys);
    const headers = { authorization: `bearer ${await session()}`, 'sec-fetch-site': 'cross-site' };
    const answer = await authenticate(ask({ method: 'POST', headers }));
    expect(said(answer)).toBe('signed-in bearer');
    expect([...answer.headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });

  it.each([
    ['another scheme is none: the cookie counts', 'Basic dXNlcjpwYXNz', 'signed-in cookie'],
    ['an empty one is a bad one', 'Bearer', 'signed-out token-malformed'],
    ['an empty one is a bad one, with a space', 'Bearer  ', 'signed-out token-malformed'],
    ['what clients send by mistake', 'Bearer undefined', 'signed-out token-malformed'],
    ['two at once', 'Bearer a.b.c, Bearer a.b.c', 'signed-out token-malformed'],
  ])('H1 never falls through to the cookie: %s', async (_, authorization, meant) => {
    const { authenticate, session } = await makeStage(keys, all);
    const cookies = { __session: await session(), __client_uat: uat };
    expect(said(await authenticate(open({ cookies, headers: { authorization } })))).toBe(meant);
  });

  it('H1 beside a bearer token nothing is looked into', async () => {
    const looked: string[] = [];
    const { authenticate, session } = await makeStage(keys, {
      keys: async () => {
        looked.push('keys');
        return keys.publicKey;
      },
      refresh: {
        credential: () => {
          looked.push('credential');
          return 'x';
        },
        run: async () => null,
      },
    });
    const token = await session();
    const headers = { authorization: `Bearer ${token}` };
    expect(said(await authenticate(open({ headers, cookies: { __session: token } })))).toBe('signed-in bearer');
    expect(looked).toEqual(['keys']);
  });

  it('H8 an expired cookie is signed out, not redirected', async () => {
    const { authenticate, session, at } = await makeStage(keys);
    const cookies = { __session: await session() };
    at(66);
    const answer = await authenticate(open({ cookies }));
    expect(said(answer)).toBe('signed-out session-token-expired');
    expect([...answer.headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });

  it('H3 nobody', async () => {
    const { authenticate } = await makeStage(keys);
    expect(said(await authenticate(open()))).toBe('signed-out session-token-and-uat-missing');
    expect(said(await authenticate(open({ cookies: '__session=; other=1; __session' })))).toBe(
      'signed-out session-token-and-uat-missing',
    );
  });

  it('H0 a POST from elsewhere is refused, with the cookie alone', async () => {
    const { authenticate, session } = await makeStage(keys);
    const cookies = { __session: await session() };
    const post = (headers: Record<string, string>) => authenticate(ask({ method: 'POST', cookies, headers }));
    for (const site of ['cross-site', 'same-site', 'none', 'Same-Origin.evil', ''])
      expect(said(await post({ 'sec-fetch-site': site }))).toBe('signed-out cross-origin-request');
    expect(said(await post({ 'sec-fetch-site': 'same-origin' }))).toBe('signed-in cookie');
  });

  it.each([
    ['https://app.example.com', 'signed-in cookie'],
    ['https://evil.example.com', 'signed-out cross-origin-request'],
    ['https://app.example.com.evil.example', 'signed-out cross-origin-request'],
    ['http://app.example.com', 'signed-out cross-origin-request'],
    ['https://app.example.com:8443', 'signed-out cross-origin-request'],
    ['null', 'signed-out cross-origin-request'],
    [undefined, 'signed-out cross-origin-request'],
  ])('H0 without Sec-Fetch-Site the Origin decides: %s', async (from, meant) => {
    const { authenticate, session } = await makeStage(keys);
    const headers = { cookie: `__session=${await session()}`, ...(from !== undefined && { origin: from }) };
    const request = new Request('https://app.example.com/', { method: 'POST', headers });
    expect(said(await authenticate(request))).toBe(meant);
  });

  it.each([
    ['upgrade', 'WebSocket'],
    ['upgrade', 'h2c, websocket'],
    ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['sec-fetch-mode', 'websocket'],
  ])('H0 a WebSocket from elsewhere is refused (%s)', async (name, value) => {
    const { authenticate, session } = await makeStage(keys);
    const cookies = { __session: await session() };
    const headers = { [name]: value, 'sec-fetch-site': 'cross-site' };
    expect(said(await authenticate(ask({ cookies, headers })))).toBe('signed-out cross-origin-request');
    expect(said(await authenticate(ask({ cookies, headers: { [name]: value } })))).toBe('signed-in cookie');
  });
});

describe('scenarios with a marker and a handshake', () => {
  it.each(['', '0', 'nonsense', String(seconds(600))])('H3 111: no token, marker "%s": signed out', async (value) => {
    const { authenticate } = await makeStage(keys, all);
    const answer = await authenticate(open({ cookies: { __client_uat: value } }));
    expect(said(answer)).toBe('signed-out session-token-and-uat-missing');
  });

  it('H4 112: a marker and no token: redirect for a page, signed out for the rest', async () => {
    const { authenticate } = await makeStage(keys, all);
    const cookies = { __client_uat: uat };
    expect(said(await authenticate(open({ cookies })))).toBe('handshake client-uat-but-no-session-token');
    expect(said(await authenticate(ask({ cookies })))).toBe('signed-out client-uat-but-no-session-token');
    expect(said(await authenticate(open({ cookies, method: 'POST' })))).toBe(
      'signed-out client-uat-but-no-session-token',
    );
  });

  it('H4 113: a token and no marker', async () => {
    const { authenticate, session } = await makeStage(keys, all);
    const answer = await authenticate(open({ cookies: { __session: await session() } }));
    expect(said(answer)).toBe('handshake session-token-but-no-client-uat');
  });

  it('H5 minted in the second before the marker, in the same, in the one after', async () => {
    const { authenticate, session } = await makeStage(keys, all);
    const token = await session();
    const at = async (uat: number) =>
      said(await authenticate(open({ cookies: { __session: token, __client_uat: String(uat) } })));
    expect(await at(seconds(1))).toBe('handshake session-token-iat-before-client-uat');
    expect(await at(seconds(0))).toBe('signed-in cookie');
    expect(await at(seconds(-1))).toBe('signed-in cookie');
  });

  it('H6 H8 115: expired for 4 s is signed in, for 5 s is redirected, with the token where it is asked for', async () => {
    const { authenticate, session, at } = await makeStage(keys, {
      marker,
      handshake: { ...handshake, presentTokenOnHandshake: 'plain' },
      refresh: { credential: '__refresh', run: async () => null },
    });
    const cookies = { __session: await session(), __client_uat: uat };
    at(64.999);
    expect(said(await authenticate(open({ cookies })))).toBe('signed-in cookie');
    at(65);
    const answer = await authenticate(open({ cookies }));
    expect(said(answer)).toBe('handshake session-token-expired-refresh-non-eligible-no-refresh-credential');
    expect(departure(answer).searchParams.get('__session')).toBe(cookies.__session);
  });

  it('H8 117: not yet valid is redirected; a bad signature is signed out', async () => {
    const { authenticate, session } = await makeStage(keys, all);
    const early = await session({ claims: { nbf: seconds(7) } });
    const answer = await authenticate(open({ cookies: { __session: early, __client_uat: uat } }));
    expect(said(answer)).toBe('handshake session-token-nbf');
    const forged = `${(await session()).slice(0, -4)}AAAA`;
    const refused = await authenticate(open({ cookies: { __session: forged, __client_uat: uat } }));
    expect(said(refused)).toBe('signed-out token-invalid-signature');
    expect(refused.headers.getSetCookie()).toEqual([]);
  });

  it('H8 issued in the future is redirected, from 5 s on', async () => {
    const { authenticate, session, at } = await makeStage(keys, all);
    at(0);
    const open6 = open({ cookies: { __session: await session({ iat: 6 }), __client_uat: uat } });
    expect(said(await authenticate(open6))).toBe('handshake session-token-iat-in-the-future');
    const open5 = open({ cookies: { __session: await session({ iat: 5 }), __client_uat: uat } });
    expect(said(await authenticate(open5))).toBe('signed-in cookie');
  });

  it('H4b 123: a token of another type or category', async () => {
    const { authenticate, session } = await makeStage(keys, { ...all, categories: ['session'] });
    const sent = async (header: Record<string, unknown>) =>
      said(await authenticate(open({ cookies: { __session: await session({ header }), __client_uat: uat } })));
    expect(await sent({ cat: 'session' })).toBe('signed-in cookie');
    expect(await sent({ cat: 'template' })).toBe('signed-out token-type-mismatch');
    expect(await sent({})).toBe('signed-out token-type-mismatch');
    expect(await sent({ cat: 'session', typ: 'at+jwt' })).toBe('signed-out token-type-mismatch');
    expect(await sent({ cat: 'session', typ: 'application/jwt' })).toBe('signed-in cookie');
  });

  it.each([
    ['sec-purpose', 'prefetch'],
    ['sec-purpose', 'prefetch;prerender'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
    ['x-purpose', 'preview'],
    ['next-router-prefetch', '1'],
  ])('H4 never for a prefetch (%s: %s)', async (name, value) => {
    const { authenticate } = await makeStage(keys, all);
    const answer = await authenticate(open({ cookies: { __client_uat: uat }, headers: { [name]: value } }));
    expect(said(answer)).toBe('signed-out client-uat-but-no-session-token');
  });

  it.each([
    [{ 'sec-fetch-dest': 'document' }, 'handshake'],
    [{ 'sec-fetch-dest': 'iframe' }, 'handshake'],
    [{ 'sec-fetch-dest': 'image', accept: 'text/html' }, 'signed-out'],
    [{ accept: 'text/html,application/xhtml+xml' }, 'handshake'],
    [{ accept: 'application/json' }, 'signed-out'],
    [{ accept: '*/*' }, 'signed-out'],
    [{}, 'signed-out'],
  ])('H4 only where somebody looks at a page: %o', async (headers, status) => {
    const { authenticate } = await makeStage(keys, all);
    const request = new Request('https://app.example.com/', { headers: { ...headers, cookie: `__client_uat=${uat}` } });
    expect((await authenticate(request)).status).toBe(status);
  });

  it('H4 E07 not where the answer cannot set cookies', async () => {
    const { authenticate } = await makeStage(keys, all);
    const answer = await authenticate(open({ cookies: { __client_uat: uat } }), { readOnly: true });
    expect(said(answer)).toBe('signed-out client-uat-but-no-session-token');
  });

  it('H2b F20 two cookies of one name: the one that verifies, wherever it stands', async () => {
    const { authenticate, session } = await makeStage(keys, all);
    const good = await session();
    const other = await makeKeys();
    const tossed = await session({ signer: other.signer, claims: { sub: 'attacker' } });
    for (const cookies of [`__session=${tossed}; __session=${good}`, `__session=${good}; __session=${tossed}`]) {
      const answer = await authenticate(open({ cookies: `${cookies}; __client_uat=${uat}` }));
      expect(answer).toMatchObject({ status: 'signed-in', userId: 'user_1', token: good });
    }
  });

  it('H2b two that verify are one too many; the same one twice is one', async () => {
    const { authenticate, session } = await makeStage(keys);
    const [one, two] = [await session(), await session({ claims: { sub: 'attacker' } })];
    const answer = await authenticate(open({ cookies: `__session=${one}; __session=${two}` }));
    expect(said(answer)).toBe('signed-out ambiguous-session');
    expect(said(await authenticate(open({ cookies: `__session=${one}; __session=${one}` })))).toBe('signed-in cookie');
  });

  it('H2b more than four are not looked through', async () => {
    const { authenticate, session } = await makeStage(keys);
    const good = await session();
    const junk = (count: number) => Array.from({ length: count }, (_, index) => `__session=junk${index}`).join('; ');
    expect(said(await authenticate(open({ cookies: `${junk(3)}; __session=${good}` })))).toBe('signed-in cookie');
    expect(said(await authenticate(open({ cookies: `__session=${good}; ${junk(4)}` })))).toBe(
      'signed-out ambiguous-session',
    );
  });

  it('H9 sets no cookie and removes none', async () => {
    const { authenticate, session } = await makeStage(keys, all);
    const foreign = await session({ claims: { iss: 'https://elsewhere.example.com' } });
    const answer = await authenticate(open({ cookies: { __session: foreign, __client_uat: uat } }));
    expect(said(answer)).toBe('signed-out token-invalid-issuer');
    expect([...answer.headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });
});

describe('the authenticator', () => {
  it('H6 is a function, and has a method that does the same', async () => {
    const { authenticate, session } = await makeStage(keys);
    const request = () => session().then((token) => open({ cookies: { __session: token } }));
    expect(said(await authenticate(await request()))).toBe('signed-in cookie');
    expect(said(await authenticate.authenticate(await request()))).toBe('signed-in cookie');
  });
});
