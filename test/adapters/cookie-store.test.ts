import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CookieStoreCookieOptions, cookieStoreCookie } from '../../adapters/cookie/cookie-store';
import { documentCookie } from '../../adapters/cookie/document';
import type { CookieStoreLike } from '../../adapters/cookie/foreign';
import { ConfigurationError } from '../../machines/errors';
import { cookieContract } from './contract/cookie';
import { createCookieJar } from './support/cookie-jar';

const start = Date.UTC(2026, 0, 1);
const url = 'https://app.shop.test/a/b';
const blog = ['https://blog.test/'];
const later = { expiresAt: start + 60_000 };
const tossed = (name: string) => `${name}=tossed; Domain=shop.test; Path=/`;

type Where = { within?: readonly string[]; cookieStore?: 'tells all' | 'tells little' };

function setup(where: Where = {}, options: { partitions?: boolean } = {}) {
  let now = start;
  const clock = { now: () => now };
  const jar = createCookieJar({ now: clock.now, ...options });
  const store = (here: Where = where): CookieStoreLike => jar.store({ url, ...here });
  return {
    jar,
    store,
    clock,
    pass: (ms: number) => {
      now += ms;
    },
    cookie: (more: CookieStoreCookieOptions = {}, here?: Where) =>
      cookieStoreCookie({ cookieStore: store(here), clock, ...more }),
    seen: (here: Where = where) => jar.page({ url, ...here }).cookie,
  };
}

const worlds: [string, Where, CookieStoreCookieOptions][] = [
  ['of a page’s service worker', {}, {}],
  ['for a frame of another site', { within: blog }, {}],
  ['for a frame of a sibling', { within: ['https://www.shop.test/'] }, {}],
  ['on a shared domain', {}, { domain: 'shop.test' }],
  ['under a path', {}, { path: '/a' }],
  ['that tells little', { cookieStore: 'tells little' }, {}],
];

for (const [name, where, options] of worlds) {
  cookieContract(`cookieStoreCookie ${name}`, () => {
    const { cookie, clock, pass } = setup(where);
    return { first: cookie(options), second: cookie(options), now: clock.now, pass };
  });
}

cookieContract('cookieStoreCookie with a partition, in a browser without partitions', () => {
  const { cookie, clock, pass } = setup({}, { partitions: false });
  const options = { partitioned: true };
  return { first: cookie(options), second: cookie(options), now: clock.now, pass };
});

