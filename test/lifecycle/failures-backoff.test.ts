/** An origin that fails: when it is asked again, and what readers hear of it (§5, T10, T17, T18). */
import { describe, expect, it } from 'vitest';
import { TokenRequestError } from '../../machines/errors';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

/** 3 s · 1.55ⁿ, cut to whole ms, added up. */
const instants = [0, 3_000, 7_650, 14_857, 26_028, 43_344, 70_183, 111_784, 161_784];
const unavailable: Behaviour = { do: 'status', status: 503 };

/** No token is held, and every mint fails. */
function createFailing(behaviour: Behaviour = unavailable, options: TabOptions = {}) {
  const tab = createTab(options);
  tab.server.respondWith(behaviour);
  tab.tokens.start();
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

/** A token is held that turns stale at 43 s; from then on every mint fails. */
async function createFailingLater(behaviour: Behaviour = unavailable, options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  tab.server.respondWith(behaviour);
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('without a token', () => {
  it('33 R5.19 T10 T17 tries start at exact instants, and the ninth failure reaches the reader', async () => {
    const { tab, until } = createFailing();
    const read = tab.watch(tab.tokens.getToken());
    await until(161_883);
    expect(tab.server.instants).toEqual(instants);
    expect(read).toEqual({});
    await until(161_884);
    expect(read.error).toBeInstanceOf(TokenRequestError);
    expect(read.error).toMatchObject({ status: 503, failure: 'transient' });
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', substate: 'probing', status: 'degraded' });
  });

  it('T17 no try starts a millisecond early', async () => {
    const { tab, until } = createFailing();
    for (const [tries, at] of instants.entries()) {
      if (at > 0) await until(at - 1);
      expect(tab.server.requests).toHaveLength(tries);
      await until(at);
      await tab.clock.settle();
      expect(tab.server.requests).toHaveLength(tries + 1);
    }
  });

  it('T17 F07 each try is numbered, told, and says when the next one is due', async () => {
    const { tab, until } = createFailing();
    await until(7_750);
    expect(tab.of('refresh.started').map(({ at, attempt, reason }) => [at, attempt, reason])).toEqual([
      [0, 1, 'restore'],
      [3_000, 2, 'retry'],
      [7_650, 3, 'retry'],
    ]);
    const start = tab.clock.now() - tab.elapsed();
    expect(
      tab.of('refresh.failed').map(({ at, attempt, reason, nextAttemptAt }) => [at, attempt, reason, nextAttemptAt]),
    ).toEqual([
      [100, 1, 'transient', start + 3_000],
      [3_100, 2, 'transient', start + 7_650],
      [7_750, 3, 'transient', start + 14_857],
    ]);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      attempt: 3,
      nextAttemptAt: start + 14_857,
      error: { code: 'request_failed', status: 503, failure: 'transient' },
    });
    expect(tab.server.requests.map(({ request }) => request.attempt)).toEqual([1, 2, 3]);
  });

  it.each<[title: string, behaviour: Behaviour, failure: string]>([
    ['T10 R5.3 a 500', { do: 'status', status: 500 }, 'transient'],
    ['T10 R5.3 a 408', { do: 'status', status: 408 }, 'transient'],
    ['T10 R5.3 a 425', { do: 'status', status: 425 }, 'transient'],
    ['T10 R5.3 A04 no answer, although online', { do: 'drop' }, 'transient'],
    ['T10 36 A21 F02 a 429 without Retry-After', { do: 'status', status: 429 }, 'rate-limited'],
    ['T10 R5.10 a token that is none', { do: 'answer', result: { token: 'not-a-token' } }, 'invalid'],
  ])('%s is tried again by backoff, and the session is kept', async (_, behaviour, failure) => {
    const { tab, until } = createFailing(behaviour);
    const read = tab.watch(tab.tokens.getToken());
    await until(14_857);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 3_000, 7_650, 14_857]);
    expect(read).toEqual({});
    expect(tab.of('refresh.failed').map(({ reason }) => reason)).toEqual([failure, failure, failure]);
    expect(tab.of('session.signedOut')).toEqual([]);
    expect(tab.server.checks).toEqual([]);
    tab.server.respondWith({ do: 'mint' });
    await until(26_028 + 100);
    expect(read.token).toBe(tab.server.issued[0]);
  });

  it('T18 once the budget is spent it goes on asking every 50 s, and late readers are told at once', async () => {
    const { tab, until } = createFailing();
    await until(161_884);
    const late = tab.watch(tab.tokens.getToken());
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect([late.at, forced.at]).toEqual([161_884, 161_884]);
    expect([late.error, forced.error]).toMatchObject([{ status: 503 }, { status: 503 }]);
    await until(400_000);
    const probes = tab.server.instants.slice(9);
    expect(probes.length).toBeGreaterThanOrEqual(4);
    expect(probes[0]).toBeGreaterThanOrEqual(161_784 + 50_000);
    expect(probes[0]).toBeLessThanOrEqual(161_884 + 50_000);
    for (const [index, at] of probes.slice(1).entries()) {
      expect(at - (probes[index] ?? 0)).toBeGreaterThanOrEqual(50_000);
      expect(at - (probes[index] ?? 0)).toBeLessThanOrEqual(50_100);
    }
    expect(tab.server.requests[9]?.request.cause).toBe('probe');
  });

  it('T18 L2 73 F07 the first probe that succeeds ends it: a token, and status ok', async () => {
    const { tab, until } = createFailing();
    await until(200_000);
    tab.server.respondWith({ do: 'mint' });
    await until(215_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0, error: null });
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    // The count starts over.
    tab.server.respondWith(unavailable);
    const before = tab.server.requests.length;
    await until(tab.elapsed() + 60_000);
    expect(tab.server.requests[before]?.request.attempt).toBe(1);
  });

  it('T18 the budget is the policy’s', async () => {
    const { tab, until } = createFailing(unavailable, { policy: { retries: 2 } });
    const read = tab.watch(tab.tokens.getToken());
    await until(7_749);
    expect(read).toEqual({});
    await until(7_750);
    expect(read).toMatchObject({ error: { status: 503 } });
  });

  it('R5.19 the backoff is the policy’s', async () => {
    const { tab, until } = createFailing(unavailable, {
      policy: { retryInitialMs: 1_000, retryFactor: 2, retryMaxMs: 3_000 },
    });
    await until(9_999);
    expect(tab.server.instants).toEqual([0, 1_000, 3_000, 6_000, 9_000]);
  });

  it('38 R5.21 clients that failed together come back apart, and none later than without jitter', async () => {
    const seconds = await Promise.all(
      [0, 0.25, 0.5, 1].map(async (roll) => {
        const { tab, until } = createFailing(unavailable, { policy: { jitter: 0.3 }, random: () => roll });
        await until(4_000);
        return tab.server.instants[1];
      }),
    );
    expect(seconds).toEqual([3_000, 2_775, 2_550, 2_100]);
  });

  it('R5.21 jitter is on by default', async () => {
    const { tab, until } = createFailing(unavailable, { policy: { jitter: undefined } as never, random: () => 1 });
    await until(2_999);
    expect(tab.server.instants).toEqual([0, 1_500]);
  });

  it('R5.26 a wall clock that is set moves no backoff', async () => {
    for (const ms of [-3_600_000, -500]) {
      const { tab, until } = createFailing();
      await until(1_000);
      tab.clock.skew(ms);
      await until(7_650);
      await tab.clock.settle();
      expect(tab.server.instants).toEqual([0, 3_000, 7_650]);
    }
  });
});

