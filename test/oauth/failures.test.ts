/** What becomes of each answer of an authorization server (R13.3 to R13.5, T13, T14, R5.14 to R5.17, S6, S11). */
import { describe, expect, it } from 'vitest';
import { createStub, credentialName, granted, html, issuer, json, metadata, refused } from './support/stub';

const broken = (): never => {
  throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
};

describe('a refusal', () => {
  it('T13 T14 invalid_grant signs out', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.answer(() => refused(400, 'invalid_grant'));
    await stub.clock.advance(60_000);
    expect(stub.signedOut).toHaveLength(1);
    expect(stub.tokens.getState().state).toBe('signed-out');
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1']);
    expect(await stub.cache.get(credentialName)).toBeUndefined();
  });

  it.each([
    ['invalid_client', 401],
    ['invalid_scope', 400],
    ['unauthorized_client', 400],
  ])('T12 %s is a mistake in the set-up, and signs nobody out', async (code, status) => {
    const stub = createStub();
    await stub.startFresh();
    stub.answer(() => refused(status, code));
    await stub.clock.advance(70_000);
    expect(stub.signedOut).toEqual([]);
    expect(await stub.read()).toMatchObject({ code: 'request_failed', serverCode: code, status });
  });

  it('R5.3 a 503 has spent nothing: the same token after the backoff', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([() => html(503)]);
    await stub.clock.advance(50_000);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1', 'rt-secret-1']);
    expect(stub.failed).toMatchObject([{ reason: 'transient' }]);
    expect(stub.instants[2]).toBe((stub.instants[1] ?? 0) + 3_000);
  });

  it('R5.6 a 429 is waited out for as long as it says', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([() => refused(429, 'slow_down', { 'retry-after': '20' })]);
    await stub.clock.advance(80_000);
    expect(stub.failed).toMatchObject([{ reason: 'rate-limited' }]);
    expect(stub.instants[2]).toBeGreaterThanOrEqual((stub.instants[1] ?? 0) + 20_000);
    expect(stub.spent.slice(0, 3)).toEqual(['rt-secret-0', 'rt-secret-1', 'rt-secret-1']);
  });
});

describe('nobody knows whether the token is spent', () => {
  it.each([
    ['no answer', broken],
    ['a 502 of a gateway', () => html(502)],
    ['a 504 of a gateway', () => new Response(null, { status: 504 })],
    ['a page where the answer should be', () => html(200)],
    ['an answer without any token', () => json(200, {})],
    [
      'half an answer',
      () => new Response('{"access_token":"at-se', { headers: { 'content-type': 'application/json' } }),
    ],
  ])('R13.4 R5.16 %s: nothing is sent before the held token has expired', async (_, answer) => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([answer]);
    await stub.clock.advance(59_800);
    expect(stub.failed).toMatchObject([{ reason: 'ambiguous' }]);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1']);
    await stub.clock.advance(20_000);
    expect(stub.spent.slice(2)).toEqual(['rt-secret-1']);
    expect(stub.instants[2]).toBeGreaterThanOrEqual(60_000);
  });

  it('R5.15 with grace it is sent once more, at once', async () => {
    const stub = createStub({ reuseGraceMs: 10_000 });
    await stub.startFresh();
    stub.script([broken]);
    await stub.clock.advance(44_500);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1', 'rt-secret-1']);
    expect(stub.tokens.getState().state).toBe('fresh');
  });

  it('R13.4 a gateway that says when to come again is taken at its word', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([() => html(502, { 'retry-after': '5' })]);
    await stub.clock.advance(55_000);
    expect(stub.failed).toMatchObject([{ reason: 'rate-limited' }]);
    expect(stub.spent).toHaveLength(3);
  });

  it('R13.4 a 502 of the server itself has a code, and is no lost answer', async () => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([() => refused(502, 'server_error')]);
    await stub.clock.advance(50_000);
    expect(stub.failed).toMatchObject([{ reason: 'transient' }]);
    expect(stub.spent).toHaveLength(3);
  });

  it.each([
    ['no answer', broken, 'transient'],
    ['a 502 of a gateway', () => html(502), 'transient'],
    ['a page where the answer should be', () => html(200), 'invalid'],
  ])('R13.4 %s: a reusable token is simply sent again', async (_, answer, reason) => {
    const stub = createStub({ credential: 'reusable' });
    stub.answer(() => granted(1, { refresh_token: undefined }));
    await stub.startFresh();
    stub.script([answer]);
    await stub.clock.advance(50_000);
    expect(stub.failed).toMatchObject([{ reason }]);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-0', 'rt-secret-0']);
  });
});

