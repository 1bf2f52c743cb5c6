/** The origin is away, an edge mints from the last token (T11, T16, section 6). */
import { describe, expect, it } from 'vitest';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const wantsLastToken: Behaviour = { do: 'status', status: 422, code: 'missing_expired_token' };

async function createHolding(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return {
    tab,
    held: tab.tokens.peek() ?? '',
    until: (ms: number) => tab.clock.advance(ms - tab.elapsed()),
    /** Which mints carried a token. */
    carried: () => tab.server.requests.map(({ request }) => request.lastToken !== undefined),
  };
}

describe('T11: the server asks for the last token', () => {
  it('63 T11 T16 R6.1 A15 two requests back to back, the second with the last token and otherwise the same', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.respondWith({ do: 'outage' });
    await until(43_200);
    expect(tab.server.instants).toEqual([0, 43_000, 43_100]);
    const [, first, second] = tab.server.requests.map(({ request }) => request);
    expect(first?.lastToken).toBeUndefined();
    expect(second?.lastToken === held).toBe(true);
    expect(second).toMatchObject({
      key: first?.key,
      cause: first?.cause,
      presence: first?.presence,
      attempt: first?.attempt,
    });
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'degraded', outage: true, attempt: 0 });
    expect(tab.tokens.peek() === tab.server.issued[1]).toBe(true);
    expect(tab.of('refresh.failed')).toEqual([]);
  });

  it('T11 an expired token is handed in as well; a reader that waits gets the new one', async () => {
    const { tab, held, until } = await createHolding();
    tab.connectivity.set(false);
    await until(200_000);
    tab.server.respondWith({ do: 'outage' });
    tab.connectivity.set(true);
    const read = tab.watch(tab.tokens.getToken());
    await until(200_150);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', substate: 'presenting-expired-token' });
    await until(200_200);
    expect(tab.server.requests[2]?.request.lastToken === held).toBe(true);
    expect(read.at).toBe(200_200);
    expect(read.token === tab.server.issued[1]).toBe(true);
  });

  it('T11 S9 the second request is exempt from the floor', async () => {
    const { tab, until } = await createHolding({ policy: { mintFloorMs: 5_000 } });
    tab.server.respondWith({ do: 'outage' });
    await until(43_200);
    expect(tab.server.instants).toEqual([0, 43_000, 43_100]);
  });

  it.each<[title: string, second: Behaviour, failure: string]>([
    ['T11 T10 a 503', { do: 'status', status: 503 }, 'transient'],
    ['T11 T10 any other 4xx', { do: 'status', status: 404 }, 'rejected'],
    ['T11 T10 a 429', { do: 'status', status: 429 }, 'rate-limited'],
    ['T11 T10 no answer', { do: 'drop' }, 'transient'],
    ['T11 T10 no token', { do: 'answer', result: { token: '' } }, 'invalid'],
    ['T11 T10 a time-out', { do: 'hang' }, 'timed-out'],
  ])('%s to the second: backing off', async (_, second, failure) => {
    const { tab, held, until } = await createHolding();
    tab.server.script([wantsLastToken, second]);
    await until(failure === 'timed-out' ? 53_100 : 43_200);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
      outage: false,
    });
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: failure }]);
    expect(tab.tokens.peek() === held).toBe(true);
    await until(58_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('T11 the same 422 once more: no third request at once', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith(wantsLastToken);
    await until(45_000);
    expect(tab.server.instants).toEqual([0, 43_000, 43_100]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', substate: 'backing-off' });
    expect(tab.server.checks).toEqual([]);
  });

  it('T11 T9 the network goes: offline', async () => {
    const { tab, until } = await createHolding();
    tab.server.script([wantsLastToken, { do: 'drop' }]);
    await until(43_150);
    tab.connectivity.set(false);
    await until(43_200);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
  });

  it('T11 S10 the network has gone when the 422 arrives: no second request', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith(wantsLastToken);
    await until(43_050);
    tab.connectivity.set(false);
    await until(44_000);
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', status: 'offline' });
  });

  it.each<[title: string, verdict: 'active' | 'gone', state: string]>([
    ['T11 T13 T14 the edge answers 401 and the session is gone', 'gone', 'signed-out'],
    ['T11 T13 T15 the edge answers 401 and the session is active', 'active', 'stale'],
  ])('%s: %s', async (_, verdict, state) => {
    const { tab, until } = await createHolding();
    tab.server.checkAnswers(verdict);
    tab.server.script([wantsLastToken, { do: 'status', status: 401 }]);
    await until(43_250);
    expect(tab.tokens.getState().substate).toBe('confirming-sign-out');
    await until(43_300);
    expect(tab.server.checks).toEqual(['sess_1']);
    expect(tab.tokens.getState().state).toBe(state);
  });

  it('64 R5.9 T11 for a key without a last token there is no second request', async () => {
    const { tab } = await createHolding();
    tab.server.respondWith({ do: 'outage' });
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(100);
    expect(read).toMatchObject({ error: { status: 422 } });
    expect(tab.server.instants).toEqual([0, 100]);
  });

  it('66 T11 S9 422, then 503 for ever: bounded by the backoff, and one on top for each 422', async () => {
    const { tab, until } = await createHolding();
    tab.connectivity.set(false);
    await until(100_000);
    tab.server.respondWith(({ lastToken }) => (lastToken ? { do: 'status', status: 503 } : wantsLastToken));
    tab.connectivity.set(true);
    const read = tab.watch(tab.tokens.getToken());
    await until(300_000);
    expect(read).toMatchObject({ error: { status: 503 } });
    const plain = tab.server.requests.filter(({ request }) => request.lastToken === undefined).slice(1);
    const handedIn = tab.server.requests.filter(({ request }) => request.lastToken !== undefined);
    expect(handedIn.length).toBeLessThanOrEqual(plain.length);
    for (const { at } of plain) {
      expect(plain.filter((one) => one.at >= at && one.at < at + 60_000).length).toBeLessThanOrEqual(7);
    }
    expect(plain.length).toBeLessThanOrEqual(11);
  });
});

