/** T23: what a token of another tab does here. One tab with a peer that says what the test wants. */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryLock } from '../../adapters/lock/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { TabOptions } from '../support/tab';
import { createPeered, type Peered, peerJwt } from './support/peer';

const never = () => new Promise<never>(() => {});

describe('A token of a peer, while the own mint hangs', () => {
  it('T23 A29 settles every plain reader at once, and aborts the own request', async () => {
    const { tokens, clock, server, send, watch, of, said } = createPeered();
    server.respondWith({ do: 'hang' });
    tokens.start();
    const readers = [watch(tokens.getToken()), watch(tokens.getToken({ timeoutMs: 5_000 }))];
    await clock.advance(250);
    const signal = server.requests[0]?.request.signal;
    expect(signal?.aborted).toBe(false);
    const token = peerJwt(0);
    await send(token);
    expect(readers).toMatchObject([
      { token, at: 250 },
      { token, at: 250 },
    ]);
    expect(signal?.aborted).toBe(true);
    expect(tokens.peek()).toBe(token);
    expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0, error: null });
    expect(of('token.updated')).toMatchObject([{ at: 250, from: 'peer' }]);
    expect(of('refresh.failed')).toEqual([]);
    // Nothing is passed on: whoever minted it has told everybody.
    expect(said.filter(({ is }) => is !== 'ask')).toEqual([]);
  });

  it('T23 its timers are armed from the adopted token: the next mint is at its stale point', async () => {
    const { tokens, clock, server, send } = createPeered();
    server.script([{ do: 'hang' }]);
    tokens.start();
    await clock.advance(5_000);
    await send(peerJwt(5));
    await clock.advance(60_000);
    expect(server.instants).toEqual([0, 48_000]);
  });

  it('T23 it reaches cache and cookie, but not the other tabs', async () => {
    const { tokens, clock, server, send, cookie, cache, keyName, said } = createPeered();
    server.respondWith({ do: 'hang' });
    tokens.start();
    await clock.advance(200);
    const token = peerJwt(0);
    await send(token);
    expect(cookie?.read()).toEqual([{ value: token }]);
    expect(await cache.get(keyName())).toBe(token);
    expect(said.filter(({ is }) => is === 'token' || is === 'notice')).toEqual([]);
  });

  it('T23 T25 whoever forced gets the mint that they forced, and plain readers the token of the peer', async () => {
    const { tokens, clock, server, send, watch } = createPeered();
    tokens.start();
    const plain = watch(tokens.getToken());
    await clock.advance(20);
    const forced = watch(tokens.refresh());
    await clock.advance(20);
    const token = peerJwt(0);
    await send(token);
    expect(plain).toMatchObject({ token, at: 40 });
    expect(forced).toEqual({});
    await clock.advance(10_000);
    // The mint that ran when they asked was not aborted, and is not theirs.
    expect(server.instants).toEqual([0, 1_000]);
    expect(server.issued).toHaveLength(2);
    expect(forced).toMatchObject({ token: server.issued[1], at: 1_100 });
  });

  it('T23 T24 a forced refresh that runs is not aborted: its caller gets what it brings', async () => {
    const { tokens, clock, server, send, watch, startFresh } = createPeered();
    await startFresh();
    await clock.advance(29_900);
    const forced = watch(tokens.refresh());
    await clock.advance(40);
    const token = peerJwt(29);
    await send(token);
    expect(tokens.peek()).toBe(token);
    expect(forced).toEqual({});
    await clock.advance(60);
    expect(forced).toMatchObject({ token: server.issued[1], at: 30_100 });
    expect(server.instants).toEqual([0, 30_000]);
  });

  it('T23 a request that spends a rotating credential goes on, and its successor is kept', async () => {
    const committed: string[] = [];
    const { tokens, clock, server, send, watch, cache, names } = createPeered({
      source: {
        credential: 'rotating',
        mint: async (request) => {
          const held = await request.credential?.read();
          const answer = await server.source.mint(request);
          await request.credential?.commit(`${held}+`);
          committed.push(`${held}+`);
          return answer;
        },
      },
    });
    await cache.set(names.credential('sess_1'), 'one', { expiresAt: Number.MAX_SAFE_INTEGER });
    tokens.start();
    const reader = watch(tokens.getToken());
    await clock.advance(50);
    const token = peerJwt(0, { oiat: Date.UTC(2026, 0, 1) / 1_000 });
    await send(token);
    expect(reader).toMatchObject({ token, at: 50 });
    expect(server.requests[0]?.request.signal.aborted).toBe(false);
    await clock.advance(100);
    expect(committed).toEqual(['one+']);
    expect(await cache.get(names.credential('sess_1'))).toBe('one+');
    expect(tokens.peek()).toBe(token);
  });

  it('T23 the failures of this tab are over with it: status, attempt, error, and the next failure counts from one', async () => {
    const { tokens, clock, server, send, of } = createPeered();
    server.respondWith({ do: 'status', status: 503 });
    tokens.start();
    await clock.advance(8_000);
    expect(server.instants).toEqual([0, 3_000, 7_650]);
    expect(tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded', attempt: 3 });
    await send(peerJwt(8));
    expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', attempt: 0, error: null });
    expect(of('status.changed').at(-1)).toMatchObject({ at: 8_000, status: 'ok', previous: 'degraded' });
    await clock.advance(60_000);
    // At the stale point (51 s), then as for a first failure: 3 s later.
    expect(server.instants.slice(3, 5)).toEqual([51_000, 54_000]);
  });

  it('T23 S10 a `Retry-After` is not over because a peer has a token', async () => {
    const { tokens, clock, server, send, watch } = createPeered();
    server.script([{ do: 'status', status: 429, retryAfterMs: 120_000 }]);
    tokens.start();
    await clock.advance(1_000);
    await send(peerJwt(1));
    expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    await clock.advance(1_000);
    const forced = watch(tokens.refresh());
    await clock.settle();
    expect(forced.error).toMatchObject({ code: 'request_failed' });
    await clock.advance(130_000);
    expect(server.instants).toEqual([0, 120_100]);
  });

  for (const outage of [true, false]) {
    it(`T23 T16 a peer that says ${outage ? 'that the origin is away: so it is here' : 'that it is back: the outage is over here as well'}`, async () => {
      const { tokens, clock, server, send } = createPeered();
      tokens.start();
      await clock.advance(100);
      server.respondWith({ do: 'outage' });
      await clock.advance(44_000);
      expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'degraded', outage: true });
      const token = peerJwt(44);
      await send(token, { outage });
      expect(tokens.peek()).toBe(token);
      expect(tokens.getState()).toMatchObject({ state: 'fresh', status: outage ? 'degraded' : 'ok', outage });
    });
  }

  it('T23 T25 S10 a forced read inside a `Retry-After` gets the error that came with it, also after a peer’s token', async () => {
    const { tokens, clock, server, send, watch } = createPeered();
    server.script([{ do: 'status', status: 429, retryAfterMs: 120_000 }]);
    tokens.start();
    await clock.advance(1_000);
    await send(peerJwt(1));
    await clock.advance(1_000);
    const forced = watch(tokens.refresh());
    await clock.settle();
    expect(forced.error).toMatchObject({ code: 'request_failed', failure: 'rate-limited' });
  });
});

