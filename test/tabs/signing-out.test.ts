/** Sign-out over several tabs: heard by message, found in the record, and never undone by somebody who is late (§8, T27). */
import { describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { createNames } from '../../adapters/host/names';
import { createBrowser } from '../support/browser';
import type { Tab } from '../support/tab';
import { peerJwt } from './support/peer';

type Browser = ReturnType<typeof createBrowser>;

/** A tab that hears no message: its page is frozen, or its channel broken. */
const deaf = (browser: Browser) => ({
  channel: { ...browser.channel, subscribe: () => () => {} },
});

function expectSignedOut(tab: Tab, reason: string): void {
  expect(tab.tokens.getState()).toMatchObject({ state: 'signed-out', status: 'ok', fingerprint: null });
  expect(tab.tokens.peek()).toBeNull();
  expect(tab.of('session.signedOut')).toMatchObject([{ reason }]);
}

describe('Heard by message', () => {
  it('T27 R8.1 R8.12 I06 in every tab at once, cookie and caches empty, and nothing is sent any more', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(1_000);
    const [first, ...others] = tabs as [Tab, ...Tab[]];
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    expectSignedOut(first, 'user');
    for (const tab of others) expectSignedOut(tab, 'peer');
    expect(browser.cookie.read()).toEqual([]);
    for (const { tokens } of tabs) expect(await tokens.getToken()).toBeNull();
    await browser.clock.advance(300_000);
    expect(browser.instants).toEqual([0]);
    expect(browser.server.revoked).toEqual(['sess_1']);
  });

  it('T27 who heard it passes nothing on, and buries nothing twice', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    await browser.clock.advance(1_000);
    const said: string[] = [];
    browser.channel.subscribe((message) => said.push((message as { is: string }).is));
    await (await tabs[0]?.tokens.signOut())?.stored;
    await browser.clock.advance(10_000);
    expect(said).toEqual(['signed-out']);
    expect((await browser.store.read('app'))?.tombstone).toMatchObject({ reason: 'user' });
  });

  it('T27 R8.14 while the other one’s mint is on its way: aborted, and what comes late is nobody’s', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(10_000);
    const reader = second.watch(second.tokens.refresh());
    await browser.clock.advance(60);
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    expect(browser.server.requests[1]?.request.signal.aborted).toBe(true);
    expect(reader).toMatchObject({ token: null });
    await browser.clock.advance(60_000);
    expectSignedOut(second, 'peer');
    expect(browser.cookie.read()).toEqual([]);
    expect(second.of('token.updated')).toHaveLength(1);
  });

  it('T28 S1 late, after somebody signed in again here: it ends nothing, though its epoch is later for want of a shared store', async () => {
    const browser = createBrowser({ without: ['store', 'cookie'] });
    let lateMs = 0;
    const late: typeof browser.channel = {
      ...browser.channel,
      post: (message) => void browser.clock.setTimeout(() => browser.channel.post(message), lateMs),
    };
    const [first, second] = [browser.open({ channel: late }), browser.open()];
    await browser.clock.advance(1_000);
    for (let times = 0; times < 3; times += 1) first.tokens.signIn({ session: { id: 'sess_1' } });
    lateMs = 5_000;
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(2_000);
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(10_000);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(second.of('session.signedOut')).toEqual([]);
    // One of after that is heard, however late.
    await browser.clock.advance(1_000);
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(5_000);
    expectSignedOut(second, 'peer');
  });

  it('T27 every key: templates that only another tab knows are cleared from the shared cache as well', async () => {
    const cache = memoryCache();
    const seen = new Set<string>();
    const spied: typeof cache = {
      ...cache,
      set: (name, ...rest) => {
        seen.add(name);
        return cache.set(name, ...rest);
      },
    };
    const browser = createBrowser({ cache: spied });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    second.tokens.getToken({ template: 'api' }).catch(() => {});
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    expect(second.tokens.peek({ template: 'api' })).toBeNull();
    expect(seen.size).toBe(3);
    for (const name of seen) expect(await cache.get(name)).toBeUndefined();
  });

  it('T27 a forged or late one of an earlier sign-in does not sign out who has signed in since', async () => {
    const browser = createBrowser();
    const [first] = [browser.open(), browser.open()];
    const said: Record<string, unknown>[] = [];
    browser.channel.subscribe((message) => said.push(message as Record<string, unknown>));
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    const farewell = said.find(({ is }) => is === 'signed-out');
    expect(farewell).toMatchObject({ epoch: 1 });
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(1_000);
    browser.channel.post({ ...farewell, from: 'somebody' });
    await browser.clock.settle();
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh' });
    // Of this sign-in it does.
    browser.channel.post({ ...farewell, from: 'somebody', epoch: first.tokens.getState().epoch });
    await browser.clock.settle();
    expect(first.tokens.getState()).toMatchObject({ state: 'signed-out' });
  });

  it('S7 R8.14 a token of before the sign-out, told late, is not adopted by who has signed in again', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const said: Record<string, unknown>[] = [];
    browser.channel.subscribe((message) => said.push(message as Record<string, unknown>));
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    const own = first.tokens.peek();
    const message = said.find(({ is }) => is === 'token');
    browser.channel.post({ ...message, from: 'somebody', token: peerJwt(3) });
    await browser.clock.settle();
    expect(first.tokens.peek()).toBe(own);
    const token = peerJwt(3);
    browser.channel.post({ ...message, from: 'somebody', token, epoch: first.tokens.getState().epoch });
    await browser.clock.settle();
    expect(first.tokens.peek()).toBe(token);
  });

  it('I08 96 another session’s is not ours', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const other = browser.open({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    await (await other.tokens.signOut()).stored;
    await browser.clock.advance(1_000);
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(first.of('session.signedOut')).toEqual([]);
  });
});