describe('cookieStoreCookie: where it goes', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each<[string, CookieStoreCookieOptions, Where, string, object]>([
    ['by default', {}, {}, '__Host-__session', { domain: null, path: '/', partitioned: false }],
    ['with a domain', { domain: 'shop.test' }, {}, '__session', { domain: 'shop.test', path: '/', partitioned: false }],
    ['with a path', { path: '/a' }, {}, '__session', { domain: null, path: '/a/', partitioned: false }],
    ['with a name', { name: 'token' }, {}, 'token', { domain: null, path: '/', partitioned: false }],
    [
      'for another site’s frame',
      {},
      { within: blog },
      '__Host-__session',
      { domain: null, path: '/', partitioned: true },
    ],
  ])('R10.18 name and place %s', async (_, options, where, name, place) => {
    const { cookie, store } = setup(where);
    const one = cookie(options);
    expect(await one.write('one', later)).toEqual({ status: 'written' });
    expect(await store().getAll(name)).toEqual([{ value: 'one', ...place }]);
    expect(await one.read()).toEqual([{ value: 'one', ...place }]);
  });

  it.each<[string, CookieStoreCookieOptions, Where, object]>([
    ['Lax by default', {}, {}, { sameSite: 'lax', partitioned: false }],
    ['None with Partitioned for another site’s frame', {}, { within: blog }, { sameSite: 'none', partitioned: true }],
    [
      'Lax where no partition is wanted',
      { partitioned: false },
      { within: blog },
      { sameSite: 'lax', partitioned: false },
    ],
    ['Strict as asked', { sameSite: 'Strict' }, {}, { sameSite: 'strict', partitioned: false }],
    ['None without a partition as asked', { sameSite: 'None' }, {}, { sameSite: 'none', partitioned: false }],
    [
      'None with one for another site’s frame',
      { sameSite: 'None' },
      { within: blog },
      { sameSite: 'none', partitioned: true },
    ],
  ])('R10.18 SameSite: %s', async (_, options, where, expected) => {
    const { cookie, store } = setup(where);
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    await cookie({ ...options, cookieStore: watched }).write('one', { expiresAt: start + 59_500 });
    const place = { name: '__Host-__session', path: '/' };
    expect(set.mock.lastCall).toStrictEqual([{ ...place, value: 'one', expires: start + 60_000, ...expected }]);
  });

  it.each([
    ['/a', '/a/'],
    ['/a/', '/a/'],
    ['/', '/'],
  ])('R10.18 a path of %s is told to the browser as it will be kept: %s', async (path, told) => {
    const { cookie, store } = setup();
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    await cookie({ path, cookieStore: watched }).write('one', later);
    expect(set.mock.lastCall?.[0].path).toBe(told);
  });

  it('89 R10.16 a token takes one write, a companion that is right takes none', async () => {
    const { cookie, store } = setup();
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    const one = cookie({ sameSite: 'Lax', cookieStore: watched });
    await one.write('one', later);
    await one.writeContext?.('mark');
    await one.writeContext?.('mark');
    expect(set).toHaveBeenCalledTimes(2);
    expect(set.mock.lastCall?.[0]).not.toHaveProperty('expires');
  });

  it('R10.18 asks once whether a frame is another site’s, and leaves nothing of the question', async () => {
    const { cookie, store, jar } = setup();
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    const one = cookie({ cookieStore: watched });
    await Promise.all([one.read(), one.read(), one.readContext?.()]);
    expect(set.mock.calls.map(([{ sameSite, expires }]) => [sameSite, expires])).toEqual([
      ['strict', start + 10_000],
      ['strict', 1],
    ]);
    expect(jar.size).toBe(0);
  });

  it.each<CookieStoreCookieOptions>([{ sameSite: 'Lax' }, { sameSite: 'Strict' }, { partitioned: true }])(
    'R10.18 does not ask where nothing depends on it: %j',
    async (options) => {
      const { cookie, store } = setup();
      const watched = store();
      const set = vi.spyOn(watched, 'set');
      await cookie({ ...options, cookieStore: watched }).read();
      expect(set).not.toHaveBeenCalled();
    },
  );

  it('R10.18 a browser that takes cookies of one’s own site, but keeps none, is in a frame of another', async () => {
    const { cookie, store } = setup();
    const real = store();
    const set: CookieStoreLike['set'] = async (one) => {
      if (one.sameSite !== 'strict') await real.set(one);
    };
    await cookie({ cookieStore: { ...real, set } }).write('one', later);
    expect(await real.getAll('__Host-__session')).toMatchObject([{ value: 'one', partitioned: true }]);
  });

  it('R10.18 a page knows without asking that no other site is around it', async () => {
    const { cookie, store } = setup();
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    vi.stubGlobal('top', globalThis);
    await cookie({ cookieStore: watched }).write('one', later);
    expect(set.mock.calls).toMatchObject([[{ sameSite: 'lax', partitioned: false }]]);
  });

  it.each<[string, object]>([
    [
      'throws',
      Object.defineProperty({}, 'location', {
        get: () => {
          throw new DOMException('', 'SecurityError');
        },
      }),
    ],
    ['is not to be read', { location: {} }],
    ['is not there', {}],
  ])('R10.18 it asks where the address of the page around it %s', async (_, around) => {
    const { cookie, store } = setup();
    const watched = store();
    const set = vi.spyOn(watched, 'set');
    vi.stubGlobal('top', around);
    vi.stubGlobal('parent', around);
    await cookie({ cookieStore: watched }).read();
    expect(set).toHaveBeenCalled();
  });

  it('§10 it is asynchronous, and says so', () => {
    expect(setup().cookie().sync).toBe(false);
  });

  it('§6 the outage window outlives the token', async () => {
    const { cookie, pass } = setup();
    const one = cookie({ outageWindowMs: 300_000 });
    await one.write('one', later);
    pass(359_000);
    expect(await one.read()).toHaveLength(1);
    pass(2000);
    expect(await one.read()).toEqual([]);
  });

  it('§10 a page and its service worker share one cookie', async () => {
    const { cookie, clock, jar } = setup();
    const page = documentCookie({ document: jar.page({ url }), clock });
    const worker = cookie();
    page.write('one', later);
    page.writeContext?.('mark');
    expect(await worker.write('one', later)).toEqual({ status: 'unchanged' });
    expect(await worker.readContext?.()).toBe('mark');
    await worker.write('two', later);
    expect(page.read()).toEqual([{ value: 'two' }]);
    await worker.remove();
    expect(page.read()).toEqual([]);
  });
});

