/** S11: what is not known to be harmless becomes a fingerprint, whatever it is, and nothing that is looked at throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../adapters/inspect/redact/text';
import { redactValue } from '../../adapters/inspect/redact/value';
import { fingerprint } from '../../adapters/token/fingerprint';
import { jwt } from '../support/jwt';
import { findPieces, runsIn } from '../support/pieces';

const token = jwt({ iat: 1, exp: 61 });
const mark = (secret: string): string => `[redacted ${fingerprint(secret)}]`;

describe('text', () => {
  it('S11 a token becomes the fingerprint by which everything else here calls it', () => {
    expect(cleanText(token, 'data')).toBe(mark(token));
    expect(cleanText(token, 'code')).not.toContain(token.slice(4, 20));
  });

  it.each([
    ['a header', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'],
    ['hex', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['small letters and digits', 'k3j4h5k3j4h5k3j4'],
    ['words with numbers', 'credential-12-of-sess_3'],
    ['a percent-encoded one', '%7B%22a%22%3A%22b%22%7D'],
    ['short and drawn', 'x8Kj2mQp9L'],
  ])('S11 %s is redacted, wherever it stands', (_, secret) => {
    for (const trust of ['data', 'code', 'chart', 'secret'] as const) {
      expect([trust, cleanText(secret, trust)]).toEqual([trust, mark(secret)]);
    }
  });

  it('S11 words that no code is made of stay out of data, however harmless they look', () => {
    const phrase = 'correct-horse-battery-staple';
    expect(cleanText(phrase, 'data')).toBe(mark(phrase));
    expect(cleanText(phrase, 'secret')).toBe(mark(phrase));
  });

  it('S11 in a field named after a secret nothing is too short', () => {
    expect(cleanText('1234', 'secret')).toBe(mark('1234'));
  });

  it.each([
    'xstate.done.actor.0.session.signed-in.confirming-sign-out',
    'xstate.error.actor.mint',
    'xstate.after.untilUnanswered.session.restoring',
    'xstate.init',
    'peer.signed-out',
    'missing_expired_token',
    'TokenRequestError',
    '#token.outage-fallback.presenting-expired-token',
  ])('S11 %s is the name of something', (name) => {
    expect(cleanText(name, 'code')).toBe(name);
  });

  it('S11 prose stays readable', () => {
    const prose = 'A look at clocks, network and presence; whatever follows from it (R9.1) follows at once.';
    expect(cleanText(prose, 'chart')).toBe(prose);
    expect(cleanText(`Failed to fetch ${token}, twice`, 'data')).toBe(`Failed to fetch ${mark(token)}, twice`);
  });

  it('S11 a cookie header keeps its names at most', () => {
    const cleaned = cleanText(`theme=dark; __session=${token}`, 'data');
    expect(cleaned).toBe(`theme=dark; ${mark(`__session=${token}`)}`);
  });

  it('S11 what has been redacted stays as it is, and nothing else passes for it', () => {
    expect(cleanText(mark(token), 'secret')).toBe(mark(token));
    expect(cleanText(`[redacted ${token}]`, 'data')).not.toContain(token.slice(0, 16));
  });

  it('S11 of a text too long to be hashed only the length is told', () => {
    expect(cleanText('a b '.repeat(5_000), 'data')).toBe('[redacted 20000 characters]');
  });

  it('S11 no piece of any run of 16 characters survives in data, whatever is around it', () => {
    const drawn = fc.stringMatching(/^[\w.~+/=-]{16,80}$/);
    const around = fc.constantFrom('', ' ', '"', 'Bearer ', '; a=', '{"k":"', '\n', '(');
    fc.assert(
      fc.property(around, drawn, around, (before, secret, after) => {
        const cleaned = cleanText(`${before}${secret}${after}`, 'data');
        // An instant is no secret.
        return /^\d{4}-\d\d-\d\dT/.test(secret) || findPieces([secret], runsIn(cleaned)).length === 0;
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe('values', () => {
  it('S11 a name tells what stands in it, however its words are joined', () => {
    const names = ['token', 'refreshToken', 'refresh_token', 'X-Api-Key', 'apiKey', 'Cookie', 'Authorization', 'nonce'];
    const more = ['password', 'client_secret', 'idToken', 'PIN', 'otp', 'code_verifier', 'DPoP', 'csrf', 'sid', 'seed'];
    for (const name of [...names, ...more]) {
      expect(redactValue({ [name]: 'ab', n: { [name]: [12, 'cd', { e: 'f' }] } })).toEqual({
        [name]: mark('ab'),
        n: { [name]: [mark('12'), mark('cd'), { e: mark('f') }] },
      });
    }
  });

  it('S11 facts about a token and a credential are none: a trace can be played again', () => {
    const facts = {
      token: { generation: 3, fingerprint: '9f86d081', issuedAt: 1, expiresAt: 61, from: 'mint', leadCapMs: 5 },
      credential: { kind: 'rotating', reuseGraceMs: 10_000 },
      policy: { presentHeldToken: 'on-demand', terminalCodes: ['session_not_found'] },
    };
    expect(redactValue(facts)).toEqual(facts);
    expect(redactValue({ token: { fingerprint: token } })).toEqual({ token: { fingerprint: mark(token) } });
  });

  it('S11 in a chart names are names, and what is handed to actions and actors is data', () => {
    const chart = {
      id: 'door',
      entry: function openDoor() {},
      states: { token: { on: { 'cookie.read': { target: '#door.presenting-expired-token' } } } },
      meta: { password: 'ab', ids: ['T5'] },
    };
    const data = { input: { pin: 1 }, params: { say: 'correct-horse-battery' }, context: { cookie: 'a=b' } };
    expect(redactValue({ ...chart, ...data }, 'chart')).toEqual({
      ...chart,
      entry: { type: 'openDoor' },
      meta: { password: mark('ab'), ids: ['T5'] },
      input: { pin: mark('1') },
      params: { say: mark('correct-horse-battery') },
      context: { cookie: mark('a=b') },
    });
  });

  it('S11 names of fields are redacted as well', () => {
    expect(redactValue({ [token]: 1, 'two words': 2 })).toEqual({
      [cleanText(token, 'code')]: 1,
      'two words': 2,
    });
    expect(cleanText(token, 'code')).not.toMatch(/[\w-]{16}/);
  });

  it('S11 a map is read as what it is: its keys say what its values are', () => {
    expect(
      redactValue(
        new Map<unknown, unknown>([
          ['password', 'ab'],
          [token, 1],
          [{ a: 1 }, new Set(['b'])],
        ]),
      ),
    ).toEqual([
      ['password', mark('ab')],
      [mark(token), 1],
      [{ a: 1 }, ['b']],
    ]);
  });

  it('S11 an error says its name, its code and a clean message, and no stack', () => {
    const error = Object.assign(new TypeError(`no ${token}`, { cause: new Error(token) }), {
      code: 'ECONNREFUSED',
      status: 503,
      request: { token },
    });
    expect(redactValue(error)).toEqual({
      name: 'TypeError',
      message: `no ${mark(token)}`,
      code: 'ECONNREFUSED',
      status: 503,
      cause: { name: 'Error', message: mark(token) },
    });
  });

  it('S11 what has methods of its own is named and not opened', () => {
    class Wallet {
      readonly held = token;
      toJSON = (): string => token;
    }
    const opened = redactValue([
      new Wallet(),
      new Headers({ a: token }),
      new Uint8Array(64),
      new URL('https://a.example/'),
      Promise.resolve(token),
      () => token,
      Symbol(token),
      new WeakMap(),
      new Date(0),
      Object.create({ constructor: { name: token } }),
    ]);
    const known = [
      '[Wallet]',
      '[Headers]',
      '[Uint8Array]',
      '[URL]',
      '[Promise]',
      '[function]',
      '[symbol]',
      '[WeakMap]',
    ];
    expect(opened).toEqual([...known, '1970-01-01T00:00:00.000Z', expect.not.stringContaining('eyJ')]);
  });

  it('S11 hostile values are marked where they stand, and the rest is shown', () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic.self = cyclic;
    const hostile = Object.defineProperty({ b: 2 }, 'boom', {
      enumerable: true,
      get: () => {
        throw new Error(token);
      },
    });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(redactValue({ cyclic, hostile, proxy, big: 12n, nan: Number.NaN, not: undefined, nil: null })).toEqual({
      cyclic: { a: 1, self: '[circular]' },
      hostile: { b: 2, boom: '[unreadable]' },
      proxy: '[unreadable]',
      big: '12',
      nan: 'NaN',
      nil: null,
    });
  });

  it('S11 one and the same object twice is no cycle', () => {
    const shared = { a: 1 };
    expect(redactValue([shared, shared])).toEqual([shared, shared]);
  });

  it('S11 the huge is cut, and says so', () => {
    const long = redactValue(Array.from({ length: 10_000 }, (_, at) => at)) as unknown[];
    expect([long.length, long.at(-1)]).toEqual([201, '[more]']);
    const wide = redactValue(Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, at])));
    expect(wide).toMatchObject({ k0: 0, '[more]': 800 });
    let deep: unknown = token;
    for (let at = 0; at < 100; at += 1) deep = { deep };
    expect(JSON.stringify(redactValue(deep))).toContain('[deeper]');
    const many = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 1));
    expect(JSON.stringify(redactValue(many)).length).toBeLessThan(20_000);
  });

  it('S11 never throws and never leaks, whatever it is given', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, fc.string({ minLength: 1 }), (value, name) => {
        const text = JSON.stringify(redactValue({ [name]: { value, token, again: [token] } })) ?? '';
        return findPieces([token], runsIn(text)).length === 0;
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
