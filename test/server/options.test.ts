/** What cannot work is said at once, by name. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRequestAuthenticator } from '../../adapters/server/authenticator';
import { expectConfigurationError, nothing, thrownBy } from '../support/bad-input';
import { issuer, type Keys, makeKeys, origin } from './support/stage';

let keys: Keys;
let good: Record<string, unknown>;
beforeAll(async () => {
  keys = await makeKeys();
  good = { keys: keys.jwks, issuer, audience: 'api', appOrigin: origin, cookie: { name: '__session' } };
});

const make = (options: unknown) => createRequestAuthenticator(options as never);
const withOptions = (more: Record<string, unknown>) => thrownBy(() => make({ ...good, ...more }));

const run = async () => null;
const handshakeUrl = `${issuer}/handshake`;

describe('H6 bad options', () => {
  it.each([
    ['options.audiences', { audiences: 'x' }],
    ['keys', { keys: undefined }],
    ['keys', { keys: '/jwks.json' }],
    ['keys', { keys: 'http://auth.example.com/jwks.json' }],
    ['keys', { keys: {} }],
    ['keys', { keys: { keys: [] } }],
    ['keys', { keys: { keys: ['x'] } }],
    ['keys', { keys: { keys: [{ kty: 'EC', d: 'private' }] } }],
    ['keys', { keys: { keys: [{ kty: 'oct', k: 'secret' }] } }],
    ['issuer', { issuer: '' }],
    ['issuer', { issuer: [] }],
    ['issuer[1]', { issuer: [issuer, ' '] }],
    ['audience', { audience: 7 }],
    ['authorizedParties[0]', { authorizedParties: [null] }],
    ['algorithms[0]', { algorithms: ['none'] }],
    ['algorithms[1]', { algorithms: ['ES256', 'RSA1_5'] }],
    ['algorithms', { algorithms: ['HS256'] }],
    ['algorithms', { algorithms: ['HS256', 'RS256'], keys: async () => new Uint8Array() }],
    ['tokenTypes', { tokenTypes: [] }],
    ['categories[0]', { categories: [''] }],
    ['clockSkewMs', { clockSkewMs: -1 }],
    ['clockSkewMs', { clockSkewMs: 300_001 }],
    ['maxLifetimeMs', { maxLifetimeMs: 0 }],
    ['appOrigin', { appOrigin: undefined }],
    ['appOrigin', { appOrigin: undefined, allowedOrigins: [] }],
    ['appOrigin', { appOrigin: 'app.example.com' }],
    ['appOrigin', { appOrigin: 'http://app.example.com' }],
    ['appOrigin', { appOrigin: 'https://app.example.com/path' }],
    ['appOrigin', { appOrigin: 'https://*.example.com' }],
    ['appOrigin', { appOrigin: 'https://user@app.example.com' }],
    ['appOrigin', { appOrigin: '//app.example.com' }],
    ['allowedOrigins', { allowedOrigins: 'https://app.example.com' }],
    ['allowedOrigins[0]', { allowedOrigins: ['https://app.example.com?x'] }],
    ['cookie', { cookie: undefined }],
    ['cookie.name', { cookie: {} }],
    ['cookie.name', { cookie: { name: 'a;b' } }],
    ['cookie.secure', { cookie: { name: 'a', secure: true } }],
    ['cookie.domain', { cookie: { name: '__Host-a', domain: 'example.com' } }],
    ['cookie.sameSite', { cookie: { name: 'a', sameSite: 'lax' } }],
    ['cookie.httpOnly', { cookie: { name: 'a', httpOnly: 1 } }],
    ['cookie.outageWindowMs', { cookie: { name: 'a', outageWindowMs: -1 } }],
    ['marker.cookie', { marker: {} }],
    ['marker.cookie.name', { marker: { cookie: 'a b' } }],
    ['refresh.credential', { refresh: { run } }],
    ['refresh.credential.name', { refresh: { credential: 'a b', run } }],
    ['refresh.run', { refresh: { credential: 'a' } }],
    ['refresh.methods', { refresh: { credential: 'a', run, methods: [] } }],
    ['refresh.singleFlight', { refresh: { credential: 'a', run, singleFlight: 'yes' } }],
    ['refresh.credentials', { refresh: { credential: 'a', run, credentials: 'b' } }],
    ['handshake.url', { handshake: {} }],
    ['handshake.url', { handshake: { url: '/handshake' } }],
    ['handshake.url', { handshake: { url: 'http://auth.example.com/handshake' } }],
    ['handshake.url', { handshake: { url: 'javascript:alert(1)' } }],
    ['handshake.url', { handshake: { url: 'https://user:pw@auth.example.com/' } }],
    ['handshake.presentTokenOnHandshake', { handshake: { url: handshakeUrl, presentTokenOnHandshake: true } }],
    ['handshake.encryptionKey', { handshake: { url: handshakeUrl, presentTokenOnHandshake: 'encrypted' } }],
    [
      'handshake.encryptionKey',
      {
        handshake: {
          url: handshakeUrl,
          presentTokenOnHandshake: 'encrypted',
          encryptionKey: { kty: 'EC', d: 'private' },
        },
      },
    ],
    ['handshake.exchange', { handshake: { url: handshakeUrl, exchange: 'https://auth.example.com/exchange' } }],
    ['handshake.cookies', { handshake: { url: handshakeUrl, cookies: '__refresh' } }],
    ['handshake.cookies[0].name', { handshake: { url: handshakeUrl, cookies: ['a=b'] } }],
    ['clock.now', { clock: {} }],
    ['fetch', { fetch: 'https' }],
    ['logger', { logger: console.log }],
  ])('%s', (option, more) => {
    expectConfigurationError(withOptions(more), option);
  });

  it.each(nothing)('are no options at all: %s', (options) => {
    expectConfigurationError(
      thrownBy(() => make(options)),
      /^(?:options|keys|cookie)/,
    );
  });

  it.each([
    [{ appOrigin: 'http://localhost:3000' }],
    [{ appOrigin: 'https://app.example.com/' }],
    [{ appOrigin: undefined, allowedOrigins: ['https://one.example.com', 'https://two.example.com'] }],
    [{ keys: new URL('https://auth.example.com/jwks.json') }],
    [{ keys: 'http://127.0.0.1:4000/jwks.json' }],
    [{ audience: undefined }],
    [{ algorithms: ['HS256', 'HS512'], keys: async () => new Uint8Array() }],
  ])('but these are good: %o', (more) => {
    expect(withOptions(more)).toBe('nothing was thrown');
  });
});

describe('bad calls', () => {
  it.each(nothing)('H6 a request that is none: %s', async (request) => {
    const authenticate = make(good);
    await expect(authenticate(request as never)).rejects.toMatchObject({ code: 'invalid_option', option: 'request' });
  });

  it('H6 a request whose address is not absolute', async () => {
    const request = { url: '/path', method: 'GET', headers: new Headers() };
    await expect(make(good)(request as never)).rejects.toMatchObject({ option: 'request' });
  });

  it('H7 options that are none', async () => {
    const authenticate = make(good);
    const request = new Request(origin);
    const wrong = (options: unknown) => authenticate(request, options as never);
    await expect(wrong({ readonly: true })).rejects.toMatchObject({ option: 'options.readonly' });
    await expect(wrong({ readOnly: 'yes' })).rejects.toMatchObject({ option: 'options.readOnly' });
    await expect(wrong(null)).rejects.toMatchObject({ option: 'options' });
  });
});

describe('H8 own origins', () => {
  const landing = async (url: string, more: Record<string, unknown>) => {
    const authenticate = make({ ...good, ...more, marker: { cookie: 'uat' }, handshake: { url: handshakeUrl } });
    const headers = { cookie: 'uat=5', 'sec-fetch-dest': 'document', host: 'evil.example', 'x-forwarded-host': 'evil' };
    const answer = await authenticate(new Request(url, { headers }));
    return answer.status === 'handshake' ? new URL(answer.location).searchParams.get('redirect_url') : answer.status;
  };
  const several = { appOrigin: undefined, allowedOrigins: ['https://one.example.com', 'https://two.example.com'] };

  it.each([
    ['behind a proxy', 'http://10.0.0.7:3000/a?b=c', {}, 'https://app.example.com/a?b=c'],
    ['with a made-up host', 'https://evil.example/a', {}, 'https://app.example.com/a'],
    ['one of several', 'https://two.example.com/a', several, 'https://two.example.com/a'],
    ['none of several', 'https://three.example.com/a', several, 'https://one.example.com/a'],
    ['a look-alike', 'https://two.example.com.evil.example/a', several, 'https://one.example.com/a'],
    ['another port', 'https://two.example.com:8443/a', several, 'https://one.example.com/a'],
    ['both options', 'https://two.example.com/a', { ...several, appOrigin: origin }, 'https://two.example.com/a'],
    ['both options, made up', 'https://x.example/a', { ...several, appOrigin: origin }, 'https://app.example.com/a'],
  ])('%s', async (_, url, more, meant) => {
    expect(await landing(url, more)).toBe(meant);
  });

  it.each([
    ['//evil.example/x', '/evil.example/x'],
    ['/\\evil.example/x', '/evil.example/x'],
    ['///evil.example', '/evil.example'],
    ['/.//evil.example', '/evil.example'],
    ['/..//evil.example', '/evil.example'],
    ['/%2F%2Fevil.example', '/%2F%2Fevil.example'],
    ['/%5Cevil.example', '/%5Cevil.example'],
    ['/@evil.example', '/@evil.example'],
    ['/a?next=//evil.example', '/a?next=//evil.example'],
    ['/a?__handshake=x&__handshake_nonce=y&b=%20+&__handshake_state=z&c', '/a?b=%20+&c'],
    ['/a?%5F_handshake=x', '/a'],
    ['/a?__handshake', '/a'],
    ['/a?', '/a'],
  ])('H2 the address %s comes out as %s', async (path, meant) => {
    const authenticate = make(good);
    const { url } = await authenticate(new Request(`http://10.0.0.7${path}`));
    expect(url).toBe(`${origin}${meant}`);
  });
});