describe('In every state', () => {
  type Way = {
    readonly state: string;
    readonly substate?: string;
    readonly options?: TabOptions;
    readonly reach: (tab: Peered) => unknown;
    /** How long it takes to get there. */
    readonly ms: number;
    /** Whether readers wait there. */
    readonly waits?: boolean;
  };
  const refused = (status: number, code?: string) =>
    ({ do: 'status', status, ...(code !== undefined && { code }) }) as const;
  const answers = (tab: Peered, ...given: Parameters<Peered['server']['respondWith']>) => {
    tab.server.respondWith(...given);
    tab.tokens.start();
  };
  const ways: readonly Way[] = [
    { state: 'stale', reach: (tab) => answers(tab, refused(404)), ms: 2_000 },
    {
      state: 'refreshing',
      substate: 'spacing',
      reach: async ({ tokens, startFresh }) => {
        await startFresh();
        tokens.reportRejected(tokens.peek() ?? '');
      },
      ms: 100,
      waits: true,
    },
    {
      state: 'refreshing',
      substate: 'queueing',
      options: { lock: memoryLock({ clock: createVirtualClock() }) },
      reach: ({ tokens, lock, names }) => {
        const options = { waitMs: 1, leaseMs: 1_000, signal: new AbortController().signal };
        void lock?.run(names.sessionPrefix('sess_1'), options, never);
        tokens.start();
      },
      ms: 1_000,
      waits: true,
    },
    { state: 'refreshing', substate: 'minting', reach: (tab) => answers(tab, { do: 'hang' }), ms: 1_000, waits: true },
    {
      state: 'refreshing',
      substate: 'confirming-sign-out',
      options: { source: { checkSession: never } },
      reach: (tab) => answers(tab, refused(401)),
      ms: 1_000,
      waits: true,
    },
    {
      state: 'offline-retrying',
      substate: 'waiting',
      reach: ({ connectivity, tokens }) => {
        connectivity.set(false);
        tokens.start();
      },
      ms: 1_000,
      waits: true,
    },
    {
      state: 'offline-retrying',
      substate: 'exhausted',
      reach: ({ connectivity, tokens }) => {
        connectivity.set(false);
        tokens.start();
      },
      ms: 20_000,
    },
    {
      state: 'outage-fallback',
      substate: 'backing-off',
      reach: (tab) => answers(tab, refused(503)),
      ms: 1_000,
      waits: true,
    },
    {
      state: 'outage-fallback',
      substate: 'presenting-expired-token',
      reach: async (tab) => {
        await tab.startFresh();
        tab.server.respondWith(({ lastToken }) =>
          lastToken === undefined ? refused(422, 'missing_expired_token') : { do: 'hang' },
        );
        await tab.clock.advance(42_900);
      },
      ms: 1_000,
    },
    { state: 'outage-fallback', substate: 'probing', reach: (tab) => answers(tab, refused(503)), ms: 170_000 },
  ];

  for (const { state, substate = null, options = {}, reach, ms, waits = false } of ways) {
    it(`T23 in ${state}${substate ? ` (${substate})` : ''}: held, served, status ok`, async () => {
      const tab = createPeered(options);
      const { tokens, clock, send, watch, of } = tab;
      await reach(tab);
      await clock.advance(ms);
      expect(tokens.getState()).toMatchObject({ state, substate });
      const reader = waits ? watch(tokens.getToken()) : {};
      const at = tab.elapsed();
      const token = peerJwt(Math.floor(at / 1_000));
      await send(token);
      expect(tokens.getState()).toMatchObject({
        state: 'fresh',
        substate: null,
        status: 'ok',
        error: null,
        attempt: 0,
      });
      expect(tokens.peek()).toBe(token);
      if (waits) expect(reader).toMatchObject({ token, at });
      expect(await tokens.getToken()).toBe(token);
      expect(of('token.updated').at(-1)).toMatchObject({ at, from: 'peer' });
      const before = tab.server.requests.length;
      await clock.advance(40_000);
      expect(tokens.peek()).toBe(token);
      expect(tab.server.requests).toHaveLength(before);
    });
  }

  it('T23 in restoring: a key that the cache is still asked for', async () => {
    const cache = { ...memoryCache(), get: never };
    const { tokens, clock, keyName, send, watch } = createPeered({ cache });
    tokens.start();
    await clock.advance(3_000);
    const reader = watch(tokens.getToken({ template: 'api' }));
    await clock.advance(500);
    expect(tokens.getState({ template: 'api' })).toMatchObject({ state: 'restoring' });
    const token = peerJwt(3, { claims: { template: 'api' } });
    await send(token, { key: keyName('api') });
    expect(reader).toMatchObject({ token, at: 3_500 });
    expect(tokens.getState({ template: 'api' })).toMatchObject({ state: 'fresh' });
  });

  it('T23 signed out: nothing comes of it, and nobody is signed in by it', async () => {
    const { tokens, clock, send, server, cookie, startFresh } = createPeered();
    await startFresh();
    await (await tokens.signOut()).stored;
    await clock.advance(1_000);
    await send(peerJwt(1), { epoch: 99 });
    expect(tokens.getState()).toMatchObject({ state: 'signed-out' });
    expect(tokens.peek()).toBeNull();
    expect(cookie?.read()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('T23 T13 a session that a peer has a token of is not signed out by an answer that comes later', async () => {
    const { tokens, clock, send, server } = createPeered();
    server.respondWith({ do: 'status', status: 401 });
    server.checkAnswers('gone');
    tokens.start();
    await clock.advance(150);
    expect(tokens.getState()).toMatchObject({ substate: 'confirming-sign-out' });
    await send(peerJwt(0));
    await clock.advance(10_000);
    expect(tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  });
});

describe('Keys', () => {
  it('T23 a token of a template settles the readers of the template, and reaches no cookie', async () => {
    const { tokens, clock, server, send, watch, keyName, cookie, startFresh } = createPeered();
    await startFresh();
    const own = tokens.peek();
    server.respondWith({ do: 'hang' });
    const reader = watch(tokens.getToken({ template: 'api' }));
    await clock.advance(400);
    const token = peerJwt(0, { claims: { template: 'api' } });
    await send(token, { key: keyName('api') });
    expect(reader).toMatchObject({ token, at: 500 });
    expect(tokens.peek({ template: 'api' })).toBe(token);
    expect(tokens.peek()).toBe(own);
    expect(cookie?.read()).toEqual([{ value: own }]);
  });

  it('T23 C12 a token of a key that nobody here has asked for is left alone', async () => {
    const { tokens, send, keyName, startFresh } = createPeered();
    await startFresh();
    const own = tokens.peek();
    await send(peerJwt(0, { claims: { template: 'api' } }), { key: keyName('api') });
    expect(tokens.peek({ template: 'api' })).toBeNull();
    expect(tokens.peek()).toBe(own);
  });
});
