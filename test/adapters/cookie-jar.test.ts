import { describe, expect, it } from 'vitest';
import { createCookieJar } from './support/cookie-jar';

const made = () => {
  let now = Date.UTC(2026, 0, 1);
  const jar = createCookieJar({ now: () => now });
  return { jar, pass: (ms: number) => (now += ms) };
};
const app = { url: 'https://app.shop.test/a/b' };

/** The stand-in is only worth something if it refuses what browsers refuse. */
describe('the cookie jar of these tests', () => {
  it.each([
    ['Secure from http', 'http://app.shop.test/', 'a=1; Secure'],
    ['__Host- with a domain', app.url, '__Host-a=1; Secure; Path=/; Domain=shop.test'],
    ['__Host- without path', app.url, '__Host-a=1; Secure'],
    ['__host- in small letters', app.url, '__host-a=1; Path=/'],
    ['__Secure- without Secure', app.url, '__Secure-a=1'],
    ['None without Secure', app.url, 'a=1; SameSite=None'],
    ['Partitioned without Secure', app.url, 'a=1; Partitioned'],
    ['a domain of others', app.url, 'a=1; Domain=other.test'],
    ['a public suffix', app.url, 'a=1; Domain=test'],
    ['more than 4096 bytes', app.url, `a=${'x'.repeat(4097)}`],
    ['no name', app.url, '=1'],
  ])('refuses %s', (_, url, text) => {
    const { jar } = made();
    jar.page({ url }).cookie = text;
    expect(jar.size).toBe(0);
  });

  it('shows longer paths first and cookies of the domain beside those of the host', () => {
    const { jar } = made();
    const page = jar.page(app);
    page.cookie = 'a=host; Path=/';
    page.cookie = 'a=path; Path=/a';
    jar.setByServer('https://evil.shop.test/', 'a=tossed; Domain=shop.test; Path=/');
    expect(page.cookie).toBe('a=path; a=host; a=tossed');
    page.cookie = 'a=; Path=/; Max-Age=0';
    expect(page.cookie).toBe('a=path; a=tossed');
  });

  it('forgets what is over', () => {
    const { jar, pass } = made();
    const page = jar.page(app);
    page.cookie = 'a=1; Max-Age=60';
    pass(59_999);
    expect(page.cookie).toBe('a=1');
    pass(1);
    expect(page.cookie).toBe('');
  });

  it('an insecure page cannot write over a secure cookie, a script not over an HttpOnly one', () => {
    const { jar } = made();
    jar.page(app).cookie = 'a=1; Secure; Path=/';
    jar.page({ url: 'http://app.shop.test/' }).cookie = 'a=2; Path=/';
    jar.setByServer(app.url, 'b=1; HttpOnly; Path=/');
    jar.page(app).cookie = 'b=2; Path=/';
    expect(jar.page(app).cookie).toBe('a=1');
  });

  it('a frame of another site sees and sets partitioned cookies only, one jar per site around it', () => {
    const { jar } = made();
    jar.page(app).cookie = 'a=first; Secure; Path=/';
    const frame = jar.page({ ...app, within: ['https://blog.test/'] });
    frame.cookie = 'b=lax; Secure; Path=/';
    frame.cookie = 'c=none; Secure; SameSite=None; Path=/';
    frame.cookie = 'd=1; Secure; SameSite=None; Partitioned; Path=/';
    expect(frame.cookie).toBe('d=1');
    expect(jar.page({ ...app, within: ['https://other.test/'] }).cookie).toBe('');
    expect(jar.page({ ...app, within: ['https://shop.test/'] }).cookie).toBe('a=first');
  });
});