describe('T16: while the outage lasts', () => {
  async function createInOutage(options: TabOptions = {}) {
    const holding = await createHolding(options);
    holding.tab.server.respondWith({ do: 'outage' });
    await holding.until(43_200);
    return holding;
  }

  it('T16 R6.2 refreshes hand in the token from the first request; every fourth goes the normal way', async () => {
    const { tab, until, carried } = await createInOutage();
    await until(388_000);
    // Before; the discovery; three with the token; a probe that gets the 422 and repeats with it; and so on.
    expect(carried()).toEqual([false, false, true, true, true, true, false, true, true, true, true, false, true]);
    expect(tab.tokens.getState()).toMatchObject({ status: 'degraded', outage: true, state: 'fresh' });
    expect(tab.of('refresh.failed')).toEqual([]);
  });

  it('T16 each of them hands in the token that is held at the time', async () => {
    const { tab, until } = await createInOutage();
    await until(100_000);
    const [, , , third] = tab.server.requests;
    expect(third?.request.lastToken === tab.server.issued[1]).toBe(true);
  });

  it('T16 R6.6 73 the probe that succeeds takes the mark away, and status is ok', async () => {
    const { tab, until, carried } = await createInOutage();
    tab.server.respondWith({ do: 'mint' });
    await until(214_900);
    expect(tab.tokens.getState()).toMatchObject({ status: 'degraded', outage: true });
    await until(215_100);
    expect(carried().slice(3)).toEqual([true, true, true, false]);
    expect(tab.tokens.getState()).toMatchObject({ status: 'ok', outage: false, state: 'fresh' });
    expect(tab.of('status.changed').map(({ status }) => status)).toEqual(['degraded', 'ok']);
    await until(258_100);
    expect(carried().slice(7)).toEqual([false]);
  });

  it('T16 outageProbeEvery 1: each refresh goes the normal way', async () => {
    const { until, carried } = await createInOutage({ policy: { outageProbeEvery: 1 } });
    await until(43_200 + 2 * 43_300);
    expect(carried()).toEqual([false, false, true, false, true, false, true]);
  });

  it('T16 R6.2 the mark is the session’s: another key hands in its own last token right away', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    const last = tab.tokens.peek(key);
    tab.server.respondWith({ do: 'outage' });
    await until(50_000);
    expect(tab.tokens.getState(key).outage).toBe(true);
    tab.tokens.getToken(key);
    await until(50_100);
    const asked = tab.server.requests.filter(({ request }) => request.key.template === 'api');
    expect(asked).toHaveLength(2);
    expect(asked[1]?.request.lastToken === last).toBe(true);
  });

  it('T16 T20 R6.6 offline for a while before the stale point, and back: degraded still, since the mark stands', async () => {
    const { tab, until } = await createInOutage();
    await until(50_000);
    tab.connectivity.set(false);
    tab.tokens.refresh().catch(() => {});
    await until(65_000);
    expect(tab.tokens.getState().status).toBe('offline');
    tab.connectivity.set(true);
    await until(70_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'degraded', outage: true });
  });

  it('T16 it ends with the session: the next one starts without a mark', async () => {
    const { tab, until } = await createInOutage();
    await tab.tokens.signOut();
    tab.server.respondWith({ do: 'mint' });
    tab.tokens.signIn({ session: { id: 'sess_2' } });
    await until(50_000);
    expect(tab.tokens.getState()).toMatchObject({ status: 'ok', outage: false });
    expect(tab.server.requests.at(-1)?.request.lastToken).toBeUndefined();
  });
});

