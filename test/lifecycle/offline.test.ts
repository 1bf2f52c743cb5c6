/** Without a network: nothing is sent, nothing is lost, and it comes back by itself (T9, T19 to T22). */
import { describe, expect, it } from 'vitest';
import { memoryConnectivity } from '../../adapters/connectivity/memory';
import { OfflineError } from '../../machines/errors';
import { createTab, type TabOptions } from '../support/tab';

function createOffline(options: TabOptions = {}) {
  const connectivity = memoryConnectivity(false);
  const tab = createTab({ connectivity, ...options });
  tab.tokens.start();
  return { tab, connectivity, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

async function createHolding(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return { tab, held: tab.tokens.peek(), until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('without a token', () => {
  it('48 R5.20 T21 T22 R5.2 A02 the reader waits for three looks and gets OfflineError at 14.857 s, without one request', async () => {
    const { tab, until } = createOffline();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', substate: 'waiting', status: 'offline' });
    await until(14_856);
    expect(read).toEqual({});
    expect(tab.tokens.getState().substate).toBe('waiting');
    await until(14_857);
    expect(read.at).toBe(14_857);
    expect(read.error).toBeInstanceOf(OfflineError);
    expect(read.error).toMatchObject({ code: 'offline', retryAt: tab.clock.now() + 50_000 });
    expect(tab.tokens.getState()).toMatchObject({
      state: 'offline-retrying',
      substate: 'exhausted',
      status: 'offline',
    });
    expect(tab.server.requests).toEqual([]);
  });

  it('T21 it looks again after 3 s, 4.65 s and 7.207 s, and says when', async () => {
    const { tab, until } = createOffline();
    const start = tab.clock.now();
    await tab.clock.settle();
    for (const [from, due] of [
      [0, 3_000],
      [3_000, 7_650],
      [7_650, 14_857],
      [14_857, 64_857],
      [64_857, 114_857],
    ] as const) {
      await until(from);
      await tab.clock.settle();
      expect(tab.tokens.getState().nextAttemptAt).toBe(start + due);
    }
  });

  it('T21 a network that came back without a word is found by the next look', async () => {
    const tab = createTab({ connectivity: { isOnline: () => tab.elapsed() >= 3_500, subscribe: () => () => {} } });
    tab.tokens.start();
    await tab.clock.advance(3_400);
    expect(tab.server.requests).toEqual([]);
    // The heartbeat of 1.5 s looks too.
    await tab.clock.advance(4_250);
    expect(tab.server.requests).toHaveLength(1);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.22 T26 a wake shortens the wait: the network that came back without a word is found at once', async () => {
    let online = false;
    const tab = createTab({ connectivity: { isOnline: () => online, subscribe: () => () => {} } });
    tab.tokens.start();
    await tab.clock.advance(20_000);
    expect(tab.tokens.getState().substate).toBe('exhausted');
    online = true;
    await tab.clock.advance(100);
    tab.presence.emit('focus');
    await tab.clock.advance(100);
    expect(tab.server.instants).toEqual([20_100]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.2 S11 the error keeps what broke, by name only', async () => {
    const tab = createTab();
    const secret = 'eyJ.secret';
    tab.server.respondWith({ do: 'throw', error: Object.assign(new TypeError(secret), { code: 'ECONNRESET' }) });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(50);
    tab.connectivity.set(false);
    await tab.clock.advance(20_000);
    expect(read.error).toBeInstanceOf(OfflineError);
    expect(read.error).toMatchObject({ cause: { name: 'TypeError', code: 'ECONNRESET' } });
    expect(`${read.error} ${JSON.stringify(read.error)} ${(read.error as Error).stack}`).not.toContain('secret');
  });

  it('T22 who reads afterwards is told at once, forced or not', async () => {
    const { tab, until } = createOffline();
    await until(20_000);
    const plain = tab.watch(tab.tokens.getToken());
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    for (const read of [plain, forced]) {
      expect(read.at).toBe(20_000);
      expect(read.error).toBeInstanceOf(OfflineError);
    }
  });

  it('T22 T25 a forced read waits for the budget like any other', async () => {
    const { tab, until } = createOffline();
    const forced = tab.watch(tab.tokens.refresh());
    await until(14_856);
    expect(forced).toEqual({});
    await until(14_857);
    expect(forced.error).toBeInstanceOf(OfflineError);
  });

  it('53 T20 A16 back at 3.1 s: a token within a second', async () => {
    const { tab, connectivity, until } = createOffline();
    const read = tab.watch(tab.tokens.getToken());
    await until(3_100);
    connectivity.set(true);
    await until(3_200);
    expect(tab.server.instants).toEqual([3_100]);
    expect(read).toEqual({ token: tab.server.issued[0], at: 3_200 });
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.of('status.changed').map(({ status }) => status)).toEqual(['offline', 'ok']);
  });

  it('T22 T20 A06 L2 back after an hour, long exhausted: a token within a second, without anybody doing anything', async () => {
    const { tab, connectivity, until } = createOffline();
    await until(3_600_000);
    expect(tab.server.requests).toEqual([]);
    connectivity.set(true);
    await until(3_600_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.server.requests[0]?.request.cause).toBe('online');
  });

  it('T20 R5.21 clients that come back together do not all ask in the same instant, and none waits a second', async () => {
    const instants = await Promise.all(
      [0, 0.5, 1].map(async (roll) => {
        const { tab, connectivity, until } = createOffline({ policy: { jitter: 1 }, random: () => roll });
        await until(3_600_000);
        connectivity.set(true);
        await until(3_601_000);
        return tab.server.instants[0];
      }),
    );
    expect(instants).toEqual([3_600_000, 3_600_250, 3_600_500]);
  });

  it('R5.20 the offline budget is the policy’s', async () => {
    const { tab, until } = createOffline({ policy: { offlineRetries: 1 } });
    const read = tab.watch(tab.tokens.getToken());
    await until(2_999);
    expect(read).toEqual({});
    await until(3_000);
    expect(read.error).toBeInstanceOf(OfflineError);
  });

  it('A03 A20 A22 it is signed in without a token: neither null nor a sign-out', async () => {
    const { tab, until } = createOffline();
    await until(100_000);
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', serving: false });
    await expect(tab.tokens.getToken()).rejects.toMatchObject({ code: 'offline' });
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('R5.26 setting the wall clock back does not lengthen the budget', async () => {
    const { tab, until } = createOffline();
    const read = tab.watch(tab.tokens.getToken());
    await until(5_000);
    tab.clock.skew(-3_600_000);
    await until(14_857);
    expect(read.error).toBeInstanceOf(OfflineError);
  });
});

describe('with a token', () => {
  it('49 T9 offline at 50 s: the held token, no request', async () => {
    const { tab, held, until } = await createHolding();
    await until(42_000);
    tab.connectivity.set(false);
    await until(50_000);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read).toEqual({ token: held, at: 50_000 });
    expect(tab.server.instants).toEqual([0]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline', serving: true });
  });

  it('50 T9 A01 A18 S2 offline when the timer fires: no empty event, token and cookie stay', async () => {
    const { tab, held, until } = await createHolding();
    await until(42_999);
    tab.connectivity.set(false);
    await until(59_999);
    expect(tab.tokens.peek()).toBe(held);
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(tab.of('session.signedOut')).toEqual([]);
    // Expired, and still in the cookie: only a sign-out takes it away.
    await until(120_000);
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
  });

  it('T9 R5.1 the network goes during the mint: offline, not an origin in trouble', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.respondWith({ do: 'drop' });
    await until(43_050);
    tab.connectivity.set(false);
    await until(43_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline', serving: true });
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'offline', error: { code: 'offline' } }]);
    expect(await tab.tokens.getToken()).toBe(held);
  });

  it('T9 R5.1 A13 A26 R5.2 it went and came back while the request ran: still offline, and asked again at once', async () => {
    const { tab, until } = await createHolding();
    tab.server.script([{ do: 'drop' }]);
    await until(43_020);
    tab.connectivity.set(false);
    await until(43_040);
    tab.connectivity.set(true);
    await until(43_100);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'offline' }]);
    await until(44_100);
    expect(tab.server.instants).toEqual([0, 43_000, 44_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('T9 an answer that arrives although the platform says offline is taken', async () => {
    const { tab, until } = await createHolding();
    await until(43_050);
    tab.connectivity.set(false);
    await until(43_100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('T20 50 back before the stale point: fresh, no request, status ok', async () => {
    const { tab, held, until } = await createHolding();
    const forced = (async () => {
      await until(10_000);
      tab.connectivity.set(false);
      return tab.watch(tab.tokens.refresh());
    })();
    const read = await forced;
    await until(24_857);
    expect(read.error).toBeInstanceOf(OfflineError);
    expect(tab.tokens.getState().status).toBe('offline');
    tab.connectivity.set(true);
    await until(42_999);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', error: null });
    expect(await tab.tokens.getToken()).toBe(held);
  });

  it('T20 back after the stale point: one request, at once', async () => {
    const { tab, until } = await createHolding();
    await until(42_000);
    tab.connectivity.set(false);
    await until(52_000);
    tab.connectivity.set(true);
    await until(52_100);
    expect(tab.server.instants).toEqual([0, 52_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('T24 A10 A25 S3 a forced refresh while offline: OfflineError after the budget, and plain readers keep the token', async () => {
    const { tab, held, until } = await createHolding();
    await until(10_000);
    tab.connectivity.set(false);
    const forced = tab.watch(tab.tokens.refresh());
    const plain = tab.watch(tab.tokens.getToken());
    await until(24_857);
    expect(plain).toEqual({ token: held, at: 10_000 });
    expect(forced.at).toBe(24_857);
    expect(forced.error).toBeInstanceOf(OfflineError);
    expect(await tab.tokens.getToken()).toBe(held);
    expect(tab.server.instants).toEqual([0]);
  });

  it('R4.6 51 the expiring token is given while offline, and OfflineError after its end', async () => {
    const { tab, held, until } = await createHolding();
    await until(42_000);
    tab.connectivity.set(false);
    await until(59_999);
    const last = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(last.token).toBe(held);
    await until(60_000);
    const late = tab.watch(tab.tokens.getToken());
    await until(75_000);
    expect(late.error).toBeInstanceOf(OfflineError);
  });

  it.each([
    ['T20 R5.20 no request had to prove it', 20_000],
    ['T7 R5.20 a mint succeeded meanwhile', 50_000],
  ])('%s: the next time without a network has the whole budget again', async (_, back) => {
    const { tab, until } = await createHolding();
    await until(2_000);
    tab.connectivity.set(false);
    const first = tab.watch(tab.tokens.refresh());
    await until(16_857);
    expect(first.at).toBe(16_857);
    await until(back);
    tab.connectivity.set(true);
    await until(back + 5_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    tab.connectivity.set(false);
    const second = tab.watch(tab.tokens.refresh());
    await until(back + 19_856);
    expect(second).toEqual({});
    await until(back + 19_857);
    expect(second.error).toBeInstanceOf(OfflineError);
  });

  it('A07 A17 waking up without a network changes nothing: no sign-out, no request, no empty token', async () => {
    const { tab, held, until } = await createHolding();
    tab.connectivity.set(false);
    await until(100_000);
    tab.presence.emit('resume');
    tab.presence.emit('pageshow');
    tab.presence.emit('focus');
    await until(110_000);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.of('session.signedOut')).toEqual([]);
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
  });
});
