/** What a read gives, and what it sets going (section 4). */
import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { StoppedError } from '../../machines/errors';
import { createTab, type TabOptions } from '../support/tab';

async function createHolding(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return { tab, held: tab.tokens.peek(), until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

describe('fresh', () => {
  it('1 R4.2 F14 a read at 20 s gets the token, and no request is made', async () => {
    const { tab, held, until } = await createHolding();
    await until(20_000);
    expect((await tab.tokens.getToken()) === held).toBe(true);
    expect(typeof held).toBe('string');
    await until(42_999);
    expect(tab.server.instants).toEqual([0]);
  });

  it('R4.2 R4.10 it sends no event, reads the clock once, and every read shares one promise', async () => {
    const { tab } = await createHolding();
    const [send, now] = [vi.spyOn(tab.tokens.actor, 'send'), vi.spyOn(tab.clock, 'now')];
    const child = Object.values(tab.tokens.actor.getSnapshot().children)[0];
    const tell = child && vi.spyOn(child, 'send');
    const first = tab.tokens.getToken();
    expect(now).toHaveBeenCalledTimes(1);
    expect(tab.tokens.getToken()).toBe(first);
    tab.tokens.peek();
    expect(now).toHaveBeenCalledTimes(3);
    expect(send).not.toHaveBeenCalled();
    expect(tell).not.toHaveBeenCalled();
    let settled = false;
    first.then(() => {
      settled = true;
    });
    // One turn of the microtask queue: nothing is chained behind it.
    await Promise.resolve();
    expect(settled).toBe(true);
  });

  it('R4.1 `peek` never makes a request, whatever the state', async () => {
    const tab = createTab();
    expect(tab.tokens.peek()).toBeNull();
    tab.server.respondWith({ do: 'status', status: 404 });
    tab.tokens.start();
    await tab.clock.advance(10_000);
    const before = tab.server.requests.length;
    for (let look = 0; look < 100; look += 1) expect(tab.tokens.peek()).toBeNull();
    expect(tab.tokens.peek({ template: 'never-read' })).toBeNull();
    await tab.clock.settle();
    expect(tab.server.requests).toHaveLength(before);
  });
});

describe('stale', () => {
  /** A key that is not refreshed ahead of time, so that `stale` can be seen. */
  async function createStale(at: number) {
    const holding = await createHolding();
    const key = { template: 'api' };
    holding.tab.tokens.getToken(key);
    await holding.until(200);
    await holding.until(at);
    const asked = () => holding.tab.server.requests.filter(({ request }) => request.key.template === 'api').length;
    return { ...holding, key, held: holding.tab.tokens.peek(key), asked };
  }

  it('3 4 R4.4 R4.3 T6 three reads at once are answered at once, and start one mint', async () => {
    const { tab, key, held, asked } = await createStale(46_000);
    expect(tab.tokens.getState(key).state).toBe('stale');
    const reads = [1, 2, 3].map(() => tab.watch(tab.tokens.getToken(key)));
    await Promise.resolve();
    await Promise.resolve();
    for (const read of reads) expect(read.token === held).toBe(true);
    await tab.clock.settle();
    expect(asked()).toBe(2);
    expect(tab.server.requests.at(-1)?.request.cause).toBe('read');
    expect(tab.tokens.getState(key)).toMatchObject({ state: 'refreshing', serving: true });
  });

  it('7 T30 T6 R4.6 at 55 s a read waits for a mint, and gets what that brings', async () => {
    const { tab, key, asked } = await createStale(55_000);
    const read = tab.watch(tab.tokens.getToken(key));
    await tab.clock.settle();
    expect(read).toEqual({});
    await tab.clock.advance(100);
    expect(read.at).toBe(55_100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(asked()).toBe(2);
  });

  it('T26 T6 a wake in `stale` starts one mint, however many events come of it', async () => {
    const { tab, key, asked } = await createStale(46_000);
    tab.presence.emit('visible');
    tab.presence.emit('focus');
    tab.presence.emit('pageshow');
    tab.presence.emit('resume');
    await tab.clock.advance(1_000);
    expect(asked()).toBe(2);
    expect(tab.tokens.getState(key).state).toBe('fresh');
    const request = tab.server.requests.find((one) => one.request.key.template === 'api' && one.at > 1_000);
    expect(request?.request.cause).toBe('wake');
  });

  it('T26 F14 a wake in `fresh` starts none', async () => {
    const { tab, until } = await createHolding();
    for (let at = 1_000; at < 42_000; at += 1_000) {
      await until(at);
      tab.presence.set({ focus: false });
      tab.presence.set({ focus: true });
    }
    expect(tab.server.instants).toEqual([0]);
  });

  it('T26 R9.19 heartbeats start none either', async () => {
    const { tab, asked } = await createStale(54_000);
    await tab.clock.advance(20_000);
    expect(asked()).toBe(1);
    expect(tab.tokens.getState({ template: 'api' }).state).toBe('stale');
  });

  it('T6 a template that was read since its last mint is refreshed ahead of time, without a reader', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    await until(10_000);
    tab.tokens.getToken(key);
    await until(43_500);
    const asked = tab.server.requests.filter(({ request }) => request.key.template === 'api');
    expect(asked).toHaveLength(2);
    expect(asked[1]?.request.cause).toBe('proactive');
    // Nobody read it after that: once, and no more.
    await until(200_000);
    expect(tab.server.requests.filter(({ request }) => request.key.template === 'api')).toHaveLength(2);
  });
});

describe('waiting', () => {
  it('26 30 R4.5 five reads of nothing: one request, one value', async () => {
    const tab = createTab();
    tab.tokens.start();
    await tab.clock.settle();
    const reads = [1, 2, 3, 4, 5].map(() => tab.watch(tab.tokens.getToken()));
    await tab.clock.advance(100);
    expect(tab.server.instants).toEqual([0]);
    for (const read of reads) expect(read.token === tab.server.issued[0]).toBe(true);
  });

  it('19 27 R4.5 other templates, organizations and params are other keys, with requests of their own', async () => {
    const { tab } = await createHolding();
    const keys = [{ template: 'a' }, { template: 'b' }, { organizationId: 'org_1' }, { params: { audience: 'x' } }];
    const reads = keys.map((key) => tab.watch(tab.tokens.getToken(key)));
    const again = tab.watch(tab.tokens.getToken({ template: 'a' }));
    await tab.clock.advance(100);
    expect(tab.server.requests.slice(1).map(({ request }) => request.key)).toEqual(
      keys.map((key) => ({ sessionId: 'sess_1', ...key })),
    );
    expect(new Set(reads.map(({ token }) => token)).size).toBe(4);
    expect(again.token === reads[0]?.token).toBe(true);
  });

  it('25 R4.5 a mint that fails leaves nothing behind: the next read joins the same loop, and all get the same token', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'status', status: 503 }]);
    tab.tokens.start();
    const early = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_000);
    const late = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(2_100);
    expect(tab.server.instants).toEqual([0, 3_000]);
    expect(early).toEqual({ token: tab.server.issued[0], at: 3_100 });
    expect(late).toEqual(early);
  });

  it('R4.5 D08 readers of one loop are all told when it is given up, with one error', async () => {
    const tab = createTab({ policy: { retries: 1 } });
    tab.server.respondWith({ do: 'status', status: 503 });
    tab.tokens.start();
    const reads = [tab.tokens.getToken(), tab.tokens.getToken(), tab.tokens.refresh()].map(tab.watch);
    await tab.clock.advance(3_100);
    for (const read of reads) expect(read).toMatchObject({ at: 3_100, error: { status: 503 } });
    expect(reads[0]?.error).toBe(reads[1]?.error);
  });

  it('R4.6 T9 the mint finds no network at 56 s: the held token after all, at once', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    const held = tab.tokens.peek(key);
    await until(56_000);
    tab.server.respondWith({ do: 'drop' });
    const read = tab.watch(tab.tokens.getToken(key));
    await until(56_050);
    tab.connectivity.set(false);
    await until(56_099);
    expect(read).toEqual({});
    await until(56_100);
    expect(read.at).toBe(56_100);
    expect(read.token === held).toBe(true);
  });

  it('R4.6 R5.24 503 at 56 s: the held token after all, in the instant in which the mint fails', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    const held = tab.tokens.peek(key);
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(56_000);
    const read = tab.watch(tab.tokens.getToken(key));
    const forced = tab.watch(tab.tokens.refresh(key));
    await until(56_099);
    expect(read).toEqual({});
    await until(56_100);
    expect(read.at).toBe(56_100);
    expect(read.token === held).toBe(true);
    expect(forced).toEqual({});
    // From now on readers are served at once, to the end.
    const next = tab.watch(tab.tokens.getToken(key));
    await tab.clock.settle();
    expect(next.token === held).toBe(true);
  });

  it('R4.9 S4 expired in the very instant in which the mint fails: it is not given', async () => {
    const { tab, until } = await createHolding();
    const key = { template: 'api' };
    tab.tokens.getToken(key);
    await until(200);
    tab.server.respondWith({ do: 'status', status: 503 });
    await until(59_900);
    const read = tab.watch(tab.tokens.getToken(key));
    await until(60_000);
    expect(read).toEqual({});
    tab.server.respondWith({ do: 'mint' });
    await until(63_100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
  });
});

