import { describe, expect, it } from 'vitest';
import { createTokenPool } from '../../adapters/server/pool/create';
import { TokenRequestError } from '../../machines/errors';
import { createFleet, listen } from './support/fleet';

const ada = { sessionId: 'ada' };

describe('a pool in one process', () => {
  const alone = (server = {}) => createFleet({ shares: false, server });

  it('T1 a token that came with the sign-in is served: no request, no actor, no timer', async () => {
    const { clock, server, process } = alone();
    const pool = process();
    const source = server.source();
    const minting = source.mint({
      key: ada,
      signal: new AbortController().signal,
      attempt: 1,
      deadline: clock.now() + 10_000,
      cause: 'read',
      presence: 'headless',
      lease: null,
    });
    await clock.advance(100);
    const { token } = await minting;
    await pool.signIn({ session: { id: 'ada' }, token });
    expect(await pool.getToken(ada)).toBe(token);
    // Nor for one who would not wait long.
    expect(await pool.getToken({ ...ada, timeoutMs: 1_000, signal: new AbortController().signal })).toBe(token);
    expect(pool.peek(ada)).toBe(token);
    expect(pool.stats()).toEqual({ sessions: 1, active: 0, waiting: 0, timers: 0, mints: 0, failures: 0 });
    expect(clock.pending).toBe(0);
    expect(server.mints).toHaveLength(1);
  });

  it('T6 a stale token is served, and one refresh replaces it; then the actor is gone', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    const before = await pool.getToken(ada);
    expect(pool.stats()).toMatchObject({ active: 0, mints: 1 });
    await clock.advance(40_000);
    expect(await pool.getToken(ada)).toBe(before);
    expect(pool.stats().active).toBe(0);
    await clock.advance(2_000);
    // Past the stale point now: nobody waits, however many ask.
    expect(await Promise.all([1, 2, 3].map(() => pool.getToken(ada)))).toEqual([before, before, before]);
    expect(pool.stats().active).toBe(1);
    await clock.advance(500);
    const after = await pool.getToken(ada);
    expect(after).not.toBe(before);
    expect(server.mints).toHaveLength(2);
    await clock.advance(2_500);
    expect(pool.stats()).toMatchObject({ active: 0, timers: 0 });
    expect(await pool.getToken(ada)).toBe(after);
  });

  it('§4 nothing is refreshed that nobody reads, and whoever reads an expired one shares one mint', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    await clock.advance(3_600_000);
    expect(server.mints).toHaveLength(1);
    expect(pool.peek(ada)).toBeNull();
    const reads = Promise.all(Array.from({ length: 20 }, () => pool.getToken(ada)));
    await clock.advance(1_000);
    const [first, ...others] = await reads;
    expect(first).toEqual(expect.any(String));
    expect(new Set(others)).toEqual(new Set([first]));
    expect(server.mints).toHaveLength(2);
  });

  it('S4 a wall clock that is set back does not revive a token, and one that stood still does not keep it', async () => {
    const { clock, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    await clock.advance(58_000);
    clock.skew(-50_000);
    expect(pool.peek(ada)).toBeNull();
    const other = alone();
    const second = other.process();
    await other.signIn(second, 'ada');
    await other.clock.sleep(60_000);
    expect(second.peek(ada)).toBeNull();
  });

  it('T14 a session that is gone ends: null from then on, told once', async () => {
    const { clock, server, process, signIn, read } = alone();
    const pool = process();
    const events = listen(pool);
    await signIn(pool, 'ada');
    server.revoke('ada');
    await clock.advance(60_000);
    expect(await read(pool, 'ada')).toBeNull();
    expect(events.filter(({ type }) => type === 'session.signedOut')).toMatchObject([{ sessionId: 'ada' }]);
    expect(pool.stats().sessions).toBe(0);
    await clock.advance(5_000);
    expect(pool.stats().active).toBe(0);
    const before = server.requests.length;
    expect(await read(pool, 'ada')).toBeNull();
    expect(server.requests).toHaveLength(before);
  });

  it('S9 a failing origin: the token serves while usable, then a typed error; no more tries for being folded', async () => {
    const { clock, server, process, signIn, read } = alone();
    const pool = process({ troubledForMs: 0 });
    await signIn(pool, 'ada');
    const before = await pool.getToken(ada);
    server.respondWith({ do: 'status', status: 503 });
    const start = server.mints.length;
    await clock.advance(40_000);
    for (let second = 0; second < 14; second += 1) {
      expect(await read(pool, 'ada')).toBe(before);
    }
    // The last seconds before it expires: it is handed out only where there is nothing better.
    await clock.advance(5_000);
    for (let second = 0; second < 60; second += 1) {
      const outcome = pool.getToken({ ...ada, timeoutMs: 500 }).catch((error: unknown) => error);
      await clock.advance(1_000);
      expect(await outcome).toBeInstanceOf(Error);
    }
    const tries = server.mints.slice(start);
    expect(tries.length).toBeGreaterThan(3);
    for (const at of tries) expect(tries.filter((other) => other >= at && other < at + 60_000).length).toBeLessThan(8);
    server.respondWith({ do: 'mint' });
    const back = pool.getToken(ada);
    await clock.advance(60_000);
    expect(await back).toEqual(expect.any(String));
    expect(pool.stats().failures).toBeGreaterThan(0);
  });

  it('T24 a forced read mints, and at most once per floor, though the actor came and went', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    const started = server.mints.length;
    for (let turn = 0; turn < 20; turn += 1) {
      const read = pool.getToken({ ...ada, skipCache: true });
      await clock.advance(250);
      read.catch(() => {});
    }
    await clock.advance(3_000);
    const mints = server.mints.slice(started);
    expect(mints.length).toBeGreaterThan(2);
    const gaps = mints.slice(1).map((at, index) => at - (mints[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('R10.10 a token that an API refused is replaced once, and not served meanwhile', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    const before = await pool.getToken(ada);
    await clock.advance(5_000);
    for (let turn = 0; turn < 3; turn += 1) pool.reportRejected({ ...ada, token: String(before) });
    expect(pool.peek(ada)).toBeNull();
    const after = pool.getToken(ada);
    await clock.advance(1_500);
    expect(await after).not.toBe(before);
    expect(server.mints).toHaveLength(2);
  });

  it('§4 another key of the session has a token of its own', async () => {
    const { clock, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    const plain = await pool.getToken(ada);
    const read = pool.getToken({ ...ada, template: 'db' });
    await clock.advance(1_000);
    expect(await read).not.toBe(plain);
    expect(await pool.getToken(ada)).toBe(plain);
  });

  it('J09 a rotating credential is kept beside the token, and spent once per mint', async () => {
    const { clock, server, process, signIn, read } = alone({ credential: 'rotating' });
    const pool = process();
    await signIn(pool, 'ada');
    for (let turn = 0; turn < 5; turn += 1) {
      await clock.advance(60_000);
      expect(await read(pool, 'ada')).toEqual(expect.any(String));
    }
    expect(server.mints).toHaveLength(6);
    expect(server.reuses).toBe(0);
  });

  it('§8 signed out here: null at once, the server is told, nothing is left', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    const events = listen(pool);
    await signIn(pool, 'ada');
    const out = pool.signOut(ada);
    expect(pool.peek(ada)).toBeNull();
    expect(await pool.getToken(ada)).toBeNull();
    await clock.advance(1_000);
    expect(await (await out).remote).toBe('revoked');
    expect(events.filter(({ type }) => type === 'session.signedOut')).toMatchObject([{ reason: 'user' }]);
    await clock.advance(3_000);
    expect(pool.stats()).toMatchObject({ sessions: 0, active: 0, timers: 0 });
    expect(server.requests.filter(({ path }) => path.includes('end'))).toHaveLength(1);
  });

  it('L4 stopped: who waits gets a StoppedError, no timer is left, and it goes on after a start', async () => {
    const { clock, server, process, signIn, read } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    server.respondWith({ do: 'hang' });
    await clock.advance(60_000);
    const waiting = pool.getToken(ada).catch((error: { code: string }) => error.code);
    await clock.advance(100);
    pool.stop();
    expect(await waiting).toBe('stopped');
    expect(await read(pool, 'ada')).toEqual({ code: 'stopped' });
    expect(clock.pending).toBe(0);
    server.respondWith({ do: 'mint' });
    pool.start();
    expect(await read(pool, 'ada', 15_000)).toEqual(expect.any(String));
  });

  it('L4 a read before the start waits for it', async () => {
    const { clock, server } = alone();
    const pool = createTokenPool({ source: server.source(), clock });
    const signedIn = pool.signIn({ session: { id: 'ada' } });
    const early = pool.getToken(ada);
    await clock.advance(60_000);
    expect(server.requests).toHaveLength(0);
    pool.start();
    await clock.advance(1_000);
    await signedIn;
    expect(await early).toEqual(expect.any(String));
  });

  it('L4 drained: what runs comes to its end first', async () => {
    const { clock, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    await clock.advance(60_000);
    const waiting = pool.getToken(ada);
    const drained = pool.drain();
    await clock.advance(2_000);
    await drained;
    expect(await waiting).toEqual(expect.any(String));
    expect(clock.pending).toBe(0);
  });

  it('S11 no event carries a token or a credential', async () => {
    const { clock, server, process, signIn, read } = alone({ credential: 'rotating' });
    const pool = process();
    const events = listen(pool);
    await signIn(pool, 'ada');
    const first = String(await pool.getToken(ada));
    server.script([{ do: 'status', status: 503 }]);
    await clock.advance(60_000);
    const second = String(await read(pool, 'ada', 10_000));
    const types = new Set(events.map(({ type }) => type));
    expect([...types]).toEqual(expect.arrayContaining(['token.updated', 'refresh.failed', 'status.changed']));
    const text = JSON.stringify(events);
    expect(text).not.toContain(first);
    expect(text).not.toContain(second);
    expect(text).not.toContain('credential-');
  });

  it('T8 errors are those of a lifecycle', async () => {
    const { clock, server, process, signIn } = alone();
    const pool = process();
    await signIn(pool, 'ada');
    server.respondWith({ do: 'status', status: 403 });
    await clock.advance(60_000);
    const failing = pool.getToken(ada).catch((error: unknown) => error);
    await clock.advance(2_000);
    expect(await failing).toBeInstanceOf(TokenRequestError);
    expect(await failing).toMatchObject({ status: 403, failure: 'rejected' });
  });
});
