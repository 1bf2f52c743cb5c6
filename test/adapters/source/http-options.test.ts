import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpTokenSource } from '../../../adapters/source/http';
import type { Fetch, HttpTokenSourceOptions } from '../../../adapters/source/http-options';
import { ConfigurationError } from '../../../machines/errors';
import { failureOf, mintRequest } from './mint-request';

afterEach(() => vi.unstubAllGlobals());

const url = 'https://auth.example.com/tokens';
const minting =
  (called: string[]): Fetch =>
  async (target) => {
    called.push(target);
    return Response.json({ token: 'a.b.c' });
  };

function optionOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (ConfigurationError.is(error)) return error.option;
  }
  return 'none';
}

describe('options', () => {
  it.each([
    ['options', undefined],
    ['options', null],
    ['options', 'https://auth.example.com'],
    ['options.uri', { url, uri: url }],
    ['url', {}],
    ['url', { url: '' }],
    ['url', { url: 42 }],
    ['url', { url: 'https://' }],
    ['url', { url: 'http://auth.example.com/tokens' }],
    ['url', { url: 'http://localhost.example.com' }],
    ['url', { url: 'http://notlocalhost' }],
    ['url', { url: 'http://127.0.0.1.example.com' }],
    ['url', { url: 'http://[::2]/' }],
    ['url', { url: 'http://192.168.0.1/' }],
    ['url', { url: 'ftp://localhost/' }],
    ['url', { url: 'data:application/json,{}' }],
    ['url', { url: 'javascript:void 0' }],
    ['url', { url: 'https://user:password@auth.example.com/' }],
    ['url', { url: new URL('http://auth.example.com') }],
    ['sessionUrl', { url, sessionUrl: 'http://auth.example.com' }],
    ['revokeUrl', { url, revokeUrl: 7 }],
    ['headers', { url, headers: 'X-A: 1' }],
    ['headers', { url, headers: [] }],
    ['headers.X-A', { url, headers: { 'X-A': 1 } }],
    ['headers.X-A', { url, headers: { 'X-A': 'one\r\nX-B: two' } }],
    ['headers.X A', { url, headers: { 'X A': 'one' } }],
    ['credentials', { url, credentials: 'always' }],
    ['fetch', { url, fetch: 'fetch' }],
    ['body', { url, body: {} }],
    ['parse', { url, parse: 'token' }],
    ['now', { url, now: 0 }],
    ['goneCodes', { url, goneCodes: 'session_not_found' }],
    ['goneCodes[1]', { url, goneCodes: ['gone', ''] }],
  ])('Bad input: names %s at once where it cannot work: %j', (option, options) => {
    expect(optionOf(() => httpTokenSource(options as unknown as HttpTokenSourceOptions))).toBe(option);
  });

  it('S11 repeats no value in the error', () => {
    const options = { url: 'https://user:hunter2@auth.example.com/' };
    expect(() => httpTokenSource(options)).toThrow(ConfigurationError);
    expect(() => httpTokenSource(options)).not.toThrow(/hunter2/);
  });

  it.each([
    'https://auth.example.com/tokens',
    'http://localhost:3000/tokens',
    'http://auth.localhost/tokens',
    'http://127.0.0.1:8080/tokens',
    'http://127.1/tokens',
    'http://[::1]:8080/tokens',
  ])('Secure only: calls %s', async (target) => {
    const called: string[] = [];
    await httpTokenSource({ url: new URL(target), fetch: minting(called) }).mint(mintRequest());
    expect(called).toEqual([new URL(target).href]);
  });

  it('Bad input: looks at the options once, so that a later change of the object changes nothing', async () => {
    const called: string[] = [];
    const options = { url, fetch: minting(called) };
    const source = httpTokenSource(options);
    options.url = 'http://evil.example.com';
    options.fetch = minting([]);
    await source.mint(mintRequest());
    expect(called).toEqual([url]);
  });

  it('Namespace: names its endpoint', () => {
    expect(httpTokenSource({ url: '/tokens' }).endpoint).toBe('/tokens');
    expect(httpTokenSource({ url: new URL(url) }).endpoint).toBe(url);
  });
});

