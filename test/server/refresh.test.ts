/** An expired token, and the means to renew it. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { RefreshOptions, RefreshRequest, RefreshResult } from '../../adapters/server/types';
import { TokenRequestError } from '../../machines/errors';
import {
  ask,
  handshake,
  type Keys,
  makeKeys,
  makeStage,
  open,
  type Stage,
  said,
  type TokenOptions,
} from './support/stage';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

type Run = (request: RefreshRequest, stage: Stage) => Promise<RefreshResult | null>;

const renew: Run = async (_, stage) => ({ token: await stage.session({ iat: 100, exp: 160 }) });

/** 100 s in, with a token that expired at 60 s. */
async function makeRefresh(run: Run, options: Partial<RefreshOptions> = {}, more = {}, old: TokenOptions = {}) {
  const runs: RefreshRequest[] = [];
  const stage: Stage = await makeStage(keys, {
    refresh: {
      credential: '__refresh',
      run: (request) => {
        runs.push(request);
        return run(request, stage);
      },
      ...options,
    },
    ...more,
  });
  stage.at(100);
  const expired = await stage.session(old);
  const cookies = { __session: expired, __refresh: 'credential-1' };
  return { ...stage, runs, expired, cookies, go: (asked = {}) => stage.authenticate(open({ cookies, ...asked })) };
}

