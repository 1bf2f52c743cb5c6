import { expect, it } from 'vitest';
import { createBrowser } from '../support/browser';

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