describe('a relative URL', () => {
  it.each(['/tokens', 'tokens', '../tokens'])(
    'E18 is resolved when it is called, not when the source is made: %s',
    async (relative) => {
      const called: string[] = [];
      const source = httpTokenSource({ url: relative, fetch: minting(called) });
      vi.stubGlobal('location', new URL('https://app.example.com/'));
      await source.mint(mintRequest());
      expect(called).toEqual(['https://app.example.com/tokens']);
    },
  );

  it.each([
    ['there is no location', undefined],
    ['the page is not secure', new URL('http://app.example.com/')],
    ['the page has no origin', new URL('about:blank')],
  ])('Secure only: is refused where %s', async (_what, page) => {
    if (page) vi.stubGlobal('location', page);
    const called: string[] = [];
    const source = httpTokenSource({ url: '/tokens', sessionUrl: '/session', fetch: minting(called) });
    expect(await failureOf(source.mint(mintRequest()))).toMatchObject({ code: 'invalid_option', option: 'url' });
    const asked = source.checkSession?.({ sessionId: 'sess_1', signal: new AbortController().signal });
    expect(await failureOf(asked ?? Promise.resolve())).toMatchObject({ code: 'invalid_option', option: 'sessionUrl' });
    expect(called).toEqual([]);
  });

  it('Secure only: is refused where it leaves for another, insecure host', async () => {
    vi.stubGlobal('location', new URL('http://localhost/'));
    const called: string[] = [];
    const source = httpTokenSource({ url: '//evil.example.com/tokens', fetch: minting(called) });
    expect(await failureOf(source.mint(mintRequest()))).toMatchObject({ option: 'url' });
    expect(called).toEqual([]);
  });
});

describe('the platform', () => {
  it('L09 is looked up at the call: a fetch that is replaced later is used', async () => {
    const source = httpTokenSource({ url });
    const called: string[] = [];
    vi.stubGlobal('fetch', minting(called));
    await source.mint(mintRequest());
    expect(called).toEqual([url]);
  });

  it('L09 names the option where there is no fetch', async () => {
    vi.stubGlobal('fetch', undefined);
    expect(await failureOf(httpTokenSource({ url }).mint(mintRequest()))).toMatchObject({ option: 'fetch' });
  });

  it('L09 calls fetch as a function: as a method a browser refuses it', async () => {
    const fetch = async function (this: unknown) {
      if (this !== undefined) throw new TypeError('Illegal invocation');
      return Response.json({ token: 'a.b.c' });
    };
    expect(await httpTokenSource({ url, fetch }).mint(mintRequest())).toMatchObject({ token: 'a.b.c' });
  });

  it('§5 measures a Retry-After date by the local clock where the server tells no time', async () => {
    const fetch = async () =>
      new Response('', { status: 503, headers: { 'retry-after': 'Fri, 15 Jan 2027 08:00:30 GMT' } });
    const source = httpTokenSource({ url, fetch, now: () => 1_800_000_000_000 });
    expect(await failureOf(source.mint(mintRequest()))).toMatchObject({ status: 503, retryAfterMs: 30_000 });
  });

  it('§5 reads bodies on a platform without streams', async () => {
    const answer = (text: string) => async () =>
      ({
        status: 200,
        ok: true,
        headers: new Headers(),
        body: undefined,
        text: async () => text,
      }) as unknown as Response;
    const mint = (text: string) => httpTokenSource({ url, fetch: answer(text) }).mint(mintRequest());
    expect(await mint('{"token":"a.b.c"}')).toEqual({ token: 'a.b.c' });
    expect(await failureOf(mint(' '.repeat(70_000)))).toMatchObject({ reason: 'too_large' });
  });
});