describe('H7 refreshed', () => {
  it('signed in at once, with the new token for this request and for the browser', async () => {
    const { go, runs, expired } = await makeRefresh(async (_, stage) => ({
      token: await stage.session({ iat: 100, exp: 160 }),
      cookies: [
        { name: '__refresh', value: 'credential-2', maxAge: 3_600 },
        { name: 'hint', value: '1', httpOnly: false, sameSite: 'Strict', path: '/app', domain: 'example.com' },
      ],
    }));
    const answer = await go();
    expect(answer).toMatchObject({ status: 'signed-in', via: 'refresh', userId: 'user_1' });
    const token = answer.status === 'signed-in' ? answer.token : '';
    expect(token).not.toBe(expired);
    expect(answer.headers.getSetCookie()).toEqual([
      `__session=${token}; Path=/; Max-Age=60; SameSite=Lax; Secure`,
      '__refresh=credential-2; Path=/; Max-Age=3600; SameSite=Lax; Secure; HttpOnly',
      'hint=1; Path=/app; Domain=example.com; SameSite=Strict; Secure',
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('vary')).toBe('Cookie, Authorization');
    expect(runs).toMatchObject([{ credential: 'credential-1', expiredToken: expired }]);
  });

  it('takes its time: the new token is judged, and its cookie dated, by the end of it', async () => {
    const { go } = await makeRefresh(async (_, stage) => {
      stage.at(109);
      return { token: await stage.session({ iat: 109, exp: 169 }) };
    });
    const answer = await go();
    expect(said(answer)).toBe('signed-in refresh');
    expect(answer.headers.getSetCookie()[0]).toContain('Max-Age=60;');
  });

  it('a cookie that no browser would take costs nobody the session', async () => {
    const odd = [
      { name: '__Host-a', value: '1', domain: 'example.com' },
      { name: 'b', value: 'x; Domain=evil.example' },
      { name: 'c', value: 'x\r\nset-cookie: y=z' },
      { name: 'd', value: 'x'.repeat(5_000) },
      { name: 'e f', value: '1' },
      null,
    ];
    const { go, heard } = await makeRefresh(async (request, stage) => ({
      ...(await renew(request, stage)),
      token: await stage.session({ iat: 100, exp: 160 }),
      cookies: [...(odd as []), { name: 'good', value: '1' }],
    }));
    const answer = await go();
    expect(said(answer)).toBe('signed-in refresh');
    expect(answer.headers.getSetCookie().map((text) => text.split('=')[0])).toEqual(['__session', 'good']);
    expect(heard).toHaveLength(odd.length);
  });

  it('H3 without any token, by the credential alone', async () => {
    const { go, runs } = await makeRefresh(renew);
    expect(said(await go({ cookies: { __refresh: 'credential-1' } }))).toBe('signed-in refresh');
    expect(runs[0]?.expiredToken).toBeNull();
  });

  it('116: only GET and HEAD, by default', async () => {
    const { authenticate, cookies, runs } = await makeRefresh(renew);
    const by = async (method: string) => said(await authenticate(ask({ method, cookies })));
    expect(await by('POST')).toBe('signed-out session-token-expired-refresh-non-eligible-method');
    expect(runs).toEqual([]);
    expect(await by('HEAD')).toBe('signed-in refresh');
    const more = await makeRefresh(renew, { methods: ['post'] });
    expect(said(await more.authenticate(ask({ method: 'POST', cookies: more.cookies })))).toBe('signed-in refresh');
  });

  it('E04 not where the answer cannot reach the browser, nor for a prefetch', async () => {
    const { authenticate, cookies, runs } = await makeRefresh(renew);
    expect(said(await authenticate(open({ cookies }), { readOnly: true }))).toBe(
      'signed-out session-token-expired-refresh-non-eligible-read-only',
    );
    expect(said(await authenticate(open({ cookies, headers: { 'sec-purpose': 'prefetch' } })))).toBe(
      'signed-out session-token-expired-refresh-non-eligible-prefetch',
    );
    const socket = ask({ cookies, headers: { upgrade: 'websocket' } });
    expect(said(await authenticate(socket))).toBe('signed-out session-token-expired-refresh-non-eligible-read-only');
    expect(runs).toEqual([]);
  });

  it('116: only for a token of which nothing but the time is wrong', async () => {
    const { go, runs, session } = await makeRefresh(renew);
    const foreign = await session({ claims: { iss: 'https://evil.example.com' } });
    expect(said(await go({ cookies: { __session: foreign, __refresh: 'x' } }))).toBe('signed-out token-invalid-issuer');
    expect(runs).toEqual([]);
  });

  it('not with two different credentials, of which one was tossed', async () => {
    const { go, runs, expired } = await makeRefresh(renew);
    const cookies = `__session=${expired}; __refresh=one; __refresh=two`;
    expect(said(await go({ cookies }))).toBe(
      'signed-out session-token-expired-refresh-non-eligible-no-refresh-credential',
    );
    expect(runs).toEqual([]);
  });

  it('a credential may lie elsewhere; where looking for it fails there is none', async () => {
    const { go, runs } = await makeRefresh(renew, { credential: async (request) => request.headers.get('x-refresh') });
    expect(said(await go({ headers: { 'x-refresh': 'from a header' } }))).toBe('signed-in refresh');
    expect(runs[0]?.credential).toBe('from a header');
    expect((await go()).status).toBe('signed-out');
    const failing = await makeRefresh(renew, { credential: () => Promise.reject(new Error('secret-of-somebody')) });
    expect((await failing.go()).status).toBe('signed-out');
    expect(JSON.stringify(failing.heard)).not.toContain('secret-of-somebody');
  });

  it('H0 is not spent for a request from elsewhere', async () => {
    const { authenticate, runs } = await makeRefresh(renew, { methods: ['POST'] });
    const request = ask({ method: 'POST', cookies: { __refresh: 'x' }, headers: { 'sec-fetch-site': 'cross-site' } });
    expect(said(await authenticate(request))).toBe('signed-out cross-origin-request');
    expect(runs).toEqual([]);
  });
});

describe('H7 not refreshed', () => {
  const failing =
    (error: unknown): Run =>
    async () =>
      Promise.reject(error);

  it.each([
    ['null', async () => null],
    ['401', failing(new TokenRequestError('no', { status: 401 }))],
    ['a code that ends sessions', failing(Object.assign(new Error('x'), { status: 400, serverCode: 'invalid_grant' }))],
    ['403', failing({ status: 403 })],
  ] as const)('refused by %s: signed out, and no cookie is touched', async (_, run) => {
    const { go } = await makeRefresh(run, {}, { handshake });
    const answer = await go();
    expect(said(answer)).toBe('signed-out refresh-refused');
    expect([...answer.headers]).toEqual([['vary', 'Cookie, Authorization']]);
  });

  it.each([
    ['no network', failing(new TypeError('fetch failed')), 3_000],
    ['503', failing(new TokenRequestError('x', { status: 503 })), 3_000],
    ['503 with a code that would end sessions', failing({ status: 503, serverCode: 'invalid_grant' }), 3_000],
    ['E15 429, with a time', failing(new TokenRequestError('x', { status: 429, retryAfterMs: 7_500 })), 7_500],
    ['something that is no error', failing('nonsense'), 3_000],
    ['nothing', async () => undefined as never, 3_000],
    ['a token that is none', async () => ({ token: 'nonsense' }), 3_000],
    ['no token', async () => ({}) as never, 3_000],
  ] as const)('trouble by %s: unavailable, or a handshake', async (_, run, retryAfterMs) => {
    const { go } = await makeRefresh(run);
    const answer = await go();
    expect(answer).toMatchObject({ status: 'unavailable', reason: 'refresh-failed', retryAfterMs });
    expect(answer.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1_000)));
    const other = await makeRefresh(run, {}, { handshake });
    expect(said(await other.go())).toBe('handshake session-token-expired');
  });

  it.each([
    ['expired', { iat: 0, exp: 60 }],
    ['for another audience', { iat: 100, exp: 160, claims: { aud: 'https://other.example.com' } }],
    ['of the future', { iat: 200, exp: 260 }],
  ] as const)('a new token that does not verify signs nobody in: %s', async (_, given) => {
    const { go, heard } = await makeRefresh(async (_request, stage) => ({ token: await stage.session(given) }));
    expect(said(await go())).toBe('unavailable refresh-failed');
    expect(heard).toHaveLength(1);
  });

  it.each([
    ['user', { sub: 'attacker' }],
    ['session', { sid: 'sess_of_attacker' }],
  ])('somebody else’s credential does not turn one %s into another', async (_, claims) => {
    const run: Run = async (_request, stage) => ({ token: await stage.session({ iat: 100, exp: 160, claims }) });
    const { go } = await makeRefresh(run);
    const answer = await go();
    expect(said(answer)).toBe('signed-out refresh-session-mismatch');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('a session that only one of the two names is no mismatch', async () => {
    const old = { claims: { sid: undefined } };
    expect(said(await (await makeRefresh(renew, {}, {}, old)).go())).toBe('signed-in refresh');
  });

  it('S11 says nothing of credential or token', async () => {
    const { go, heard, expired } = await makeRefresh(async ({ credential, expiredToken }) =>
      Promise.reject(new Error(`${credential} ${expiredToken}`)),
    );
    const answer = await go();
    const all = JSON.stringify([heard, answer, [...answer.headers]]);
    expect(heard).toHaveLength(1);
    expect(all).not.toContain('credential-1');
    expect(all).not.toContain(expired.slice(0, 20));
  });

  it('L1 what does not answer within 10 s is trouble, and is told to stop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let started = () => {};
      const asked = new Promise<void>((resolve) => {
        started = resolve;
      });
      const { go, runs } = await makeRefresh(() => {
        started();
        return new Promise(() => {});
      });
      let status = '';
      const answer = go().then((given) => {
        status = given.status;
      });
      await asked;
      await vi.advanceTimersByTimeAsync(9_999);
      expect(status).toBe('');
      expect(runs[0]?.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await answer;
      expect(status).toBe('unavailable');
      expect(runs[0]?.signal.aborted).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('a logger that throws disturbs nothing', async () => {
    const logger = {
      warn: () => {
        throw new Error('disk full');
      },
    };
    const { go } = await makeRefresh(() => Promise.reject(new Error('x')), {}, { logger });
    expect(said(await go())).toBe('unavailable refresh-failed');
  });

  it('E10 leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { go } = await makeRefresh(renew);
      await go();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('H7 once per credential', () => {
  it('E01 fifty requests at once spend it once, and all are signed in with the same token', async () => {
    const { go, runs } = await makeRefresh(renew);
    const answers = await Promise.all(Array.from({ length: 50 }, () => go()));
    expect(runs).toHaveLength(1);
    expect(new Set(answers.map(said))).toEqual(new Set(['signed-in refresh']));
    expect(new Set(answers.map((answer) => answer.headers.getSetCookie().join()))).toHaveProperty('size', 1);
  });

  it('E03 those who come a little later get the same, until the token is about to expire', async () => {
    const { go, runs, at } = await makeRefresh(renew);
    await go();
    at(154.999);
    expect(said(await go())).toBe('signed-in refresh');
    expect(runs).toHaveLength(1);
    at(155);
    await go();
    expect(runs).toHaveLength(2);
  });

  it('at most for a minute', async () => {
    const { go, runs, at } = await makeRefresh(async (_, stage) => ({
      token: await stage.session({ iat: 100, exp: 1_000 }),
    }));
    await go();
    at(159.999);
    await go();
    expect(runs).toHaveLength(1);
    at(160);
    await go();
    expect(runs).toHaveLength(2);
  });

  it('another credential is another matter', async () => {
    const { go, runs, expired } = await makeRefresh(renew);
    await go();
    await go({ cookies: { __session: expired, __refresh: 'credential-9' } });
    expect(runs.map(({ credential }) => credential)).toEqual(['credential-1', 'credential-9']);
  });

  it('a failure and a refusal are not kept', async () => {
    let failed = 0;
    const { go, runs } = await makeRefresh(async (request, stage) => {
      failed += 1;
      if (failed === 1) throw new TypeError('fetch failed');
      return failed === 2 ? null : renew(request, stage);
    });
    expect(said(await go())).toBe('unavailable refresh-failed');
    expect(said(await go())).toBe('signed-out refresh-refused');
    expect(said(await go())).toBe('signed-in refresh');
    expect(runs).toHaveLength(3);
  });

  it('E12 several processes share one by a key that is not the credential', async () => {
    const seen: string[] = [];
    const shared = new Map<string, Promise<RefreshResult | null>>();
    const singleFlight: RefreshOptions['singleFlight'] = (key, task) => {
      seen.push(key);
      const running = shared.get(key) ?? task();
      shared.set(key, running);
      return running;
    };
    const [one, other] = [await makeRefresh(renew, { singleFlight }), await makeRefresh(renew, { singleFlight })];
    expect([said(await one.go()), said(await other.go())]).toEqual(['signed-in refresh', 'signed-in refresh']);
    expect(one.runs.length + other.runs.length).toBe(1);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a shared flight that fails is trouble', async () => {
    const { go } = await makeRefresh(renew, { singleFlight: () => Promise.reject(new Error('redis is gone')) });
    expect(said(await go())).toBe('unavailable refresh-failed');
  });
});
