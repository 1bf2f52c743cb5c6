/** Keys from somewhere else, which can be down, slow, or changed. */
import { createRemoteJWKSet, type JSONWebKeySet } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, type Keys, makeKeys, makeStage, said, start } from './support/stage';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let keys: Keys;
let next: Keys;
beforeAll(async () => {
  [keys, next] = await Promise.all([makeKeys(), makeKeys('ES256', 'key-2')]);
});

// jose dates what it fetches by the system's clock.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start + 1_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A JWKS address that can be told what to do. */
async function makeRemote() {
  const served: { answer: () => Promise<Response> } = { answer: async () => Response.json(keys.jwks) };
  const calls: { url: string; init: RequestInit }[] = [];
  const stage = await makeStage(keys, {
    keys: 'https://auth.example.com/jwks.json',
    fetch: async (url, init) => {
      calls.push({ url, init });
      return served.answer();
    },
    clock: { now: () => Date.now() },
  });
  const since = () => (Date.now() - start) / 1_000;
  return {
    ...stage,
    calls,
    serve: (answer: () => Promise<Response>) => {
      served.answer = answer;
    },
    serveKeys: (jwks: JSONWebKeySet) => {
      served.answer = async () => Response.json(jwks);
    },
    /** What a token minted just now is worth. */
    ask: async (signer = keys.signer) => {
      const token = await stage.session({ signer, iat: Math.floor(since()), exp: Math.floor(since()) + 60 });
      return stage.authenticate(ask({ cookies: { __session: token } }));
    },
  };
}

const down: readonly (readonly [string, () => Promise<Response>])[] = [
  ['no network', async () => Promise.reject(new TypeError('fetch failed'))],
  ['502 with a page', async () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
  ['200 with a page', async () => new Response('<h1>Maintenance</h1>')],
  ['200 with something else', async () => Response.json({ error: 'x' })],
  ['a redirect to elsewhere', async () => new Response(null, { status: 302, headers: { location: '/login' } })],
];

describe('H6b keys that cannot be reached', () => {
  it.each(down)('and never were: unavailable, nobody is signed out (%s)', async (_, answer) => {
    const remote = await makeRemote();
    remote.serve(answer);
    const given = await remote.ask();
    expect(given).toMatchObject({ status: 'unavailable', reason: 'keys-unreachable', retryAfterMs: 10_000 });
    expect(given.headers.get('retry-after')).toBe('10');
    expect(given.headers.get('cache-control')).toBe('no-store');
    expect(given.headers.get('vary')).toBe('Cookie, Authorization');
    const bearer = ask({ headers: { authorization: `Bearer ${await remote.session()}` } });
    expect(said(await remote.authenticate(bearer))).toBe('unavailable keys-unreachable');
  });

  it.each(down)('but were: the last good ones serve for 24 hours (%s)', async (_, answer) => {
    const remote = await makeRemote();
    expect(said(await remote.ask())).toBe('signed-in cookie');
    remote.serve(answer);
    for (const [passed, meant] of [
      [hour, 'signed-in cookie'],
      [day - hour, 'signed-in cookie'],
      [1, 'unavailable keys-unreachable'],
    ] as const) {
      pass(passed);
      expect(said(await remote.ask())).toBe(meant);
    }
    remote.serveKeys(keys.jwks);
    pass(10_000);
    expect(said(await remote.ask())).toBe('signed-in cookie');
  });

  it('are not asked for by each request: 10 s of rest after a failure', async () => {
    const remote = await makeRemote();
    remote.serve(async () => Promise.reject(new TypeError('fetch failed')));
    for (let count = 0; count < 5; count += 1) await remote.ask();
    expect(remote.calls).toHaveLength(1);
    pass(9_999);
    await remote.ask();
    expect(remote.calls).toHaveLength(1);
    pass(1);
    await remote.ask();
    expect(remote.calls).toHaveLength(2);
  });

  it('a key from during the outage is not known, which is not the same as bad', async () => {
    const remote = await makeRemote();
    expect(said(await remote.ask())).toBe('signed-in cookie');
    remote.serve(async () => new Response('', { status: 503 }));
    pass(31_000);
    expect(said(await remote.ask(next.signer))).toBe('unavailable keys-unreachable');
    expect(said(await remote.ask())).toBe('signed-in cookie');
    const forged = await makeKeys();
    expect(said(await remote.ask(forged.signer))).toBe('signed-out token-invalid-signature');
  });
});

describe('H6 keys that can be reached', () => {
  it('one fetch for a hundred requests at once, and none for the next', async () => {
    const remote = await makeRemote();
    const answers = await Promise.all(Array.from({ length: 100 }, () => remote.ask()));
    expect(new Set(answers.map(said))).toEqual(new Set(['signed-in cookie']));
    pass(9 * minute);
    await remote.ask();
    expect(remote.calls.map(({ url }) => url)).toEqual(['https://auth.example.com/jwks.json']);
    pass(minute);
    await remote.ask();
    expect(remote.calls).toHaveLength(2);
  });

  it('a new key is found by looking again, and the old one is gone with the set', async () => {
    const remote = await makeRemote();
    await remote.ask();
    remote.serveKeys(next.jwks);
    pass(31_000);
    expect(said(await remote.ask(next.signer))).toBe('signed-in cookie');
    expect(said(await remote.ask())).toBe('signed-out token-unknown-key');
    expect(remote.calls).toHaveLength(2);
  });

  it('a made-up key id does not make it look each time', async () => {
    const remote = await makeRemote();
    await remote.ask();
    for (let count = 0; count < 5; count += 1) {
      expect(said(await remote.ask(next.signer))).toBe('signed-out token-unknown-key');
    }
    expect(remote.calls).toHaveLength(1);
  });
});

describe('H6b keys from a function', () => {
  const asked = async (resolve: () => Promise<never> | undefined, signer = keys.signer) => {
    const { authenticate, session } = await makeStage(keys, { keys: resolve as never });
    return said(await authenticate(ask({ cookies: { __session: await session({ signer }) } })));
  };

  it('which fails: unavailable; which knows of none: signed out', async () => {
    expect(await asked(() => Promise.reject(new Error('database is down')))).toBe('unavailable keys-unreachable');
    expect(await asked(() => undefined)).toBe('signed-out token-unknown-key');
  });

  it('which throws at once: unavailable', async () => {
    const thrown = () => {
      throw new Error('no such table');
    };
    expect(await asked(thrown as never)).toBe('unavailable keys-unreachable');
  });

  it('which is jose’s own', async () => {
    const { jwks } = keys;
    const remote = createRemoteJWKSet(new URL('https://auth.example.com/jwks.json'), {
      [(await import('jose')).customFetch]: async () => Response.json(jwks),
    });
    expect(await asked(remote as never)).toBe('signed-in cookie');
    expect(await asked(remote as never, next.signer)).toBe('signed-out token-unknown-key');
  });
});
