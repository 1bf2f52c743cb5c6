/** Nonces, and everything that could make a browser go round in circles. */
import { createLocalJWKSet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyOnce } from '../../adapters/server/single-use';
import type { RequestAuthenticatorOptions } from '../../adapters/server/types';
import { makeRound as roundWith, withReturn } from './support/round';
import { departure, handshake, type Keys, makeKeys, open, said, seconds } from './support/stage';

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});

const makeRound = (options: Partial<RequestAuthenticatorOptions> = {}) => roundWith(keys, options);

const uat = String(seconds(0));

describe('the nonce', () => {
  it('H2 is exchanged once, bound to the browser', async () => {
    const asked: { nonce: string; state: string }[] = [];
    let token = '';
    const round = await makeRound({
      handshake: {
        ...handshake,
        exchange: async ({ nonce, state }) => {
          asked.push({ nonce, state });
          round.at(109);
          return token;
        },
      },
    });
    const away = departure(await round.go('/x'));
    const state = away.searchParams.get('state') ?? '';
    // The issuer has taken 9 s, and dates its answer by then.
    const late = { iat: 109, exp: 169 };
    token = await round.handshake(state, { __session: { value: await round.session(late) } }, late);
    const path = withReturn(away, { __handshake_nonce: 'n0nce', __handshake_state: state });
    expect(said(await round.go(path))).toBe('handshake handshake-completed');
    expect(asked).toEqual([{ nonce: 'n0nce', state }]);
    expect(said(await round.go(path))).toBe('signed-in cookie');
    expect(asked).toHaveLength(1);
  });

  it('H2 of another browser is not spent', async () => {
    let asked = 0;
    const exchange = async () => {
      asked += 1;
      return null;
    };
    const { go } = await makeRound({ handshake: { ...handshake, exchange } });
    departure(await go('/'));
    await go(`/?__handshake_nonce=n&__handshake_state=${'x'.repeat(22)}`);
    await go('/?__handshake_nonce=n');
    expect(asked).toBe(0);
  });

  it('H2 125: a failed exchange is unavailable, and may be tried again', async () => {
    const answers: (() => Promise<string | null>)[] = [];
    const round = await makeRound({
      handshake: { ...handshake, exchange: () => answers.shift()?.() ?? Promise.reject(new Error('no more')) },
    });
    const away = departure(await round.go('/'));
    const state = away.searchParams.get('state') ?? '';
    const token = await round.handshake(state, { __session: { value: round.renewed } }, { iat: 100 });
    answers.push(
      () => Promise.reject(new TypeError(`fetch failed for ${token}`)),
      () => Promise.resolve(token),
    );
    const path = withReturn(away, { __handshake_nonce: 'n', __handshake_state: state });
    const answer = await round.go(path);
    expect(answer).toMatchObject({ status: 'unavailable', reason: 'handshake-exchange-failed', retryAfterMs: 3_000 });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(round.heard)).not.toContain(token.slice(0, 20));
    expect(said(await round.go(path))).toBe('handshake handshake-completed');
  });

  it('H2 that the issuer does not know is ignored', async () => {
    const { go } = await makeRound({ handshake: { ...handshake, exchange: async () => null } });
    const away = departure(await go('/'));
    const state = away.searchParams.get('state') ?? '';
    const path = withReturn(away, { __handshake_nonce: 'n', __handshake_state: state });
    expect(said(await go(path))).toBe('handshake session-token-expired');
  });
});

describe('a way back that has to be tried again', () => {
  it.each(['key-1', 'key-2'])(
    'H2 H6b while nobody can say (%s is out of reach), and works when somebody can',
    async (kid) => {
      const second = await makeKeys('ES256', 'key-2');
      const unreachable = new Set<string | undefined>();
      const all = createLocalJWKSet({ keys: [...keys.jwks.keys, ...second.jwks.keys] });
      const { go, back, session } = await makeRound({
        keys: (header, token) =>
          unreachable.has(header?.kid) ? Promise.reject(new Error('down')) : all(header, token),
      });
      const renewed = await session({ iat: 100, exp: 160, signer: second.signer });
      const path = await back(departure(await go('/')), { __session: { value: renewed } });
      unreachable.add(kid);
      expect(said(await go(path))).toBe('unavailable keys-unreachable');
      unreachable.clear();
      expect(said(await go(path))).toBe('handshake handshake-completed');
    },
  );

  it.each(['__handshake', '__handshake_state'])('H2 not with %s twice in the address', async (name) => {
    const { go, back } = await makeRound();
    const path = await back(departure(await go('/')));
    expect(said(await go(`${path}&${name}=x`))).toBe('handshake session-token-expired');
    expect(said(await go(path))).toBe('handshake handshake-completed');
  });

  it('H2 not with more than 32 KB', async () => {
    const { go, back, renewed } = await makeRound();
    const padded = { __session: { value: renewed }, padding: { value: 'x'.repeat(24_000) } };
    expect(said(await go(await back(departure(await go('/')), padded)))).toBe('handshake session-token-expired');
  });

  it('H7 a proof is not told where nobody hears it', async () => {
    const { go, back, authenticate, jar } = await makeRound();
    await go(await back(departure(await go('/'))));
    const silent = await authenticate(open({ cookies: jar.cookies }), { readOnly: true });
    expect([said(silent), silent.headers.getSetCookie()]).toEqual(['signed-in cookie', []]);
    expect((await go('/')).headers.getSetCookie()).toHaveLength(1);
  });
});

