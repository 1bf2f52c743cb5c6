import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTokenFetch, type FetchTokens, type TokenFetchOptions } from '../../../adapters/fetch/token-fetch';
import { OfflineError } from '../../../machines/errors';

afterEach(() => vi.unstubAllGlobals());

const api = 'https://api.example.com';

/** Hands out `a`, and after each report the next of the list; the last one again and again. */
function tokensOf(list: readonly (string | null)[], endpoint?: string) {
  let at = 0;
  const rejected: string[] = [];
  let asked = 0;
  const tokens: FetchTokens = {
    endpoint,
    getToken: async () => {
      asked++;
      return list[at] ?? null;
    },
    reportRejected: (token) => {
      rejected.push(token);
      if (token === list[at]) at = Math.min(at + 1, list.length - 1);
    },
  };
  return { tokens, rejected, asked: () => asked };
}

type Sent = { url: string; method: string; authorization: string | null; body: string };

/** A server that accepts the tokens of `accepts`, and notes what fetch would have put on the wire. */
function serverOf(accepts: (authorization: string | null) => boolean) {
  const sent: Sent[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const authorization = request.headers.get('authorization');
    sent.push({ url: request.url, method: request.method, authorization, body: await request.text() });
    return new Response(null, { status: accepts(authorization) ? 200 : 401 });
  };
  return { sent, fetch, authorizations: () => sent.map(({ authorization }) => authorization) };
}

const everything = () => true;
const only = (token: string) => (authorization: string | null) => authorization === `Bearer ${token}`;

