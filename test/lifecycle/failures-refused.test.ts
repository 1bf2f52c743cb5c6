/** The server refuses: a 4xx is no reason to ask again soon, and none to sign anybody out (T12 to T15). */
import { describe, expect, it } from 'vitest';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const status = (code: number, serverCode?: string): Behaviour => ({
  do: 'status',
  status: code,
  ...(serverCode !== undefined && { code: serverCode }),
});

function createRefused(behaviour: Behaviour, options: TabOptions = {}) {
  const tab = createTab(options);
  tab.server.respondWith(behaviour);
  tab.tokens.start();
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

async function createRefusedLater(behaviour: Behaviour, options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  tab.server.respondWith(behaviour);
  return { tab, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('rejected', () => {
  it.each([400, 403, 404, 409, 422])(
    '35 40 R5.12 T12 status %i: one request, and who waits gets the status',
    async (code) => {
      const { tab, until } = createRefused(status(code, 'nope'));
      const reads = [tab.tokens.getToken(), tab.tokens.getToken()].map(tab.watch);
      await until(100);
      for (const read of reads) {
        expect(read).toMatchObject({ at: 100, error: { status: code, serverCode: 'nope', failure: 'rejected' } });
      }
      expect(tab.server.instants).toEqual([0]);
      expect(tab.server.checks).toEqual([]);
      expect(tab.tokens.getState()).toMatchObject({
        state: 'stale',
        status: 'ok',
        serving: false,
        sessionId: 'sess_1',
      });
      expect(tab.of('session.signedOut')).toEqual([]);
    },
  );

  it('T12 a read before the next try gets the last error at once, without a request', async () => {
    const { tab, until } = createRefused(status(404));
    await until(2_999);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read).toMatchObject({ at: 2_999, error: { status: 404 } });
    expect(tab.server.instants).toEqual([0]);
    // Once it may be asked again, the first read asks.
    await until(3_000);
    const next = tab.watch(tab.tokens.getToken());
    await until(3_100);
    expect(tab.server.instants).toEqual([0, 3_000]);
    expect(next).toMatchObject({ at: 3_100, error: { status: 404 } });
  });

  it('T12 44 F23 with a reader every 100 ms tries become rarer: the backoff’s instants, and no more', async () => {
    const { tab, until } = createRefused(status(404));
    for (let at = 0; at < 170_000; at += 100) {
      tab.tokens.getToken().catch(() => {});
      await until(at);
    }
    const distances = tab.server.instants.slice(1).map((at, index) => at - (tab.server.instants[index] ?? 0));
    const expected = [3_000, 4_650, 7_207, 11_171, 17_316, 26_839, 41_601, 50_000];
    expect(distances.length).toBeGreaterThanOrEqual(expected.length - 1);
    for (const [index, distance] of distances.entries()) {
      expect(distance).toBeGreaterThanOrEqual(expected[index] ?? 50_000);
      expect(distance).toBeLessThan((expected[index] ?? 50_000) + 250);
    }
  });

  it('T12 with nobody reading there is one try per 50 s', async () => {
    const { tab, until } = createRefused(status(404));
    await until(49_999);
    expect(tab.server.instants).toEqual([0]);
    await until(300_000);
    for (const [index, at] of tab.server.instants.slice(1).entries()) {
      expect(at - (tab.server.instants[index] ?? 0)).toBe(50_000);
    }
    expect(tab.server.requests).toHaveLength(6 + 1);
  });

  it('T12 R5.24 with a token in hand it serves on, and nobody hears of it', async () => {
    const { tab, until } = await createRefusedLater(status(404));
    const held = tab.tokens.peek();
    await until(44_000);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read).toEqual({ token: held, at: 44_000 });
    expect(tab.tokens.getState()).toMatchObject({ state: 'stale', status: 'ok', serving: true });
    expect(tab.of('refresh.failed')).toMatchObject([{ at: 43_100, reason: 'rejected', error: { status: 404 } }]);
  });

  it('T12 R4.6 the expiring token is given after all, once the mint is refused', async () => {
    const { tab, until } = await createRefusedLater(status(404));
    tab.server.respondWith({ do: 'mint' });
    // A key that nobody refreshes ahead of time.
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    const held = tab.tokens.peek(key);
    tab.server.respondWith(status(404));
    await until(56_000);
    const read = tab.watch(tab.tokens.getToken(key));
    await tab.clock.settle();
    expect(read).toEqual({});
    await until(56_100);
    expect(read).toEqual({ token: held, at: 56_100 });
    // Expired meanwhile: the error.
    await until(60_500);
    const late = tab.watch(tab.tokens.getToken(key));
    await until(70_000);
    expect(late).toMatchObject({ error: { status: 404 } });
  });

  it('T12 T25 a forced read inside the decay gets the last error at once', async () => {
    const { tab, until } = await createRefusedLater(status(403));
    await until(9_900);
    const first = tab.watch(tab.tokens.refresh());
    await until(10_000);
    expect(first).toMatchObject({ at: 10_000, error: { status: 403 } });
    const second = tab.watch(tab.tokens.refresh());
    await tab.clock.settle();
    expect(second).toMatchObject({ at: 10_000, error: { status: 403 } });
    expect(tab.server.instants).toEqual([0, 9_900]);
  });

  it('F13 A24 T12 once it is over, a mint ends it: the count starts over', async () => {
    const { tab, until } = createRefused(status(404));
    await until(60_000);
    tab.server.respondWith({ do: 'mint' });
    await until(100_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0 });
    expect(tab.server.instants).toEqual([0, 50_000, 100_000]);
  });

  it('R5.9 64 422 missing_expired_token without a last token is rejected, and signs nobody out', async () => {
    const { tab, until } = createRefused(status(422, 'missing_expired_token'));
    const read = tab.watch(tab.tokens.getToken());
    await until(10_000);
    expect(read).toMatchObject({ at: 100, error: { status: 422, failure: 'rejected' } });
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'rejected' }]);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.server.checks).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'stale', sessionId: 'sess_1' });
  });
});

