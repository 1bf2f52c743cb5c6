import { describe, expect, it } from 'vitest';
import { type DocumentCookieOptions, documentCookie } from '../../adapters/cookie/document';
import { memoryCookie } from '../../adapters/cookie/memory';
import { ConfigurationError } from '../../machines/errors';
import { cookieContract } from './contract/cookie';
import { later, secure, setup, start, watchWrites } from './support/cookie-world';

cookieContract('memoryCookie', () => {
  let now = start;
  const cookie = memoryCookie({ clock: { now: () => now } });
  return {
    first: cookie,
    second: cookie,
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
  };
});

const worlds: [string, string, string[] | undefined, DocumentCookieOptions][] = [
  ['a secure page', secure, undefined, {}],
  ['an insecure page', 'http://app.shop.test/', undefined, {}],
  ['a shared domain', secure, undefined, { domain: 'shop.test' }],
  ['a frame of another site', secure, ['https://blog.test/'], {}],
  ['a frame of a sibling', secure, ['https://www.shop.test/'], {}],
];

for (const [name, url, within, options] of worlds) {
  cookieContract(`documentCookie on ${name}`, () => {
    const world = setup(url);
    const cookie = () => world.cookie({ ...options, document: world.page(within) });
    return { first: cookie(), second: cookie(), now: world.now, pass: world.pass };
  });
}

cookieContract('documentCookie with a partition, in a browser without partitions', () => {
  const world = setup(secure, { partitions: false });
  const cookie = () => world.cookie({ partitioned: true });
  return { first: cookie(), second: cookie(), now: world.now, pass: world.pass };
});

