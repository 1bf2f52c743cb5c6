/** What could not be written when it happened is not forgotten (T28, S1, L1). */
import { expect, it } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { createBrowser } from '../support/browser';

it('T28 S1 R8.15 signed in while the storage is full: the sign-out before it is not taken for a later one', async () => {
  const store = memoryStore();
  let isFull = false;
  const full: typeof store = {
    ...store,
    update: async (...given) => {
      if (isFull) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
      return store.update(...given);
    },
  };
  const browser = createBrowser({ store: full });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  await (await first.tokens.signOut()).stored;
  await browser.clock.advance(1_000);
  isFull = true;
  second.tokens.signIn({ session: { id: 'sess_1' } });
  await browser.clock.advance(10_000);
  isFull = false;
  await browser.clock.advance(100_000);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  expect(second.of('session.signedOut')).toHaveLength(1);
  expect((await store.read('app'))?.signedOut ?? {}).toEqual({});
});

it('L1 R4.6 mints that bring the same old token again and again settle who waited for one', async () => {
  const browser = createBrowser({ without: ['channel'] });
  const issued = browser.server.now();
  // Hardly anything is left of it, and the next ones are no younger.
  browser.server.respondWith(() => ({
    do: 'mint',
    ageSeconds: 56 + Math.floor((browser.server.now() - issued) / 1_000),
  }));
  const tab = browser.open();
  const read = tab.watch(tab.tokens.getToken());
  await browser.clock.advance(1_200);
  expect(read.at).toBe(1_100);
  expect(read.token).toBe(browser.server.issued[1]);
});
