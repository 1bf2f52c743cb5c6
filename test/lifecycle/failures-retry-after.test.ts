/** `Retry-After`: until it is over nobody's call sends a request (R5.7, R5.8, R5.22, R5.27). */
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const limited = (retryAfterMs: number, status = 429): Behaviour => ({ do: 'status', status, retryAfterMs });

function createLimited(behaviour: Behaviour) {
  const tab = createTab();
  tab.server.respondWith(behaviour);
  tab.tokens.start();
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('without a token', () => {
  it('37 F01 R5.7 R5.8 T10 429 with 120 s: the next request is sent 120 s after the answer, not before', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(120_099);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
      nextAttemptAt: tab.clock.now() + 1,
      error: { failure: 'rate-limited', retryAfterMs: 120_000, status: 429 },
    });
    tab.server.respondWith({ do: 'mint' });
    await until(120_100);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 120_100]);
  });

  it('R5.7 a 503 with Retry-After is treated alike', async () => {
    const { tab, until } = createLimited(limited(60_000, 503));
    await until(60_099);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'rate-limited' }]);
    await until(60_100);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 60_100]);
  });

  it('R5.7 a Retry-After below the backoff leaves the backoff as it is', async () => {
    const { tab, until } = createLimited(limited(1_000));
    await until(2_999);
    expect(tab.server.instants).toEqual([0]);
    await until(7_650);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 3_000, 7_650]);
  });

  it('R5.27 more than 15 min is not believed', async () => {
    const { tab, until } = createLimited(limited(86_400_000));
    await until(900_099);
    expect(tab.server.instants).toEqual([0]);
    await until(900_100);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 900_100]);
  });

  it('R5.8 F15 readers of all kinds, wakes, links and beats send nothing before it is over', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(200);
    for (let at = 1_000; at < 120_000; at += 1_000) {
      tab.tokens.getToken().catch(() => {});
      tab.tokens.refresh().catch(() => {});
      tab.presence.emit('focus');
      tab.presence.set({ visibility: at % 2_000 ? 'hidden' : 'visible' });
      if (at % 10_000 === 0) {
        tab.connectivity.set(false);
        tab.connectivity.set(true);
      }
      await until(at);
    }
    await until(120_099);
    expect(tab.server.instants).toEqual([0]);
  });

  it('T25 R5.8 a forced read inside it gets the last error at once', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(30_000);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(forced.at).toBe(30_000);
    expect(forced.error).toMatchObject({ failure: 'rate-limited', status: 429 });
    // It was refused, not remembered: no mint is owed once the pause is over.
    tab.server.respondWith({ do: 'mint' });
    await until(125_000);
    expect(tab.server.instants).toEqual([0, 120_100]);
  });

  it('T25 R5.8 so does one that waited for the follow-up of the mint that brought it', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(50);
    const forced = tab.watch(tab.tokens.refresh());
    await until(10_000);
    expect(forced.at).toBe(100);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    expect(tab.server.instants).toEqual([0]);
  });

  it('T20 R5.22 the network coming back does not shorten it', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(10_000);
    tab.connectivity.set(false);
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
    await until(20_000);
    tab.connectivity.set(true);
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
    });
    await until(120_099);
    expect(tab.server.instants).toEqual([0]);
    tab.server.respondWith({ do: 'mint' });
    await until(120_200);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.server.instants).toEqual([0, 120_100]);
  });

  it('R5.26 R5.27 it is a duration from its arrival: a clock that is set back does not lengthen it', async () => {
    const { tab, until } = createLimited(limited(120_000));
    await until(10_000);
    tab.clock.skew(-3_600_000);
    tab.server.respondWith({ do: 'mint' });
    await until(120_099);
    expect(tab.server.instants).toEqual([0]);
    await until(120_100);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 120_100]);
  });

  it('S9 asked again and again, a server that says 1 s hears no more than 7 requests a minute', async () => {
    const { tab, until } = createLimited(limited(1_000));
    await until(59_999);
    expect(tab.server.requests.length).toBeLessThanOrEqual(7);
  });

  it('36 F01 a 429 is not asked about: nobody is signed out, and the origin hears of nothing else', async () => {
    const { tab, until } = createLimited({ do: 'status', status: 429 });
    await until(60_000);
    expect(tab.server.checks).toEqual([]);
    expect(tab.of('session.signedOut')).toEqual([]);
  });
});

describe('with a token', () => {
  it('R5.8 R5.24 the token serves on; a forced read is told, a plain one is served', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith(limited(120_000));
    await tab.clock.advance(43_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', serving: true });
    const plain = tab.watch(tab.tokens.getToken());
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(plain.token).toBe(held);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    await tab.clock.advance(119_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    await tab.clock.advance(1);
    expect(tab.server.instants).toEqual([0, 43_000, 163_100]);
  });

  it('T24 R5.8 a forced refresh that meets it leaves plain readers the token, and nothing more is sent for it', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith(limited(30_000));
    await tab.clock.advance(9_900);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    expect(await tab.tokens.getToken()).toBe(held);
    for (let second = 0; second < 29; second += 1) {
      tab.tokens.refresh().catch(() => {});
      await tab.clock.advance(1_000);
    }
    expect(tab.server.instants).toEqual([0, 10_000]);
  });

  it('R5.8 it holds for every key of the session', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith(limited(120_000));
    const one = tab.watch(tab.tokens.getToken({ template: 'one' }));
    await tab.clock.advance(900);
    const other = tab.watch(tab.tokens.getToken({ template: 'other' }));
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(tab.server.requests).toHaveLength(2);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    tab.server.respondWith({ do: 'mint' });
    await tab.clock.advance(120_099 - 900);
    expect(tab.server.requests).toHaveLength(2);
    await tab.clock.advance(200);
    expect(typeof one.token).toBe('string');
    expect(typeof other.token).toBe('string');
  });
});

