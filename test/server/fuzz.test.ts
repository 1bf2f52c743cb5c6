/** Whatever arrives: never a crash, never signed in by luck, never a redirect to somebody else. */
import fc from 'fast-check';
import { exportSPKI, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuthenticationAnswer } from '../../adapters/server/types';
import {
  ask,
  audience,
  handshake,
  issuer,
  type Keys,
  makeKeys,
  makeStage,
  marker,
  origin,
  type Stage,
  said,
  seconds,
} from './support/stage';

let keys: Keys;
let rsa: Keys;
let stage: Stage;
/** Everything that is forged, or meant for something else. */
const bad: string[] = [];
let good = '';
let expired = '';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  [keys, rsa] = await Promise.all([makeKeys(), makeKeys('RS256', 'rsa-1')]);
  stage = await makeStage(keys, {
    keys: { keys: [...keys.jwks.keys, ...rsa.jwks.keys] },
    categories: ['session'],
    marker,
    handshake: { ...handshake, exchange: async () => null },
    refresh: { credential: '__refresh', run: async () => null },
  });
  const cat = { cat: 'session' };
  good = await stage.session({ header: cat });
  expired = await stage.session({ header: cat, iat: -100, exp: -40 });
  const stranger = await makeKeys();
  const claims = { iss: issuer, aud: audience, sub: 'user_1', iat: seconds(0), exp: seconds(60) };
  const spki = new TextEncoder().encode(await exportSPKI(rsa.publicKey));
  const [header = '', payload = '', signature = ''] = good.split('.');
  bad.push(
    `${encode({ alg: 'none', typ: 'JWT', ...cat })}.${encode(claims)}.`,
    `${encode({ alg: 'none', typ: 'JWT', ...cat })}.${encode(claims)}.${signature}`,
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'rsa-1', typ: 'JWT', ...cat }).sign(spki),
    await stage.session({ header: cat, signer: stranger.signer }),
    await stage.session({ header: { cat: 'template' } }),
    await stage.session({}),
    await stage.session({ header: { ...cat, typ: 'handshake+jwt' } }),
    await stage.session({ header: cat, claims: { iss: 'https://auth.example.com.evil.example' } }),
    await stage.session({ header: cat, claims: { aud: 'https://evil.example' } }),
    await stage.session({ header: cat, claims: { sub: '' } }),
    await stage.handshake('x'.repeat(22), { __session: { value: good } }),
    `${header}.${encode({ ...claims, sub: 'admin' })}.${signature}`,
    `${encode({ alg: 'RS256', kid: 'rsa-1', typ: 'JWT', ...cat })}.${payload}.${signature}`,
    `${header}..${signature}`,
    `${header}.${payload}.${'A'.repeat(86)}`,
    `${good}.`,
    `.${good}`,
    'x'.repeat(100_000),
    `${header}.${'A'.repeat(200_000)}.${signature}`,
    encode({}),
    '..',
  );
});

/** Latin-1 without what a header cannot hold. */
const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 60 })
  .filter((text) => !text.includes('\u007f'));

const someToken = () => fc.oneof(fc.constantFrom(...bad), headerText, fc.constant(expired), mutant());

/** A good token with something wrong somewhere. */
const mutant = () =>
  fc.tuple(fc.nat({ max: good.length - 1 }), fc.constantFrom('A', 'z', '.', '-', '=')).map(([index, letter]) => {
    // The last letter of a signature has bits that do not count.
    const at = Math.min(index, good.length - 2);
    return good[at] === letter ? `${good}x` : good.slice(0, at) + letter + good.slice(at + 1);
  });

const nastyPath = fc.oneof(
  fc.constantFrom(
    '//evil.example',
    '/\\evil.example',
    '/\\\\evil.example/x',
    '///evil.example',
    '/.//evil.example',
    '/%2f%2fevil.example',
    '/https://evil.example',
    '/@evil.example',
    '/:443@evil.example',
    '/?redirect_url=https://evil.example&state=x&__session=y',
    `/?__handshake_state=${'x'.repeat(22)}&__handshake=a.b.c`,
    '/?__handshake_nonce=n&__handshake_state=s&__handshake_state=t',
    '/a/../..//evil.example',
    '/%00',
    '/\t/evil.example',
    '/#//evil.example',
  ),
  fc.webPath().map((path) => `/${path}`),
);
const host = fc.constantFrom(
  origin,
  'https://evil.example',
  'https://app.example.com.evil.example',
  'https://app.example.com:8443',
  'http://app.example.com',
  'http://[::1]:3000',
);

