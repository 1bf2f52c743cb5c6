/** Answers with 2xx that bring nothing: tokens that cannot be used, and tokens that bring no progress (R5.10, R5.11, T8). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { busiest } from '../support/audit';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const start = Date.UTC(2026, 0, 1) / 1_000;

describe('a token that cannot be accepted', () => {
  const answers: [title: string, reason: string, answer: Behaviour][] = [
    ['is empty', 'empty', { do: 'answer', result: { token: '' } }],
    ['is missing', 'empty', { do: 'answer', result: null }],
    ['is no string', 'not_a_string', { do: 'answer', result: { token: 42 } }],
    ['is malformed', 'malformed', { do: 'answer', result: { token: 'a.b.c' } }],
    ['is no JWT, and the source says no lifetime', 'malformed', { do: 'answer', result: { token: 'opaque' } }],
    ['has no exp', 'no_lifetime', { do: 'answer', result: { token: jwt({ iat: start }) } }],
    ['ends before it begins', 'no_lifetime', { do: 'answer', result: { token: jwt({ iat: start + 60, exp: start }) } }],
    ['is for another session', 'other_session', { do: 'mint', sid: 'sess_2' }],
  ];

  it.each(answers)(
    'R5.10 R5.11 T10 %s: invalid, nothing of it is kept, and it is tried again',
    async (_, reason, answer) => {
      const cache = memoryCache();
      const tab = createTab({ cache });
      tab.server.script([answer]);
      tab.tokens.start();
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.advance(2_999);
      expect(tab.of('refresh.failed')).toMatchObject([{ at: 100, reason: 'invalid' }]);
      expect(tab.of('refresh.failed')[0]?.error.message).toContain(reason);
      expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded', fingerprint: null });
      expect(tab.tokens.peek()).toBeNull();
      expect(tab.of('token.updated')).toEqual([]);
      expect(tab.cookie.read()).toEqual([]);
      expect(read).toEqual({});
      await tab.clock.advance(101);
      expect(tab.server.instants).toEqual([0, 3_000]);
      expect(read.token).toBe(tab.server.issued.at(-1));
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    },
  );

  it.each(answers)('R5.11 S3 %s: the token that is held stays, in the cookie too', async (_, __, answer) => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.script([answer]);
    await tab.clock.advance(43_000);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'invalid' }]);
    expect(tab.tokens.peek()).toBe(held);
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
    expect(tab.of('token.updated')).toHaveLength(1);
  });

  it('R5.10 it is expired on arrival, twice: invalid', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'answer', result: { token: jwt({ iat: start - 120, exp: start - 60 }) } });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_500);
    // Asked for once more, a second after the first request (R9.8).
    expect(tab.server.instants).toEqual([0, 1_000]);
    expect(tab.of('refresh.failed')).toMatchObject([{ at: 1_100, reason: 'invalid' }]);
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.of('token.updated')).toEqual([]);
    expect(read).toEqual({});
  });

  it('52 S2 R4.8 an empty token, online: no reader gets it, and the cookie is not removed', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith({ do: 'answer', result: { token: '' } });
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(5_000);
    expect(forced).toEqual({});
    expect(await tab.tokens.getToken()).toBe(held);
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
  });
});

describe('T8: valid, but no progress', () => {
  it('T8 F10 an edge that repeats one token: it serves, and is asked for another by backoff, not in a loop', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek() ?? '';
    tab.server.respondWith({ do: 'answer', result: { token: held } });
    await tab.clock.advance(45_999 - tab.elapsed());
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'stale', serving: true, status: 'ok' });
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(await tab.tokens.getToken()).toBe(held);
    await tab.clock.advance(1);
    await tab.clock.settle();
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
  });

  it('T8 T26 neither a wake nor a reader hastens the next try', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith({ do: 'answer', result: { token: held } });
    for (let at = 43_200; at < 46_000; at += 200) {
      await tab.clock.advance(at - tab.elapsed());
      tab.presence.emit('focus');
      tab.tokens.getToken();
    }
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('T8 T24 who forced the mint gets what it brought; cache and cookie keep the held token', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'mint', oiat: start - 10 });
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith({ do: 'mint', oiat: start - 20 });
    await tab.clock.advance(4_900);
    const forced = tab.watch(tab.tokens.refresh());
    const plain = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(forced.token).toBe(tab.server.issued[1]);
    expect(forced.token).not.toBe(held);
    expect(plain.token).toBe(held);
    expect(tab.tokens.peek()).toBe(held);
    expect(tab.cookie.read()).toMatchObject([{ value: held }]);
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });

  it('29 T7 T8 two forced mints, the fresher first or last: each caller gets its own, the fresher is held', async () => {
    for (const oiats of [
      [-10, -20],
      [-20, -10],
    ] as const) {
      const tab = createTab();
      tab.server.respondWith({ do: 'mint', oiat: start - 30 });
      await tab.startFresh();
      tab.server.script(oiats.map((oiat) => ({ do: 'mint', oiat: start + oiat })));
      await tab.clock.advance(4_900);
      const first = tab.watch(tab.tokens.refresh());
      await tab.clock.advance(50);
      const second = tab.watch(tab.tokens.refresh());
      await tab.clock.advance(1_100);
      expect([first.token, second.token]).toEqual(tab.server.issued.slice(1));
      expect(first.token).not.toBe(second.token);
      const fresher = oiats[0] > oiats[1] ? first.token : second.token;
      expect(tab.tokens.peek()).toBe(fresher);
      expect(tab.cookie.read()).toMatchObject([{ value: fresher }]);
    }
  });

  it('T8 F10 S9 the repeated token runs out, with readers all the time: seven requests a minute at most, and no expired token', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith({ do: 'answer', result: { token: held } });
    for (let at = 500; at < 300_000; at += 500) {
      await tab.clock.advance(at - tab.elapsed());
      tab.tokens.getToken().catch(() => {});
      if (at >= 60_000) expect(tab.tokens.peek()).toBeNull();
    }
    const failed = tab.server.instants.slice(1);
    expect(busiest(failed, 60_000)).toBeLessThanOrEqual(7);
    expect(failed.length).toBeGreaterThanOrEqual(6);
  });

  it('T8 T7 a later token with an earlier stale point is no progress; with a later one it is', async () => {
    const tab = createTab();
    await tab.startFresh();
    const held = tab.tokens.peek();
    await tab.clock.advance(4_900);
    // Issued at 5 s; stale 17 s before its end, so at 43 s: not later than the held one.
    tab.server.script([{ do: 'mint', ttlSeconds: 55 }]);
    const first = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(first.token).toBe(tab.server.issued[1]);
    expect(tab.tokens.peek()).toBe(held);
    await tab.clock.advance(10_000);
    tab.server.script([{ do: 'mint', ttlSeconds: 46 }]);
    const second = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(second.token).toBe(tab.server.issued[2]);
    expect(tab.tokens.peek()).toBe(tab.server.issued[2]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', attempt: 0 });
  });
});