describe('cookieStoreCookie: what the browser does not take', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('J05 making one where there is no such API is fine; using it says so', async () => {
    const cookie = cookieStoreCookie();
    const missing = { code: 'cookie_store_missing' };
    await expect(cookie.read()).rejects.toMatchObject(missing);
    await expect(cookie.write('one', later)).rejects.toMatchObject(missing);
    await expect(cookie.remove()).rejects.toMatchObject(missing);
  });

  it('J05 the global one is looked up on use', async () => {
    const { store, clock } = setup();
    const cookie = cookieStoreCookie({ clock });
    vi.stubGlobal('cookieStore', store());
    expect(await cookie.write('one', later)).toEqual({ status: 'written' });
  });

  it('J01 denied: rejects with the SecurityError, and works once it is allowed', async () => {
    const { store, cookie } = setup({ within: blog });
    let denied = true;
    const real = store();
    const gate =
      <A extends unknown[], R>(run: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        if (denied) throw new DOMException('denied', 'SecurityError');
        return run(...given);
      };
    const cookieStore = { getAll: gate(real.getAll), set: gate(real.set) };
    const one = cookie({ cookieStore });
    const refusal = { name: 'SecurityError' };
    await expect(one.read()).rejects.toMatchObject(refusal);
    await expect(one.write('one', later)).rejects.toMatchObject(refusal);
    await expect(one.remove()).rejects.toMatchObject(refusal);
    await expect(one.readContext?.()).rejects.toMatchObject(refusal);
    denied = false;
    expect(await one.write('one', later)).toEqual({ status: 'written' });
    expect(await one.read()).toMatchObject([{ partitioned: true }]);
  });

  it.each([new DOMException('denied', 'SecurityError'), null])(
    'J01 a write that fails by itself rejects: %s is no verdict on the cookie',
    async (failure) => {
      const { store, cookie } = setup();
      const one = cookie({ sameSite: 'Lax', cookieStore: { ...store(), set: () => Promise.reject(failure) } });
      await expect(one.write('one', later)).rejects.toBe(failure);
      await expect(one.remove()).rejects.toBe(failure);
    },
  );

  it('K02 a domain of others is blocked, not lost in silence', async () => {
    const one = setup().cookie({ domain: 'other.test' });
    expect(await one.write('one', later)).toEqual({ status: 'rejected', reason: 'blocked' });
    await expect(one.writeContext?.('a')).rejects.toMatchObject({ reason: 'blocked' });
    await expect(one.remove()).resolves.toBeUndefined();
  });

  it('J01 what a browser takes and does not keep is blocked', async () => {
    const { store, cookie } = setup();
    const one = cookie({ cookieStore: { ...store(), set: async () => {} } });
    expect(await one.write('one', later)).toEqual({ status: 'rejected', reason: 'blocked' });
    await expect(one.writeContext?.('a')).rejects.toMatchObject({ reason: 'blocked' });
  });

  it('K05 counts name and attributes too, and leaves the older value', async () => {
    const one = setup().cookie({ maxBytes: 150 });
    expect(await one.write('x'.repeat(60), later)).toEqual({ status: 'written' });
    expect(await one.write('y'.repeat(140), later)).toEqual({ status: 'rejected', reason: 'too_large' });
    await expect(one.writeContext?.('z'.repeat(140))).rejects.toMatchObject({ reason: 'too_large' });
    expect((await one.read()).map(({ value }) => value)).toEqual(['x'.repeat(60)]);
  });

  it.each(['one; Domain=shop.test', 'a b', 'ü', ''])('§10 a token cannot break out of its place: %j', async (token) => {
    const { cookie, jar } = setup();
    await expect(cookie().write(token, later)).rejects.toThrow(ConfigurationError);
    expect(jar.size).toBe(0);
  });
});

