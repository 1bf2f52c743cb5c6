/** Several sessions or organizations in one browser: whose token the one cookie holds, and who may remove it (R10.14, §8). */
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { createBrowser } from '../support/browser';

describe('Whose cookie it is', () => {
  it('I08 R10.14 somebody else signs in in another tab: the first one’s token is never written again, whatever happens to it', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    browser.focus(second);
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    const expectTheirs = () => expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
    expectTheirs();
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    browser.focus(first);
    expectTheirs();
    first.tokens.refresh().catch(() => {});
    await browser.clock.advance(2_000);
    expectTheirs();
    await browser.clock.advance(100_000);
    expectTheirs();
    first.tokens.setActive({ organizationId: 'org_1' });
    await browser.clock.advance(2_000);
    expectTheirs();
    // Nor does its sign-out take the other one's away.
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(2_000);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
    expectTheirs();
  });

  it('I08 R10.14 the same where the companion is all there is to tell', async () => {
    const browser = createBrowser({ without: ['store'] });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    browser.focus(second);
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    browser.focus(first);
    first.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
  });

  it('R10.14 B20 two sessions of one browser, each in its tab: the cookie names the one that is looked at, within a microtask', async () => {
    const browser = createBrowser();
    const first = browser.open();
    await browser.clock.advance(1_000);
    const second = browser.open();
    await browser.clock.settle();
    second.tokens.setActive({ sessionId: 'sess_2' });
    await browser.clock.advance(5_000);
    const cookie = () => browser.cookie.read();
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
    for (const seen of [second, first, second, first]) {
      browser.focus(seen);
      expect(cookie()).toEqual([{ value: seen.tokens.peek() }]);
      await browser.clock.advance(10_000);
      expect(cookie()).toEqual([{ value: seen.tokens.peek() }]);
    }
    // Both go on refreshing; the one behind writes nothing.
    await browser.clock.advance(200_000);
    expect(cookie()).toEqual([{ value: first.tokens.peek() }]);
  });

  it('R10.14 S1 somebody signed in anew in another tab: the companion goes on saying so, whoever of that session claims it', async () => {
    const browser = createBrowser({ without: ['channel'] });
    const [first, third] = [browser.open(), browser.open()];
    // It hears of nothing.
    const second = browser.open({ store: memoryStore() });
    await browser.clock.advance(1_000);
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    third.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    const companion = () => browser.cookie.readContext?.();
    expect(companion()).toMatch(/^1\.\d+\.in\.2\./);
    browser.focus(second);
    second.tokens.setActive({ sessionId: 'sess_2', organizationId: 'org_2' });
    await browser.clock.advance(2_000);
    const theirs = [{ value: second.tokens.peek() }];
    expect(browser.cookie.read()).toEqual(theirs);
    expect(companion()).toMatch(/^1\.\d+\.in\.2\./);
    browser.focus(first);
    first.tokens.setActive({ organizationId: 'org_1' });
    await browser.clock.advance(2_000);
    expect(browser.cookie.read()).toEqual(theirs);
  });

  it('R10.14 80 two organizations, each in its tab: the same', async () => {
    const browser = createBrowser();
    const first = browser.open({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await browser.clock.advance(1_000);
    const second = browser.open({ session: { id: 'sess_1', organizationId: 'org_2' } });
    await browser.clock.advance(1_000);
    expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
    for (const seen of [second, first, second]) {
      browser.focus(seen);
      expect(browser.cookie.read()).toEqual([{ value: seen.tokens.peek() }]);
      await browser.clock.advance(100_000);
      expect(browser.cookie.read()).toEqual([{ value: seen.tokens.peek() }]);
    }
  });

  it('R10.14 76 77 a tab without focus: written where nothing or its own context is on record, or in a frame of another site', async () => {
    for (const [frame, written] of [
      ['top', false],
      ['same-site', false],
      ['cross-site', true],
    ] as const) {
      const browser = createBrowser();
      browser.open({ session: { id: 'sess_1', organizationId: 'org_1' } });
      await browser.clock.advance(1_000);
      const behind = browser.make({ session: { id: 'sess_1', organizationId: 'org_2' } });
      behind.presence.set({ visibility: 'visible', focus: false, frame });
      behind.tokens.start();
      await browser.clock.advance(3_000);
      const [{ value }] = (await browser.cookie.read()) as [{ value: string }];
      expect(value === behind.tokens.peek()).toBe(written);
    }
  });

  it('R8.10 R10.23 sign-out of a session that is not the cookie’s leaves the cookie alone, and takes what is its own', async () => {
    const browser = createBrowser();
    const first = browser.open();
    await browser.clock.advance(1_000);
    const second = browser.open();
    await browser.clock.settle();
    second.tokens.setActive({ sessionId: 'sess_2' });
    await browser.clock.advance(2_000);
    browser.focus(first);
    await (await second.tokens.signOut()).stored;
    await browser.clock.advance(1_000);
    expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    await browser.clock.advance(100_000);
    expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
    await (await first.tokens.signOut()).stored;
    expect(browser.cookie.read()).toEqual([]);
  });

  it('S1 R8.10 a companion that cannot be read: a sign-out takes nobody else’s cookie away, as far as the record tells', async () => {
    const browser = createBrowser();
    const unreadable: typeof browser.cookie = {
      ...browser.cookie,
      readContext: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    };
    const [first, second] = [browser.open({ cookie: unreadable }), browser.open()];
    await browser.clock.advance(1_000);
    browser.focus(second);
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(10_000);
    const theirs = [{ value: second.tokens.peek() }];
    expect(browser.cookie.read()).toEqual(theirs);
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(1_000);
    expect(browser.cookie.read()).toEqual(theirs);
    // Its own it does.
    await (await second.tokens.signOut()).stored;
    expect(browser.cookie.read()).toEqual([]);
  });
});