describe('Found in the record', () => {
  for (const way of ['visible', 'focus', 'pageshow', 'resume'] as const) {
    it(`T26 T27 I07 by a tab that could not listen, on ${way}: before it mints, writes or serves anything`, async () => {
      const browser = createBrowser();
      const first = browser.open();
      const asleep = browser.open(deaf(browser));
      await browser.clock.advance(1_000);
      await (await first.tokens.signOut()).stored;
      await browser.clock.advance(1_000);
      expect(asleep.tokens.getState()).toMatchObject({ state: 'fresh' });
      asleep.presence.emit(way);
      await browser.clock.settle();
      expectSignedOut(asleep, 'peer');
      expect(browser.cookie.read()).toEqual([]);
      expect(browser.instants).toEqual([0]);
    });
  }

  it('T27 R10.4 at its next turn, without a request', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const asleep = browser.open(deaf(browser));
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(60_000);
    expectSignedOut(asleep, 'peer');
    expect(browser.instants).toEqual([0]);
  });

  it('T27 a forced refresh asks the record first as well', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const asleep = browser.open(deaf(browser));
    await browser.clock.advance(10_000);
    await (await first.tokens.signOut()).stored;
    const reader = asleep.watch(asleep.tokens.refresh());
    await browser.clock.settle();
    expect(reader).toMatchObject({ token: null });
    expect(browser.instants).toEqual([0]);
  });

  it('T27 105 without a channel: with the next heartbeat', async () => {
    const browser = createBrowser({ without: ['channel'] });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(6_000);
    await (await second.tokens.signOut()).stored;
    // The focused tab beats every 1.5 s.
    await browser.clock.advance(1_500);
    expectSignedOut(first, 'peer');
  });

  it('T27 I04 signed out offline: the others hear, and stay so when the network is back', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    for (const { connectivity } of browser.tabs) connectivity.set(false);
    const { remote, stored } = await first.tokens.signOut();
    await stored;
    await browser.clock.settle();
    expect(await remote).toBe('skipped');
    expectSignedOut(second, 'peer');
    for (const { connectivity } of browser.tabs) connectivity.set(true);
    await browser.clock.advance(100_000);
    expect(browser.instants).toEqual([0]);
    expect(browser.cookie.read()).toEqual([]);
  });

  it('T27 by one that slept through it, with its token expired: no mint, no cookie', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const asleep = browser.open(deaf(browser));
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.stop();
    browser.server.slept(8 * 3_600_000);
    await browser.clock.sleep(8 * 3_600_000);
    browser.focus(asleep);
    await browser.clock.advance(2_000);
    expectSignedOut(asleep, 'peer');
    expect(browser.instants).toEqual([0]);
    expect(browser.cookie.read()).toEqual([]);
  });

  it('R8.16 by one whose answer had come already: its cookie write takes itself back, and so does its cache', async () => {
    const browser = createBrowser({ cookie: memoryCookie() });
    const first = browser.open();
    const cache = memoryCache();
    let signOut = false;
    const late = browser.open({
      ...deaf(browser),
      cache,
      source: {
        mint: async (request) => {
          const answer = await browser.server.source.mint(request);
          // In the very moment in which it arrives.
          if (signOut) await (await first.tokens.signOut()).stored;
          return answer;
        },
      },
    });
    await browser.clock.advance(10_000);
    signOut = true;
    late.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    expectSignedOut(late, 'peer');
    expect(browser.cookie.read()).toEqual([]);
    expect(browser.instants).toEqual([0, 10_000]);
  });
});

