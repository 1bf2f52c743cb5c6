/** An opaque token says nothing of its life; the shared record does, by its fingerprint (R7.4). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createTab, type TabOptions } from '../support/tab';

/** Tabs, or loads of one page, over one cache and one store; the source gives opaque tokens of a minute. */
function createBrowser() {
  const shared = { clock: createVirtualClock(), cache: memoryCache(), store: memoryStore(), namespace: 'app' };
  let mints = 0;
  return {
    ...shared,
    mints: () => mints,
    open: (options: TabOptions = {}) =>
      createTab({
        ...shared,
        source: {
          mint: async () => {
            mints += 1;
            return { token: `opaque-${mints}`, expiresInMs: 60_000 };
          },
        },
        ...options,
      }),
  };
}

describe('Opaque tokens that are stored', () => {
  it('R7.4 T1 loaded anew, a page goes on with the one in the cache: fresh, without a request', async () => {
    const browser = createBrowser();
    const before = browser.open();
    await before.startFresh();
    const { expiresAt } = before.tokens.getState();
    before.tokens.stop();
    await browser.clock.advance(10_000);

    const after = browser.open();
    after.tokens.start();
    await browser.clock.settle();
    expect(after.tokens.getState()).toMatchObject({ state: 'fresh', serving: true, expiresAt });
    expect(after.tokens.peek()).toBe('opaque-1');
    expect(browser.mints()).toBe(1);
    expect(after.of('adapter.failed')).toEqual([]);
  });

  it('R7.4 T3 one that has ended meanwhile is replaced', async () => {
    const browser = createBrowser();
    const before = browser.open();
    await before.startFresh();
    before.tokens.stop();
    await browser.clock.advance(61_000);

    const after = browser.open();
    after.tokens.start();
    await browser.clock.advance(100);
    expect(after.tokens.peek()).toBe('opaque-2');
  });

  it('R10.4 R7.4 at its turn a tab takes the one that another tab has stored', async () => {
    const browser = createBrowser();
    const one = browser.open();
    const other = browser.open();
    await one.startFresh();
    await other.startFresh();
    expect(other.tokens.peek()).toBe('opaque-1');
    await browser.clock.advance(200_000);
    // One mint per life (43 s), whoever it was that minted.
    expect(browser.mints()).toBe(5);
    expect(other.tokens.peek()).toBe(one.tokens.peek());
  });

  it('R7.5 S2 one that nothing on record speaks of is not taken: nobody knows when it ends', async () => {
    const browser = createBrowser();
    const before = browser.open();
    await before.startFresh();
    before.tokens.stop();
    await browser.store.update('app', (now) => now && { ...now, keys: {} });

    const after = browser.open();
    after.tokens.start();
    await browser.clock.advance(100);
    expect(after.tokens.peek()).toBe('opaque-2');
    expect(after.of('adapter.failed')).toMatchObject([
      { adapter: 'cache', operation: 'read', reason: 'invalid_token' },
    ]);
  });
});