describe('documentCookie: where it goes', () => {
  it.each<[string, string, DocumentCookieOptions, string]>([
    ['a secure context', secure, {}, '__Host-__session=one'],
    ['an insecure context', 'http://app.shop.test/', {}, '__session=one'],
    ['a loopback host', 'http://app.localhost/', {}, '__Host-__session=one'],
    ['a domain', secure, { domain: 'shop.test' }, '__session=one'],
    ['a path', secure, { path: '/a' }, '__session=one'],
    ['Secure switched off', secure, { secure: false }, '__session=one'],
    ['a name of its own', secure, { name: 'token' }, 'token=one'],
  ])('§10 the name in %s', (_, url, options, expected) => {
    const { cookie, seen } = setup(url);
    expect(cookie(options).write('one', later)).toEqual({ status: 'written' });
    expect(seen()).toBe(expected);
  });

  it('§10 a frame of another site has its own, with SameSite=None, Secure and Partitioned', () => {
    const { cookie, page, seen } = setup();
    const around = ['https://blog.test/'];
    expect(cookie({ document: page(around) }).write('one', later)).toEqual({ status: 'written' });
    expect(seen(around)).toBe('__Host-__session=one');
    expect(seen()).toBe('');
  });

  it('§10 so has a frame of the same origin inside one of another site', () => {
    const { cookie, page, seen } = setup();
    const around = ['https://blog.test/', secure];
    expect(cookie({ document: page(around) }).write('one', later)).toEqual({ status: 'written' });
    expect(seen(around)).toBe('__Host-__session=one');
  });

  it('§10 or one whose neighbours inside and outside are its own', () => {
    const { cookie, page, seen } = setup();
    const around = [secure, 'https://blog.test/', secure];
    expect(cookie({ document: page(around) }).write('one', later)).toEqual({ status: 'written' });
    expect(seen(around)).toBe('__Host-__session=one');
  });

  it('§10 a frame of the same origin shares the page’s', () => {
    const { cookie, page, seen } = setup();
    expect(cookie({ document: page([secure]) }).write('one', later)).toEqual({ status: 'written' });
    expect(seen()).toBe('__Host-__session=one');
  });

  it('R10.18 a frame of a sibling shares the page’s as well, and leaves nothing of having asked', () => {
    const { cookie, page, seen, jar } = setup();
    const around = ['https://www.shop.test/'];
    const framed = cookie({ document: page(around) });
    expect(framed.write('one', later)).toEqual({ status: 'written' });
    expect(seen()).toBe('__Host-__session=one');
    expect(cookie().write('two', later)).toEqual({ status: 'written' });
    expect(framed.read()).toEqual([{ value: 'two' }]);
    expect(jar.size).toBe(1);
  });

  it('R10.18 whether a frame is another site’s is asked once, with a cookie that fades', () => {
    const { cookie, page } = setup();
    const document = page(['https://www.shop.test/']);
    const written = watchWrites(document);
    const framed = cookie({ document });
    for (let round = 0; round < 3; round += 1) framed.read();
    expect(written.map((text) => text.replace(/probe_\w+/, 'probe_x'))).toEqual([
      '__session_probe_x=1; Path=/; Max-Age=10; SameSite=Strict; Secure',
      '__session_probe_x=; Path=/; Max-Age=0; SameSite=Strict; Secure',
    ]);
  });

  it.each<[string, string[] | undefined, DocumentCookieOptions]>([
    ['in a page by itself', undefined, {}],
    ['in a frame of the same origin', [secure], {}],
    ['where SameSite is given', ['https://blog.test/'], { sameSite: 'Lax' }],
    ['where a partition is given', ['https://blog.test/'], { partitioned: true }],
    ['where it is not to be secure', ['https://blog.test/'], { secure: false }],
  ])('R10.18 it is not asked %s', (_, around, options) => {
    const { cookie, page } = setup();
    const document = page(around);
    const written = watchWrites(document);
    cookie({ ...options, document }).read();
    expect(written).toEqual([]);
  });

  it('R10.18 where no partition is wanted it is Lax in any frame, and nothing is asked', () => {
    const { cookie, page } = setup();
    const document = page(['https://www.shop.test/']);
    const written = watchWrites(document);
    cookie({ partitioned: false, document }).write('one', later);
    expect(written).toEqual(['__Host-__session=one; Path=/; Max-Age=60; SameSite=Lax; Secure']);
  });

  it('R10.18 it is not asked in an insecure page, which can have no partition', () => {
    const { cookie, page } = setup('http://app.shop.test/');
    const document = page(['http://blog.test/']);
    const written = watchWrites(document);
    cookie({ document }).read();
    expect(written).toEqual([]);
  });

  it('J05 it is not asked where there is no window to speak of', () => {
    const { cookie, page, seen } = setup();
    const document = page();
    Object.assign(document.defaultView ?? {}, { top: undefined });
    const written = watchWrites(document);
    cookie({ document }).write('one', later);
    const bare = { cookie: '' };
    expect(documentCookie({ document: bare }).read()).toEqual([]);
    expect([seen(), written.length, bare.cookie]).toEqual(['__Host-__session=one', 1, '']);
  });

  it.each<[string, DocumentCookieOptions, string]>([
    ['by default', {}, 'SameSite=Lax'],
    ['with a partition', { partitioned: true }, 'SameSite=None; Secure; Partitioned'],
    ['with SameSite=None', { sameSite: 'None' }, 'SameSite=None; Secure'],
    ['without a partition', { partitioned: false }, 'SameSite=Lax'],
  ])('R10.18 what is written in an insecure page %s', (_, options, ending) => {
    const { cookie, page } = setup('http://app.shop.test/');
    const document = page();
    const written = watchWrites(document);
    cookie({ ...options, document }).write('one', later);
    const name = options.partitioned || options.sameSite ? '__Host-__session' : '__session';
    expect(written).toEqual([`${name}=one; Path=/; Max-Age=60; ${ending}`]);
  });

  it('89 R10.16 a token takes one write, a companion that is right takes none', () => {
    const { cookie, page } = setup();
    const document = page();
    const written = watchWrites(document);
    const one = cookie({ document });
    one.write('one', later);
    one.writeContext?.('mark');
    one.writeContext?.('mark');
    expect(written).toHaveLength(2);
  });

  it('R10.18 SameSite=None, as asked for, gets a partition in another site’s frame only', () => {
    const { cookie, page, seen } = setup();
    const around = ['https://blog.test/'];
    expect(cookie({ sameSite: 'None', document: page(around) }).write('one', later)).toEqual({ status: 'written' });
    expect(cookie({ sameSite: 'None' }).write('two', later)).toEqual({ status: 'written' });
    expect([seen(around), seen()]).toEqual(['__Host-__session=one', '__Host-__session=two']);
  });

  it('§10 a lifetime of broken seconds is rounded up, not cut short', () => {
    const { cookie, pass } = setup();
    const one = cookie();
    one.write('one', { expiresAt: start + 59_500 });
    pass(59_400);
    expect(one.read()).toEqual([{ value: 'one' }]);
  });

  it.each(['documentCookie', 'memoryCookie'])('§6 the outage window outlives the token: %s', (kind) => {
    const { cookie, pass, now } = setup();
    const options = { outageWindowMs: 300_000, clock: { now } };
    const one = kind === 'memoryCookie' ? memoryCookie(options) : cookie(options);
    one.write('one', later);
    pass(359_000);
    expect(one.read()).toEqual([{ value: 'one' }]);
    pass(2000);
    expect(one.read()).toEqual([]);
  });
});