describe('what was used', () => {
  it('H2 is remembered for as long as it could be used again, and no longer', () => {
    const once = onlyOnce();
    expect(once.take('a', 0, 100)).toBe(true);
    expect(once.take('b', 50, 100)).toBe(true);
    expect([once.take('a', 99, 100), once.take('b', 99, 100)]).toEqual([false, false]);
    expect([once.take('a', 100, 100), once.take('b', 100, 100)]).toEqual([true, false]);
    once.giveBack('b');
    expect(once.take('b', 100, 100)).toBe(true);
  });
});

describe('going round in circles', () => {
  it('H8 118: the fourth redirect within 120 s is not made', async () => {
    const { go, at } = await makeRound();
    for (const second of [100, 110, 120]) {
      at(second);
      expect(said(await go('/'))).toBe('handshake session-token-expired');
    }
    at(219);
    expect(said(await go('/'))).toBe('signed-out handshake-loop');
    at(220);
    expect(said(await go('/'))).toBe('handshake session-token-expired');
    expect(said(await go('/'))).toBe('signed-out handshake-loop');
  });

  it('H8 three at the same instant are three', async () => {
    const { go } = await makeRound();
    const answers: string[] = [];
    for (let count = 0; count < 4; count += 1) answers.push((await go('/')).status);
    expect(answers).toEqual(['handshake', 'handshake', 'handshake', 'signed-out']);
  });

  it('H2 F22 a browser that keeps no session cookie is not sent round for ever', async () => {
    const { go, back, jar } = await makeRound();
    const seen: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const answer = await go('/');
      seen.push(said(answer));
      if (answer.status !== 'handshake') break;
      seen.push(said(await go(await back(new URL(answer.location)))));
      jar.set('__session', '');
    }
    expect(seen.slice(-1)).toEqual(['signed-out handshake-loop']);
    expect(seen.filter((one) => one.startsWith('handshake'))).toHaveLength(6);
  });

  it('H2 F05 success that is seen resets the count', async () => {
    const { go, back } = await makeRound();
    for (let count = 0; count < 2; count += 1) departure(await go('/'));
    expect(said(await go(await back(departure(await go('/')))))).toBe('handshake handshake-completed');
    const landed = await go('/');
    expect(landed.status).toBe('signed-in');
    // The two others are still under way, in other tabs.
    expect(landed.headers.getSetCookie()).toHaveLength(1);
  });

  it('H2 K08 a browser that keeps no cookies at all is told so', async () => {
    const { go, authenticate, back } = await makeRound();
    const path = await back(departure(await go('/')));
    expect(said(await authenticate(open({ path })))).toBe('signed-out cookies-blocked');
    expect(said(await authenticate(open({ path, cookies: { __client_uat: uat } })))).toBe('signed-out cookies-blocked');
  });

  it('H8 five tabs that are sent away at once all find their way back', async () => {
    const { authenticate, jar, back } = await makeRound();
    const before = jar.cookies;
    const away = await Promise.all(
      [1, 2, 3, 4, 5].map(async (tab) => authenticate(open({ path: `/${tab}`, cookies: before }))),
    );
    for (const answer of away) jar.take(answer.headers);
    for (const answer of away) {
      const returned = await authenticate(open({ path: await back(departure(answer)), cookies: jar.cookies }));
      jar.take(returned.headers);
      expect(said(returned)).toBe('handshake handshake-completed');
    }
    expect(said(await authenticate(open({ cookies: jar.cookies })))).toBe('signed-in cookie');
  });

  it('H8 a state cookie full of rubbish counts for nothing', async () => {
    const { go, jar, clock } = await makeRound();
    const now = clock.now().toString(36);
    jar
      .set('__Host-handshake-rubbish1', 'x'.repeat(4_000))
      .set(
        '__Host-handshake-rubbish2',
        ['used.bbbb-1.cccc', ...['aaaa', 'bbbb', 'cccc'].map((tag) => tag + 'z'.repeat(9))].join('.'),
      )
      .set('__Host-handshake-rubbish3', `usedx.aaaa${now}.bbbb${now}.cccc${now}`)
      .set('__Host-handshakes', `used.aaaa${now}.bbbb${now}.cccc${now}`);
    expect(said(await go('/'))).toBe('handshake session-token-expired');
    jar.set('__Host-handshake-rubbish2', `used.aaaa${now}.bbbb${now}.cccc${now}.dddd${now}`);
    expect(said(await go('/'))).toBe('signed-out handshake-loop');
  });
});
