/** `null` used to mean two things, signed out and no network; apps sent offline users to the login page. */
import { describe, expect, it } from 'vitest';
import { OfflineError } from '../../machines/errors';
import { createTab } from '../support/tab';

/** No network before anything was minted. */
function withoutNetwork() {
  const tab = createTab();
  tab.connectivity.set(false);
  tab.tokens.start();
  return tab;
}

/** The error comes after the third wait: 3 s, 4.65 s, 7.207 s. */
const budgetMs = 14_857;

describe('clerk/javascript#7598: being offline is an error of its own', () => {
  it('R4.7 R5.2 R5.20 T22 a read without a token gets `OfflineError` after 14.857 s, and no request goes out', async () => {
    const tab = withoutNetwork();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(budgetMs - 1);
    expect(read).toEqual({});
    await tab.clock.advance(1);
    expect(read.at).toBe(budgetMs);
    expect(OfflineError.is(read.error)).toBe(true);
    expect(read.error).toMatchObject({ code: 'offline' });
    expect(tab.server.instants).toEqual([]);
  });

  it('T22 later reads get it at once', async () => {
    const tab = withoutNetwork();
    await tab.clock.advance(budgetMs);
    const reads = [1, 2, 3].map(() => tab.watch(tab.tokens.getToken()));
    await tab.clock.settle();
    for (const { error, at } of reads) {
      expect(OfflineError.is(error)).toBe(true);
      expect(at).toBe(budgetMs);
    }
    expect(tab.server.instants).toEqual([]);
  });

  it.each([500, 3_100, 14_000, 60_000, 600_000])(
    'T20 `online` after %i ms: a token within a second',
    async (awayMs) => {
      const tab = withoutNetwork();
      await tab.clock.advance(awayMs);
      tab.connectivity.set(true);
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.advance(1_000);
      expect(read.token === tab.server.issued[0]).toBe(true);
      expect(tab.server.instants).toHaveLength(1);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    },
  );

  it('T20 `online` with jitter fully on and the dice against it: still within a second', async () => {
    const tab = createTab({ policy: { jitter: 1 }, random: () => 0.999 });
    tab.connectivity.set(false);
    tab.tokens.start();
    await tab.clock.advance(30_000);
    tab.connectivity.set(true);
    await tab.clock.advance(1_000);
    expect(tab.tokens.peek() === tab.server.issued[0]).toBe(true);
  });

  it('R4.7 `null` is what signed-out readers get, with and without a network', async () => {
    const tab = createTab({ session: null });
    tab.tokens.start();
    const online = tab.watch(tab.tokens.getToken());
    tab.connectivity.set(false);
    const offline = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect([online.token, offline.token]).toEqual([null, null]);
    expect(tab.server.instants).toEqual([]);
  });

  it('R4.7 R8.6 who waits while offline and is signed out then gets `null`, not the error', async () => {
    const tab = withoutNetwork();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(5_000);
    await tab.tokens.signOut();
    await tab.clock.settle();
    expect(read).toMatchObject({ token: null, at: 5_000 });
  });

  it('R4.7 an origin that fails is not "offline", and "offline" is not an origin that fails', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'drop' });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(200_000);
    expect(OfflineError.is(read.error)).toBe(false);
    expect(read.error).toMatchObject({ code: 'request_failed', failure: 'transient' });
  });

  it('R5.1 the network goes while the request is out: offline as well, and no second request', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'drop' });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(50);
    tab.connectivity.set(false);
    await tab.clock.advance(60_000);
    expect(OfflineError.is(read.error)).toBe(true);
    expect(tab.server.instants).toEqual([0]);
  });

  it('T9 R4.6 a token that still lives is served all through: the error is for those who cannot be served', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    await tab.clock.advance(20_000);
    tab.connectivity.set(false);
    for (const at of [30_000, 44_000, 54_999, 56_000, 59_999]) {
      await tab.clock.advance(at - tab.elapsed());
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.settle();
      expect(read.token === held, `served at ${at} ms`).toBe(true);
    }
    const late = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1);
    expect(late.token === held).toBe(true);
    const tooLate = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(budgetMs);
    expect(OfflineError.is(tooLate.error)).toBe(true);
    expect(tab.server.instants).toEqual([0]);
  });

  it('S10 T21 a link that flaps for ten minutes while the origin fails buys no extra mint', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503 });
    let offlineRequests = 0;
    for (let flap = 0; flap < 600; flap += 1) {
      tab.connectivity.set(flap % 2 === 0);
      const before = tab.server.instants.length;
      await tab.clock.advance(1_000);
      if (flap % 2 === 1) offlineRequests += tab.server.instants.length - before;
    }
    expect(offlineRequests).toBe(0);
    expect(tab.server.instants.length).toBeLessThanOrEqual(1 + 70);
  });
});
