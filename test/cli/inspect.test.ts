import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { jwtOf, leaks, say } from './support';

const now = 1_800_000_000;
const inspect = (what: string, ...args: string[]) => say(['inspect', what, ...args]);
const claims = {
  sub: 'user_of_great_renown',
  sid: 'sess_secret_identity',
  iat: now - 12,
  exp: now + 48,
  'org\u001b[31m': 1,
};
const token = jwtOf(claims, { kid: 'k' });
const lines = (text: string): string[] => text.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' '));

describe('inspect, of a token', () => {
  it('R15.2 says when it was issued, when a refresh is due, when readers wait, and when it expires', async () => {
    const { code, out, err } = await inspect(token);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(lines(out)).toEqual(
      expect.arrayContaining([
        'token',
        'verdict fresh: given to readers, and nothing is due',
        'header alg ES256, typ JWT',
        'issued 2027-01-15T07:59:48Z, 12 s ago',
        'refresh due 2027-01-15T08:00:31Z, in 31 s',
        'readers wait from 2027-01-15T08:00:43Z, in 43 s',
        'expires 2027-01-15T08:00:48Z, in 48 s',
        'lifetime 1 min',
      ]),
    );
  });

  it.each([
    [0, 'fresh: given to readers, and nothing is due', 0],
    [30_999, 'fresh: given to readers, and nothing is due', 0],
    [31_000, 'stale: given to readers, while the next one is fetched', 0],
    [42_999, 'stale: given to readers, while the next one is fetched', 0],
    [43_000, 'about to expire: readers wait for the next one', 0],
    [47_999, 'about to expire: readers wait for the next one', 0],
    [48_000, 'expired', 1],
  ])('R15.2 %i ms later it is %s', async (later, verdict, code) => {
    const said = await inspect(token, '--now', String(now * 1_000 + later));
    expect(lines(said.out)).toContain(`verdict ${verdict}`);
    expect(said.code).toBe(code);
  });

  it('R15.2 goes by the policy that it is told', async () => {
    const { out } = await inspect(token, '--policy', 'leewayMs=25000', '--policy', 'cutoffMs=1000');
    expect(lines(out)).toContain('refresh due 2027-01-15T08:00:21Z, in 21 s');
    expect(lines(out)).toContain('readers wait from 2027-01-15T08:00:47Z, in 47 s');
  });

  it('R15.2 S11 never prints the token, nor any value of its claims', async () => {
    for (const args of [[], ['--json']]) {
      const { out, err } = await inspect(token, ...args);
      expect(leaks(out + err, token)).toBe(false);
      expect(out + err).not.toContain('renown');
      expect(out + err).not.toContain('identity');
      expect(out).toContain('sid');
      expect(out).toMatch(/[0-9a-f]{8}/);
    }
  });

  it('R15.4 replaces control characters, which a terminal would obey', async () => {
    const { out } = await inspect(token);
    expect(out).toContain('org\ufffd[31m');
    expect(out).not.toContain('\u001b');
  });

  it('R15.2 gives the same as JSON', async () => {
    const { out } = await inspect(token, '--json');
    expect(JSON.parse(out)).toMatchObject({
      now: now * 1_000,
      tokens: [
        {
          where: 'token',
          verdict: 'fresh',
          issuedAt: (now - 12) * 1_000,
          expiresAt: (now + 48) * 1_000,
          staleAt: (now + 31) * 1_000,
          cutoffAt: (now + 43) * 1_000,
        },
      ],
    });
  });

  it.each([
    ['no end', { iat: now }, 'no end: a lifecycle refuses it', 'no exp: it never expires', 1],
    ['no beginning', { exp: now + 50 }, 'fresh: given to readers, and nothing is due', 'no iat: its age is unknown', 0],
    [
      'a beginning to come',
      { iat: now + 60, exp: now + 120 },
      'fresh: given to readers, and nothing is due',
      'issued in the future: this clock or the issuer’s is wrong',
      0,
    ],
    ['a start to come', { iat: now, nbf: now + 9, exp: now + 60 }, 'not valid yet (nbf)', undefined, 1],
    ['an end before its beginning', { iat: now, exp: now - 9 }, 'expired', 'expires before it was issued', 1],
    [
      'a long life',
      { iat: now, exp: now + 90_000 },
      'fresh: given to readers, and nothing is due',
      'lives for more than a day: long for a token that cannot be revoked',
      0,
    ],
    [
      'milliseconds',
      { iat: now * 1_000, exp: now * 1_000 },
      'looks like a JWT and cannot be read (malformed)',
      undefined,
      1,
    ],
  ])('R15.2 a token with %s is told so', async (_, given, verdict, warning, code) => {
    const said = await inspect(jwtOf(given));
    expect(lines(said.out)).toContain(`verdict ${verdict}`);
    if (warning !== undefined) expect(lines(said.out)).toContain(`warning ${warning}`);
    expect(said.code).toBe(code);
  });

  it('R15.2 an unsigned token is told so', async () => {
    const { out } = await inspect(jwtOf(claims, { alg: 'none' }));
    expect(lines(out)).toContain('warning unsigned (alg none): no server may accept it');
  });
});

