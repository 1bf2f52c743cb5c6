/** The product once more, with real tokens, cookies and headers: gathering must not lose what the machine decides by. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Case, expected } from './support/oracle';
import { ask, handshake, Jar, type Keys, makeKeys, makeStage, marker, open, said, seconds } from './support/stage';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

const uats = { none: '0', older: '-1', 'same-second': '0', newer: '1' } as const;
const headersFor = {
  document: { 'sec-fetch-dest': 'document' },
  iframe: { 'sec-fetch-dest': 'iframe' },
  empty: { 'sec-fetch-dest': 'empty' },
  'unsaid-html': { accept: 'text/html' },
  unsaid: {},
} as const;

/** Three handshakes, and the cookies after none, one, two and all of them. */
async function stateCookies(stage: Awaited<ReturnType<typeof makeStage>>): Promise<Record<string, string>[]> {
  const jar = new Jar(stage.clock.now);
  const steps = [jar.cookies];
  for (let count = 1; count <= 3; count += 1) {
    jar.take((await stage.authenticate(open({ cookies: { ...jar.cookies, __client_uat: '1' } }))).headers);
    steps.push(jar.cookies);
  }
  return steps;
}

describe.each(['absent', 'valid', 'expired', 'early', 'bad', 'unreadable'] as const)(
  'H0 H3 H4 H4b H5 H6 H7 H8 H9 real requests, token %s',
  (token) => {
    it('are answered as section 11 says', { timeout: 60_000 }, async () => {
      const fresh = { token: '' };
      const stage = await makeStage(keys, {
        marker,
        handshake,
        refresh: { credential: '__refresh', run: async () => fresh },
      });
      fresh.token = await stage.session({ claims: { sid: 'sess_1' } });
      const values = {
        absent: '',
        valid: fresh.token,
        expired: await stage.session({ exp: -10, iat: -70 }),
        early: await stage.session({ claims: { nbf: seconds(30) } }),
        bad: `${fresh.token.slice(0, -6)}AAAAAA`,
        unreadable: 'not-a-token',
      };
      const issued = token === 'expired' ? -70 : 0;
      const counted = await stateCookies(stage);

      for (const uat of ['none', 'older', 'same-second', 'newer'] as const)
        for (const method of ['GET', 'HEAD', 'POST'] as const)
          for (const destination of Object.keys(headersFor) as (keyof typeof headersFor)[])
            for (const sameOrigin of [true, false])
              for (const refresh of ['without-credential', 'with-credential'] as const)
                for (const count of [0, 2, 3] as const) {
                  const one: Case = {
                    ...{ token, marker: uat, method, destination, manner: 'plain' },
                    ...{ sameOrigin, refresh, handshake: count },
                  };
                  const cookies = {
                    ...counted[count],
                    ...(token !== 'absent' && { __session: values[token] }),
                    ...(uat !== 'none' && { __client_uat: String(seconds(issued) + Number(uats[uat])) }),
                    ...(refresh === 'with-credential' && { __refresh: 'credential' }),
                  };
                  const origin = sameOrigin ? 'https://app.example.com' : 'https://evil.example.com';
                  const headers = { ...headersFor[destination], origin };
                  const request = new Request('https://app.example.com/', {
                    method,
                    headers: { ...headers, cookie: ask({ cookies }).headers.get('cookie') ?? '' },
                  });
                  const meant = expected(one).replace('refreshing', 'signed-in refresh');
                  expect(said(await stage.authenticate(request)), JSON.stringify(one)).toBe(meant);
                }
    });
  },
);
