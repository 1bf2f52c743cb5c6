import { describe, expect, it } from 'vitest';
import type { DocumentCookieOptions } from '../../adapters/cookie/document';
import type { CookieStoreLike } from '../../adapters/cookie/foreign';
import { later, secure, setup, watchWrites } from './support/cookie-world';

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

  it.each<[string, DocumentCookieOptions, string[]]>([
    ['by default', {}, ['__Host-__session Path=/', '__session Path=/']],
    ['with a name', { name: 'token' }, ['token Path=/']],
    [
      'with a domain, which no __Host- name can have',
      { domain: 'shop.test' },
      ['__session Path=/ Domain=shop.test', '__Host-__session Path=/', '__session Path=/'],
    ],
    ['with a scope from before that is the present one', { name: 'token', formerly: [{}] }, ['token Path=/']],
  ])('83 sign-out %s takes each variant once, with and without a partition', (_, options, scopes) => {
    const { cookie, page } = setup();
    const document = page();
    const written = watchWrites(document);
    cookie({ ...options, document }).remove();
    const found = written.map((text) => {
      const [pair = '', ...rest] = text.split('; ');
      const place = rest.filter((one) => /^(?:Path|Domain)/.test(one));
      return [pair.replace('=', ''), ...place, ...rest.filter((one) => one === 'Partitioned')].join(' ');
    });
    expect(found).toEqual(scopes.flatMap((scope) => [scope, `${scope} Partitioned`]));
    expect(written.every((text) => /^[^=]+=; .*Max-Age=0; /.test(text))).toBe(true);
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

  it('F20 so is one that has a partition', async () => {
    const { cookie, page } = withStore();
    page().cookie = 'token=forgotten; Path=/a; Secure; SameSite=None; Partitioned';
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
    const { jar, page, cookie: make } = setup();
    const document = page(undefined, 'tells little');
    const cookie = make({ name: 'token', document });
    jar.setByServer(evil, tossed('token'));
    cookie.write('one', later);
    const written = watchWrites(document);
    await flush();
    expect(written).toEqual([]);
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
    page().cookie = '__session_ctx=another; Path=/';
    expect(page().cookie).toBe('__Host-__session_ctx=new; __Host-__session_ctx=old; __session_ctx=another');
    expect(late.readContext?.()).toBe('new');
    expect(page().cookie).toBe('__Host-__session_ctx=new; __session_ctx=another');
  });

  it('K01 in a browser without partitions a scope from before does not cost the companion', () => {
    const { cookie, page } = setup(secure, { partitions: false });
    page().cookie = 'token_ctx=old; Secure; SameSite=None; Path=/a';
    const one = cookie({ name: 'token', partitioned: true, formerly: [{ name: 'token', path: '/a' }] });
    page().cookie = 'token_ctx=mine; Secure; SameSite=None; Path=/';
    expect(one.readContext?.()).toBe('mine');
  });
});
