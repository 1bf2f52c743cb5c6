import { describe, expect, it } from 'vitest';
import type { SharedStore, TokenCache } from '../../machines/ports';
import { createFleet, listen } from './support/fleet';

const ada = { sessionId: 'ada' };

describe('processes that share sessions', () => {
  it('R10.4 a session that signed in at one process is known at the other; one mint per expiry, whoever reads', async () => {
    const { clock, server, process, signIn } = createFleet();
    const [first, second] = [process(), process()];
    await signIn(first, 'ada');
    expect(server.mints).toHaveLength(1);
    for (let round = 1; round <= 5; round += 1) {
      for (let at = 0; at < 60; at += 1) {
        const reads = Promise.all([first.getToken(ada), second.getToken(ada)]);
        await clock.advance(1_000);
        for (const token of await reads)
          await expect(server.verify(String(token))).resolves.toMatchObject({ sid: 'ada' });
      }
    }
    const gaps = server.mints.slice(1).map((at, index) => at - (server.mints[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(4);
    // Lifetime less lead: no token was replaced twice.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(42_000);
  });

  it('R10.4 the lock is given back when the token is where the other process looks, however long that takes to write', async () => {
    const { clock, server, shared, process, signIn } = createFleet();
    const { cache, store, lock } = shared;
    if (!cache || !store || !lock) throw new Error('unshared');
    const after = (ms: number) =>
      new Promise<void>((resolve) => {
        clock.setTimeout(resolve, ms);
      });
    const slow: TokenCache = {
      ...cache,
      set: async (key, value, options) => {
        await after(400);
        return cache.set(key, value, options);
      },
    };
    const [first, second] = [process({ cache: slow, store, lock }), process({ cache: slow, store, lock })];
    await signIn(first, 'ada');
    await second.getToken(ada).catch(() => {});
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(44_000);
      const before = server.mints.length;
      const reads = Promise.all([first.getToken(ada), second.getToken(ada)]);
      await clock.advance(5_000);
      await reads;
      expect(server.mints.length - before).toBe(1);
    }
  });

  it('R4.4 a stale token is served to whoever reads while its machine still looks at what is stored', async () => {
    const { clock, shared, process, signIn, read } = createFleet();
    const { cache, store, lock } = shared;
    if (!cache || !store || !lock) throw new Error('Nothing is shared.');
    const slow: TokenCache = {
      ...cache,
      get: async (name) => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 300));
        return cache.get(name);
      },
    };
    const pool = process({ cache: slow, store, lock });
    await signIn(pool, 'ada');
    const before = await read(pool, 'ada');
    await clock.advance(41_000);
    const tokens = [];
    for (let at = 0; at < 4; at += 1) {
      const seen = await Promise.race([pool.getToken(ada), Promise.resolve().then(() => 'waits')]);
      tokens.push(seen);
      await clock.advance(50);
    }
    expect(tokens).toEqual([before, before, before, before]);
    expect(pool.stats().active).toBe(1);
  });

  it('H06 an id that nobody signed in with is nobody, and asks the source nothing', async () => {
    const { server, process, read } = createFleet();
    expect(await read(process(), 'eve')).toBeNull();
    expect(server.requests).toHaveLength(0);
  });

  it('T4 a cache that cannot be read: nobody knows, which is not nobody', async () => {
    const { shared, process, read } = createFleet();
    const cache = {
      get: async () => {
        throw new Error('down');
      },
      set: async () => {},
      deleteAll: async () => {},
    };
    const { store, lock } = shared;
    if (!store || !lock) throw new Error('unshared');
    expect(await read(process({ cache, store, lock }), 'ada')).toEqual({ code: 'request_failed' });
  });

  it('§10 what is shared fails while a token is stale: it is served until it is about to expire, and replaced all the same', async () => {
    const { clock, server, shared, process, signIn } = createFleet();
    const { cache, store, lock } = shared;
    if (!cache || !store || !lock) throw new Error('unshared');
    let isDown = false;
    const orDown =
      <T>(work: () => T | Promise<T>) =>
      async (): Promise<T> => {
        if (isDown) throw new Error('down');
        return work();
      };
    const pool = process({
      cache: {
        get: (key) => orDown(() => cache.get(key))(),
        set: (key, value, options) => orDown(() => cache.set(key, value, options))(),
        deleteAll: (prefix) => orDown(() => cache.deleteAll(prefix))(),
      },
      store: {
        consistency: 'ordered',
        read: (key) => orDown(() => store.read(key))(),
        update: (key, change) => orDown(() => store.update(key, change))(),
      },
      lock,
    });
    await signIn(pool, 'ada');
    isDown = true;
    await clock.advance(43_000);
    server.respondWith({ do: 'status', status: 503 });
    const read = async (): Promise<string | null> => {
      const token = pool.getToken({ ...ada, timeoutMs: 50 }).catch(({ code }) => code);
      await clock.advance(100);
      return token;
    };
    for (let at = 0; at < 50; at += 1) expect(await read()).toMatch(/^ey/);
    server.respondWith({ do: 'mint' });
    await clock.advance(8_000);
    expect(server.mints.length).toBeGreaterThan(2);
    expect(await read()).toMatch(/^ey/);
  });

  it('§8 signed out at one process: the other finds out when it looks, and does not take itself for a new sign-in', async () => {
    const { clock, server, process, signIn, read } = createFleet();
    const [first, second] = [process(), process()];
    await signIn(first, 'ada');
    expect(await read(second, 'ada')).toEqual(expect.any(String));
    await clock.advance(3_000);
    const out = first.signOut(ada);
    await clock.advance(1_000);
    await out;
    const events = listen(second);
    const before = server.mints.length;
    await clock.advance(60_000);
    expect(await read(second, 'ada')).toBeNull();
    expect(events).toMatchObject([{ type: 'session.signedOut', sessionId: 'ada', reason: 'peer' }]);
    expect(server.mints).toHaveLength(before);
    await clock.advance(5_000);
    expect(second.stats()).toMatchObject({ sessions: 0, active: 0 });
    expect(await read(second, 'ada')).toBeNull();
  });

  it('T28 signed in again: the tombstone is over, in every process', async () => {
    const { clock, process, signIn, read } = createFleet();
    const [first, second] = [process(), process()];
    await signIn(first, 'ada');
    await read(second, 'ada');
    const out = first.signOut(ada);
    await clock.advance(1_000);
    await out;
    await clock.advance(60_000);
    expect(await read(second, 'ada')).toBeNull();
    await signIn(second, 'ada');
    expect(await read(first, 'ada')).toEqual(expect.any(String));
    await clock.advance(60_000);
    expect(await read(first, 'ada', 2_000)).toEqual(expect.any(String));
    expect(await read(second, 'ada', 2_000)).toEqual(expect.any(String));
  });

  it('S6 a process killed before the server heard of its mint: the credential is spent once, by the other', async () => {
    const { clock, server, process, signIn, read } = createFleet({
      server: { credential: 'rotating', reuseGraceMs: 30_000 },
    });
    const [first, second] = [process(), process()];
    await signIn(first, 'ada');
    await read(second, 'ada');
    await clock.advance(42_000);
    server.script([{ do: 'hang' }]);
    await first.getToken(ada);
    await clock.advance(300);
    first.stop();
    await clock.advance(20_000);
    expect(await read(second, 'ada', 15_000)).toEqual(expect.any(String));
    expect(server.reuses).toBe(0);
  });

  it('S6 a process killed after the server has rotated: inside the grace the other gets the successor', async () => {
    const { clock, server, process, signIn, read } = createFleet({
      server: { credential: 'rotating', reuseGraceMs: 30_000 },
    });
    const [first, second] = [process(), process()];
    await signIn(first, 'ada');
    await read(second, 'ada');
    await clock.advance(42_000);
    server.script([{ do: 'late', ms: 20_000 }]);
    await first.getToken(ada);
    await clock.advance(300);
    const before = server.mints.length;
    first.stop();
    // Still usable, so nobody waits; the successor is fetched behind it.
    expect(await second.getToken(ada)).toEqual(expect.any(String));
    await clock.advance(20_000);
    expect(await read(second, 'ada', 5_000)).toEqual(expect.any(String));
    expect(server.mints.length).toBeGreaterThan(before);
    expect(server.reuses).toBe(0);
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(60_000);
      expect(await read(second, 'ada', 5_000)).toEqual(expect.any(String));
    }
    expect(server.reuses).toBe(0);
  });

  it('S11 what the store is told has no secret, and no session id', async () => {
    const told: unknown[] = [];
    const { shared, process, signIn } = createFleet({ server: { credential: 'rotating' } });
    const { store, cache, lock } = shared;
    if (!store || !cache || !lock) throw new Error('unshared');
    const watched: SharedStore = {
      ...store,
      update: async (key, change) => {
        const written = await store.update(key, change);
        told.push(key, written);
        return written;
      },
    };
    const pool = process({ store: watched, cache, lock });
    await signIn(pool, 'session-of-ada');
    expect(told.length).toBeGreaterThan(4);
    expect(JSON.stringify(told)).not.toMatch(/session-of-ada|credential-|eyJ/);
  });
});