describe('unauthenticated', () => {
  const codes: [title: string, behaviour: Behaviour][] = [
    ['39 401', status(401)],
    ['41 403 user_banned', status(403, 'user_banned')],
    ['41 403 user_deactivated', status(403, 'user_deactivated')],
    ['400 invalid_grant', status(400, 'invalid_grant')],
    ['404 session_not_found', status(404, 'session_not_found')],
  ];

  it.each(codes)(
    'T13 T15 R5.13 %s, and the session is active: still signed in, the readers get the error',
    async (_, behaviour) => {
      const { tab, until } = createRefused(behaviour);
      const read = tab.watch(tab.tokens.getToken());
      await until(150);
      expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', substate: 'confirming-sign-out' });
      expect(read).toEqual({});
      await until(200);
      expect(read).toMatchObject({ at: 200, error: { failure: 'unauthenticated' } });
      expect(tab.server.checks).toEqual(['sess_1']);
      expect(tab.tokens.getState()).toMatchObject({ state: 'stale', sessionId: 'sess_1', status: 'ok' });
      expect(tab.of('session.signedOut')).toEqual([]);
    },
  );

  it.each(codes)('T13 T14 R8.1 %s, and the session is gone: signed out', async (_, behaviour) => {
    const { tab, until } = await createRefusedLater(behaviour);
    tab.server.checkAnswers('gone');
    expect(tab.cookie.read()).toHaveLength(1);
    await until(43_200);
    expect(tab.tokens.getState()).toMatchObject({ state: 'signed-out', sessionId: null });
    expect(await tab.tokens.getToken()).toBeNull();
    expect(tab.cookie.read()).toHaveLength(0);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
    await until(300_000);
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.clock.pending).toBe(0);
  });

  it('41 R5.12 403 with another code is not asked about', async () => {
    const { tab, until } = createRefused(status(403, 'not_allowed'));
    await until(10_000);
    expect(tab.server.checks).toEqual([]);
  });

  it('T14 R4.7 who waits while the session turns out to be gone gets null', async () => {
    const { tab, until } = createRefused(status(401));
    tab.server.checkAnswers('gone');
    const plain = tab.watch(tab.tokens.getToken());
    const forced = tab.watch(tab.tokens.refresh());
    await until(200);
    expect(plain).toEqual({ token: null, at: 200 });
    expect(forced).toEqual({ token: null, at: 200 });
  });

  it('T13 the question is asked once for all keys of the session', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith(status(401));
    const reads = ['a', 'b', 'c'].map((template) => tab.watch(tab.tokens.getToken({ template })));
    await tab.clock.advance(200);
    expect(tab.server.checks).toEqual(['sess_1']);
    for (const read of reads) expect(read).toMatchObject({ error: { status: 401 } });
  });

  it.each<[title: string, answer: 'unknown' | 'throw']>([
    ['T15 R8.4 the answer is `unknown`', 'unknown'],
    ['T15 R8.4 the question fails', 'throw'],
  ])('%s: an outage, nobody is signed out, and it is tried again', async (_, answer) => {
    const { tab, until } = createRefused(status(401));
    tab.server.checkAnswers(answer);
    const read = tab.watch(tab.tokens.getToken());
    await until(200);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
    });
    expect(read).toEqual({});
    tab.server.respondWith({ do: 'mint' });
    await until(3_100);
    expect(tab.server.instants).toEqual([0, 3_000]);
    expect(read.token).toBe(tab.server.issued[0]);
    expect(tab.tokens.getState().status).toBe('ok');
  });

  it('T15 a question that is never answered is over after the time-out', async () => {
    const source = { checkSession: () => new Promise<never>(() => {}) };
    const { tab, until } = createRefused(status(401), { source });
    await until(10_099);
    expect(tab.tokens.getState().substate).toBe('confirming-sign-out');
    await until(10_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', sessionId: 'sess_1' });
  });

  it('T15 offline the question is not sent: nobody could say', async () => {
    const { tab, until } = createRefused(status(401));
    await until(99);
    tab.connectivity.set(false);
    await until(300);
    expect(tab.server.checks).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', sessionId: 'sess_1' });
  });

  describe('nobody to ask', () => {
    const source = { checkSession: undefined } as never;

    it('T14 a code on the list signs out, for `credential_refused`', async () => {
      const { tab, until } = createRefused(status(400, 'invalid_grant'), { source });
      await until(200);
      expect(tab.tokens.getState().state).toBe('signed-out');
      expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'credential_refused' }]);
    });

    it('T15 a 401 without a code signs nobody out; it is as any refusal', async () => {
      const { tab, until } = createRefused(status(401), { source });
      const read = tab.watch(tab.tokens.getToken());
      await until(200);
      expect(tab.tokens.getState()).toMatchObject({ state: 'stale', sessionId: 'sess_1' });
      expect(read).toMatchObject({ error: { status: 401, failure: 'unauthenticated' } });
    });

    it('T15 a 401 with a code that is not on the list signs nobody out', async () => {
      const { tab, until } = createRefused(status(401, 'try_later'), { source });
      await until(200);
      expect(tab.tokens.getState().state).toBe('stale');
    });

    it('T14 F06 the list is the policy’s', async () => {
      const policy = { terminalCodes: ['account_closed'] };
      const { tab, until } = createRefused(status(403, 'account_closed'), { source, policy });
      await until(200);
      expect(tab.tokens.getState().state).toBe('signed-out');
      expect(tab.server.instants).toEqual([0]);
    });
  });

  it('T15 T12 S9 401 for ever, the session active: tries and questions become rarer', async () => {
    const { tab, until } = createRefused(status(401));
    for (let at = 0; at < 120_000; at += 200) {
      tab.tokens.getToken().catch(() => {});
      await until(at);
    }
    expect(tab.server.requests.length).toBeLessThanOrEqual(8);
    expect(tab.server.checks.length).toBe(tab.server.requests.length);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('S3 a refusal with the session active leaves the token that serves', async () => {
    const { tab, until } = await createRefusedLater(status(401));
    const held = tab.tokens.peek();
    await until(43_150);
    expect(await tab.tokens.getToken()).toBe(held);
    await until(43_200);
    expect(tab.tokens.getState()).toMatchObject({ state: 'stale', serving: true });
    expect(await tab.tokens.getToken()).toBe(held);
  });
});
