/** Starts, restarts, and what happens in another tab meanwhile (T27, T29, I08, S7). */
import { describe, expect, it, vi } from 'vitest';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createBrowser } from '../support/browser';

describe('A barred tab', () => {
  it('I08 R10.14 a barred tab that is stopped and started is barred still', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    browser.focus(second);
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    first.tokens.stop();
    browser.focus(first);
    first.tokens.start();
    await browser.clock.advance(5_000);
    expect(first.tokens.getState()).toMatchObject({ sessionId: 'sess_1', state: 'fresh' });
    expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
  });

  it('I08 R10.14 R8.17 without a companion: what a barred tab wrote over comes back', async () => {
    const { readContext: _, writeContext: __, ...cookie } = memoryCookie();
    const browser = createBrowser({ cookie });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    browser.focus(second);
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.advance(1_000);
    browser.focus(first);
    await browser.clock.settle();
    expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
    first.tokens.refresh().catch(() => {});
    await browser.clock.advance(5_000);
    expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
  });
});

describe('A shared record that is behind', () => {
  it('S1 R10.14 what its companion says last decides whether a written cookie stays, not a record that failed to hear of it', async () => {
    const store = memoryStore();
    let isFull = false;
    const update: typeof store.update = (key, change) =>
      isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : store.update(key, change);
    const jar = memoryCookie();
    const remove = vi.fn(jar.remove);
    const browser = createBrowser({ store: { ...store, update }, cookie: { ...jar, remove } });
    const [first, second] = [browser.open(), browser.open()];
    second.tokens.signIn({ session: { id: 'sess_2' } });
    await browser.clock.settle();
    isFull = true;
    second.tokens.signIn({ session: { id: 'sess_1' } });
    await browser.clock.settle();
    isFull = false;
    await browser.clock.advance(1_000);
    expect(first.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
    expect(browser.cookie.read()).toHaveLength(1);
    expect(remove).not.toHaveBeenCalled();
  });
});

describe('While what is stored is still being read', () => {
  it('T29 setActive right after the start, while what is stored is still being read', async () => {
    for (const target of [{ organizationId: 'org_1' }, { sessionId: 'sess_2' }]) {
      const browser = createBrowser();
      const tab = browser.open();
      tab.tokens.setActive(target);
      await browser.clock.advance(2_000);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', ...target });
      expect(browser.cookie.read()).toEqual([{ value: tab.tokens.peek() }]);
    }
  });

  for (const without of [[], ['channel']] as const) {
    it(`T27 S7 R8.16 signed out in one tab while another one still reads what is stored${without.length ? ', without a channel' : ''}: signed out in both`, async () => {
      const browser = createBrowser({ without });
      const first = browser.open();
      await browser.clock.advance(1_000);
      const { store, clock } = browser;
      const slow: typeof store = {
        ...store,
        read: async (name) => {
          const found = await store.read(name);
          await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
          return found;
        },
      };
      const second = browser.open({ store: slow });
      await clock.advance(200);
      await (await first.tokens.signOut()).stored;
      await clock.advance(10_000);
      expect(second.tokens.getState().state).toBe('signed-out');
      expect(browser.cookie.read()).toEqual([]);
      await clock.advance(60_000);
      expect(browser.instants).toEqual([0]);
      expect((await store.read('app'))?.tombstone).toBeDefined();
    });
  }
});