describe('which requests carry the token', () => {
  const cases: [string, string | URL | Request, boolean][] = [
    ['the origin itself', api, true],
    ['a path on it', `${api}/me?x=1`, true],
    ['a URL object', new URL('/me', api), true],
    ['a Request', new Request(`${api}/me`), true],
    ['the same, spelt otherwise', 'HTTPS://API.example.com:443/me', true],
    ['a backslash before a foreign name', 'https://api.example.com\\@evil.example/', true],
    ['a listed loopback', 'http://127.0.0.1:8080/me', true],
    ['plain http', 'http://api.example.com/me', false],
    ['another port', 'https://api.example.com:8443/me', false],
    ['another loopback port', 'http://127.0.0.1:8081/me', false],
    ['a longer name', 'https://api.example.com.evil.example/', false],
    ['a prefixed name', 'https://evil-api.example.com/', false],
    ['a subdomain', 'https://v2.api.example.com/', false],
    ['the parent domain', 'https://example.com/', false],
    ['a trailing dot', 'https://api.example.com./', false],
    ['the origin as a user name', 'https://api.example.com@evil.example/', false],
    ['the origin in the path', 'https://evil.example/https://api.example.com/', false],
    ['the origin in the query', 'https://evil.example/?https://api.example.com', false],
    ['a look-alike letter', 'https://аpi.example.com/', false],
    ['a blob of the origin', 'blob:https://api.example.com/0a3bd7b6-6f4b-4f3a-9d6f-2f6f0d3c0b1a', false],
    ['a foreign Request', new Request('https://evil.example/'), false],
  ];

  it.each(cases)('Exact origin: %s', async (_what, input, carries) => {
    const seen: (string | null)[] = [];
    const fetch = async (target: RequestInfo | URL, init?: RequestInit) => {
      // Read from the arguments: Request itself refuses some of these URLs.
      const own = target instanceof Request ? target.headers : undefined;
      seen.push(new Headers(init?.headers ?? own).get('authorization'));
      return new Response();
    };
    const { tokens, asked } = tokensOf(['a']);
    await createTokenFetch(tokens, { origins: [api, new URL('http://127.0.0.1:8080')], fetch })(input);
    expect(seen).toEqual([carries ? 'Bearer a' : null]);
    expect(asked()).toBe(carries ? 1 : 0);
  });

  it.each([
    ['init', `${api}/me`, { headers: { authorization: 'Basic x' } }],
    ['a Request', new Request(`${api}/me`, { headers: { Authorization: 'Basic x' } }), undefined],
    [
      'init over a Request',
      new Request(`${api}/me`),
      { headers: [['AUTHORIZATION', 'Basic x']] as [string, string][] },
    ],
  ])('F03 an Authorization of the caller stays, and its 401 is the caller’s: %s', async (_what, input, init) => {
    const { tokens, rejected, asked } = tokensOf(['a', 'b']);
    const server = serverOf(only('b'));
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(input, init);
    expect(response.status).toBe(401);
    expect(server.authorizations()).toEqual(['Basic x']);
    expect([rejected, asked()]).toEqual([[], 0]);
  });

  it('§4 signed out, a request goes without the header, and its 401 is the caller’s', async () => {
    const { tokens, rejected } = tokensOf([null]);
    const server = serverOf(only('b'));
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(`${api}/me`);
    expect(response.status).toBe(401);
    expect(server.authorizations()).toEqual([null]);
    expect(rejected).toEqual([]);
  });

  it('A02 offline is an OfflineError, never a request without the token', async () => {
    const server = serverOf(everything);
    const tokens = { getToken: () => Promise.reject(new OfflineError()), reportRejected: () => undefined };
    const sending = createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(`${api}/me`);
    await expect(sending).rejects.toMatchObject({ code: 'offline' });
    expect(server.sent).toEqual([]);
  });

  it('Exact origin: a foreign request reaches fetch as it was given', async () => {
    const fetch = vi.fn(async () => new Response());
    const init = { method: 'POST', body: 'x' };
    await createTokenFetch(tokensOf(['a']).tokens, { origins: [api], fetch })('https://cdn.example/', init);
    expect(fetch).toHaveBeenCalledExactlyOnceWith('https://cdn.example/', init);
  });

  it('Only the header: keeps everything of the request but the header', async () => {
    const { tokens } = tokensOf(['a']);
    const fetch = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) => new Response());
    const { signal } = new AbortController();
    const init: RequestInit = { method: 'PUT', headers: { 'x-one': '1' }, body: 'x', cache: 'no-store', signal };
    await createTokenFetch(tokens, { origins: [api], fetch })(`${api}/me`, init);
    const [input, sent] = fetch.mock.calls[0] ?? [];
    expect(input).toBe(`${api}/me`);
    expect(sent).toMatchObject({ method: 'PUT', body: 'x', cache: 'no-store', signal });
    expect([...new Headers(sent?.headers)]).toEqual([
      ['authorization', 'Bearer a'],
      ['x-one', '1'],
    ]);
  });

  it('L1 waits for a token no longer than the caller’s own signal allows', async () => {
    const getToken = vi.fn(async (_options?: { signal?: AbortSignal }) => 'a');
    const send = createTokenFetch(
      { getToken, reportRejected: () => undefined },
      { origins: [api], fetch: serverOf(everything).fetch },
    );
    const { signal } = new AbortController();
    await send(`${api}/me`, { signal });
    await send(new Request(`${api}/me`, { signal }));
    expect(getToken.mock.calls[0]?.[0]?.signal).toBe(signal);
    expect(getToken.mock.calls[1]?.[0]?.signal).toBeInstanceOf(AbortSignal);
  });
});

describe('the token endpoint', () => {
  it.each([
    ['by its endpoint', `${api}/tokens?try=2`, {}],
    ['by the mark of the source', `${api}/elsewhere`, { headers: { 'X-Token-Lifecycle': '1' } }],
  ])('C25 C26 is never touched: %s', async (_what, url, init) => {
    const { tokens, asked } = tokensOf(['a'], `${api}/tokens`);
    const server = serverOf(everything);
    await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(url, { method: 'POST', ...init });
    expect(server.authorizations()).toEqual([null]);
    expect(asked()).toBe(0);
  });

  it('C25 its neighbours are ordinary requests, and a relative one is found', async () => {
    vi.stubGlobal('location', new URL(`${api}/app/`));
    const { tokens } = tokensOf(['a'], '/tokens');
    const server = serverOf(everything);
    const send = createTokenFetch(tokens, { fetch: server.fetch });
    await send(`${api}/tokens`);
    await send(`${api}/tokens/list`);
    expect(server.authorizations()).toEqual([null, 'Bearer a']);
  });

  it('C26 may replace the global fetch without calling itself', async () => {
    const server = serverOf(everything);
    vi.stubGlobal('fetch', server.fetch);
    vi.stubGlobal('fetch', createTokenFetch(tokensOf(['a']).tokens, { origins: [api] }));
    await fetch(`${api}/me`);
    expect(server.authorizations()).toEqual(['Bearer a']);
  });
});

