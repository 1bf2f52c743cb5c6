import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTokenFetch } from '../../../adapters/fetch/token-fetch';
import { httpTokenSource } from '../../../adapters/source/http';
import { ConfigurationError } from '../../../machines/errors';

afterEach(() => vi.unstubAllGlobals());

const tokens = { getToken: async () => 'a', reportRejected: () => undefined };
const origins = ['https://api.example.com'];
const fetch = async (_input: RequestInfo | URL, init?: RequestInit) =>
  new Response(new Headers(init?.headers).get('authorization'));

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
    ['tokens', undefined, { origins }],
    ['tokens.reportRejected', { getToken: tokens.getToken }, { origins }],
    ['tokens.getToken', { reportRejected: tokens.reportRejected }, { origins }],
    ['options', tokens, null],
    ['options.origin', tokens, { origin: origins[0] }],
    ['fetch', tokens, { origins, fetch: 'fetch' }],
    ['authorize', tokens, { origins, authorize: 'Bearer' }],
    ['origins', tokens, {}],
    ['origins', tokens, { origins: [] }],
    ['origins', tokens, { origins: 'https://api.example.com' }],
    ['origins[0]', tokens, { origins: ['*'] }],
    ['origins[0]', tokens, { origins: ['null'] }],
    ['origins[0]', tokens, { origins: [''] }],
    ['origins[0]', tokens, { origins: [42] }],
    ['origins[0]', tokens, { origins: ['api.example.com'] }],
    ['origins[0]', tokens, { origins: ['//api.example.com'] }],
    ['origins[0]', tokens, { origins: ['https://*.example.com'] }],
    ['origins[0]', tokens, { origins: ['https://api.example.com/v1'] }],
    ['origins[0]', tokens, { origins: ['https://api.example.com?x'] }],
    ['origins[0]', tokens, { origins: ['https://user@api.example.com'] }],
    ['origins[0]', tokens, { origins: ['blob:https://api.example.com'] }],
    ['origins[1]', tokens, { origins: [...origins, 'http://api.example.com'] }],
    ['origins[0]', tokens, { origins: [new URL('http://192.168.0.1')] }],
  ])('Bad input: names %s at once where it cannot work', (option, given, options) => {
    expect(optionOf(() => createTokenFetch(given as never, options as never))).toBe(option);
  });

  it('Bad input: names the option where the platform has no fetch', () => {
    vi.stubGlobal('fetch', undefined);
    expect(optionOf(() => createTokenFetch(tokens, { origins }))).toBe('fetch');
  });
});

describe('the default origin', () => {
  it('Exact origin: is the page’s own, for relative requests too', async () => {
    vi.stubGlobal('location', new URL('https://app.example.com/deep/page'));
    const send = createTokenFetch(tokens, { fetch });
    expect(await (await send('me')).text()).toBe('Bearer a');
    expect(await (await send('//cdn.example.com/me')).text()).toBe('');
  });

  it.each(['http://app.example.com/', 'about:blank', 'file:///index.html'])(
    'Secure only: is refused on a page that is not secure: %s',
    (page) => {
      vi.stubGlobal('location', new URL(page));
      expect(optionOf(() => createTokenFetch(tokens, { fetch }))).toBe('origins');
    },
  );
});

describe('the guard', () => {
  it.each([
    'https://a.example',
    'http://a.example',
    'http://localhost:3000',
    'http://app.localhost',
    'http://localhost.example',
    'http://notlocalhost',
    'http://127.0.0.1:1',
    'http://127.9.9.9',
    'http://127.0.0.1.example',
    'http://[::1]',
    'http://[::2]',
    'http://10.0.0.1',
    'http://0.0.0.0',
  ])('Secure only: says of %s what the token source says', (origin) => {
    const here = optionOf(() => createTokenFetch(tokens, { origins: [origin], fetch }));
    const there = optionOf(() => httpTokenSource({ url: origin }));
    expect(here === 'none').toBe(there === 'none');
  });
});