describe('which token goes along', () => {
  it('R6.3 with `always` the held token goes along with each mint; without one there is none', async () => {
    const { tab, held, until, carried } = await createHolding({ policy: { presentHeldToken: 'always' } });
    await until(43_100);
    expect(carried()).toEqual([false, true]);
    expect(tab.server.requests[1]?.request.lastToken === held).toBe(true);
    expect(tab.tokens.getState()).toMatchObject({ status: 'ok', outage: false });
  });

  it('R6.3 by default it goes along only on demand', async () => {
    const { until, carried } = await createHolding();
    await until(43_100);
    expect(carried()).toEqual([false, false]);
  });

  it('67 R6.3 R5.9 with `always` a 422 for want of it is no reason to repeat', async () => {
    const { tab, until } = await createHolding({ policy: { presentHeldToken: 'always' } });
    tab.server.respondWith(wantsLastToken);
    await until(44_000);
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('R6.4 a token that changes hands during the first request is not the one: the attempt keeps its own', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.script([wantsLastToken]);
    tab.server.respondWith({ do: 'mint' });
    await until(43_100);
    await tab.clock.settle();
    expect(tab.server.requests[2]?.request.lastToken === held).toBe(true);
  });

  it('R6.1 a template’s last token is its own, not the session’s', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    const last = tab.tokens.peek(key);
    tab.server.script([wantsLastToken]);
    tab.tokens.refresh(key);
    await until(1_100);
    await until(1_200);
    const asked = tab.server.requests.filter(({ request }) => request.key.template === 'api');
    expect(asked.map(({ request }) => request.lastToken === last)).toEqual([false, false, true]);
  });
});

describe('status', () => {
  it('R6.6 T10 T9 it runs ok, degraded, offline, degraded, ok, and says each once', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(61_000);
    tab.connectivity.set(false);
    await until(62_000);
    tab.connectivity.set(true);
    await until(70_000);
    tab.server.respondWith({ do: 'mint' });
    await until(200_000);
    expect(tab.of('status.changed').map(({ status, previous }) => [previous, status])).toEqual([
      ['ok', 'degraded'],
      ['degraded', 'offline'],
      ['offline', 'degraded'],
      ['degraded', 'ok'],
    ]);
  });

  it('T17 degraded holds over further attempts', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(46_050);
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'minting', status: 'degraded' });
  });

  it('T20 offline holds until a mint succeeds', async () => {
    const { tab, until } = await createHolding();
    await until(42_000);
    tab.connectivity.set(false);
    await until(50_000);
    tab.connectivity.set(true);
    await until(50_050);
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', status: 'offline' });
    await until(50_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('T10 T19 a flood of readers changes nothing of it', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503 });
    for (let at = 43_000; at < 60_000; at += 250) {
      tab.tokens.getToken().catch(() => {});
      await until(at);
    }
    expect(tab.of('status.changed').map(({ status }) => status)).toEqual(['degraded']);
  });
});
