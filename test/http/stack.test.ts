/** The whole stack against a server that listens. Real time, so few tests, and bounds instead of instants. */
import { describe, expect, it, type TestContext } from 'vitest';
import { type Stack, sleep, startStack } from './stack';

/** Closed when the test is over. The tests wait for real time, so they wait side by side. */
async function start({ onTestFinished }: TestContext, ...given: Parameters<typeof startStack>): Promise<Stack> {
  const stack = await startStack(...given);
  onTestFinished(() => stack.close());
  return stack;
}

const held = (token: string | null): string => {
  if (!token) throw new Error('There should be a token.');
  return token;
};

describe.concurrent('with a server', () => {
  it('T3 T5 T7 is signed in, gets a token that an API accepts, and replaces it in time', async (context) => {
    const { tokens, api, next, mints } = await start(context);
    const first = held(await tokens.getToken());
    expect(await api(first)).toBe(200);
    expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', error: null });
    // 4 s of life, so due after 2 s at most.
    await next('token.updated');
    const second = held(tokens.peek());
    expect(second === first).toBe(false);
    expect(await api(second)).toBe(200);
    expect(mints().map(({ body }) => body.cause)).toEqual(['restore', 'proactive']);
  });

  it('R4.5 S5 twenty readers at once are one request', async (context) => {
    const { tokens, mints } = await start(context);
    const read = await Promise.all(Array.from({ length: 20 }, () => tokens.getToken()));
    expect(new Set(read).size).toBe(1);
    expect(mints()).toHaveLength(1);
  });

  it('R5.3 R5.24 a 503 during a refresh is heard of in events and in no read; then the server is back', async (context) => {
    const { tokens, set, next } = await start(context, { ttlSeconds: 6 }, { retryInitialMs: 300 });
    held(await tokens.getToken());
    set({ fault: 'unavailable' });
    const failed = await next('refresh.failed');
    expect(failed.reason).toBe('transient');
    expect(failed.error).toMatchObject({ code: 'request_failed', status: 503 });
    expect(tokens.getState().status).toBe('degraded');
    expect(typeof (await tokens.getToken())).toBe('string');
    set({ fault: 'none' });
    await next('status.changed', ({ status }) => status === 'ok');
    expect(tokens.getState()).toMatchObject({ state: 'fresh', error: null });
  });

  it('R5.7 R5.8 a 429 with `Retry-After` is kept to, whoever asks', async (context) => {
    const { tokens, set, mints, next } = await start(
      context,
      { fault: 'rate-limited', retryAfterSeconds: 2 },
      { retryInitialMs: 300 },
    );
    await next('refresh.failed', ({ reason }) => reason === 'rate-limited');
    set({ fault: 'none' });
    const refused = await tokens.refresh().catch((error: unknown) => error);
    expect(typeof refused).toBe('object');
    expect(refused).toMatchObject({ code: 'request_failed', status: 429 });
    expect(mints()).toHaveLength(1);
    expect(typeof (await tokens.getToken())).toBe('string');
    const [first, second] = mints();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000 - 20);
    expect(mints()).toHaveLength(2);
  });

  it('T11 T16 a 422 is answered at once by the last token, in the body and not in the URL', async (context) => {
    const { tokens, set, mints, next, api } = await start(context);
    const last = held(await tokens.getToken());
    set({ fault: 'outage' });
    await next('token.updated');
    const [, plain, presenting, ...rest] = mints();
    expect(rest).toEqual([]);
    expect(plain?.body.expired_token).toBeUndefined();
    expect(presenting?.body.expired_token === last).toBe(true);
    expect((presenting?.at ?? 0) - (plain?.at ?? 0)).toBeLessThan(500);
    expect(tokens.getState()).toMatchObject({ state: 'fresh', status: 'degraded', outage: true });
    expect(await api(held(tokens.peek()))).toBe(200);
  });

  it('R5.3 a connection that is cut is a transient failure, and is tried again', async (context) => {
    const { tokens, set, next } = await start(context, { fault: 'dropped' }, { retryInitialMs: 300 });
    const failed = await next('refresh.failed');
    expect(failed.reason).toBe('transient');
    expect(failed.error).toMatchObject({ code: 'request_failed', status: undefined });
    set({ fault: 'none' });
    expect(typeof (await tokens.getToken())).toBe('string');
  });

  it('R5.4 an error page in HTML counts by its status', async (context) => {
    const { next } = await start(context, { fault: 'html' });
    const failed = await next('refresh.failed');
    expect(failed.reason).toBe('transient');
    expect(failed.error).toMatchObject({ status: 502 });
  });

  it('R5.5 a server that does not answer is left after the time-out, and its connection is closed', async (context) => {
    const { tokens, set, next, server } = await start(
      context,
      { fault: 'hang' },
      { requestTimeoutMs: 300, retryInitialMs: 300 },
    );
    const before = performance.now();
    const failed = await next('refresh.failed');
    expect(failed.reason).toBe('timed-out');
    expect(performance.now() - before).toBeLessThan(2_000);
    set({ fault: 'none' });
    expect(typeof (await tokens.getToken())).toBe('string');
    expect(server.log.entries().length).toBeGreaterThan(1);
  });

  it('R9.2 R9.13 a server whose clock is five minutes ahead is believed, by its `Date`', async (context) => {
    const { tokens, api, mints } = await start(context, { clockOffsetSeconds: 300 });
    expect(await api(held(await tokens.getToken()))).toBe(200);
    expect(Math.abs(tokens.getState().clockOffsetMs - 300_000)).toBeLessThanOrEqual(2_000);
    expect(mints()).toHaveLength(1);
  });

  it('T27 R8.6 signing out is complete at once, is told to the server, and ends every request', async (context) => {
    const { tokens, calls, mintByHand } = await start(context);
    held(await tokens.getToken());
    const { remote, stored } = await tokens.signOut();
    expect(tokens.getState().state).toBe('signed-out');
    expect(await tokens.getToken()).toBeNull();
    await stored;
    expect(await remote).toBe('revoked');
    expect(await mintByHand()).toBe(401);
    const before = calls.length;
    // Longer than the refresh would have been away.
    await sleep(2_500);
    expect(calls).toHaveLength(before);
  });

  it('T13 T14 the session is ended elsewhere: the server is asked once, and the user is signed out', async (context) => {
    const { tokens, server, calls, next } = await start(context);
    held(await tokens.getToken());
    const { sessionId } = tokens.getState();
    server.sessions.end(sessionId ?? '');
    const { reason } = await next('session.signedOut');
    expect(reason).toBe('session_gone');
    expect(await tokens.getToken()).toBeNull();
    expect(calls.map(({ path }) => path)).toEqual(['/tokens', '/tokens', '/session']);
  });

  it('T15 the session cannot be asked about because the origin is in trouble: nobody is signed out', async (context) => {
    const { tokens, server, set, next, calls } = await start(context);
    held(await tokens.getToken());
    const { sessionId } = tokens.getState();
    // The mint is answered 401, and the question about the session 503: its end is not proven.
    set({ fault: 'outage' });
    server.sessions.end(sessionId ?? '');
    await next('refresh.failed');
    expect(calls.slice(1).map(({ path }) => path)).toEqual(['/tokens', '/session']);
    expect(tokens.getState()).toMatchObject({ state: 'outage-fallback', sessionId });
    expect(typeof (await tokens.getToken())).toBe('string');
  });

  it('L4 after `stop()` nothing is sent any more, and Node could exit', async (context) => {
    const { tokens, calls } = await start(context, { ttlSeconds: 2 });
    held(await tokens.getToken());
    tokens.stop();
    const before = calls.length;
    await sleep(1_500);
    expect(calls).toHaveLength(before);
  });
});