describe('cookieStoreCookie: several values', () => {
  it('R10.20 a value tossed by a sibling is seen with its place, reported, and removed after', async () => {
    const { cookie, jar } = setup();
    jar.setByServer('https://evil.shop.test/', tossed('token'));
    const one = cookie({ name: 'token' });
    expect(await one.read()).toEqual([{ value: 'tossed', domain: 'shop.test', path: '/', partitioned: false }]);
    expect(await one.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    expect((await one.read()).map(({ value }) => value)).toEqual(['one']);
    expect(await one.write('two', later)).toEqual({ status: 'written' });
  });

  it('R10.20 where the browser does not tell its place, it stays, and so does ours', async () => {
    const { cookie, jar } = setup({ cookieStore: 'tells little' });
    jar.setByServer('https://evil.shop.test/', tossed('token'));
    const one = cookie({ name: 'token' });
    expect(await one.write('one', later)).toEqual({ status: 'rejected', reason: 'duplicate' });
    expect(await one.read()).toStrictEqual([{ value: 'tossed' }, { value: 'one' }]);
    await expect(one.remove()).rejects.toMatchObject({ code: 'cookie_rejected', reason: 'duplicate' });
    expect(await one.read()).toEqual([{ value: 'tossed' }]);
  });

  it('83 sign-out removes every value of the name that can be seen', async () => {
    const { cookie, jar } = setup();
    jar.setByServer('https://evil.shop.test/', tossed('token'));
    jar.setByServer(url, 'token=forgotten; Path=/a/');
    const one = cookie({ name: 'token' });
    await one.remove();
    expect(jar.size).toBe(0);
  });

  it.each<[string, CookieStoreCookieOptions, CookieStoreCookieOptions]>([
    ['with a partition', { sameSite: 'None', partitioned: true }, {}],
    ['without one', {}, { sameSite: 'None', partitioned: true }],
    ['before a domain was asked for', {}, { domain: 'shop.test' }],
    ['before a path was asked for', {}, { path: '/a/' }],
    ['on a domain', { domain: 'shop.test' }, { formerly: [{ domain: 'shop.test' }] }],
  ])('83 sign-out removes what was written %s', async (_, before, now) => {
    const { cookie, jar } = setup({ cookieStore: 'tells little' });
    await cookie(before).write('one', later);
    expect(jar.size).toBe(1);
    await cookie(now).remove();
    expect(jar.size).toBe(0);
  });

  it('84 a partition that arrives late replaces the plain twin', async () => {
    const { cookie, jar } = setup();
    await cookie({ sameSite: 'None', partitioned: false }).write('old', later);
    const late = cookie({ sameSite: 'None', partitioned: true });
    expect(await late.write('one', later)).toEqual({ status: 'written' });
    expect((await late.read()).map(({ value }) => value)).toEqual(['one']);
    expect(jar.size).toBe(1);
  });

  it('K01 so does the companion’s', async () => {
    const { cookie, jar } = setup();
    await cookie({ sameSite: 'None', partitioned: false }).writeContext?.('old');
    const late = cookie({ sameSite: 'None', partitioned: true });
    await late.writeContext?.('new');
    expect(await late.readContext?.()).toBe('new');
    expect(jar.size).toBe(1);
  });

  it('K01 of a companion and its twin from before, the companion is read', async () => {
    const { cookie, jar } = setup();
    const late = cookie({ sameSite: 'None', partitioned: true });
    await late.writeContext?.('new');
    jar.setByServer(url, '__Host-__session_ctx=old; Secure; SameSite=None; Path=/');
    expect(await jar.store({ url }).getAll('__Host-__session_ctx')).toHaveLength(2);
    expect(await late.readContext?.()).toBe('new');
  });

  it('R10.20 a companion with a tossed value is not guessed, and right the next time', async () => {
    const { cookie, jar } = setup();
    const one = cookie({ name: 'token' });
    await one.writeContext?.('mine');
    jar.setByServer('https://evil.shop.test/', tossed('token_ctx'));
    await expect(one.readContext?.()).rejects.toMatchObject({ reason: 'duplicate' });
    expect(await one.readContext?.()).toBe('mine');
    jar.setByServer('https://evil.shop.test/', tossed('token_ctx'));
    await expect(one.writeContext?.('new')).rejects.toMatchObject({ reason: 'duplicate' });
    expect(await one.readContext?.()).toBe('new');
  });

  it('R8.10 calls take effect in the order in which they were made', async () => {
    const { cookie, seen } = setup();
    const one = cookie();
    const [, , again] = await Promise.all([one.write('one', later), one.remove(), one.write('two', later)]);
    expect(again).toEqual({ status: 'written' });
    expect(seen()).toBe('__Host-__session=two');
    await Promise.all([one.write('three', later), one.remove()]);
    expect(seen()).toBe('');
  });

  it('R8.10 one that failed does not hold up the next', async () => {
    const one = setup().cookie();
    const [failed, done] = await Promise.allSettled([one.write('a b', later), one.write('one', later)]);
    expect([failed.status, done.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('cookieStoreCookie: options', () => {
  it.each<[string, CookieStoreCookieOptions]>([
    ['secure', { secure: false }],
    ['secure', { sameSite: 'None', secure: false }],
    ['sameSite', { partitioned: true, sameSite: 'Lax' }],
    ['domain', { name: '__Host-a', domain: 'shop.test' }],
    ['path', { path: 'a' }],
    ['outageWindowMs', { outageWindowMs: -1 }],
    ['formerly[0].domain', { formerly: [{ domain: 'a;b' }] }],
  ])('K02 refuses a bad %s at once: %j', (option, options) => {
    expect(() => cookieStoreCookie(options)).toThrow(
      expect.objectContaining({ option: `cookieStoreCookie.${option}` }),
    );
  });
});