describe('inspect finds tokens', () => {
  it.each([
    ['a bearer', `Bearer ${token}`, 'bearer token'],
    ['a header', `Authorization: Bearer ${token}`, 'bearer token'],
    ['a query', `https://app.example/callback?state=x&token=${token}`, 'query parameter token'],
    ['a fragment', `https://app.example/#access_token=${token}&scope=a`, 'fragment parameter access_token'],
    ['a bare fragment', `https://app.example/#${token}`, 'fragment'],
    ['a path', `https://app.example/invite/${token}`, 'path'],
    ['a cookie', `__session=${token}`, 'cookie __session'],
    ['a cookie header', `Cookie: theme=dark; __session=${token}`, 'cookie __session'],
  ])('R15.3 in %s, and sends it nowhere', async (_, text, where) => {
    const { code, out } = await say(['inspect', '-'], { stdin: `${text}\n` });
    expect(lines(out)).toContain(where);
    expect(lines(out)).toContain('verdict fresh: given to readers, and nothing is due');
    expect(leaks(out, token)).toBe(false);
    expect(code).toBe(0);
  });

  it('R15.2 in a cookie that is set, and says how it is kept', async () => {
    const { out } = await inspect(`Set-Cookie: __Host-__session=${token}; Path=/; Secure; SameSite=Lax; Max-Age=60`);
    expect(lines(out)).toContain('kept Path=/; Secure; SameSite=Lax; Max-Age=60');
    expect(out).not.toContain('warning');
  });

  it('R15.2 in a cookie that is badly set, and says what is wrong with it', async () => {
    const { out } = await inspect(`__session=${jwtOf({ ...claims, pad: 'x'.repeat(4_000) })}; Path=/; HttpOnly`);
    expect(lines(out)).toContain('warning not Secure: it is sent without encryption as well');
    expect(lines(out)).toContain('warning no SameSite: browsers differ in what they take that to mean');
    expect(out).toMatch(/warning +\d{4} bytes with its attributes: browsers keep 4096/);
  });

  it('R15.2 and says of what is no token only how long it is, and a fingerprint', async () => {
    const secret = 'correct-horse-battery-staple';
    const { code, out } = await say(['inspect', '-'], { stdin: secret });
    expect(lines(out)).toContain('verdict no JWT: whatever it is, it says nothing about itself');
    expect(leaks(out, secret)).toBe(false);
    expect(code).toBe(1);
  });

  it.each([
    [['inspect'], 'missing required argument'],
    [['inspect', ''], 'There is nothing to inspect.'],
    [['inspect', token, '--now', 'soon'], '--now must be a date'],
    [['inspect', token, '--policy', 'leeway=1'], 'with a name of RefreshPolicy'],
    [['inspect', token, '--policy', 'presentHeldToken=1'], 'with a name of RefreshPolicy'],
    [['inspect', token, '--policy', 'leewayMs=-1'], 'policy.leewayMs'],
    [['inspect', 'https://user:password@app.example/'], 'It is not asked'],
    [['inspect', 'https://app.example/?code=s3cr3t'], 'It is not asked'],
    [['inspect', 'http://app.example/'], 'by https, or by http on this machine'],
    [[token], 'unknown command'],
    [['inspect', token, token], 'too many arguments'],
    [[], 'Usage: token-lifecycle'],
  ])('R15.2 R15.5 and refuses %# with code 2, without repeating it', async (args, reason) => {
    const { code, out, err } = await say(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(reason);
    expect(leaks(err, token)).toBe(false);
    expect(err).not.toMatch(/password|s3cr3t/);
  });

  it('R15.2 and reminds a person that a shell keeps what is typed', async () => {
    const typed = await say(['inspect', token], { interactive: true });
    expect(typed.err).toContain('history');
    const piped = await say(['inspect', '-'], { interactive: true, stdin: token });
    expect(piped.err).toBe('');
  });
});

describe('inspect, of an address', () => {
  let server: Server | undefined;
  const seen: IncomingMessage[] = [];

  afterEach(async () => {
    seen.length = 0;
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
    server = undefined;
  });

  async function ask(answer: RequestListener, path = '/it', ...args: string[]) {
    server = createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return say(['inspect', `http://127.0.0.1:${port}${path}`, ...args], {
      fetch: (url, init) => fetch(url, init),
      now: Date.now,
    });
  }

  it('R15.3 asks once, without cookie, credential or token', async () => {
    await ask((_, response) => response.end('{}'));
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /it']);
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('R15.3 asks nothing where there is a query', async () => {
    const said = await ask((_, response) => response.end('{}'), '/it?token=opaque');
    expect(said.code).toBe(2);
    expect(seen).toEqual([]);
  });

  it('R15.3 explains signing keys', async () => {
    const keys = [
      { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: 'one' },
      { kty: 'RSA', d: 'private' },
    ];
    const { out, code } = await ask((_, response) => {
      response.setHeader('Cache-Control', 'public, max-age=300').end(JSON.stringify({ keys }));
    });
    expect(code).toBe(0);
    expect(lines(out)).toEqual(
      expect.arrayContaining([
        'status 200',
        'its clock as this one, to the second',
        'what a JWKS with 2 keys',
        'key 1 EC, P-256, ES256, sig, kid one',
        'key 2 RSA, no kid — PRIVATE: this key must not be public',
        'may be kept for 300 s',
      ]),
    );
  });

  it('R15.3 explains the configuration of an issuer, as JSON too', async () => {
    const configuration = {
      issuer: 'https://issuer.example',
      jwks_uri: 'https://issuer.example/jwks',
      grant_types_supported: ['refresh_token'],
    };
    const { out } = await ask((_, response) => response.end(JSON.stringify(configuration)), '/c', '--json');
    expect(JSON.parse(out).endpoint).toMatchObject({
      status: 200,
      facts: {
        what: 'the configuration of an issuer',
        issuer: 'https://issuer.example',
        grant_types_supported: 'refresh_token',
      },
    });
  });

  it('R15.2 R15.3 explains the cookie that it sets and the token that it gives, and prints neither', async () => {
    const fresh = jwtOf({ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 3_600 });
    const { out, code } = await ask((_, response) => {
      response.setHeader('Set-Cookie', `__session=${fresh}; Path=/; HttpOnly; SameSite=Lax; Secure`);
      response.end(JSON.stringify({ jwt: fresh }));
    });
    expect(code).toBe(0);
    expect(lines(out)).toEqual(
      expect.arrayContaining(['cookie __session', 'field jwt', 'kept Path=/; HttpOnly; SameSite=Lax; Secure']),
    );
    expect(leaks(out, fresh)).toBe(false);
  });

  it('R15.3 follows no redirect, and says where it leads without what it carries', async () => {
    const { out } = await ask((_, response) => {
      response.writeHead(302, { location: `https://elsewhere.example/in?token=${token}` }).end();
    });
    expect(lines(out)).toContain('redirects to https://elsewhere.example/in');
    expect(leaks(out, token)).toBe(false);
    expect(seen).toHaveLength(1);
  });

  it('R15.3 says how far its clock is off', async () => {
    const { out } = await ask((_, response) => {
      response.setHeader('Date', new Date(Date.now() + 3_600_000).toUTCString()).end('no JSON');
    });
    expect(out).toMatch(/its clock +(?:1 h|59 min \d+ s)(?: \d+ \w+)? ahead of this one/);
  });

  it('R15.5 ends with 1 where it refuses or does not answer', async () => {
    expect((await ask((_, response) => response.writeHead(404).end())).code).toBe(1);
    const broken = await say(['inspect', 'https://127.0.0.1:1/'], { fetch: (url, init) => fetch(url, init) });
    expect(broken.code).toBe(1);
    expect(broken.err).toContain('No answer from https://127.0.0.1:1/');
  });

  it('R15.3 reads no more than a megabyte', async () => {
    const { code, err } = await ask((_, response) => response.end('x'.repeat(1_100_000)));
    expect({ code, err }).toEqual({ code: 1, err: 'error: The answer is larger than 1000000 bytes.\n' });
  });
});
