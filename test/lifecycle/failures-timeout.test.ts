/** Mints that do not answer, or are cut off (R5.5, R5.6, R5.18). */
import { describe, expect, it } from 'vitest';
import { sleepFor } from '../support/audit';
import { jwt } from '../support/jwt';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

async function createHanging(options: TabOptions = {}) {
  const tab = createTab(options);
  tab.server.respondWith({ do: 'hang' });
  tab.tokens.start();
  await tab.clock.settle();
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('no answer in time', () => {
  it('22 23 A29 R5.5 T10 after 10 s the mint is aborted, counts as transient, and is tried again', async () => {
    const { tab, until } = await createHanging();
    const read = tab.watch(tab.tokens.getToken());
    const [mint] = tab.server.requests;
    expect(mint?.request.deadline).toBe(tab.clock.now() + 10_000);
    await until(9_999);
    expect(mint?.request.signal.aborted).toBe(false);
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'minting', attempt: 1 });
    await until(10_000);
    expect(mint?.request.signal.aborted).toBe(true);
    expect(tab.of('refresh.failed')).toMatchObject([{ at: 10_000, reason: 'timed-out', attempt: 1 }]);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
    });
    expect(read).toEqual({});
    // Nobody knows when a silent server began to listen: the distance counts from the end.
    tab.server.respondWith({ do: 'mint' });
    await until(12_999);
    expect(tab.server.requests).toHaveLength(1);
    await until(13_100);
    expect(tab.server.instants).toEqual([0, 13_000]);
    expect(read.token).toBe(tab.server.issued[0]);
  });

  it('R5.5 the time-out is the policy’s', async () => {
    const { tab, until } = await createHanging({ policy: { requestTimeoutMs: 2_500 } });
    await until(2_499);
    expect(tab.of('refresh.failed')).toEqual([]);
    await until(2_500);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'timed-out' }]);
  });

  it('R5.5 a source that ignores its signal is abandoned; its late answer changes nothing', async () => {
    let answer = (_: { token: string }): void => {};
    const mints: AbortSignal[] = [];
    const tab = createTab({
      source: {
        mint: ({ signal }) => {
          mints.push(signal);
          return new Promise((resolve) => {
            answer = resolve;
          });
        },
      },
    });
    tab.tokens.start();
    await tab.clock.advance(10_000);
    expect(mints.map(({ aborted }) => aborted)).toEqual([true]);
    const state = tab.tokens.getState();
    const iat = Math.floor(tab.clock.now() / 1_000);
    answer({ token: jwt({ iat, exp: iat + 60 }) });
    await tab.clock.settle();
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.tokens.getState()).toBe(state);
    expect(tab.of('token.updated')).toEqual([]);
  });

  it('22 R5.5 R5.24 in the background the token serves meanwhile, and later refreshes still happen by themselves', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.script([{ do: 'hang' }]);
    await tab.clock.advance(43_000);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read.token).toBe(held);
    await tab.clock.advance(60_000);
    expect(tab.server.requests.length).toBeGreaterThanOrEqual(3);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.5 R5.1 no answer, and no network by then: offline', async () => {
    const { tab, until } = await createHanging();
    await until(9_999);
    tab.connectivity.set(false);
    await until(10_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'offline' }]);
  });

  it('R5.26 R5.5 setting the wall clock back does not lengthen it', async () => {
    const { tab, until } = await createHanging();
    await until(5_000);
    tab.clock.skew(-60_000);
    await until(10_000);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'timed-out' }]);
  });
});

