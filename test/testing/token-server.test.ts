/** What a scripted token server does, by `fetch` and by a real token source, in virtual time. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Malformed } from '../../adapters/testing/token-server/malformed';
import { setUp, start, watch } from './support';

describe('createTokenServer: tokens', () => {
  it.each(['ES256', 'HS256'] as const)('§7 signs a real JWT by %s that its own keys verify', async (signing) => {
    const { server, mint } = setUp({ signing });
    const { value } = await mint();
    const token = value?.token ?? '';
    expect(decodeProtectedHeader(token).alg).toBe(signing);
    expect(await server.verify(token)).toMatchObject({
      sid: 'sess_1',
      sub: 'user_of_sess_1',
      iat: start / 1_000,
      exp: start / 1_000 + 60,
    });
    await expect(server.verify(`${token.slice(0, -4)}AAAA`)).rejects.toThrow();
  });

  it('§7 publishes the keys of ES256, and never the secret of HS256', async () => {
    const open = setUp({ signing: 'ES256' });
    const { keys } = await open.server.jwks();
    expect(keys).toMatchObject([{ kty: 'EC', crv: 'P-256', use: 'sig' }]);
    expect(keys[0]).not.toHaveProperty('d');
    const answer = await open.server.handle(new Request('https://auth.test/.well-known/jwks.json'));
    expect(await answer.json()).toEqual({ keys });
    expect(await setUp().server.jwks()).toEqual({ keys: [] });
  });

  it('§7 the same requests give the same tokens under HS256, and two tokens are never the same', async () => {
    const [one, two] = [setUp(), setUp()];
    const first = [(await one.mint()).value?.token, (await one.mint()).value?.token];
    const second = [(await two.mint()).value?.token, (await two.mint()).value?.token];
    expect(first).toEqual(second);
    expect(new Set(first).size).toBe(2);
  });

  it('§1 mints for the key that is asked for', async () => {
    const { mint } = setUp();
    const { value } = await mint({ key: { sessionId: 'sess_2', organizationId: 'org_1', template: 'supabase' } });
    expect(decodeJwt(value?.token ?? '')).toMatchObject({ sid: 'sess_2', org_id: 'org_1', template: 'supabase' });
  });

  it('§9 goes by a clock of its own: sleep moves it, a wall that is set does not', async () => {
    const { clock, server } = setUp({ offsetMs: 7_000 });
    clock.skew(-3_600_000);
    await clock.sleep(60_000);
    await clock.advance(5_000);
    expect(server.now()).toBe(start + 72_000);
    expect(clock.now()).toBe(start + 65_000 - 3_600_000);
  });

  it('§9 says `Date` only where it is told to', async () => {
    const told = setUp({ withDate: true, offsetMs: 7_400 });
    expect((await told.mint()).value?.serverDate).toBe(start + 7_000);
    expect((await setUp().mint()).value?.serverDate).toBeUndefined();
  });

  it('§7 a token may be aged, short-lived, of an origin, of somebody else, or have other claims', async () => {
    const { server, mint } = setUp({ latencyMs: 0 });
    const iat = start / 1_000;
    server.script([
      { do: 'mint', ageSeconds: 50 },
      { do: 'mint', ttlSeconds: 5 },
      { do: 'mint', oiat: 1_700_000_000 },
      { do: 'mint', sid: null, claims: { aud: 'api', sub: undefined } },
    ]);
    const next = async () => (await mint({}, 0)).value?.token ?? '';
    expect(decodeJwt(await next())).toMatchObject({ iat: iat - 50, exp: iat + 10 });
    expect(decodeJwt(await next()).exp).toBe(iat + 5);
    expect(decodeProtectedHeader(await next()).oiat).toBe(1_700_000_000);
    const claims = decodeJwt(await next());
    expect([claims.aud, claims.sub, claims.sid]).toEqual(['api', undefined, undefined]);
  });
});

describe('createTokenServer: failures', () => {
  it('§5 answers with a status, a code, headers and a wait', async () => {
    const { server, mint } = setUp();
    server.script([
      { do: 'status', status: 422, code: 'missing_expired_token' },
      { do: 'status', status: 503, retryAfterSeconds: 120, body: '<h1>Down</h1>' },
      { do: 'status', status: 429, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' } },
    ]);
    expect((await mint()).error).toMatchObject({ status: 422, serverCode: 'missing_expired_token' });
    expect((await mint()).error).toMatchObject({ status: 503, retryAfterMs: 120_000, serverCode: undefined });
    // The third answer arrives at 300 ms.
    expect((await mint()).error).toMatchObject({ status: 429, retryAfterMs: 59_700 });
  });

  it('§5 a script counts for mints in order, then the standing behaviour', async () => {
    const { server, mint, source } = setUp();
    server.respondWith({ do: 'status', status: 500 });
    server.script([{ do: 'mint' }, { do: 'status', status: 404 }]);
    const check = watch(source.checkSession?.({ sessionId: 'sess_1', signal: new AbortController().signal }));
    expect((await mint()).value?.token).toMatch(/^ey/);
    expect(check.value).toBe('unknown');
    expect((await mint()).error).toMatchObject({ status: 404 });
    expect((await mint()).error).toMatchObject({ status: 500 });
  });

  it('§5 a behaviour may depend on the request', async () => {
    const { server, mint } = setUp();
    server.respondWith(({ key, attempt }) =>
      key.template === 'flaky' && attempt === 1 ? { do: 'status', status: 502 } : { do: 'mint' },
    );
    const key = { sessionId: 'sess_1', template: 'flaky' };
    expect((await mint({ key })).error).toMatchObject({ status: 502 });
    expect((await mint({ key, attempt: 2 })).value).toBeDefined();
    expect((await mint()).value).toBeDefined();
  });

  it('§5 hangs until the client gives up', async () => {
    const { clock, server, source, request } = setUp();
    server.respondWith({ do: 'hang' });
    const given = new AbortController();
    const seen = watch(source.mint(request({ signal: given.signal })));
    await clock.advance(3_600_000);
    expect(seen.settled).toBe(false);
    given.abort();
    await clock.settle();
    expect(seen.error).toMatchObject({ code: 'request_failed', status: undefined });
  });

  it('§5 a delayed request is dealt with later; a late answer carries a token that has aged', async () => {
    const { server, mint } = setUp();
    server.script([
      { do: 'delay', ms: 5_000 },
      { do: 'late', ms: 5_000 },
    ]);
    const delayed = await mint({}, 5_099);
    expect(delayed.settled).toBe(false);
    const late = await mint({}, 5_100);
    expect(decodeJwt(delayed.value?.token ?? '').iat).toBe(start / 1_000 + 5);
    expect(decodeJwt(late.value?.token ?? '').iat).toBe(start / 1_000 + 5);
    expect(server.mints).toEqual([50, 5_149]);
  });

  it('§5 by hand, too, a late answer comes late, and a broken connection is Response.error()', async () => {
    const { clock, server } = setUp();
    const post = () => new Request('https://auth.test/tokens', { method: 'POST', body: '{"sessionId":"sess_1"}' });
    server.script([{ do: 'late', ms: 5_000 }, { do: 'drop' }]);
    const late = watch(server.handle(post()));
    const dropped = watch(server.handle(post()));
    await clock.advance(4_999);
    expect([late.settled, dropped.value?.type]).toEqual([false, 'error']);
    await clock.advance(1);
    expect(late.value?.status).toBe(200);
  });

  it('§5 a dropped answer: the server has acted, the client does not know', async () => {
    const { clock, server, mint, source } = setUp();
    server.script([{ do: 'drop', answer: { do: 'mint' } }]);
    expect((await mint()).error).toMatchObject({ code: 'request_failed', status: undefined });
    expect(server.mints).toEqual([50]);
    server.respondWith(({ op }) => (op === 'revoke' ? { do: 'drop' } : { do: 'mint' }));
    const revoked = watch(source.revoke?.({ sessionId: 'sess_1', signal: new AbortController().signal }));
    await clock.advance(100);
    expect(revoked.error).toMatchObject({ code: 'request_failed' });
    expect((await mint()).error).toMatchObject({ status: 401, serverCode: 'session_revoked' });
  });

  it('§5 an unreachable server has seen nothing', async () => {
    const { server, mint } = setUp();
    server.respondWith({ do: 'unreachable' });
    expect((await mint()).error).toMatchObject({ status: undefined });
    expect(server.requests).toEqual([]);
  });

  it('§6 in an outage it asks for the last token, and mints from it with the age that the origin gave it', async () => {
    const { clock, server, mint } = setUp({ withOrigin: true });
    const lastToken = (await mint()).value?.token ?? '';
    await clock.advance(90_000);
    server.respondWith({ do: 'outage' });
    expect((await mint()).error).toMatchObject({ status: 422, serverCode: 'missing_expired_token' });
    const edge = (await mint({ lastToken })).value?.token ?? '';
    expect([decodeProtectedHeader(lastToken).oiat, decodeProtectedHeader(edge).oiat]).toEqual([
      start / 1_000,
      start / 1_000,
    ]);
    expect(decodeJwt(edge).iat).toBe(start / 1_000 + 90);
    expect((await mint({ lastToken, key: { sessionId: 'sess_2' } })).error).toMatchObject({ status: 403 });
    // What no origin has vouched for, no edge vouches for.
    const unvouched = (await setUp().mint()).value?.token ?? '';
    const minted = (await mint({ lastToken: unvouched })).value?.token ?? '';
    expect(decodeProtectedHeader(minted)).not.toHaveProperty('oiat');
  });

  it.each<[Malformed, unknown]>([
    ['empty-body', 'empty'],
    ['empty-token', 'empty'],
    ['null-token', 'empty'],
    ['no-token', 'empty'],
    ['not-a-jwt', 'malformed'],
    ['not-json', 'malformed'],
    ['html', 'malformed'],
  ])('§5 a 200 that is malformed: %s', async (how, reason) => {
    const { server, mint } = setUp();
    server.respondWith({ do: 'malformed', how });
    expect((await mint()).error).toMatchObject({ code: 'invalid_token', reason });
  });

  it.each<[Malformed, object]>([
    ['expired', { exp: start / 1_000 - 3_540 }],
    ['other-session', { sid: 'sess_of_somebody_else' }],
    ['other-organization', { org_id: 'org_of_somebody_else' }],
  ])('§5 a 200 with a token that no client may take: %s', async (how, claims) => {
    const { server, mint } = setUp();
    server.respondWith({ do: 'malformed', how });
    expect(decodeJwt((await mint()).value?.token ?? '')).toMatchObject(claims);
  });

  it('§5 a 200 with a token that never expires', async () => {
    const { server, mint } = setUp();
    server.respondWith({ do: 'malformed', how: 'no-exp' });
    expect(decodeJwt((await mint()).value?.token ?? '')).not.toHaveProperty('exp');
  });

  it('§5 a huge token is over 16 KB', async () => {
    const { server, mint } = setUp();
    server.respondWith({ do: 'malformed', how: 'huge' });
    expect((await mint()).value?.token.length).toBeGreaterThan(16_384);
  });
});
