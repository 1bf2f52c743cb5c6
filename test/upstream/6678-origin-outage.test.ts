/** The edge in front of a failing origin mints from the last token. What used to be missing was the way in and the way out. */
import { describe, expect, it } from 'vitest';
import { auditReads } from '../support/audit';
import { createTab } from '../support/tab';

/** Fresh at 0.1 s; the origin is away from then on. */
async function inAnOutage() {
  const tab = createTab();
  await tab.startFresh();
  tab.server.respondWith({ do: 'outage' });
  /** Time of each request, and whether it carried a token. */
  const requests = () => tab.server.requests.map(({ at, request }) => [at, request.lastToken !== undefined] as const);
  return { tab, requests, until: (ms: number) => tab.clock.advance(ms - tab.elapsed()) };
}

/** The first refresh of the outage costs two requests, so that each token is issued a little after its refresh began. */
const first = [
  [0, false],
  [43_000, false],
  [43_100, true],
] as const;

describe('clerk/javascript#6678: sessions outlive an outage of the origin', () => {
  it('T11 T16 the first refresh makes exactly two requests, back to back, and the second hands in the token that is held', async () => {
    const { tab, requests, until } = await inAnOutage();
    const held = tab.tokens.peek();
    await until(43_200);
    expect(requests()).toEqual(first);
    const [, plain, presenting] = tab.server.requests;
    expect(presenting?.request.lastToken === held).toBe(true);
    expect(presenting?.request.key).toEqual(plain?.request.key);
    expect(presenting?.request.cause).toBe(plain?.request.cause);
    expect(tab.tokens.peek() === tab.server.issued[1]).toBe(true);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'degraded', outage: true });
  });

  it('T16 R6.2 while the mark stands a refresh is one request, and every fourth tries the normal way', async () => {
    const { tab, requests, until } = await inAnOutage();
    await until(400_000);
    expect(requests()).toEqual([
      ...first,
      [86_000, true],
      [129_000, true],
      [172_000, true],
      // The fourth asks plainly, is refused, and hands the token in after all.
      [215_000, false],
      [215_100, true],
      [258_000, true],
      [301_000, true],
      [344_000, true],
      [387_000, false],
      [387_100, true],
    ]);
    expect(tab.tokens.getState()).toMatchObject({ status: 'degraded', outage: true });
  });

  it('T16 R6.6 the origin comes back: the next probe ends the mark, and status is ok again', async () => {
    const { tab, requests, until } = await inAnOutage();
    await until(100_000);
    tab.server.respondWith({ do: 'mint' });
    await until(215_050);
    expect(tab.tokens.getState()).toMatchObject({ status: 'degraded', outage: true });
    await until(215_100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', outage: false });
    await until(345_000);
    expect(requests().slice(6)).toEqual([
      [215_000, false],
      [258_000, false],
      [301_000, false],
      [344_000, false],
    ]);
    expect(tab.of('status.changed').map(({ at, previous, status }) => [at, previous, status])).toEqual([
      [43_100, 'ok', 'degraded'],
      [215_100, 'degraded', 'ok'],
    ]);
  });

  it('T16 `outageProbeEvery` sets how often the normal way is tried', async () => {
    const tab = createTab({ policy: { outageProbeEvery: 2 } });
    await tab.startFresh();
    tab.server.respondWith({ do: 'outage' });
    await tab.clock.advance(180_000);
    expect(tab.server.requests.map(({ request }) => request.lastToken !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  it('R6.1 an expired token is as good: it is what the edge asks for', async () => {
    const { tab, until } = await inAnOutage();
    const held = tab.tokens.peek();
    tab.connectivity.set(false);
    await until(300_000);
    expect(tab.tokens.peek()).toBeNull();
    tab.connectivity.set(true);
    const read = tab.watch(tab.tokens.getToken());
    await until(301_000);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(tab.server.requests.at(-1)?.request.lastToken === held).toBe(true);
  });

  it('S3 R4.7 an hour of it: no reader waits, is refused, or takes the user for signed out', async () => {
    const { tab } = await inAnOutage();
    const audit = auditReads(tab, { everyMs: 1_000 });
    await audit.run(3_600_000);
    expect(audit.errors).toEqual([]);
    expect(audit.expired).toEqual([]);
    expect(audit.empty).toBe(0);
    expect(tab.of('session.signedOut')).toEqual([]);
    expect(tab.server.checks).toEqual([]);
  });

  it('R5.9 without a last token a 422 is a refusal and no sign-out: one request', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'outage' });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(2_000);
    expect(tab.server.requests.map(({ request }) => request.lastToken)).toEqual([undefined]);
    expect(read.error).toMatchObject({ code: 'request_failed', status: 422, serverCode: 'missing_expired_token' });
    expect(tab.tokens.getState().state).not.toBe('signed-out');
  });

  it('T11 the edge goes down as well: backoff, and both requests of a try stay together', async () => {
    const { tab, until } = await inAnOutage();
    tab.server.respondWith(({ lastToken }) =>
      lastToken === undefined ? { do: 'outage' } : { do: 'status', status: 503 },
    );
    await until(300_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded', outage: false });
    const tries = tab.server.requests.slice(1);
    expect(tries.length).toBeGreaterThan(4);
    expect(tries.length % 2).toBe(0);
    tries.forEach(({ at, request }, index) => {
      const isSecond = index % 2 === 1;
      expect(request.lastToken !== undefined).toBe(isSecond);
      if (isSecond) expect(at - (tries[index - 1]?.at ?? 0)).toBe(100);
    });
  });

  it('T16 T27 the mark does not outlive its session', async () => {
    const { tab, until } = await inAnOutage();
    await until(50_000);
    expect(tab.tokens.getState().outage).toBe(true);
    await tab.tokens.signOut();
    tab.server.respondWith({ do: 'mint' });
    tab.tokens.signIn({ session: { id: 'sess_2' } });
    await until(60_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', outage: false, status: 'ok' });
    expect(tab.server.requests.at(-1)?.request.lastToken).toBeUndefined();
  });
});
