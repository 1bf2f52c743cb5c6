/** The session cookie on a server: out of the request, onto the response. */
import { describe, expect, it } from 'vitest';
import { type HeaderCookieOptions, headerCookie } from '../../adapters/server/header-cookie';
import type { SessionCookie } from '../../machines/ports';
import { cookieContract } from '../adapters/contract/cookie';
import { createCookieJar } from '../adapters/support/cookie-jar';
import { expectConfigurationError, start, thrownBy, token } from '../support/bad-input';

const now = start * 1_000;
const clock = { now: () => now };
const url = 'https://app.example.com/';

const requestWith = (cookie?: string): Request => new Request(url, cookie === undefined ? {} : { headers: { cookie } });

function make(cookie?: string, options: HeaderCookieOptions = {}) {
  const headers = new Headers();
  return { headers, cookie: headerCookie(requestWith(cookie), headers, { clock, ...options }) };
}

/** A browser between two requests: each operation is a request of its own, whose answer is put into the jar. */
cookieContract('headerCookie', () => {
  const time = { at: now };
  const jar = createCookieJar({ now: () => time.at });
  const page = jar.page({ url });
  function visit<T>(run: (cookie: SessionCookie) => T): T {
    const headers = new Headers();
    const done = run(headerCookie(requestWith(page.cookie), headers, { clock: { now: () => time.at } }));
    for (const text of headers.getSetCookie()) jar.setByServer(url, text);
    return done;
  }
  const tab: SessionCookie = {
    sync: true,
    read: () => visit((cookie) => cookie.read()),
    write: (value, meta) => visit((cookie) => cookie.write(value, meta)),
    remove: () => visit((cookie) => cookie.remove()),
    readContext: () => visit((cookie) => cookie.readContext?.()),
    writeContext: (value) => visit((cookie) => cookie.writeContext?.(value)),
  };
  return {
    first: tab,
    second: { ...tab },
    now: () => time.at,
    pass: (ms) => {
      time.at += ms;
    },
  };
});

describe('headerCookie', () => {
  it('reads every value that came, in the order of the server', () => {
    const { cookie } = make('a=1; __Host-__session=one; __session=no; __Host-__session=two');
    expect(cookie.read()).toEqual([{ value: 'one' }, { value: 'two' }]);
    expect(make().cookie.read()).toEqual([]);
  });

  it('writes with the attributes of a secure page, and keeps the response out of caches', () => {
    const { cookie, headers } = make();
    expect(cookie.write(token, { expiresAt: now + 60_000 })).toEqual({ status: 'written' });
    expect([...headers]).toEqual([
      ['cache-control', 'no-store'],
      ['set-cookie', `__Host-__session=${token}; Path=/; Max-Age=60; SameSite=Lax; Secure`],
    ]);
  });

  it('writes with other attributes where they are given', () => {
    const options = { name: 'sess', domain: 'example.com', path: '/app', sameSite: 'Strict', httpOnly: true } as const;
    const { cookie, headers } = make(undefined, { ...options, outageWindowMs: 30_000 });
    cookie.write('x', { expiresAt: now + 60_001 });
    expect(headers.getSetCookie()).toEqual([
      'sess=x; Path=/app; Domain=example.com; Max-Age=91; SameSite=Strict; Secure; HttpOnly',
    ]);
  });

  it('E06 gives the rest of the request what was written', () => {
    const { cookie } = make('__Host-__session=old; __Host-__session=tossed');
    cookie.write('new', { expiresAt: now + 60_000 });
    expect(cookie.read()).toEqual([{ value: 'new' }]);
    expect(cookie.write('new', { expiresAt: now + 60_000 })).toEqual({ status: 'unchanged' });
    cookie.remove();
    expect(cookie.read()).toEqual([]);
  });

  it('E09 sets each cookie once, whatever else is on the response', () => {
    const { cookie, headers } = make();
    headers.append('set-cookie', 'other=1; Path=/');
    headers.append('set-cookie', '__Host-__session=of-somebody-else; Path=/elsewhere');
    for (const value of ['one', 'two', 'three']) cookie.write(value, { expiresAt: now + 60_000 });
    cookie.writeContext?.('a');
    cookie.writeContext?.('b');
    expect(headers.getSetCookie()).toEqual([
      'other=1; Path=/',
      '__Host-__session=of-somebody-else; Path=/elsewhere',
      '__Host-__session=three; Path=/; Max-Age=60; SameSite=Lax; Secure',
      '__Host-__session_ctx=b; Path=/; SameSite=Lax; Secure',
    ]);
  });

  it('E09 a sign-out after a write leaves the removal alone', () => {
    const { cookie, headers } = make();
    cookie.write('one', { expiresAt: now + 60_000 });
    cookie.remove();
    const plain = headers.getSetCookie().filter((text) => !text.includes('Partitioned'));
    expect(plain).toEqual([
      '__Host-__session=; Path=/; Max-Age=0; SameSite=Lax; Secure',
      '__session=; Path=/; Max-Age=0; SameSite=Lax; Secure',
    ]);
    expect(headers.getSetCookie()).toHaveLength(4);
  });

  it('S1 a token whose time is over is not written, which would remove what is there', () => {
    const { cookie, headers } = make('__Host-__session=old');
    expect(cookie.write('late', { expiresAt: now })).toEqual({ status: 'rejected', reason: 'blocked' });
    expect([...headers]).toEqual([]);
    expect(cookie.read()).toEqual([{ value: 'old' }]);
  });

  it('K05 what no browser keeps is not sent', () => {
    const { cookie, headers } = make();
    const rejected = { status: 'rejected', reason: 'too_large' };
    expect(cookie.write('x'.repeat(4_096), { expiresAt: now + 60_000 })).toEqual(rejected);
    expect(make(undefined, { maxBytes: 50 }).cookie.write('x'.repeat(20), { expiresAt: now + 60_000 })).toEqual(
      rejected,
    );
    expect([...headers]).toEqual([]);
  });

  it('the companion: what came, what was written, and nothing where it is rubbish or there twice', () => {
    const name = '__Host-__session_ctx';
    expect(make(`${name}=a%3Bb`).cookie.readContext?.()).toBe('a;b');
    expect(make(`${name}=%E0%A4%A`).cookie.readContext?.()).toBeUndefined();
    expect(make(`${name}=a; ${name}=b`).cookie.readContext?.()).toBeUndefined();
    expect(make(`${name}=a; ${name}=a`).cookie.readContext?.()).toBe('a');
    const { cookie } = make(`${name}=a`);
    cookie.writeContext?.('b');
    expect(cookie.readContext?.()).toBe('b');
  });

  it.each([
    ['token', () => make().cookie.write('a;b', { expiresAt: now + 1_000 })],
    ['token', () => make().cookie.write('', { expiresAt: now + 1_000 })],
    ['headers', () => headerCookie(requestWith(), undefined as never)],
    ['headers.append', () => headerCookie(requestWith(), {} as never)],
    ['headerCookie.name', () => make(undefined, { name: 'a b' })],
    ['headerCookie.domain', () => make(undefined, { name: '__Host-a', domain: 'example.com' })],
    ['headerCookie.httpOnly', () => make(undefined, { httpOnly: 'yes' as never })],
    ['headerCookie.outageWindowMs', () => make(undefined, { outageWindowMs: -1 })],
  ])('refuses a bad %s', (option, run) => {
    expectConfigurationError(thrownBy(run), option);
  });
});