describe('the computer sleeps through it', () => {
  it('R5.6 a time-out that ran across a suspension is void: no failure, and asked anew for who waits', async () => {
    const { tab } = await createHanging();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(2_000);
    tab.server.respondWith({ do: 'mint' });
    await sleepFor(tab, 3_600_000);
    await tab.clock.advance(100);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.server.requests).toHaveLength(2);
    expect(tab.server.requests[0]?.request.signal.aborted).toBe(true);
    expect(tab.server.requests[1]?.request.attempt).toBe(1);
    expect(read.token).toBe(tab.server.issued[0]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('R5.6 the same for a background refresh: no degraded status, no backoff', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'hang' }]);
    await tab.clock.advance(44_000);
    await sleepFor(tab, 60_000);
    await tab.clock.advance(1_100);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.of('status.changed')).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', attempt: 0 });
    expect(tab.server.requests).toHaveLength(3);
  });

  it('R5.6 B02 asleep without a network on waking: offline, nothing sent, and no failure counted', async () => {
    const { tab } = await createHanging();
    await tab.clock.advance(2_000);
    tab.connectivity.set(false);
    await sleepFor(tab, 3_600_000);
    await tab.clock.settle();
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
    expect(tab.server.requests).toHaveLength(1);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('R5.6 also while the last token is being handed in', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'status', status: 422, code: 'missing_expired_token' }, { do: 'hang' }]);
    await tab.clock.advance(45_000);
    expect(tab.tokens.getState().substate).toBe('presenting-expired-token');
    await sleepFor(tab, 60_000);
    await tab.clock.advance(1_100);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it.each([2_000, 5_000, 8_500])(
    'R5.6 a sleep of %i ms during the request: nothing is counted before it had its 10 s awake',
    async (sleepMs) => {
      const { tab } = await createHanging();
      await tab.clock.advance(2_000);
      await sleepFor(tab, sleepMs);
      await tab.clock.advance(7_999);
      expect(tab.of('refresh.failed')).toEqual([]);
      expect(tab.of('status.changed')).toEqual([]);
    },
  );

  it('T17 R9.14 a backoff that the computer slept through is over', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'status', status: 503 }]);
    tab.tokens.start();
    await tab.clock.advance(1_000);
    await sleepFor(tab, 3_600_000);
    await tab.clock.advance(100);
    expect(tab.server.requests.map(({ request }) => request.attempt)).toEqual([1, 2]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  describe('R5.6 an answer that is here is never late, though the wall clock was set forward under the request', () => {
    async function answeredAfterJump(answer: Behaviour) {
      const tab = createTab();
      tab.server.script([answer]);
      tab.tokens.start();
      await tab.clock.advance(50);
      tab.clock.skew(11_000);
      await tab.clock.advance(50);
      return tab;
    }

    it('S10 its Retry-After is kept', async () => {
      const tab = await answeredAfterJump({ do: 'status', status: 503, retryAfterMs: 600_000 });
      await tab.clock.advance(599_999);
      expect(tab.server.requests).toHaveLength(1);
      await tab.clock.advance(1);
      expect(tab.server.requests).toHaveLength(2);
    });

    it('R5.5 its token is not thrown away', async () => {
      const tab = await answeredAfterJump({ do: 'mint' });
      expect(tab.of('token.updated')).toHaveLength(1);
      await tab.clock.advance(5_000);
      expect(tab.server.requests).toHaveLength(1);
    });
  });

  it('R5.6 a time-out that the monotonic clock has seen is none of these', async () => {
    const { tab, until } = await createHanging();
    await until(10_000);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'timed-out' }]);
  });
});

describe('aborted on purpose', () => {
  it('R5.18 sign-out: no error event, no count, and nothing of the answer is kept', async () => {
    const { tab } = await createHanging();
    const read = tab.watch(tab.tokens.getToken());
    await tab.tokens.signOut();
    await tab.clock.advance(60_000);
    expect(tab.server.requests).toHaveLength(1);
    expect(tab.server.requests[0]?.request.signal.aborted).toBe(true);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(read.token).toBeNull();
    expect(tab.tokens.getState()).toMatchObject({ state: 'signed-out', attempt: 0, error: null });
  });

  it('R5.18 switch of the session: no error event, and the new key starts at attempt 1', async () => {
    const { tab } = await createHanging();
    await tab.clock.advance(2_000);
    tab.server.respondWith({ do: 'mint' });
    tab.tokens.setActive({ sessionId: 'sess_2' });
    await tab.clock.advance(100);
    expect(tab.server.requests[0]?.request.signal.aborted).toBe(true);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.server.requests[1]?.request).toMatchObject({ attempt: 1, key: { sessionId: 'sess_2' } });
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
  });

  it('R5.18 stop: no error event, no timer left', async () => {
    const { tab } = await createHanging();
    tab.tokens.stop();
    await tab.clock.advance(60_000);
    expect(tab.server.requests[0]?.request.signal.aborted).toBe(true);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.clock.pending).toBe(0);
  });
});
