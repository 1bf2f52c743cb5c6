import { getEventListeners } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { httpTokenSource } from '../../../adapters/source/http';
import type { HttpTokenSourceOptions } from '../../../adapters/source/http-options';
import { InvalidTokenError, TokenRequestError } from '../../../machines/errors';
import { everythingIn, failureOf, mintRequest } from './mint-request';
import { breakOff, drop, hang, json, type Reply, raw, stall, startServer, type TestServer } from './server';

const secret = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJl';

function* endless(): Generator<string> {
  for (;;) yield ' '.repeat(8_192);
}

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const source = (options: Partial<HttpTokenSourceOptions> = {}) =>
  httpTokenSource({ url: `${server.origin}/tokens`, ...options });

describe('the request', () => {
  beforeEach(() => server.answer(json(200, { token: 'a.b.c' })));

  it('S11 carries the last token in the body, and never in a URL or a header', async () => {
    await source().mint(mintRequest({ lastToken: secret }));
    const [seen] = server.seen;
    expect(JSON.parse(seen?.body ?? '')).toMatchObject({ expired_token: secret });
    expect(seen?.url).toBe('/tokens');
    expect(JSON.stringify(seen?.headers)).not.toContain(secret);
  });

  it('T11 differs by nothing but the last token when it is asked again with it', async () => {
    await source().mint(mintRequest());
    await source().mint(mintRequest({ lastToken: secret }));
    const [first, second] = server.seen.map(({ body }) => JSON.parse(body));
    expect(first).not.toHaveProperty('expired_token');
    expect(second).toEqual({ ...first, expired_token: secret });
  });

  it('§10 tells the server which key, why, and how present the user is', async () => {
    const key = { sessionId: 'sess_1', template: 'hasura', organizationId: null, params: { audience: 'api' } };
    await source().mint(mintRequest({ key, cause: 'wake', presence: 'hidden', attempt: 3 }));
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      sessionId: 'sess_1',
      template: 'hasura',
      organizationId: null,
      params: { audience: 'api' },
      cause: 'wake',
      presence: 'hidden',
      attempt: 3,
    });
  });

  it('§5 is a JSON POST with a header that another site cannot send unasked', async () => {
    await source().mint(mintRequest());
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-token-lifecycle': '1' },
    });
  });

  it('§5 is not cached, not redirected, and keeps credentials to its own origin unless told', async () => {
    const inits: RequestInit[] = [];
    const fetch = async (_url: string, init: RequestInit) => {
      inits.push(init);
      return Response.json({ token: 'a.b.c' });
    };
    await source({ fetch }).mint(mintRequest());
    await source({ fetch, credentials: 'include' }).mint(mintRequest());
    expect(inits[0]).toMatchObject({ cache: 'no-store', redirect: 'error', credentials: 'same-origin' });
    expect(inits[1]).toMatchObject({ credentials: 'include' });
  });

  it('§5 takes headers from a record or a function, and lets them replace the defaults but not the mark', async () => {
    await source({ headers: { 'X-Csrf': 'one', Accept: 'application/jwt' } }).mint(mintRequest());
    await source({
      headers: async ({ operation, sessionId }) => ({ 'X-For': `${operation} ${sessionId}`, 'X-Token-Lifecycle': '0' }),
    }).mint(mintRequest());
    expect(server.seen[0]?.headers).toMatchObject({ 'x-csrf': 'one', accept: 'application/jwt' });
    expect(server.seen[1]?.headers).toMatchObject({ 'x-for': 'mint sess_1', 'x-token-lifecycle': '1' });
  });

  it('§6 posts what the caller makes of the fields', async () => {
    const body: HttpTokenSourceOptions['body'] = (fields) => ({
      session: fields.sessionId,
      token: fields.expired_token,
    });
    await source({ body }).mint(mintRequest({ lastToken: secret }));
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ session: 'sess_1', token: secret });
  });

  it('S11 says nothing of what a header function threw', async () => {
    const headers = () => {
      throw new Error(`bad credential ${secret}`);
    };
    const error = await failureOf(source({ headers }).mint(mintRequest()));
    expect(TokenRequestError.is(error)).toBe(true);
    expect(everythingIn(error)).not.toContain(secret);
    expect(server.seen).toEqual([]);
  });

  it('L1 does not wait for a header function past the signal', async () => {
    const abort = new AbortController();
    const failure = failureOf(
      source({ headers: () => new Promise<never>(() => undefined) }).mint(mintRequest({ signal: abort.signal })),
    );
    abort.abort();
    expect(TokenRequestError.is(await failure)).toBe(true);
  });

  it('S7 asks nobody anything under a signal that was aborted before', async () => {
    const headers = vi.fn(() => ({}));
    const fetch = vi.fn(async () => Response.json({ token: 'a.b.c' }));
    await failureOf(source({ headers, fetch }).mint(mintRequest({ signal: AbortSignal.abort() })));
    expect(headers).not.toHaveBeenCalled();
    expect(fetch).not.toHaveBeenCalled();
  });

  it('L4 leaves no listener on a signal that outlives the mint', async () => {
    const { signal } = new AbortController();
    const fetch = async () => Response.json({ token: 'a.b.c' });
    await source({ fetch }).mint(mintRequest({ signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('L1 does not wait for a fetch that ignores the signal', async () => {
    const abort = new AbortController();
    const fetch = () => new Promise<never>(() => undefined);
    const failure = failureOf(source({ fetch }).mint(mintRequest({ signal: abort.signal })));
    abort.abort();
    expect(TokenRequestError.is(await failure)).toBe(true);
  });
});

describe('an answer with a token', () => {
  it.each(['token', 'jwt', 'access_token'])('§5 reads it from `%s`', async (field) => {
    server.answer(json(200, { [field]: 'a.b.c' }));
    expect(await source().mint(mintRequest())).toMatchObject({ token: 'a.b.c' });
  });

  it('§7 turns seconds into milliseconds, and hands on whom the token is for', async () => {
    server.answer(
      json(201, {
        access_token: 'opaque',
        token_type: 'dpop',
        expires_in: '60',
        issued_at: 1_800_000_000,
        expires_at: 1_800_000_060,
        session_id: 'sess_1',
        organization_id: null,
      }),
    );
    expect(await source().mint(mintRequest())).toMatchObject({
      token: 'opaque',
      tokenType: 'DPoP',
      expiresInMs: 60_000,
      issuedAt: 1_800_000_000_000,
      expiresAt: 1_800_000_060_000,
      sessionId: 'sess_1',
      organizationId: null,
    });
  });

  it.each([
    { expires_at: 1_800_000_000_000 },
    { expires_at: 60 },
    { expires_at: '2027-01-15T08:00:00Z' },
    { issued_at: -1 },
    { expires_in: 0 },
    { expires_in: -60 },
    { expires_in: 1e12 },
    { expires_in: true },
  ])('G09 refuses an implausible time: %j', async (times) => {
    server.answer(json(200, { token: 'a.b.c', ...times }));
    expect(await failureOf(source().mint(mintRequest()))).toMatchObject({
      code: 'invalid_token',
      reason: 'no_lifetime',
    });
  });

  it('§9 reports the Date header in epoch ms', async () => {
    server.answer(json(200, { token: 'a.b.c' }, { date: 'Fri, 15 Jan 2027 08:00:00 GMT' }));
    expect((await source().mint(mintRequest())).serverDate).toBe(1_800_000_000_000);
  });

  it.each([[1_800_000_005], ['2027-01-15T08:00:05Z'], ['Fri, 15 Jan 2027 08:00:05 GMT']])(
    '§9 prefers the body, whose date no browser hides: %s',
    async (server_date) => {
      server.answer(json(200, { token: 'a.b.c', server_date }, { date: 'Fri, 15 Jan 2027 08:00:00 GMT' }));
      expect((await source().mint(mintRequest())).serverDate).toBe(1_800_000_005_000);
    },
  );

  it.each([[1_800_000_005_000], ['soon'], [-1], [null]])(
    'G09 takes no evidence from a server_date of %s',
    async (server_date) => {
      server.answer(json(200, { token: 'a.b.c', server_date }, { date: 'Fri, 15 Jan 2027 08:00:00 GMT' }));
      expect((await source().mint(mintRequest())).serverDate).toBe(1_800_000_000_000);
    },
  );

  it('A24 takes JSON that calls itself plain text', async () => {
    server.answer(raw(200, '{"token":"a.b.c"}', { 'content-type': 'text/plain' }));
    expect(await source().mint(mintRequest())).toMatchObject({ token: 'a.b.c' });
  });

  it('§7 reads a letter that arrives in two pieces', async () => {
    const bytes = new TextEncoder().encode('{"token":"a.b.c","session_id":"é"}');
    const cut = bytes.indexOf(0xc3) + 1;
    const parts = [bytes.slice(0, cut), bytes.slice(cut)];
    const body = new ReadableStream<Uint8Array>({
      pull: (stream) => {
        const part = parts.shift();
        if (part) stream.enqueue(part);
        else stream.close();
      },
    });
    expect(await source({ fetch: async () => new Response(body) }).mint(mintRequest())).toMatchObject({
      sessionId: 'é',
    });
  });

  it('§9 prefers the date that the caller reads', async () => {
    server.answer(json(200, { token: 'a.b.c' }, { date: 'Fri, 15 Jan 2027 08:00:00 GMT' }));
    const parse = () => ({ token: 'a.b.c', serverDate: 1_800_000_007_000 });
    expect((await source({ parse }).mint(mintRequest())).serverDate).toBe(1_800_000_007_000);
  });

  it('§5 lets the caller read another shape', async () => {
    server.answer(
      json(200, { data: { value: 'opaque', ends: 1_800_000_000_000 } }, { date: 'Fri, 15 Jan 2027 08:00:00 GMT' }),
    );
    const parse = (body: unknown) => {
      const { data } = body as { data: { value: string; ends: number } };
      return { token: data.value, expiresAt: data.ends };
    };
    expect(await source({ parse }).mint(mintRequest())).toEqual({
      token: 'opaque',
      expiresAt: 1_800_000_000_000,
      serverDate: 1_800_000_000_000,
    });
  });

  it('§5 lets a parser say itself what is wrong', async () => {
    server.answer(json(200, { token: 'a.b.c' }));
    const parse = () => {
      throw new InvalidTokenError('other_session');
    };
    expect(await failureOf(source({ parse }).mint(mintRequest()))).toMatchObject({ reason: 'other_session' });
  });

  it.each([
    [
      'throws with the token in its message',
      (body: unknown) => {
        throw new Error(JSON.stringify(body));
      },
      'malformed',
    ],
    ['returns nothing', () => undefined as never, 'malformed'],
    ['finds no token', () => ({ token: '' }), 'empty'],
    ['confuses seconds with milliseconds', () => ({ token: 'a.b.c', expiresAt: 1_800_000_000 }), 'no_lifetime'],
  ] as const)('S2 holds a parser to the same rules where it %s', async (_what, parse, reason) => {
    server.answer(json(200, { token: secret }));
    const error = await failureOf(source({ parse }).mint(mintRequest()));
    expect(error).toMatchObject({ code: 'invalid_token', reason });
    expect(everythingIn(error)).not.toContain(secret);
  });
});

describe('a 2xx without a usable token', () => {
  const page = '<!doctype html><title>Welcome</title>';
  const cases: [string, Reply, InvalidTokenError['reason']][] = [
    ['204', raw(204, ''), 'empty'],
    ['empty body', raw(200, ''), 'empty'],
    ['blank body', raw(200, ' \n', { 'content-type': 'application/json' }), 'empty'],
    ['HTML', raw(200, page, { 'content-type': 'text/html' }), 'malformed'],
    ['HTML that claims to be JSON', raw(200, page, { 'content-type': 'application/json' }), 'malformed'],
    ['JSON that claims to be HTML', raw(200, '{"token":"a.b.c"}', { 'content-type': 'text/html' }), 'malformed'],
    ['half a JSON text', raw(200, '{"token":"a.b', { 'content-type': 'application/json' }), 'malformed'],
    ['a bare string', json(200, 'a.b.c'), 'malformed'],
    ['null', json(200, null), 'malformed'],
    ['an array', json(200, [{ token: 'a.b.c' }]), 'malformed'],
    ['no token field', json(200, { ok: true }), 'empty'],
    ['an empty token', json(200, { token: '' }), 'empty'],
    ['a blank token', json(200, { token: '  ' }), 'empty'],
    ['a null token', json(200, { token: null }), 'empty'],
    ['a numeric token', json(200, { token: 42 }), 'not_a_string'],
    ['a token with a line break', json(200, { token: 'a.b.c\r\nX-Evil: 1' }), 'malformed'],
    ['a declared huge body', json(200, { token: 'x'.repeat(70_000) }, { 'content-length': '70012' }), 'too_large'],
  ];

  it.each(cases)('S2 is refused: %s', async (_what, reply, reason) => {
    server.answer(reply);
    const error = await failureOf(source().mint(mintRequest()));
    expect(InvalidTokenError.is(error)).toBe(true);
    expect(error).toMatchObject({ reason });
  });

  it('S2 stops reading a body of unknown length at 64 KB', async () => {
    const closed = new Promise<void>((done) => {
      server.answer((response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        pipeline(Readable.from(endless()), response, () => done());
      });
    });
    expect(await failureOf(source().mint(mintRequest()))).toMatchObject({ reason: 'too_large' });
    await closed;
  });
});

describe('a refusal', () => {
  it.each([400, 401, 403, 404, 408, 409, 410, 422, 425, 429, 500, 502, 503, 504])(
    '§5 keeps the status %i of an HTML page',
    async (status) => {
      server.answer(raw(status, `<h1>${secret}</h1>`, { 'content-type': 'text/html' }));
      const error = await failureOf(source().mint(mintRequest()));
      expect(error).toMatchObject({ code: 'request_failed', status, serverCode: undefined });
      expect(everythingIn(error)).not.toContain(secret);
    },
  );

  it.each([
    [
      '{ errors: [{ code }] }',
      { errors: [{ code: 'missing_expired_token', message: secret }, { code: 'other' }] },
      'missing_expired_token',
    ],
    ['RFC 6749', { error: 'invalid_grant', error_description: secret }, 'invalid_grant'],
    ['prose for a code', { error: `The token ${secret} is bad` }, undefined],
    ['a token for a code', { errors: [{ code: 'eyJhbGciOiJub25lIn0.e30.x' }] }, undefined],
    ['a numeric code', { errors: [{ code: 42 }] }, undefined],
    ['a list of nothing', { errors: [null], error: null }, undefined],
    ['a list that is none', { errors: 'session_not_found' }, undefined],
  ])('§5 takes the code from %s, and no prose', async (_what, body, serverCode) => {
    server.answer(json(422, body));
    const error = await failureOf(source().mint(mintRequest({ lastToken: secret })));
    expect(error).toMatchObject({ status: 422, serverCode });
    expect(everythingIn(error)).not.toContain(secret);
  });

  it.each([
    ['seconds', { 'retry-after': '120' }, {}, 120_000],
    ['zero', { 'retry-after': '0' }, {}, 0],
    ['a fraction, rounded up to a whole ms', { 'retry-after': '0.0004' }, {}, 1],
    [
      'a date against the Date header',
      { 'retry-after': 'Fri, 15 Jan 2027 08:01:30 GMT', date: 'Fri, 15 Jan 2027 08:00:00 GMT' },
      {},
      90_000,
    ],
    [
      'a date against server_date',
      { 'retry-after': 'Fri, 15 Jan 2027 08:01:30 GMT' },
      { server_date: 1_800_000_000 },
      90_000,
    ],
    ['a past date', { 'retry-after': 'Fri, 15 Jan 2027 07:00:00 GMT', date: 'Fri, 15 Jan 2027 08:00:00 GMT' }, {}, 0],
    ['an absurd number, as a day', { 'retry-after': '9'.repeat(400) }, {}, 86_400_000],
    ['a negative number', { 'retry-after': '-5' }, {}, undefined],
    ['a word', { 'retry-after': 'tomorrow' }, {}, undefined],
    ['an empty header', { 'retry-after': '' }, {}, undefined],
    ['the body', {}, { retry_after_seconds: 30 }, 30_000],
    ['the body by its short name', {}, { retry_after: '1.5' }, 1_500],
    ['the header before the body', { 'retry-after': '10' }, { retry_after: 99 }, 10_000],
    ['the body where the header is nonsense', { 'retry-after': 'x' }, { retry_after: 7 }, 7_000],
    ['a negative body', {}, { retry_after: -1 }, undefined],
  ])('§5 reads Retry-After from %s', async (_what, headers, body, retryAfterMs) => {
    server.answer(json(429, body, headers as Record<string, string>));
    expect(await failureOf(source().mint(mintRequest()))).toMatchObject({ status: 429, retryAfterMs });
  });

  it.each([
    ['an HTML page', { 'content-type': 'text/html' }, { status: 502 }],
    ['a body that is too large by its own account', { 'content-length': '70000' }, { status: 502 }],
  ])('L1 does not wait for the end of %s', async (_what, headers, error) => {
    server.answer((response) => {
      response.writeHead(502, headers as Record<string, string>);
      response.write('<h1>Bad gateway');
    });
    expect(await failureOf(source().mint(mintRequest()))).toMatchObject(error);
  });

  it('§5 keeps the status where the body breaks off', async () => {
    server.answer(breakOff(503));
    expect(await failureOf(source().mint(mintRequest()))).toMatchObject({ status: 503 });
  });
});

describe('no answer', () => {
  it.each([
    ['a dropped connection', drop],
    ['a body that breaks off', breakOff(200)],
    ['a redirect', raw(307, '', { location: '/elsewhere' })],
  ])('§5 rejects without a status: %s', async (_what, reply) => {
    server.answer(reply);
    const error = await failureOf(source().mint(mintRequest({ lastToken: secret })));
    expect(TokenRequestError.is(error)).toBe(true);
    expect(error).toMatchObject({ status: undefined });
    expect(server.seen).toHaveLength(1);
    expect(everythingIn(error)).not.toContain(secret);
  });

  it('A27 tells a refused connection by its code, not by its text', async () => {
    const gone = await startServer();
    await gone.close();
    const error = await failureOf(httpTokenSource({ url: gone.origin }).mint(mintRequest()));
    expect(error).toMatchObject({ code: 'request_failed', status: undefined, cause: { code: 'ECONNREFUSED' } });
  });

  it.each([
    ['no head ever comes', hang],
    ['a 200 body never ends', stall(200)],
    ['a 503 body never ends', stall(503)],
  ])('L1 settles on abort where %s', async (_what, reply) => {
    server.answer(reply);
    const abort = new AbortController();
    const failure = failureOf(source().mint(mintRequest({ signal: abort.signal })));
    await server.arrived(1);
    abort.abort(new DOMException(secret, 'TimeoutError'));
    const error = await failure;
    expect(error).toMatchObject({ code: 'request_failed', status: undefined, cause: { name: 'TimeoutError' } });
    expect(everythingIn(error)).not.toContain(secret);
  });

  it('L4 lets go of a body that nobody wants', async () => {
    const cancel = vi.fn();
    const fetch = async () =>
      new Response(new ReadableStream({ cancel }), { status: 502, headers: { 'content-type': 'text/html' } });
    await failureOf(source({ fetch }).mint(mintRequest()));
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('L4 lets go of a body whose head arrives together with the abort', async () => {
    const abort = new AbortController();
    const cancelled = new Promise<void>((done) => {
      const fetch = async () => {
        abort.abort();
        return new Response(new ReadableStream({ cancel: () => done() }));
      };
      void failureOf(source({ fetch }).mint(mintRequest({ signal: abort.signal })));
    });
    await cancelled;
  });

  it('L4 lets go of a body that the platform does not tie to the signal', async () => {
    const abort = new AbortController();
    const cancelled = new Promise<void>((done) => {
      const body = new ReadableStream<Uint8Array>(
        { pull: () => abort.abort(), cancel: () => done() },
        { highWaterMark: 0 },
      );
      const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
      void failureOf(source({ fetch }).mint(mintRequest({ signal: abort.signal })));
    });
    await cancelled;
  });

  it('S11 keeps nothing of a transport error but its name and code', async () => {
    const fetch = async () => {
      throw Object.assign(new TypeError(`failed with ${secret}`), { cause: { code: 'ETIMEDOUT', body: secret } });
    };
    const error = await failureOf(source({ fetch }).mint(mintRequest()));
    expect(error).toMatchObject({ cause: { name: 'TypeError', code: 'ETIMEDOUT' } });
    expect(everythingIn(error)).not.toContain(secret);
  });
});