describe('A sign-out that only the companion of the cookie tells of', () => {
  it('S7 R8.16 found with a token in hand: no other tab is told of that, nor is any listener', async () => {
    const browser = createBrowser({ without: ['store'] });
    const first = browser.open();
    const post = vi.fn();
    const late = browser.open({ channel: { carriesTokens: true, post, subscribe: () => () => {} } });
    await browser.clock.advance(10_000);
    await (await first.tokens.signOut()).stored;
    post.mockClear();
    const before = late.of('token.updated').length;
    late.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    expectSignedOut(late, 'peer');
    expect(post.mock.calls.map(([message]) => message.is)).not.toContain('token');
    expect(late.of('token.updated')).toHaveLength(before);
    expect(browser.cookie.read()).toEqual([]);
  });
});

describe('Signed in again', () => {
  it('T28 R8.15 in one tab: the epoch is above the tombstone’s, and the others stay signed out until they are told', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    const { epoch = 0 } = (await browser.store.read('app')) ?? {};
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(1_000);
    expect(second.tokens.getState().epoch).toBeGreaterThan(epoch);
    expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
    expect(first.tokens.getState()).toMatchObject({ state: 'signed-out' });
    await browser.clock.advance(100_000);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh' });
  });

  it('L2 S6 T27 a tab that hears of the sign-out only then: what the next sign-in has brought stays in the cache they share', async () => {
    const cache = memoryCache();
    const browser = createBrowser({ cache });
    const first = browser.open();
    let isListening = true;
    const waiting: (() => void)[] = [];
    const second = browser.open({
      channel: {
        ...browser.channel,
        subscribe: (hear) =>
          browser.channel.subscribe((message) => {
            if (isListening) hear(message);
            else waiting.push(() => hear(message));
          }),
      },
    });
    await browser.clock.advance(1_000);
    isListening = false;
    await (await first.tokens.signOut()).stored;
    await browser.clock.advance(1_000);
    first.tokens.signIn({ session: { id: 'sess_1' } });
    const name = createNames('app').credential('sess_1');
    await cache.set(name, 'of the next one', { expiresAt: Number.MAX_SAFE_INTEGER });
    await browser.clock.advance(1_000);
    for (const hear of waiting) hear();
    await browser.clock.settle();
    expectSignedOut(second, 'peer');
    expect(await cache.get(name)).toBe('of the next one');
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  });

  it('T28 S7 a tab that has not heard of the sign-out and sign-in before: it goes on, its old messages do not count, its later ones do', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const asleep = browser.open(deaf(browser));
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.advance(2_000);
    const own = first.tokens.peek();
    asleep.tokens.refresh().catch(() => {});
    await browser.clock.advance(2_000);
    expect(asleep.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(own).not.toBeNull();
    // And a sign-out of the later sign-in reaches it.
    await (await first.tokens.signOut()).stored;
    asleep.presence.emit('visible');
    await browser.clock.settle();
    expect(asleep.tokens.getState()).toMatchObject({ state: 'signed-out' });
  });

  it('T28 as somebody else: the tab of before hears of the sign-out, and the cookie is of the new one', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    await (await first.tokens.signOut()).stored;
    first.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(60_000);
    expectSignedOut(second, 'peer');
    expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
    expect(first.tokens.getState()).toMatchObject({ sessionId: 'sess_2', state: 'fresh' });
  });
});
