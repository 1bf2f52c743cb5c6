import { describe, expect, it } from 'vitest';
import { type DocumentCookieOptions, documentCookie } from '../../adapters/cookie/document';
import type { CookieStoreLike } from '../../adapters/cookie/foreign';
import { memoryCookie } from '../../adapters/cookie/memory';
import type { CookieDocument } from '../../adapters/cookie/page';
import { ConfigurationError } from '../../machines/errors';
import { cookieContract } from './contract/cookie';
import { createCookieJar } from './support/cookie-jar';

const start = Date.UTC(2026, 0, 1);
const secure = 'https://app.shop.test/a/b';

function setup(url = secure, options: { partitions?: boolean } = {}) {
  let now = start;
  const clock = { now: () => now };
  const jar = createCookieJar({ now: clock.now, ...options });
  const page = (within?: string[], cookieStore?: 'tells all' | 'tells little') =>
    jar.page({ url, ...(within && { within }), ...(cookieStore && { cookieStore }) });
  return {
    jar,
    page,
    now: clock.now,
    pass: (ms: number) => {
      now += ms;
    },
    cookie: (more: DocumentCookieOptions = {}) => documentCookie({ document: page(), clock, ...more }),
    /** What the page sees of the session cookie, companion apart. */
    seen: (within?: string[]) => page(within).cookie,
  };
}

const later = { expiresAt: start + 60_000 };

/** Everything that is assigned to `document.cookie` from now on. */
function watchWrites(document: CookieDocument): string[] {
  const written: string[] = [];
  const real = Object.getOwnPropertyDescriptor(document, 'cookie');
  Object.defineProperty(document, 'cookie', {
    get: () => real?.get?.call(document),
    set: (text: string) => {
      written.push(text);
      real?.set?.call(document, text);
    },
  });
  return written;
}

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
    expect(() => cookie().writeContext?.('a')).toThrow(expect.objectContaining({ code: 'cookie_rejected' }));
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