describe('with a usable token', () => {
  it('21 6 R5.23 R5.24 T10 a background failure is tried again before the cutoff, and no reader hears of it', async () => {
    const { tab, until } = await createFailingLater({ do: 'status', status: 500 });
    const held = tab.tokens.peek();
    await until(50_000);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read).toEqual({ token: held, at: 50_000 });
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded', serving: true });
    expect(tab.of('token.updated')).toHaveLength(1);
  });

  it('T17 T26 R5.22 neither a wake nor a reader hastens the next try', async () => {
    const { tab, until } = await createFailingLater();
    for (let at = 43_200; at < 46_000; at += 200) {
      await until(at);
      tab.presence.emit('focus');
      tab.tokens.getToken();
    }
    await until(45_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    await until(46_000);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
  });

  it('21 T17 the retry that succeeds replaces the token, and status is ok again', async () => {
    const { tab, until } = await createFailingLater();
    await until(44_000);
    tab.server.respondWith({ do: 'mint' });
    await until(46_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    expect(tab.of('status.changed').map(({ status }) => status)).toEqual(['degraded', 'ok']);
  });

  it('R5.25 background failures leave the whole budget for when readers wait', async () => {
    const { tab, until } = await createFailingLater();
    await until(55_000);
    expect(tab.of('refresh.failed').length).toBeGreaterThanOrEqual(3);
    await until(60_000);
    // The token is gone: from now on somebody waits.
    const read = tab.watch(tab.tokens.getToken());
    while (read.error === undefined && tab.elapsed() < 600_000) await tab.clock.advance(1_000);
    expect(read.error).toMatchObject({ status: 503 });
    expect(tab.of('refresh.failed').filter(({ at }) => at >= 55_000)).toHaveLength(9);
  });

  it('A08 A09 A21 S3 whatever fails, and however often, the token is served to its end and nobody is signed out', async () => {
    const failures: Behaviour[] = [500, 502, 503, 429, 400, 403, 404, 409].map((status) => ({ do: 'status', status }));
    for (const behaviour of [...failures, { do: 'drop' } as const]) {
      const { tab, until } = await createFailingLater(behaviour);
      const held = tab.tokens.peek();
      await until(59_999);
      expect(tab.tokens.peek()).toBe(held);
      expect(tab.of('session.signedOut')).toEqual([]);
      expect(tab.tokens.getState().sessionId).toBe('sess_1');
    }
  });

  it('A14 each mint has exactly one outcome, told once', async () => {
    const { tab, until } = await createFailingLater();
    await until(300_000);
    tab.server.respondWith({ do: 'mint' });
    await until(500_000);
    const started = tab.of('refresh.started').length;
    const ended = tab.of('refresh.failed').length + tab.of('refresh.succeeded').length;
    expect(ended).toBe(started);
    expect(started).toBe(tab.server.requests.length);
  });
});