describe('what fails before anything is sent has spent nothing', () => {
  it.each([
    ['the metadata does not come', broken],
    ['the metadata is refused with a 503', () => html(503)],
    ['the metadata is refused with a 401', () => html(401)],
    ['the metadata is a page', () => html(200)],
    ['the metadata is of another issuer', () => json(200, { ...metadata, issuer: 'https://evil.example.com' })],
    ['its token endpoint is not secure', () => json(200, { ...metadata, token_endpoint: 'http://auth.example.com/t' })],
    ['it has no token endpoint', () => json(200, { issuer })],
  ])('R13.3 %s: looked for again after the backoff', async (_, answer) => {
    const stub = createStub({ server: issuer });
    stub.answer(({ url }) => (url.endsWith('openid-configuration') ? json(200, metadata) : granted(1)));
    stub.script([answer]);
    await stub.startFresh();
    expect(stub.failed).toMatchObject([{ reason: 'transient' }]);
    expect(stub.spent).toEqual([]);
    await stub.clock.advance(3_000);
    expect(stub.spent).toEqual(['rt-secret-0']);
    expect(stub.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R13.3 metadata is asked for once, where RFC 8414 has it', async () => {
    const stub = createStub({ server: `${issuer}/tenant`, discovery: 'oauth2' });
    stub.answer(({ url }) =>
      url.includes('well-known') ? json(200, { ...metadata, issuer: `${issuer}/tenant` }) : granted(stub.asked.length),
    );
    await stub.startFresh();
    await stub.clock.advance(100_000);
    const places = stub.asked.map(({ url }) => url).filter((url) => url.includes('well-known'));
    expect(places).toEqual([`${issuer}/.well-known/oauth-authorization-server/tenant`]);
    expect(stub.spent).toHaveLength(3);
  });

  it.each([
    ['the login’s token cannot be had', { refreshToken: () => Promise.reject(new Error('locked')) }],
    ['the client cannot authenticate', { clientAuthentication: () => Promise.reject(new Error('no key')) }],
  ])('R13.3 %s: transient', async (_, options) => {
    const stub = createStub(options);
    await stub.startFresh();
    expect(stub.failed).toMatchObject([{ reason: 'transient' }]);
    expect(stub.asked).toEqual([]);
    expect(stub.signedOut).toEqual([]);
  });

  it('R13.5 there is no refresh token: readers are told, nobody is signed out', async () => {
    const stub = createStub({ refreshToken: () => undefined });
    stub.tokens.start();
    expect(await stub.read()).toMatchObject({ code: 'request_failed', serverCode: 'no_refresh_token' });
    await stub.clock.advance(100_000);
    expect(stub.asked).toEqual([]);
    expect(stub.signedOut).toEqual([]);
  });

  it('R13.5 S6 the login’s token is not sent again once it was replaced, even where its successor is lost', async () => {
    const stub = createStub();
    await stub.startFresh();
    const { stored } = await stub.tokens.signOut();
    await stored;
    stub.tokens.signIn({ session: { id: 'sess_1' } });
    expect(await stub.read()).toMatchObject({ serverCode: 'no_refresh_token' });
    expect(stub.spent).toEqual(['rt-secret-0']);
  });

  it('R13.5 a new login’s is', async () => {
    let login = 'rt-secret-0';
    const stub = createStub({ refreshToken: () => login });
    await stub.startFresh();
    const { stored } = await stub.tokens.signOut();
    await stored;
    login = 'rt-of-another-login';
    stub.tokens.signIn({ session: { id: 'sess_1' } });
    expect(await stub.read()).toEqual(expect.stringContaining('at-secret'));
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-of-another-login']);
  });
});

describe('a successor', () => {
  it.each([
    ['without an access token', { access_token: undefined }],
    ['with one of an unknown type', { token_type: 'mac' }],
    ['with one that no header can hold', { access_token: 'a\r\nb' }],
    ['with a lifetime that is none', { expires_in: -5 }],
  ])('R13.5 H06 that comes %s is kept and spent next', async (_, more) => {
    const stub = createStub();
    await stub.startFresh();
    stub.script([() => granted(2, more)]);
    await stub.clock.advance(50_000);
    expect(stub.failed).toMatchObject([{ reason: 'invalid' }]);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1', 'rt-secret-2']);
    expect(stub.tokens.getState().state).toBe('fresh');
  });

  it('R13.5 of a token that was said to be reusable is used all the same', async () => {
    const stub = createStub({ credential: 'reusable' });
    await stub.startFresh();
    await stub.clock.advance(100_000);
    expect(stub.spent).toEqual(['rt-secret-0', 'rt-secret-1', 'rt-secret-2']);
  });
});

describe('nothing leaks', () => {
  it('S11 no token in an error, an event, a log line or the history', async () => {
    const stub = createStub({ server: issuer });
    stub.answer(({ url }) => (url.endsWith('openid-configuration') ? json(200, metadata) : granted(1)));
    stub.tokens.start();
    const seen: unknown[] = [];
    for (const answer of [
      () => refused(503, 'rt-secret-0'),
      () => html(502),
      broken,
      () => json(400, { error: 'eyJhbGciOiJub25lIn0.at-secret-1' }),
      () => refused(400, 'invalid_grant'),
    ]) {
      stub.script([answer]);
      const thrown = await stub.mint().catch((error: unknown) => error);
      seen.push(String(thrown), JSON.stringify(thrown), (thrown as Error).stack, (thrown as Error).cause);
      stub.script([answer]);
      stub.tokens.refresh().catch((error: unknown) => seen.push(String(error), JSON.stringify(error)));
      await stub.clock.advance(65_000);
    }
    seen.push(stub.failed, stub.signedOut, stub.said, stub.tokens.explain());
    expect(stub.failed.length).toBeGreaterThan(2);
    expect(JSON.stringify(seen)).not.toMatch(/-secret-/);
  });
});