describe('documentCookie: several values', () => {
  it('§10 a value tossed by a sibling is reported and left, ours is still written', () => {
    const { cookie, jar } = setup();
    jar.setByServer('https://evil.shop.test/', 'token=tossed; Domain=shop.test; Path=/');
    const one = cookie({ name: 'token' });
    expect(one.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    expect(one.read()).toEqual([{ value: 'tossed' }, { value: 'one' }]);
  });

  it('§8 removal takes ours and says that another one is still there', () => {
    const { cookie, jar } = setup();
    jar.setByServer('https://evil.shop.test/', 'token=tossed; Domain=shop.test; Path=/');
    const one = cookie({ name: 'token' });
    one.write('one', later);
    expect(() => one.remove()).toThrow(expect.objectContaining({ code: 'cookie_rejected', reason: 'duplicate' }));
    expect(one.read()).toEqual([{ value: 'tossed' }]);
  });

  it('84 a partition that arrives late replaces the plain twin', () => {
    const { cookie, jar } = setup();
    cookie({ sameSite: 'None' }).write('old', later);
    const late = cookie({ sameSite: 'None', partitioned: true });
    expect(late.write('one', later)).toEqual({ status: 'written' });
    expect(late.read()).toEqual([{ value: 'one' }]);
    expect(jar.size).toBe(1);
  });

  it('84 in a browser without partitions the twins are one cookie, and it stays', () => {
    const { cookie } = setup(secure, { partitions: false });
    cookie({ sameSite: 'None' }).write('old', later);
    const late = cookie({ sameSite: 'None', partitioned: true });
    expect(late.write('one', later)).toEqual({ status: 'written' });
    expect(late.read()).toEqual([{ value: 'one' }]);
  });

  it('F21 the scope of an earlier release no longer shadows the present one', () => {
    const { cookie, jar } = setup();
    cookie({ domain: 'shop.test', path: '/a' }).write('old', later);
    const moved = cookie({ name: '__session', formerly: [{ domain: 'shop.test', path: '/a' }] });
    expect(moved.write('one', later)).toEqual({ status: 'written' });
    expect(moved.read()).toEqual([{ value: 'one' }]);
    expect(jar.size).toBe(1);
  });

  it.each<[string, DocumentCookieOptions, DocumentCookieOptions]>([
    ['with a partition', { sameSite: 'None', partitioned: true }, {}],
    ['without one', {}, { sameSite: 'None', partitioned: true }],
    ['on a domain', { domain: 'shop.test' }, { formerly: [{ domain: 'shop.test' }] }],
    ['under the plain name', { secure: false }, {}],
    ['before a domain was asked for', {}, { domain: 'shop.test' }],
    ['before a path was asked for', {}, { path: '/a' }],
    ['with a partition, before a domain was asked for', { partitioned: true }, { domain: 'shop.test' }],
    ['under another name', { name: 'old' }, { formerly: [{ name: 'old' }] }],
    [
      'under another name and path',
      { name: 'old', path: '/a' },
      { name: 'new', formerly: [{ name: 'old', path: '/a' }] },
    ],
  ])('83 sign-out removes what was written %s', (_, before, now) => {
    const { cookie, jar } = setup();
    cookie(before).write('one', later);
    expect(jar.size).toBe(1);
    cookie(now).remove();
    expect(jar.size).toBe(0);
  });

  it('83 sign-out in a frame removes the frame’s own', () => {
    const { cookie, page, jar } = setup();
    const framed = cookie({ document: page(['https://blog.test/']) });
    framed.write('one', later);
    framed.remove();
    expect(jar.size).toBe(0);
  });

  it('§10 a companion with two values is not guessed', () => {
    const { cookie, jar } = setup();
    const one = cookie({ name: 'token' });
    one.writeContext?.('mine');
    jar.setByServer('https://evil.shop.test/', 'token_ctx=tossed; Domain=shop.test; Path=/');
    expect(() => one.readContext?.()).toThrow(expect.objectContaining({ reason: 'duplicate' }));
  });

  it('§10 garbage in the companion reads as nothing', () => {
    const { cookie, page } = setup();
    page().cookie = 'token_ctx=%E0%A4%A; Path=/';
    expect(cookie({ name: 'token' }).readContext?.()).toBeUndefined();
  });
});

describe('documentCookie: with the Cookie Store API', () => {
  const evil = 'https://evil.shop.test/';
  const tossed = (name: string) => `${name}=tossed; Domain=shop.test; Path=/`;
  const flush = () => new Promise((done) => setImmediate(done));

  function withStore(cookieStore: 'tells all' | 'tells little' = 'tells all') {
    const { cookie, page, jar } = setup();
    return { jar, cookie: cookie({ name: 'token', document: page(undefined, cookieStore) }), page };
  }

  it('F20 a tossed value is reported, then removed, and ours stays', async () => {
    const { cookie, jar } = withStore();
    jar.setByServer(evil, tossed('token'));
    expect(cookie.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    await flush();
    expect(cookie.read()).toEqual([{ value: 'one' }]);
    expect(jar.size).toBe(1);
  });

  it('F20 so is one under a path without a slash at its end', async () => {
    const { cookie, jar } = withStore();
    jar.setByServer(secure, 'token=forgotten; Path=/a');
    expect(cookie.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    await flush();
    expect(cookie.read()).toEqual([{ value: 'one' }]);
  });

  it('83 sign-out says that there is one that is not ours, and then removes it', async () => {
    const { cookie, jar } = withStore();
    jar.setByServer(evil, tossed('token'));
    cookie.write('one', later);
    expect(() => cookie.remove()).toThrow(expect.objectContaining({ reason: 'duplicate' }));
    await flush();
    expect(jar.size).toBe(0);
  });

  it('R8.10 a sign-in right after keeps what it writes', async () => {
    const { cookie, jar } = withStore();
    jar.setByServer(evil, tossed('token'));
    cookie.write('one', later);
    expect(() => cookie.remove()).toThrow();
    cookie.write('two', later);
    await flush();
    expect(cookie.read()).toEqual([{ value: 'two' }]);
  });

  it('R10.20 a tossed companion is not guessed, and gone the next time', async () => {
    const { cookie, jar } = withStore();
    cookie.writeContext?.('mine');
    jar.setByServer(evil, tossed('token_ctx'));
    expect(() => cookie.readContext?.()).toThrow(expect.objectContaining({ reason: 'duplicate' }));
    await flush();
    expect(cookie.readContext?.()).toBe('mine');
    jar.setByServer(evil, tossed('token_ctx'));
    expect(() => cookie.writeContext?.('new')).toThrow(expect.objectContaining({ reason: 'duplicate' }));
    await flush();
    expect(cookie.readContext?.()).toBe('new');
  });

  it('R10.20 where the browser does not tell its place, it stays', async () => {
    const { cookie, jar } = withStore('tells little');
    jar.setByServer(evil, tossed('token'));
    cookie.write('one', later);
    await flush();
    expect(cookie.read()).toEqual([{ value: 'tossed' }, { value: 'one' }]);
  });

  it('J01 an API that fails disturbs nobody', async () => {
    const { cookie, page, jar } = setup();
    const denied = () => Promise.reject(new DOMException('denied', 'SecurityError'));
    const document = page();
    const cookieStore: CookieStoreLike = { getAll: denied, set: denied };
    Object.assign(document.defaultView ?? {}, { cookieStore });
    jar.setByServer(evil, tossed('token'));
    const one = cookie({ name: 'token', document });
    expect(one.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    // An unhandled rejection would fail the run.
    await flush();
    expect(one.read()).toHaveLength(2);
  });

  it('K01 a companion that got its partition late replaces the plain twin', () => {
    const { cookie, jar } = setup();
    cookie({ sameSite: 'None' }).writeContext?.('old');
    const late = cookie({ sameSite: 'None', partitioned: true });
    late.writeContext?.('new');
    expect(late.readContext?.()).toBe('new');
    expect(jar.size).toBe(1);
  });

  it('K01 of a companion and its twin from before, the companion is read', () => {
    const { cookie, page } = setup();
    const late = cookie({ sameSite: 'None', partitioned: true });
    late.writeContext?.('new');
    page().cookie = '__Host-__session_ctx=old; Secure; SameSite=None; Path=/';
    expect(page().cookie).toBe('__Host-__session_ctx=new; __Host-__session_ctx=old');
    expect(late.readContext?.()).toBe('new');
  });

  it('K01 in a browser without partitions a scope from before does not cost the companion', () => {
    const { cookie, page } = setup(secure, { partitions: false });
    page().cookie = 'token_ctx=old; Secure; SameSite=None; Path=/a';
    const one = cookie({ name: 'token', partitioned: true, formerly: [{ name: 'token', path: '/a' }] });
    page().cookie = 'token_ctx=mine; Secure; SameSite=None; Path=/';
    expect(one.readContext?.()).toBe('mine');
  });
});

describe('documentCookie: options', () => {
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
