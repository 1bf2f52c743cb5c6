/** What is sent to an authorization server and to APIs, and which options are refused (R13.1, R13.6 to R13.8). */
import { createHash } from 'node:crypto';
import { type Client, ClientSecretBasic, DPoP, generateKeyPair } from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { type OAuthTokenSourceOptions, oauthTokenSource } from '../../adapters/oauth/index';
import { createStub, granted, html, issuer, json, metadata, refused } from './support/stub';

const client: Client = { client_id: 'app' };

describe('a refresh', () => {
  it('R13.8 is a form post of a public client, uncached, without cookies, and follows no redirect', async () => {
    const stub = createStub();
    await stub.startFresh();
    const [{ url, init, form } = { url: '', init: {}, form: {} }] = stub.asked;
    expect(url).toBe(`${issuer}/token`);
    expect(form).toEqual({ grant_type: 'refresh_token', refresh_token: 'rt-secret-0', client_id: 'app' });
    expect(init).toMatchObject({ method: 'POST', redirect: 'error', cache: 'no-store', credentials: 'omit' });
    expect(new Headers(init.headers).get('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
    expect(new Headers(init.headers).has('authorization')).toBe(false);
  });

  it('R13.8 passes a client’s authentication through', async () => {
    const stub = createStub({ clientAuthentication: ClientSecretBasic('s3cret') });
    await stub.startFresh();
    const headers = new Headers(stub.asked[0]?.init.headers);
    expect(headers.get('authorization')).toBe(`Basic ${btoa('app:s3cret')}`);
    expect(stub.asked[0]?.form).not.toHaveProperty('client_id');
  });

  it('R13.8 asks for what the options and the key name', async () => {
    const stub = createStub({ parameters: { scope: 'api', resource: 'https://api.example.com' } });
    await stub.mint({ key: { sessionId: 'sess_1', params: { scope: 'api:read', audience: 'files' } } });
    expect(stub.asked[0]?.form).toMatchObject({
      scope: 'api:read',
      resource: 'https://api.example.com',
      audience: 'files',
    });
  });

  it('R13.8 a function makes parameters of the whole key', async () => {
    const stub = createStub({
      parameters: ({ organizationId, params = {} }) => ({ organization: organizationId ?? 'none', ...params }),
    });
    await stub.mint({ key: { sessionId: 'sess_1', organizationId: 'org_1', params: { scope: 'api' } } });
    expect(stub.asked[0]?.form).toMatchObject({ organization: 'org_1', scope: 'api' });
  });

  it.each(['grant_type', 'refresh_token', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])(
    'R13.8 no key can name %s: refused, with nothing sent or spent',
    async (name) => {
      const stub = createStub();
      const mint = stub.mint({ key: { sessionId: 'sess_1', params: { [name]: 'rt-secret-9' } } });
      await expect(mint).rejects.toMatchObject({ serverCode: 'invalid_parameters', status: 400 });
      await expect(mint).rejects.not.toThrow(/secret-9/);
      expect(stub.asked).toEqual([]);
    },
  );

  it('R13.8 its signal is the mint’s', async () => {
    const stub = createStub();
    const leaving = new AbortController();
    await stub.mint({ signal: leaving.signal });
    leaving.abort();
    expect(stub.asked[0]?.init.signal?.aborted).toBe(true);
  });

  it('R9.1 the server’s Date comes along; an ID token is not looked at', async () => {
    const stub = createStub();
    const date = 'Thu, 01 Jan 2026 00:00:10 GMT';
    stub.answer(() => json(200, { access_token: 'a', token_type: 'bearer', expires_in: 60, id_token: 'x' }, { date }));
    expect(await stub.mint()).toEqual({
      token: 'a',
      tokenType: 'Bearer',
      expiresInMs: 60_000,
      serverDate: Date.parse(date),
    });
  });

  it('R13.1 one key among several: each spends what the one before has got', async () => {
    const stub = createStub();
    await stub.startFresh();
    const other = stub.tokens.getToken({ params: { audience: 'files' } });
    await stub.clock.advance(5_000);
    expect(await other).not.toBe(stub.tokens.peek());
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1']);
  });
});

describe('DPoP', () => {
  const bound = async (options: Partial<OAuthTokenSourceOptions> = {}) =>
    createStub({ dpop: DPoP(client, await generateKeyPair('ES256')), ...options });
  const claimsOf = (proof: string | null | undefined) =>
    JSON.parse(Buffer.from(proof?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const proofs = (stub: ReturnType<typeof createStub>) =>
    stub.asked.map(({ init }) => claimsOf(new Headers(init.headers).get('dpop')));

  it('R13.7 a proof goes with each refresh; a nonce that is asked for, at once and from then on', async () => {
    const stub = await bound();
    const token = () => granted(1, { token_type: 'DPoP' });
    stub.script([() => refused(400, 'use_dpop_nonce', { 'dpop-nonce': 'n1' }), token, token]);
    expect(await stub.mint()).toMatchObject({ tokenType: 'DPoP' });
    await stub.mint({ key: { sessionId: 'sess_2' } });
    expect(proofs(stub)).toMatchObject([{ htm: 'POST', htu: `${issuer}/token` }, { nonce: 'n1' }, { nonce: 'n1' }]);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-0', 'rt-secret-0']);
  });

  it('R13.7 a server that never likes the nonce is asked twice and no more', async () => {
    const stub = await bound();
    stub.answer(() => refused(400, 'use_dpop_nonce', { 'dpop-nonce': 'n1' }));
    await expect(stub.mint()).rejects.toMatchObject({ serverCode: 'use_dpop_nonce', status: 400 });
    expect(stub.asked).toHaveLength(2);
  });

  it('R13.7 a bearer token where a bound one was asked for is refused, and the other way round', async () => {
    const stub = await bound();
    await expect(stub.mint()).rejects.toMatchObject({ code: 'invalid_token', reason: 'untrusted' });
    const plain = createStub();
    plain.answer(() => granted(1, { token_type: 'DPoP' }));
    await expect(plain.mint()).rejects.toMatchObject({ code: 'invalid_token', reason: 'untrusted' });
  });

  it('R13.7 authorize proves the key for this method, this place and this token, and sends nothing', async () => {
    const stub = await bound();
    const request = new Request('https://api.example.com/files?x=1', { method: 'PUT', headers: { 'x-own': '1' } });
    const headers = await stub.source.authorize(request, 'at-1');
    expect([...headers.keys()].sort()).toEqual(['authorization', 'dpop']);
    expect(headers.get('authorization')).toBe('DPoP at-1');
    expect(claimsOf(headers.get('dpop'))).toMatchObject({
      htm: 'PUT',
      htu: 'https://api.example.com/files',
      ath: createHash('sha256').update('at-1').digest('base64url'),
    });
    expect(stub.asked).toEqual([]);
  });

  it('R13.7 without it, authorize gives a bearer token', async () => {
    const headers = await createStub().source.authorize(new Request('https://api.example.com/'), 'at-1');
    expect([...headers]).toEqual([['authorization', 'Bearer at-1']]);
  });
});

describe('the end of a session', () => {
  const signal = new AbortController().signal;

  it('R13.6 what was got last is revoked, by a request that outlives the page', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.answer(() => new Response(null));
    const { remote } = await stub.tokens.signOut();
    await stub.clock.advance(100);
    expect(await remote).toBe('revoked');
    expect(stub.asked[1]).toMatchObject({
      url: `${issuer}/revoke`,
      init: { keepalive: true, redirect: 'error' },
      form: { token: 'rt-secret-1', token_type_hint: 'refresh_token', client_id: 'app' },
    });
  });

  it('R13.6 a server that refuses, or has no place for it, has not revoked', async () => {
    const stub = createStub();
    stub.answer(() => html(503));
    await expect(stub.source.revoke?.({ sessionId: 'sess_1', signal })).rejects.toMatchObject({ status: 503 });
    const { revocation_endpoint: _, ...without } = metadata;
    expect(createStub({ server: without }).source.revoke).toBeUndefined();
    const found = createStub({ server: issuer });
    found.answer(() => json(200, without));
    await expect(found.source.revoke?.({ sessionId: 'sess_1', signal })).rejects.toMatchObject({
      serverCode: 'revocation_unsupported',
    });
  });

  it('R13.6 what is not here is not revoked, and nothing is sent', async () => {
    const stub = createStub({ refreshToken: () => undefined });
    const revoked = stub.source.revoke?.({ sessionId: 'sess_1', signal });
    await expect(revoked).rejects.toMatchObject({ serverCode: 'no_refresh_token' });
    expect(stub.asked).toEqual([]);
  });

  it.each([
    ['active', () => json(200, { active: true })],
    ['gone', () => json(200, { active: false })],
    ['unknown', () => json(200, { active: 'no' })],
    ['unknown', () => json(401, { active: false })],
    ['unknown', () => html(200)],
    ['unknown', () => Promise.reject(new TypeError('fetch failed'))],
  ])('T13 introspection says %s', async (verdict, answer) => {
    const stub = createStub({ introspect: true });
    stub.answer(answer);
    expect(await stub.source.checkSession?.({ sessionId: 'sess_1', signal })).toBe(verdict);
    expect(stub.asked[0]).toMatchObject({ url: `${issuer}/introspect`, form: { token: 'rt-secret-0' } });
  });

  it('T14 nobody is asked unless told to', () => {
    expect(createStub().source.checkSession).toBeUndefined();
  });
});

describe('options', () => {
  const good = { server: metadata, client };

  it.each<[string, unknown]>([
    ['options', undefined],
    ['server', { ...good, server: undefined }],
    ['server', { ...good, server: 'http://auth.example.com' }],
    ['server', { ...good, server: '/relative' }],
    ['server.issuer', { ...good, server: { token_endpoint: `${issuer}/token` } }],
    ['server.token_endpoint', { ...good, server: { issuer } }],
    ['server.token_endpoint', { ...good, server: { issuer, token_endpoint: 'http://auth.example.com/token' } }],
    ['server.revocation_endpoint', { ...good, server: { ...metadata, revocation_endpoint: 'ftp://a.example' } }],
    [
      'server.mtls_endpoint_aliases.token_endpoint',
      { ...good, server: { ...metadata, mtls_endpoint_aliases: { token_endpoint: 'http://a.example/token' } } },
    ],
    ['discovery', { ...good, discovery: 'oauth' }],
    ['client', { ...good, client: 'app' }],
    ['client.client_id', { ...good, client: {} }],
    ['clientAuthentication', { ...good, clientAuthentication: 's3cret' }],
    ['refreshToken', { ...good, refreshToken: '' }],
    ['credential', { ...good, credential: 'ambient' }],
    ['reuseGraceMs', { ...good, reuseGraceMs: -1 }],
    ['reuseGraceMs', { ...good, credential: 'reusable', reuseGraceMs: 5 }],
    ['parameters.scope', { ...good, parameters: { scope: 5 } }],
    ['parameters.client_id', { ...good, parameters: { client_id: 'other' } }],
    ['dpop', { ...good, dpop: true }],
    ['introspect', { ...good, introspect: 'yes' }],
    ['fetch', { ...good, fetch: 'fetch' }],
    ['options.scope', { ...good, scope: 'api' }],
  ])('R13.8 a bad %s is refused at once', (option, options) => {
    expect(() => oauthTokenSource(options as OAuthTokenSourceOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option }),
    );
  });

  it.each(['http://127.0.0.1:4000', 'http://localhost:4000', new URL('https://auth.example.com')])(
    'R13.8 %s is a place that a token may be sent to',
    (server) => {
      expect(oauthTokenSource({ server, client })).toMatchObject({ credential: 'rotating', endpoint: String(server) });
    },
  );

  it('R13.8 says what its credential is, and where it goes', () => {
    const source = oauthTokenSource({ ...good, reuseGraceMs: 5_000 });
    expect(source).toMatchObject({ credential: 'rotating', reuseGraceMs: 5_000, endpoint: `${issuer}/token` });
  });
});
