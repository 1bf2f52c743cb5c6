/** T13 to T15: what a 401 leads to. The server's proof signs out; trouble on the way to it does not. */
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../machines/policy';
import type { SessionVerdict } from '../../machines/ports';
import { createTab, type TabOptions } from '../support/tab';

const nobodyToAsk = { source: { checkSession: undefined } as unknown as NonNullable<TabOptions['source']> };

/** Fresh, then 401 to the proactive refresh at 43 s. */
async function refused(options: TabOptions = {}, code?: string) {
  const tab = createTab(options);
  await tab.startFresh();
  tab.server.respondWith({ do: 'status', status: 401, ...(code !== undefined && { code }) });
  await tab.clock.advance(43_000);
  return tab;
}

describe('A 401 to a mint', () => {
  it('T13 R5.13 leads to the question whether the session exists; until it is answered nobody is signed out', async () => {
    const tab = await refused();
    expect(tab.server.checks).toEqual(['sess_1']);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'refreshing',
      substate: 'confirming-sign-out',
      serving: true,
      sessionId: 'sess_1',
    });
    expect(await tab.tokens.getToken()).toBe(tab.server.issued[0]);
    expect(tab.cookie?.read()).toHaveLength(1);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('T13 the session is asked about once for all its keys', async () => {
    const tab = createTab();
    await tab.startFresh();
    for (const template of ['a', 'b']) void tab.tokens.getToken({ template });
    await tab.clock.advance(1_000);
    tab.server.respondWith({ do: 'status', status: 401 });
    tab.server.checkAnswers('gone');
    const reads = [{}, { template: 'a' }, { template: 'b' }].map((options) => tab.watch(tab.tokens.refresh(options)));
    await tab.clock.advance(150);
    expect(tab.server.checks).toEqual(['sess_1']);
    await tab.clock.advance(100);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(reads.map(({ token }) => token)).toEqual([null, null, null]);
    expect(tab.server.checks).toHaveLength(1);
  });

  it('T14 R8.1 S1 gone: signed out with the reason `session_gone`, the cookie removed, readers get null', async () => {
    const tab = await refused();
    tab.server.checkAnswers('gone');
    const waiting = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(100);
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone', session: { id: 'sess_1' } }]);
    expect(tab.of('session.signedOut')[0]?.explanation).toMatch(/T14/);
    expect(tab.cookie?.read()).toEqual([]);
    expect(waiting.token).toBeNull();
    await tab.clock.advance(1_000);
    expect(tab.clock.pending).toBe(0);
    expect(await tab.store?.read(tab.server.source.endpoint ?? '')).toBeUndefined();
  });

  for (const code of defaultPolicy.terminalCodes) {
    it(`T14 with nobody to ask, ${code} ends the session`, async () => {
      const tab = await refused(nobodyToAsk, code);
      await tab.clock.advance(100);
      expect(tab.tokens.getState().state).toBe('signed-out');
      expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'credential_refused' }]);
      expect(tab.cookie?.read()).toEqual([]);
    });
  }

  it('T15 with nobody to ask, a 401 without a terminal code signs nobody out; tries become rarer', async () => {
    for (const code of [undefined, 'token_expired', 'unauthorized']) {
      const tab = await refused(nobodyToAsk, code);
      const read = tab.watch(tab.tokens.refresh());
      await tab.clock.advance(1_200);
      expect(read.error).toMatchObject({ code: 'request_failed', status: 401, failure: 'unauthenticated' });
      expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_1', serving: true });
      const before = tab.server.requests.length;
      await tab.clock.advance(300_000);
      const tries = tab.server.requests.length - before;
      expect(tries).toBeGreaterThanOrEqual(5);
      expect(tries).toBeLessThanOrEqual(7);
      expect(tab.of('session.signedOut')).toEqual([]);
      expect(tab.cookie?.read()).toHaveLength(1);
    }
  });

  it('T15 active: continues as a refusal, and the held token still serves', async () => {
    const tab = await refused();
    tab.server.checkAnswers('active');
    await tab.clock.advance(100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'stale', serving: true, sessionId: 'sess_1' });
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'unauthenticated' }]);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  const troubles: readonly [string, SessionVerdict | 'throw'][] = [
    ['answers `unknown`', 'unknown'],
    ['fails', 'throw'],
    ['answers something else', 'perhaps' as SessionVerdict],
  ];
  for (const [how, verdict] of troubles) {
    it(`T15 S1 the question ${how}: outage, nobody is signed out, and it recovers`, async () => {
      const tab = await refused();
      tab.server.checkAnswers(verdict);
      await tab.clock.advance(100);
      expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', status: 'degraded', serving: true });
      await tab.clock.advance(600_000);
      expect(tab.of('session.signedOut')).toEqual([]);
      expect(tab.tokens.getState().sessionId).toBe('sess_1');
      expect(tab.cookie?.read()).toHaveLength(1);
      tab.server.respondWith({ do: 'mint' });
      await tab.clock.advance(60_000);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    });
  }

  it('T15 S1 the question is not answered within the time of a request: unknown', async () => {
    const tab = await refused({ source: { checkSession: () => new Promise(() => {}) } });
    await tab.clock.advance(9_999);
    expect(tab.tokens.getState().substate).toBe('confirming-sign-out');
    await tab.clock.advance(101);
    expect(tab.tokens.getState().state).toBe('outage-fallback');
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('T15 S10 offline by then: nobody is asked and nobody signed out', async () => {
    const tab = await refused();
    tab.server.checkAnswers('gone');
    const asked = tab.server.checks.length;
    tab.connectivity.set(false);
    tab.connectivity.set(true);
    tab.connectivity.set(false);
    void tab.tokens.refresh().catch(() => {});
    await tab.clock.advance(50);
    expect(tab.server.checks).toHaveLength(asked);
  });

  it('T14 R5.13 an allow-listed code under another 4xx leads to the same question', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.checkAnswers('gone');
    tab.server.respondWith({ do: 'status', status: 400, code: 'invalid_grant' });
    await tab.clock.advance(43_200);
    expect(tab.server.checks).toEqual(['sess_1']);
    expect(tab.of('session.signedOut')).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R8.14 a sign-out by the server while a listener signs in: the new session stands', async () => {
    const tab = await refused();
    tab.server.checkAnswers('gone');
    tab.tokens.on('session.signedOut', () => {
      tab.server.respondWith({ do: 'mint' });
      tab.tokens.signIn({ session: { id: 'sess_2' } });
    });
    await tab.clock.advance(300);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
    expect(tab.cookie?.read()).toEqual([{ value: tab.server.issued[1] }]);
    expect(tab.cookie?.readContext?.()).toMatch(/\.in\./);
  });
});
