/** What is a good token and what is not, and under which name. */
import { exportSPKI, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequestAuthenticatorOptions } from '../../adapters/server/types';
import {
  ask,
  audience,
  issuer,
  type Keys,
  makeKeys,
  makeStage,
  said,
  seconds,
  type TokenOptions,
} from './support/stage';

let keys: Keys;
let rsa: Keys;
beforeAll(async () => {
  [keys, rsa] = await Promise.all([makeKeys(), makeKeys('RS256', 'rsa-1')]);
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: issuer, aud: audience, sub: 'user_1', iat: seconds(0), exp: seconds(60) };

/** The same as a cookie and as a bearer token: neither may be easier to get past. */
async function verdict(token: string, options: Partial<RequestAuthenticatorOptions> = {}): Promise<string> {
  const { authenticate, heard } = await makeStage(keys, options);
  const asCookie = await authenticate(ask({ cookies: { __session: token } }));
  const asBearer = await authenticate(ask({ headers: { authorization: `Bearer ${token}` } }));
  expect(said(asBearer).replace('bearer', 'cookie')).toBe(said(asCookie));
  expect(heard).toEqual([]);
  return said(asCookie);
}

async function signed(options: TokenOptions, settings: Partial<RequestAuthenticatorOptions> = {}): Promise<string> {
  const { session } = await makeStage(keys, settings);
  return verdict(await session(options), settings);
}

describe('H6 claims', () => {
  it.each([
    ['all as they should be', {}, 'signed-in cookie'],
    ['another issuer', { iss: 'https://evil.example.com' }, 'signed-out token-invalid-issuer'],
    ['an issuer that begins alike', { iss: `${issuer}.evil.example` }, 'signed-out token-invalid-issuer'],
    ['no issuer', { iss: undefined }, 'signed-out token-invalid-issuer'],
    ['another audience', { aud: 'https://other.example.com' }, 'signed-out token-invalid-audience'],
    ['no audience', { aud: undefined }, 'signed-out token-invalid-audience'],
    ['one of several audiences', { aud: ['https://other.example.com', audience] }, 'signed-in cookie'],
    ['no subject', { sub: undefined }, 'signed-out token-missing-claim'],
    ['an empty subject', { sub: '' }, 'signed-out token-missing-claim'],
    ['no iat', { iat: undefined }, 'signed-out token-missing-claim'],
    ['no exp', { exp: undefined }, 'signed-out token-missing-claim'],
    ['an end before the beginning', { iat: seconds(0), exp: seconds(0) }, 'signed-out token-invalid-claim'],
    ['a lifetime of 1e300 s', { exp: 1e300 }, 'signed-out token-malformed'],
    ['a negative iat', { iat: -5 }, 'signed-out token-malformed'],
  ] as const)('%s', async (_, given, meant) => {
    expect(await signed({ claims: given as JWTPayload })).toBe(meant);
  });

  it.each([
    ['exp in words', { exp: 'tomorrow' }],
    ['iat in words', { iat: 'now' }],
  ])('%s is malformed', async (_, given) => {
    const token = await new SignJWT({ ...claims, ...(given as object) } as never)
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1' })
      .sign(keys.signer.key);
    expect(await verdict(token)).toBe('signed-out token-malformed');
  });

  it('a subject that is a number is no subject', async () => {
    expect(await signed({ claims: { sub: 7 as never } })).toBe('signed-out token-missing-claim');
  });

  it('the issuer may be one of several', async () => {
    expect(await signed({}, { issuer: ['https://old.example.com', issuer] })).toBe('signed-in cookie');
  });

  it('authorized parties: one of them has to be named', async () => {
    const options = { authorizedParties: ['https://app.example.com'] };
    expect(await signed({ claims: { azp: 'https://app.example.com' } }, options)).toBe('signed-in cookie');
    const refused = 'signed-out token-invalid-authorized-party';
    expect(await signed({ claims: { azp: 'https://evil.example.com' } }, options)).toBe(refused);
    expect(await signed({ claims: { azp: ['https://app.example.com'] } }, options)).toBe(refused);
    expect(await signed({}, options)).toBe(refused);
  });

  it('a lifetime may be limited, and is exactly', async () => {
    expect(await signed({}, { maxLifetimeMs: 60_000 })).toBe('signed-in cookie');
    expect(await signed({}, { maxLifetimeMs: 59_999 })).toBe('signed-out token-lifetime-too-long');
  });

  it('the skew may be set', async () => {
    const wide = await makeStage(keys, { clockSkewMs: 60_000 });
    const token = await wide.session();
    wide.at(119);
    expect(said(await wide.authenticate(ask({ cookies: { __session: token } })))).toBe('signed-in cookie');
    wide.at(120);
    expect(said(await wide.authenticate(ask({ cookies: { __session: token } })))).toBe(
      'signed-out session-token-expired',
    );
  });

  it('H8 what is wrong besides the time outweighs it', async () => {
    const { session } = await makeStage(keys, {});
    const late = { iat: -100, exp: -40 };
    expect(await verdict(await session({ ...late, claims: { iss: 'x' } }))).toBe('signed-out token-invalid-issuer');
    expect(await verdict(await session({ ...late, claims: { sub: '' } }))).toBe('signed-out token-missing-claim');
    const never = await session({ claims: { nbf: seconds(120) } });
    expect(await verdict(never)).toBe('signed-out token-invalid-claim');
  });
});

describe('H4b types', () => {
  it.each([
    ['none', undefined, 'signed-in cookie'],
    ['JWT', 'jwt', 'signed-in cookie'],
    ['an access token of OAuth', 'at+jwt', 'signed-out token-type-mismatch'],
    ['a handshake token', 'handshake+jwt', 'signed-out token-type-mismatch'],
    ['no text', 7, 'signed-out token-type-mismatch'],
  ])('by default: %s', async (_, typ, meant) => {
    expect(await signed({ header: { typ } })).toBe(meant);
  });

  it('a list of types has to be kept to', async () => {
    const options = { tokenTypes: ['at+jwt', 'session+jwt'] };
    expect(await signed({ header: { typ: 'application/at+jwt' } }, options)).toBe('signed-in cookie');
    expect(await signed({ header: { typ: 'Session+JWT' } }, options)).toBe('signed-in cookie');
    expect(await signed({ header: { typ: 'JWT' } }, options)).toBe('signed-out token-type-mismatch');
    expect(await signed({ header: { typ: undefined } }, options)).toBe('signed-out token-type-mismatch');
  });

  it('K05 too large', async () => {
    expect(await signed({ claims: { roles: 'x'.repeat(16_384) } })).toBe('signed-out token-too-large');
    expect(await verdict('x'.repeat(2_000_000))).toBe('signed-out token-too-large');
  });

  it.each(['', '.', '..', 'a.b', 'a.b.c.d.e', '%%%.%%%.%%%', 'e30.e30.', 'bnVsbA.bnVsbA.AAAA', '\u00e9.\u00e9.\u00e9'])(
    'undecodable: %j',
    async (token) => {
      const { authenticate } = await makeStage(keys);
      const headers = { authorization: `Bearer ${encodeURI(token)}` };
      expect(said(await authenticate(ask({ headers })))).toBe('signed-out token-malformed');
    },
  );
});

describe('H9 signatures', () => {
  it('alg none, with and without a signature', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const bare = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.`;
      expect(await verdict(bare)).toMatch(/^signed-out token-(?:invalid-algorithm|malformed|invalid-signature)$/);
      expect(await verdict(`${bare}AAAA`)).toMatch(/^signed-out token-/);
    }
  });

  it('H9 the public key as a shared secret', async () => {
    const spki = await exportSPKI(rsa.publicKey);
    const jwk = JSON.stringify(rsa.jwks.keys[0]);
    for (const secret of [spki, jwk, JSON.stringify(rsa.jwks)]) {
      for (const kid of ['rsa-1', 'key-1', undefined]) {
        const token = await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...(kid !== undefined && { kid }) })
          .sign(new TextEncoder().encode(secret));
        expect(await verdict(token, { keys: rsa.jwks })).toBe('signed-out token-invalid-algorithm');
        const resolver = async () => rsa.publicKey;
        expect(await verdict(token, { keys: resolver })).toBe('signed-out token-invalid-algorithm');
      }
    }
  });

  it('an algorithm that is not on the list', async () => {
    expect(await signed({ signer: rsa.signer }, { keys: rsa.jwks })).toBe('signed-in cookie');
    expect(await signed({ signer: rsa.signer }, { keys: rsa.jwks, algorithms: ['ES256'] })).toBe(
      'signed-out token-invalid-algorithm',
    );
  });

  it('a key that nobody has published, and one that goes by the name of ours', async () => {
    const { signer } = await makeKeys('ES256', 'key-2');
    expect(await signed({ signer })).toBe('signed-out token-unknown-key');
    expect(await signed({ signer: { ...signer, kid: 'key-1' } })).toBe('signed-out token-invalid-signature');
  });

  it('a key of its own in the header is not believed', async () => {
    const { signer, jwks } = await makeKeys('ES256', 'key-1');
    const header = { jwk: jwks.keys[0], jku: 'https://evil.example.com/jwks.json' };
    expect(await signed({ signer, header })).toBe('signed-out token-invalid-signature');
  });

  it('extensions that have to be understood', async () => {
    const { session } = await makeStage(keys);
    const [, payload, signature] = (await session()).split('.');
    const header = encode({ alg: 'ES256', kid: 'key-1', crit: ['x'], x: 1 });
    expect(await verdict(`${header}.${payload}.${signature}`)).toMatch(/^signed-out token-/);
  });

  it('each part counts', async () => {
    const { session } = await makeStage(keys);
    const [header = '', payload = '', signature = ''] = (await session()).split('.');
    const other = (await session({ claims: { sub: 'user_2' } })).split('.');
    expect(await verdict(`${header}.${other[1]}.${signature}`)).toBe('signed-out token-invalid-signature');
    expect(await verdict(`${header}.${payload}.${other[2]}`)).toBe('signed-out token-invalid-signature');
    expect(await verdict(`${header}.${payload}.`)).toBe('signed-out token-invalid-signature');
  });

  it('a token without a key id is tried with each key that may fit', async () => {
    const second = await makeKeys('ES256', 'key-2');
    const options = { keys: { keys: [...second.jwks.keys, ...keys.jwks.keys] } };
    const header = { kid: undefined };
    expect(await signed({ header }, options)).toBe('signed-in cookie');
    const stranger = await makeKeys('ES256', 'key-3');
    expect(await signed({ header, signer: stranger.signer }, options)).toBe('signed-out token-invalid-signature');
    expect(await signed({ header, iat: -100, exp: -40 }, options)).toBe('signed-out session-token-expired');
  });

  it('a shared secret, where nothing else is allowed', async () => {
    const secret = new TextEncoder().encode('a secret of thirty-two characters');
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    expect(await verdict(token, { keys: async () => secret, algorithms: ['HS256'] })).toBe('signed-in cookie');
  });
});