describe('before and after', () => {
  it('R4.11 a read before start() waits, and is answered by the start', async () => {
    const tab = createTab();
    const plain = tab.watch(tab.tokens.getToken());
    const other = tab.watch(tab.tokens.getToken({ template: 'api' }));
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(60_000);
    expect([plain, other, forced]).toEqual([{}, {}, {}]);
    expect(tab.server.requests).toEqual([]);
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(plain.token === tab.server.issued[0]).toBe(true);
    expect(typeof other.token).toBe('string');
    expect(typeof forced.token).toBe('string');
    expect(tab.server.requests).toHaveLength(2);
  });

  it('R4.11 a read before start() of somebody who is signed out is null', async () => {
    const tab = createTab({ session: null });
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read).toEqual({});
    tab.tokens.start();
    await tab.clock.settle();
    expect(read.token).toBeNull();
  });

  it('R4.12 after stop() reads are rejected, and those that waited too', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'hang' });
    tab.tokens.start();
    const waiting = [tab.tokens.getToken(), tab.tokens.refresh(), tab.tokens.getToken({ template: 'x' })].map(
      tab.watch,
    );
    await tab.clock.advance(100);
    tab.tokens.stop();
    const late = [tab.tokens.getToken(), tab.tokens.refresh(), tab.tokens.getToken({ template: 'x' })].map(tab.watch);
    await tab.clock.settle();
    for (const read of [...waiting, ...late]) expect(read.error).toBeInstanceOf(StoppedError);
    expect(tab.tokens.peek()).toBeNull();
  });

  it('R4.12 so are those that wait for a start that never comes', async () => {
    const tab = createTab();
    const read = tab.watch(tab.tokens.getToken());
    tab.tokens.stop();
    await tab.clock.settle();
    expect(read.error).toBeInstanceOf(StoppedError);
  });

  it('R4.12 R4.11 L4 a second start serves again', async () => {
    const { tab, held } = await createHolding();
    tab.tokens.stop();
    await expect(tab.tokens.getToken()).rejects.toBeInstanceOf(StoppedError);
    tab.tokens.start();
    expect((await tab.tokens.getToken()) === held).toBe(true);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('R4.7 55 signed out is null, offline or online, forced or not', async () => {
    const { tab } = await createHolding();
    await tab.tokens.signOut();
    const online = [tab.tokens.getToken(), tab.tokens.refresh(), tab.tokens.getToken({ template: 'x' })];
    tab.connectivity.set(false);
    const offline = [tab.tokens.getToken(), tab.tokens.refresh()];
    expect(await Promise.all([...online, ...offline])).toEqual([null, null, null, null, null]);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('R4.15 A28 every read settles, also where a store hangs: 2 s at most until it goes on without it', async () => {
    const tab = createTab({ store: { ...memoryStore(), read: () => new Promise<never>(() => {}) } });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_999);
    expect(read).toEqual({});
    await tab.clock.advance(101);
    expect(read.token === tab.server.issued[0]).toBe(true);
  });
});
