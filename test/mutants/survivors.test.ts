/** Tests that a mutant asked for: nothing else noticed it. */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createBrowser } from '../support/browser';
import { createGates, faults, faultyStore, gatedCookie } from '../support/faulty';
import { createTab } from '../support/tab';

const hourMs = 3_600_000;

describe('M03: a clock that is an hour ahead', () => {
  it('R9.1 R4.1 R4.2 R7.13 the token serves synchronously and is in the cookie, until it expires for the server', async () => {
    const tab = createTab({ server: { withDate: true, offsetMs: -hourMs } });
    await tab.startFresh();
    const token = tab.tokens.peek();
    expect(token).not.toBeNull();
    expect(tab.tokens.getToken()).toBe(tab.tokens.getToken());
    expect(await tab.tokens.getToken()).toBe(token);
    expect((await tab.cookie.read()).map(({ value }) => value)).toEqual([token]);
    tab.connectivity.set(false);
    await tab.clock.advance(58_000);
    expect(tab.tokens.peek()).toBe(token);
    await tab.clock.advance(3_000);
    expect(tab.tokens.peek()).toBeNull();
  });
});

describe('M34: two keys, and a store that tells nobody anything', () => {
  it('T16 R6.2 R10.7 the outage that one key meets is known to the other: it hands in its token at once', async () => {
    const key = { template: 'api' };
    const tab = createTab({ store: faultyStore(memoryStore(), { fault: faults[0] ?? null }) });
    await tab.startFresh();
    tab.tokens.getToken(key);
    await tab.clock.advance(5_000);
    tab.server.respondWith({ do: 'outage' });
    await tab.clock.advance(40_000);
    expect(tab.tokens.getState().outage).toBe(true);
    tab.tokens.getToken(key);
    await tab.clock.advance(5_000);
    const asked = tab.server.requests.filter(({ request }) => request.key.template === 'api');
    expect(asked.map(({ request }) => request.lastToken !== undefined)).toEqual([false, true]);
  });
});

describe('M35: a template’s expired token in the cache', () => {
  it('T3 T11 after a reload in an outage it is handed in, and who reads gets a token', async () => {
    const key = { template: 'api' };
    const cache = memoryCache();
    const before = createTab({ cache });
    await before.startFresh();
    before.tokens.getToken(key);
    await before.clock.advance(100);
    const last = before.tokens.peek(key);
    before.tokens.stop();
    await before.clock.advance(120_000);
    const after = createTab({ cache, clock: before.clock });
    after.server.respondWith({ do: 'outage' });
    after.tokens.start();
    const read = after.watch(after.tokens.getToken(key));
    await after.clock.advance(400);
    const asked = after.server.requests.filter(({ request }) => request.key.template === 'api');
    expect(asked.some(({ request }) => request.lastToken === last)).toBe(true);
    expect(typeof read.token).toBe('string');
  });
});

describe('M67: a slow cookie write, and somebody else signs in meanwhile', () => {
  it('R8.16 R10.14 R10.22 the write that lands late is taken back, and the next look at the new one puts it right', async () => {
    const browser = createBrowser();
    const gates = createGates();
    const slow = browser.make({ cookie: gatedCookie(browser.cookie, gates) });
    slow.tokens.start();
    await browser.clock.advance(1_000);
    expect(gates.pending).toEqual(['write']);
    const other = browser.open();
    browser.focus(other);
    other.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    const theirs = other.tokens.peek();
    expect((await browser.cookie.read()).map(({ value }) => value)).toEqual([theirs]);
    gates.open();
    await browser.clock.advance(1_000);
    const mine = slow.tokens.peek();
    expect((await browser.cookie.read()).filter(({ value }) => value === mine)).toHaveLength(0);
    other.presence.emit('focus');
    expect((await browser.cookie.read()).map(({ value }) => value)).toEqual([theirs]);
  });
});