describe('after a 401', () => {
  const bodies: [string, () => [string | Request, RequestInit?], string][] = [
    ['no body', () => [`${api}/me`], ''],
    ['text', () => [`${api}/me`, { method: 'POST', body: 'hello' }], 'hello'],
    ['bytes', () => [`${api}/me`, { method: 'POST', body: new TextEncoder().encode('hello') }], 'hello'],
    ['a blob', () => [`${api}/me`, { method: 'POST', body: new Blob(['hello']) }], 'hello'],
    ['parameters', () => [`${api}/me`, { method: 'POST', body: new URLSearchParams({ a: '1' }) }], 'a=1'],
    ['a Request', () => [new Request(`${api}/me`, { method: 'PUT', body: 'hello' })], 'hello'],
    ['a Request around a stream', () => [new Request(`${api}/me`, streaming('hello'))], 'hello'],
    [
      'a Request and other headers',
      () => [new Request(`${api}/me`, { method: 'PUT', body: 'hello' }), { headers: { a: '1' } }],
      'hello',
    ],
  ];

  it.each(bodies)('C28 replays once with the other token, body and all: %s', async (_what, make, body) => {
    const { tokens, rejected, asked } = tokensOf(['a', 'b']);
    const server = serverOf(only('b'));
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(...make());
    expect(response.status).toBe(200);
    expect(server.sent.map((one) => [one.authorization, one.body])).toEqual([
      ['Bearer a', body],
      ['Bearer b', body],
    ]);
    expect(server.sent[1]?.method).toBe(server.sent[0]?.method);
    expect([rejected, asked()]).toEqual([['a'], 2]);
  });

  it.each([
    ['a stream', (): [string, RequestInit] => [`${api}/me`, streaming('hello')]],
    ['an async iterable', (): [string, RequestInit] => [`${api}/me`, { ...streaming(''), body: lines() as never }]],
  ])('C28 does not replay what goes by once, but reports the token: %s', async (_what, make) => {
    const { tokens, rejected } = tokensOf(['a', 'b']);
    const server = serverOf(only('b'));
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(...make());
    expect(response.status).toBe(401);
    expect(server.sent).toMatchObject([{ body: 'hello' }]);
    expect(rejected).toEqual(['a']);
  });

  it('C28 leaves a Request that was used already to fetch, which refuses it', async () => {
    const request = new Request(`${api}/me`, { method: 'PUT', body: 'hello' });
    await request.text();
    const server = vi.fn(serverOf(everything).fetch);
    const sending = createTokenFetch(tokensOf(['a']).tokens, { origins: [api], fetch: server })(request);
    await expect(sending).rejects.toThrow(TypeError);
    expect(server).toHaveBeenCalledOnce();
  });

  it('F03 does not replay with the same token', async () => {
    const { tokens, rejected } = tokensOf(['a']);
    const server = serverOf(only('b'));
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(`${api}/me`);
    expect(response.status).toBe(401);
    expect(server.authorizations()).toEqual(['Bearer a']);
    expect(rejected).toEqual(['a']);
  });

  it('F03 hands the 401 over where the user was signed out meanwhile', async () => {
    const server = serverOf(only('b'));
    const { tokens } = tokensOf(['a', null]);
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(`${api}/me`);
    expect(response.status).toBe(401);
    expect(server.sent).toHaveLength(1);
  });

  it('A17 an offline refresh is told as such, not as a 401 that asks for a sign-in', async () => {
    let offline = false;
    const tokens: FetchTokens = {
      getToken: async () => {
        if (offline) throw new OfflineError();
        return 'a';
      },
      reportRejected: () => {
        offline = true;
      },
    };
    const sending = createTokenFetch(tokens, { origins: [api], fetch: serverOf(only('b')).fetch })(`${api}/me`);
    await expect(sending).rejects.toMatchObject({ code: 'offline' });
  });

  it('F03 F04 a second 401 goes to the caller: one refresh and one replay for a request', async () => {
    const { tokens, rejected, asked } = tokensOf(['a', 'b', 'c']);
    const server = serverOf(() => false);
    const response = await createTokenFetch(tokens, { origins: [api], fetch: server.fetch })(`${api}/me`);
    expect(response.status).toBe(401);
    expect(server.authorizations()).toEqual(['Bearer a', 'Bearer b']);
    expect([rejected, asked()]).toEqual([['a'], 2]);
  });

  it('F04 an API that says no for its own reasons costs one refresh, however often it is polled', async () => {
    const { tokens, rejected } = tokensOf(['a', 'b', 'c', 'd']);
    const server = serverOf(() => false);
    const send = createTokenFetch(tokens, { origins: [api], fetch: server.fetch });
    for (let n = 0; n < 10; n++) expect((await send(`${api}/forbidden`)).status).toBe(401);
    expect(rejected).toEqual(['a']);
    expect(server.sent).toHaveLength(11);
  });

  it('C28 requests that fail together report one token and replay with one other', async () => {
    const { tokens, rejected } = tokensOf(['a', 'b', 'c']);
    const server = serverOf(only('b'));
    const send = createTokenFetch(tokens, { origins: [api], fetch: server.fetch });
    const responses = await Promise.all([1, 2, 3].map((n) => send(`${api}/${n}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(rejected)).toEqual(new Set(['a']));
    expect(server.sent).toHaveLength(6);
  });

  it('L4 lets go of the copy of a body that is not needed', async () => {
    const request = new Request(`${api}/me`, { method: 'PUT', body: 'hello' });
    const spare = request.clone();
    vi.spyOn(request, 'clone').mockReturnValue(spare);
    const server = serverOf(everything);
    await createTokenFetch(tokensOf(['a']).tokens, { origins: [api], fetch: server.fetch })(request);
    expect(server.sent).toMatchObject([{ body: 'hello' }]);
    expect(spare.bodyUsed).toBe(true);
  });

  it('L4 lets go of the answer that the replay replaces', async () => {
    const cancelled = vi.fn();
    const fetch = async (_input: RequestInfo | URL, init?: RequestInit) =>
      new Headers(init?.headers).get('authorization') === 'Bearer b'
        ? new Response('yes')
        : new Response(new ReadableStream({ cancel: cancelled }), { status: 401 });
    const response = await createTokenFetch(tokensOf(['a', 'b']).tokens, { origins: [api], fetch })(`${api}/me`);
    expect(await response.text()).toBe('yes');
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it.each([200, 403, 500])('F03 nothing follows a %i', async (status) => {
    const { tokens, rejected } = tokensOf(['a', 'b']);
    const fetch = vi.fn(async () => new Response(null, { status }));
    const response = await createTokenFetch(tokens, { origins: [api], fetch })(
      new Request(api, { method: 'PUT', body: 'x' }),
    );
    expect(response.status).toBe(status);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(rejected).toEqual([]);
  });
});

describe('authorize', () => {
  it('DPoP: takes the place of the Bearer header, and signs each try for itself', async () => {
    const { tokens } = tokensOf(['a', 'b']);
    const asked: string[] = [];
    const authorize: TokenFetchOptions['authorize'] = async (request, token) => {
      asked.push(`${request.method} ${request.url}`);
      return new Headers({ authorization: `DPoP ${token}`, dpop: `proof of ${token}` });
    };
    const proofs: (string | null)[] = [];
    const fetch = async (_input: RequestInfo | URL, init?: RequestInit) => {
      const headers = new Headers(init?.headers);
      proofs.push(headers.get('dpop'), headers.get('x-one'));
      return new Response(null, { status: headers.get('authorization') === 'DPoP b' ? 200 : 401 });
    };
    const send = createTokenFetch(tokens, { origins: [api], fetch, authorize });
    const response = await send(`${api}/me`, { method: 'POST', body: 'x', headers: { 'x-one': '1' } });
    expect(response.status).toBe(200);
    expect(asked).toEqual([`POST ${api}/me`, `POST ${api}/me`]);
    expect(proofs).toEqual(['proof of a', '1', 'proof of b', '1']);
    await send(new Request(`${api}/me`, { method: 'PUT' }));
    expect(asked.at(-1)).toBe(`PUT ${api}/me`);
  });
});

/** A body that can be read once. */
function streaming(text: string): RequestInit & { duplex: 'half' } {
  return { method: 'POST', body: new Blob([text]).stream(), duplex: 'half' };
}

async function* lines(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('hello');
}