describe('two keys at once: one is told to wait, the other is answered in the same instant', () => {
  const others: [title: string, other: Behaviour][] = [
    ['R5.8 S10 by a 503', { do: 'status', status: 503 }],
    ['R5.8 S10 by a 404', { do: 'status', status: 404 }],
    ['R5.8 S10 by a 429 with 1 s', limited(1_000)],
    ['R5.8 S10 by no answer', { do: 'drop' }],
    ['R5.8 S10 by no token', { do: 'answer', result: { token: '' } }],
    ['R5.8 S10 by a 422 for want of the last token', { do: 'status', status: 422, code: 'missing_expired_token' }],
    ['R5.8 S10 by a 401 with the session active', { do: 'status', status: 401 }],
    ['R5.8 S10 by a token', { do: 'mint' }],
  ];

  it.each(others)('%s: neither asks before the wait is over', async (_, other) => {
    const tab = createTab();
    await tab.startFresh();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await tab.clock.advance(9_900);
    tab.server.script([limited(120_000), other]);
    const reads = [tab.watch(tab.tokens.refresh()), tab.watch(tab.tokens.refresh(key))];
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 100, 10_000, 10_000]);
    for (let second = 0; second < 120; second += 1) {
      await tab.clock.advance(1_000);
      for (const options of [{}, key]) {
        tab.tokens.getToken(options).catch(() => {});
        tab.tokens.refresh(options).catch(() => {});
      }
    }
    expect(tab.server.instants).toEqual([0, 100, 10_000, 10_000]);
    for (const read of reads) expect(read.at).toBeLessThanOrEqual(10_300);
    await tab.clock.advance(5_000);
    expect(tab.server.instants.length).toBeGreaterThan(4);
  });
});

describe('told over another key', () => {
  it('R5.8 S10 a key that is read for the first time keeps to the longest wait, not to the last', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([limited(120_000), limited(1_000)]);
    for (const template of ['one', 'two']) tab.tokens.getToken({ template }).catch(() => {});
    await tab.clock.advance(10_000);
    tab.tokens.getToken({ template: 'three' }).catch(() => {});
    await tab.clock.advance(110_000);
    expect(tab.server.instants).toEqual([0, 100, 100]);
    await tab.clock.advance(1_000);
    expect(tab.server.instants.length).toBeGreaterThan(3);
  });

  it('T13 T15 R5.8 S10 a 401 is not asked about before it is over, and then it is', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.checkAnswers('gone');
    tab.server.script([limited(120_000), { do: 'status', status: 401 }]);
    tab.tokens.getToken({ template: 'one' }).catch(() => {});
    const doubted = tab.watch(tab.tokens.getToken({ template: 'two' }));
    tab.server.respondWith({ do: 'status', status: 401 });
    await tab.clock.advance(120_000);
    expect(tab.server.checks).toEqual([]);
    expect(tab.server.instants).toEqual([0, 100, 100]);
    expect(tab.tokens.getState().sessionId).toBe('sess_1');
    await tab.clock.advance(1_000);
    expect(tab.server.checks).toEqual(['sess_1']);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
    expect(doubted.token).toBeNull();
  });

  it('T14 R5.8 with nobody to ask, a code that ends sessions does so at once: nothing is sent for it', async () => {
    const tab = createTab({ source: { checkSession: undefined } as unknown as NonNullable<TabOptions['source']> });
    await tab.startFresh();
    tab.server.script([limited(120_000), { do: 'status', status: 401, code: 'session_revoked' }]);
    for (const template of ['one', 'two']) tab.tokens.getToken({ template }).catch(() => {});
    await tab.clock.advance(200);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'credential_refused' }]);
  });

  it('T25 R5.8 a forced read that waits for the floor just then gets the error, not the wait', async () => {
    const tab = createTab();
    await tab.startFresh();
    await tab.clock.advance(50);
    tab.server.respondWith(limited(120_000));
    tab.tokens.getToken({ template: 'api' }).catch(() => {});
    await tab.clock.advance(50);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'spacing', serving: true });
    await tab.clock.advance(2_000);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    expect(tab.server.instants).toEqual([0, 150]);
    expect(typeof (await tab.tokens.getToken())).toBe('string');
  });
});

describe('after a restart', () => {
  it('R5.8 what the last start was told still holds, for what is left of it', async () => {
    const store = memoryStore();
    const first = createTab({ store, namespace: 'app' });
    first.server.respondWith(limited(120_000));
    first.tokens.start();
    await first.clock.advance(20_100);
    first.tokens.stop();
    const second = createTab({ store, namespace: 'app', clock: first.clock });
    second.tokens.start();
    const read = second.watch(second.tokens.getToken());
    const forced = second.watch(second.tokens.refresh());
    await second.clock.advance(99_999);
    expect(second.server.requests).toEqual([]);
    expect(forced.error).toMatchObject({ failure: 'rate-limited' });
    expect(read).toEqual({});
    await second.clock.advance(101);
    expect(second.server.instants).toEqual([100_000]);
    expect(read.token).toBe(second.server.issued[0]);
  });
});