describe('documentCookie: what the browser does not take', () => {
  it('K05 a cookie as long as the budget fits, one byte more does not', () => {
    const { cookie } = setup();
    const text = '__Host-__session=one; Path=/; Max-Age=60; SameSite=Lax; Secure';
    const companion = '__Host-__session_ctx=ab; Path=/; SameSite=Lax; Secure';
    expect(cookie({ maxBytes: text.length - 1 }).write('one', later)).toMatchObject({ reason: 'too_large' });
    expect(cookie({ maxBytes: text.length }).write('one', later)).toEqual({ status: 'written' });
    const tooLarge = expect.objectContaining({ reason: 'too_large' });
    expect(() => cookie({ maxBytes: companion.length - 1 }).writeContext?.('ab')).toThrow(tooLarge);
    cookie({ maxBytes: companion.length }).writeContext?.('ab');
  });

  it('K05 counts name and attributes too, and leaves the older value', () => {
    const { cookie } = setup();
    const one = cookie({ maxBytes: 150 });
    expect(one.write('x'.repeat(60), later)).toEqual({ status: 'written' });
    expect(one.write('y'.repeat(140), later)).toEqual({ status: 'rejected', reason: 'too_large' });
    expect(one.read()).toEqual([{ value: 'x'.repeat(60) }]);
  });

  it.each<[string, DocumentCookieOptions]>([
    ['Secure on an insecure page', { secure: true }],
    ['a domain of others', { domain: 'other.test' }],
    ['SameSite=None on an insecure page', { sameSite: 'None' }],
  ])('K02 %s is blocked, not lost in silence', (_, options) => {
    const { cookie } = setup('http://app.shop.test/');
    expect(cookie(options).write('one', later)).toEqual({ status: 'rejected', reason: 'blocked' });
  });

  it('J01 blocked cookies are an answer', () => {
    const { cookie, jar } = setup();
    jar.block();
    expect(cookie().write('one', later)).toEqual({ status: 'rejected', reason: 'blocked' });
    const refusal = { code: 'cookie_rejected', reason: 'blocked' };
    expect(() => cookie().writeContext?.('a')).toThrow(expect.objectContaining(refusal));
  });

  it('J01 a denied jar throws, which is not an empty one', () => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    const document = Object.defineProperty({ cookie: '' }, 'cookie', { get: denied, set: denied });
    const cookie = documentCookie({ document });
    for (const use of [cookie.read, () => cookie.write('one', later), cookie.remove, cookie.readContext]) {
      expect(() => use?.()).toThrow(expect.objectContaining({ name: 'SecurityError' }));
    }
  });

  it('J05 making one where there is no document is fine; using it says so', () => {
    const cookie = documentCookie();
    expect(() => cookie.read()).toThrow(expect.objectContaining({ code: 'document_missing' }));
    expect(() => cookie.write('one', later)).toThrow(expect.objectContaining({ code: 'document_missing' }));
  });

  it.each(['one; Domain=shop.test', 'a b', 'a"b', 'a\nb', 'a,b', 'ü', ''])(
    '§10 a token cannot break out of its place: %j',
    (token) => {
      const { cookie, jar } = setup();
      expect(() => cookie().write(token, later)).toThrow(ConfigurationError);
      expect(jar.size).toBe(0);
    },
  );

  it('S11 the refusal does not show the token', () => {
    let message = '';
    try {
      setup().cookie().write('secret;', later);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/token must be/);
    expect(message).not.toContain('secret');
  });
});

describe('documentCookie: options', () => {
  it('§10 it is synchronous, and says so', () => {
    expect(setup().cookie().sync).toBe(true);
  });

  it.each<[string, DocumentCookieOptions]>([
    ['secure', { sameSite: 'None', secure: false }],
    ['secure', { partitioned: true, secure: false }],
    ['sameSite', { partitioned: true, sameSite: 'Lax' }],
    ['sameSite', { sameSite: 'lax' as 'Lax' }],
    ['secure', { name: '__Secure-a', secure: false }],
    ['secure', { name: '__host-a', secure: false }],
    ['domain', { name: '__Host-a', domain: 'shop.test' }],
    ['path', { name: '__Host-a', path: '/a' }],
    ['name', { name: 'a b' }],
    ['name', { name: 'a;b' }],
    ['name', { name: 'a=b' }],
    ['name', { name: '' }],
    ['path', { path: 'a' }],
    ['path', { path: '/a; Domain=shop.test' }],
    ['path', { path: '/a\n' }],
    ['domain', { domain: '.shop.test' }],
    ['domain', { domain: 'shop.test; Path=/' }],
    ['secure', { secure: 'yes' as unknown as boolean }],
    ['partitioned', { partitioned: 1 as unknown as boolean }],
    ['outageWindowMs', { outageWindowMs: -1 }],
    ['maxBytes', { maxBytes: 0 }],
    ['formerly[0].domain', { formerly: [{ domain: 'a;b' }] }],
  ])('K02 refuses a bad %s at once: %j', (option, options) => {
    expect(() => documentCookie(options)).toThrow(expect.objectContaining({ option: `documentCookie.${option}` }));
  });
});
