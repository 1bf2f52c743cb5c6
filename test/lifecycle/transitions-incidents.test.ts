/** Incidents that happened elsewhere, in public, and that must not happen here. */
import { describe, expect, it } from 'vitest';
import { memoryCookie } from '../../adapters/cookie/memory';
import { OfflineError } from '../../machines/errors';
import { jwt } from '../support/jwt';
import { createTab, type TabOptions } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;

async function createHolding(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return { tab, held: tab.tokens.peek(), until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('offline and outages', () => {
  it('A02 L01 R4.7 signed out, offline and failing are three answers: null, OfflineError, the failure', async () => {
    const signedOut = createTab({ session: null });
    signedOut.tokens.start();
    expect(await signedOut.tokens.getToken()).toBeNull();
    const offline = createTab();
    offline.connectivity.set(false);
    offline.tokens.start();
    await offline.clock.advance(15_000);
    await expect(offline.tokens.getToken()).rejects.toBeInstanceOf(OfflineError);
    const failing = createTab({ policy: { retries: 0 } });
    failing.server.respondWith({ do: 'status', status: 502 });
    failing.tokens.start();
    await failing.clock.advance(200);
    await expect(failing.tokens.getToken()).rejects.toMatchObject({ code: 'request_failed', status: 502 });
  });

  it('A08 a refresh is refused while the token is valid: it stays, and readers fire nothing', async () => {
    const { tab, held, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 400 });
    for (let at = 43_200; at < 55_000; at += 100) {
      await until(at);
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.settle();
      expect(read.token === held).toBe(true);
    }
    expect(tab.server.requests.length).toBeLessThanOrEqual(5);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('A09 A11 a failure of a kind that nobody knows signs nobody out', async () => {
    const strange = [
      Object.assign(new Error('Unauthorized, session over'), { status: 299 }),
      Object.assign(new Error('x'), { status: 418 }),
      Object.assign(new Error('x'), { status: 400, serverCode: 'NotAuthorizedException' }),
      { message: 'invalid_grant' },
      'session_not_found',
      null,
    ];
    for (const error of strange) {
      const { tab, until } = await createHolding();
      tab.server.checkAnswers('gone');
      tab.server.respondWith({ do: 'throw', error });
      await until(62_000);
      expect(tab.of('session.signedOut')).toEqual([]);
      expect(tab.server.checks).toEqual([]);
      expect(tab.cookie.read()).toHaveLength(1);
    }
  });

  it('A28 A03 the origin hangs at start: the identity is known from the cookie, and it recovers without a reload', async () => {
    const cookie = memoryCookie();
    cookie.write(jwt({ iat: start - 600, exp: start - 540 }), { expiresAt: (start + 60) * 1_000 });
    const tab = createTab({ cookie, session: undefined as never });
    tab.server.respondWith({ do: 'hang' });
    tab.tokens.start();
    await tab.clock.settle();
    const read = tab.watch(tab.tokens.getToken({ timeoutMs: 7_000 }));
    expect(tab.tokens.getState()).toMatchObject({ state: 'refreshing', sessionId: 'sess_1', serving: false });
    await tab.clock.advance(7_000);
    expect(read.error).toMatchObject({ code: 'read_timeout' });
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', status: 'degraded' });
    tab.server.respondWith({ do: 'mint' });
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('A30 56 a platform that does not know whether it is online is taken for online', async () => {
    const unknown = { isOnline: () => undefined as never, subscribe: () => () => {} };
    const tab = createTab({ connectivity: unknown });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued[0]).toBe(true);
    expect(tab.of('status.changed')).toEqual([]);
  });

  it('A16 A13 no class of failure but a sign-out ends the trying', async () => {
    for (const behaviour of [
      { do: 'drop' },
      { do: 'hang' },
      { do: 'status', status: 400 },
      { do: 'status', status: 401 },
      { do: 'status', status: 404 },
      { do: 'status', status: 422, code: 'missing_expired_token' },
      { do: 'status', status: 429 },
      { do: 'status', status: 500 },
      { do: 'answer', result: { token: '' } },
    ] as const) {
      const { tab, until } = await createHolding();
      tab.server.respondWith(behaviour);
      await until(400_000);
      tab.server.respondWith({ do: 'mint' });
      await until(475_000);
      expect(tab.tokens.getState(), JSON.stringify(behaviour)).toMatchObject({ state: 'fresh', status: 'ok' });
    }
  });
});

describe('what is told', () => {
  it('L02 a failure carries class, status, code, attempt and the next instant', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'status', status: 503, code: 'maintenance' });
    await until(43_100);
    expect(tab.of('refresh.failed')[0]).toMatchObject({
      reason: 'transient',
      attempt: 1,
      nextAttemptAt: start * 1_000 + 46_000,
      error: { status: 503, serverCode: 'maintenance', failure: 'transient', attempt: 1 },
    });
  });

  it('L03 C24 asked in the very event that says signed in, getToken waits for a token', async () => {
    const tab = createTab({ session: null });
    tab.tokens.start();
    let read: ReturnType<typeof tab.watch> | undefined;
    tab.tokens.on('session.signedIn', () => {
      read = tab.watch(tab.tokens.getToken());
    });
    tab.tokens.signIn({ session: { id: 'sess_1' } });
    await tab.clock.advance(100);
    expect(read?.token === tab.server.issued[0]).toBe(true);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('D01 asked in the event that brings a token, getToken gives that token', async () => {
    const tab = createTab();
    const reads: ReturnType<typeof tab.watch>[] = [];
    tab.tokens.on('token.updated', () => reads.push(tab.watch(tab.tokens.getToken())));
    await tab.startFresh();
    await tab.clock.advance(43_000);
    expect(reads.map(({ token }) => tab.server.issued.indexOf(token ?? ''))).toEqual([0, 1]);
    expect(tab.server.requests).toHaveLength(2);
  });

  it('D01 forced in the event that says failed, it joins; it neither loops nor hangs', async () => {
    const tab = createTab();
    const reads: ReturnType<typeof tab.watch>[] = [];
    tab.server.respondWith({ do: 'status', status: 503 });
    tab.tokens.on('refresh.failed', () => reads.push(tab.watch(tab.tokens.refresh())));
    tab.tokens.start();
    await tab.clock.advance(7_750);
    expect(tab.server.instants).toEqual([0, 3_000, 7_650]);
    tab.server.respondWith({ do: 'mint' });
    await tab.clock.advance(8_000);
    expect(reads.every(({ token }) => token === tab.server.issued[0])).toBe(true);
  });

  it('L04 F14 nothing is told where nothing changed: focus, reads and beats', async () => {
    const { tab, until } = await createHolding();
    const before = tab.events.length;
    let told = 0;
    tab.tokens.subscribe(() => {
      told += 1;
    });
    const state = tab.tokens.getState();
    for (let at = 1_000; at < 42_000; at += 1_000) {
      tab.presence.emit('focus');
      tab.presence.emit('visible');
      tab.tokens.getToken();
      await until(at);
    }
    expect(tab.events).toHaveLength(before);
    expect(told).toBe(0);
    expect(tab.tokens.getState()).toBe(state);
  });

  it('L05 S11 no token in what is told, in errors, history or explanation', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'outage' });
    await until(100_000);
    tab.server.respondWith({ do: 'status', status: 503 });
    const forced = tab.watch(tab.tokens.refresh());
    await until(400_000);
    const told = JSON.stringify([
      tab.events,
      tab.tokens.getState(),
      tab.tokens.history(),
      tab.tokens.explain(),
      tab.tokens.dehydrate(),
      forced.error,
      (forced.error as { explanation?: string }).explanation,
    ]);
    expect(tab.server.issued.length).toBeGreaterThan(1);
    for (const token of tab.server.issued) {
      expect(told.includes(token)).toBe(false);
      expect(told.includes(token.split('.')[1] ?? '')).toBe(false);
    }
  });

  it('L07 a refresh counts when it commits: no success is told for an answer that is none', async () => {
    const { tab, until } = await createHolding();
    tab.server.respondWith({ do: 'answer', result: { token: '' } });
    await until(60_000);
    expect(tab.of('refresh.succeeded')).toHaveLength(1);
    expect(tab.of('token.updated')).toHaveLength(1);
  });

  it('L08 L2 an idle page keeps its token: nobody reads for ten minutes, and it is there', async () => {
    const { tab, until } = await createHolding();
    await until(600_000);
    expect(tab.tokens.peek() === tab.server.issued.at(-1)).toBe(true);
  });

  it('13 L09 stopped or signed out at 30 s: nothing at 43 s, and no timer is left', async () => {
    const stopped = await createHolding();
    await stopped.until(30_000);
    stopped.tab.tokens.stop();
    const out = await createHolding();
    await out.until(30_000);
    await out.tab.tokens.signOut();
    await out.tab.clock.advance(200);
    for (const { tab, until } of [stopped, out]) {
      expect(tab.clock.pending).toBe(0);
      await until(300_000);
      expect(tab.server.instants).toEqual([0]);
    }
  });
});