const cookieHeader = () =>
  fc
    .array(
      fc.oneof(
        someToken().map((token) => `__session=${token}`),
        fc.constantFrom('__client_uat=5', '__client_uat=99999999999', '__client_uat=x', '__client_uat=', '__session'),
        headerText.map((value) => `__refresh=${value}`),
        headerText.map((value) => `__Host-handshake-${value}`),
        fc.constant(`__Host-handshake-xxxxxxxx=${'x'.repeat(22)}.xxxx0`),
        headerText,
      ),
      { maxLength: 7 },
    )
    .map((parts) => parts.join('; '));

const someHeaders = () =>
  fc.record(
    {
      cookie: cookieHeader(),
      authorization: fc.oneof(
        someToken().map((token) => `Bearer ${token}`),
        headerText,
      ),
      'sec-fetch-site': fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', 'x'),
      'sec-fetch-dest': fc.constantFrom('document', 'iframe', 'empty', 'image', 'x'),
      'sec-purpose': fc.constantFrom('prefetch', 'x'),
      accept: fc.constantFrom('text/html', '*/*', 'application/json'),
      origin: fc.constantFrom(origin, 'null', 'https://evil.example', '//evil', ''),
      upgrade: fc.constantFrom('websocket', 'h2c'),
      host: fc.constantFrom('evil.example', 'app.example.com'),
      'x-forwarded-host': fc.constant('evil.example'),
      referer: headerText,
    },
    { requiredKeys: [] },
  );

const someRequest = () =>
  fc.record({
    url: fc.tuple(host, nastyPath).map((parts) => parts.join('')),
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'WEIRD'),
    headers: someHeaders(),
  });

function checkAnswer(answer: AuthenticationAnswer): void {
  expect(['signed-in', 'signed-out', 'handshake', 'unavailable']).toContain(answer.status);
  expect(answer.headers.get('vary')).toBe('Cookie, Authorization');
  expect(new URL(answer.url).origin).toBe(origin);
  expect(new URL(answer.url).pathname).not.toMatch(/^\/[/\\]/);
  const isPrivate =
    answer.headers.has('set-cookie') || answer.status === 'handshake' || answer.status === 'unavailable';
  expect(answer.headers.get('cache-control')).toBe(isPrivate ? 'no-store' : null);
  if (answer.status !== 'handshake') {
    expect(answer.headers.has('location')).toBe(false);
    return;
  }
  const away = new URL(answer.location);
  expect(answer.headers.get('location')).toBe(answer.location);
  expect(away.href.startsWith(`${issuer}/handshake?`)).toBe(true);
  const home = new URL(away.searchParams.getAll('redirect_url').join());
  expect(home.origin).toBe(origin);
  expect([home.username, home.password]).toEqual(['', '']);
  expect(away.href).not.toContain(expired.split('.')[1]);
}

describe('H9 requests at random', () => {
  it('H0 H1 H2 H4 H8 S11 10,000 of them: never a crash, never signed in, never a redirect to elsewhere', {
    timeout: 180_000,
  }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(someRequest(), fc.boolean(), async ({ url, method, headers }, readOnly) => {
        const request = new Request(url, { method, headers });
        const answer = await stage.authenticate(request, { readOnly });
        checkAnswer(answer);
        expect(answer.status).not.toBe('signed-in');
        expect(answer.status).not.toBe('unavailable');
        seen.set(said(answer), (seen.get(said(answer)) ?? 0) + 1);
      }),
      { numRuns: 10_000, seed: 20260101 },
    );
    // A property over one kind of answer would show little.
    expect([...seen.keys()].filter((one) => one.startsWith('handshake'))).not.toEqual([]);
    expect(seen.size).toBeGreaterThan(12);
  });

  it('H1 H6 forged tokens: not as a cookie, not as a bearer token', async () => {
    for (const token of bad) {
      const asCookie = await stage.authenticate(ask({ cookies: { __session: token, __client_uat: '5' } }));
      const asBearer = await stage.authenticate(ask({ headers: { authorization: `Bearer ${token}` } }));
      expect([asCookie.status, asBearer.status]).toEqual(['signed-out', 'signed-out']);
    }
  });

  it('H2b a forged one beside the good one never wins', async () => {
    for (const token of bad) {
      for (const both of [`__session=${token}; __session=${good}`, `__session=${good}; __session=${token}`]) {
        const answer = await stage.authenticate(ask({ cookies: `${both}; __client_uat=5` }));
        expect(answer).toMatchObject({ status: 'signed-in', token: good, userId: 'user_1' });
      }
    }
  });

  it('H6 the good one is good, so that all this can fail', async () => {
    const answer = await stage.authenticate(ask({ cookies: { __session: good, __client_uat: '5' } }));
    expect(said(answer)).toBe('signed-in cookie');
    expect(said(await stage.authenticate(ask({ headers: { authorization: `Bearer ${good}` } })))).toBe(
      'signed-in bearer',
    );
  });
});
