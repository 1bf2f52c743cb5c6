/** Events and their payloads; listeners that throw, and listeners that call back. */
import { describe, expect, it, vi } from 'vitest';
import { decodeToken } from '../../adapters/token/decode';
import { createTab, type Tab } from '../support/tab';

const start = Date.UTC(2026, 0, 1);
const types = (tab: Tab) => tab.events.map(({ type }) => type);

describe('Events', () => {
  it('Facade: the first token: signed in, started, updated, succeeded', async () => {
    const tab = createTab();
    await tab.startFresh();
    const fingerprint = decodeToken(tab.server.issued[0] ?? '').fingerprint;
    const [key, expiresAt] = [{ sessionId: 'sess_1' }, start + 60_000];
    expect(tab.events).toEqual([
      { type: 'session.signedIn', at: 0, session: { id: 'sess_1' }, epoch: 0, from: 'restored' },
      { type: 'refresh.started', at: 0, key, attempt: 1, reason: 'restore' },
      { type: 'token.updated', at: 100, key, expiresAt, fingerprint, from: 'mint' },
      { type: 'refresh.succeeded', at: 100, key, attempt: 1, expiresAt, fingerprint },
    ]);
  });

  it('Facade: an outage and the way back: statuses once each, failures with class, attempt and next attempt', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'status', status: 503 }, { do: 'drop' }]);
    await tab.clock.advance(60_000);
    expect(tab.of('status.changed').map(({ status, previous }) => [previous, status])).toEqual([
      ['ok', 'degraded'],
      ['degraded', 'ok'],
    ]);
    const failures = tab.of('refresh.failed');
    expect(failures).toMatchObject([
      { at: 43_100, attempt: 1, reason: 'transient', key: { sessionId: 'sess_1' }, error: { status: 503 } },
      { attempt: 2, reason: 'transient', error: { code: 'request_failed' } },
    ]);
    const starts = tab.of('refresh.started');
    expect(starts.map(({ attempt, reason }) => [attempt, reason])).toEqual([
      [1, 'restore'],
      [1, 'proactive'],
      [2, 'retry'],
      [3, 'retry'],
    ]);
    // What was announced is what happened.
    expect(failures.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual(starts.slice(2).map(({ at }) => start + at));
  });

  it('Facade: offline and back', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.connectivity.set(false);
    await tab.clock.advance(50_000);
    tab.connectivity.set(true);
    await tab.clock.advance(1_100);
    expect(tab.of('status.changed').map(({ status, previous }) => [previous, status])).toEqual([
      ['ok', 'offline'],
      ['offline', 'ok'],
    ]);
    expect(tab.of('refresh.started').at(-1)?.reason).toBe('online');
  });

  it('Facade: after on() and off again nothing is heard, and each event goes to its own listeners only', async () => {
    const tab = createTab();
    const [updated, failed] = [vi.fn(), vi.fn()];
    const leave = tab.tokens.on('token.updated', updated);
    tab.tokens.on('refresh.failed', failed);
    await tab.startFresh();
    expect([updated.mock.calls.length, failed.mock.calls.length]).toEqual([1, 0]);
    leave.unsubscribe();
    leave();
    await tab.clock.advance(60_000);
    expect(updated).toHaveBeenCalledOnce();
  });
});

describe('Listeners that throw', () => {
  const thrower = () => {
    throw new Error('a listener of the application');
  };

  it('Facade: disturb neither the others nor the lifecycle; the logger is told', async () => {
    const error = vi.fn();
    const tab = createTab({ logger: { error } });
    const after = vi.fn();
    tab.tokens.subscribe(thrower);
    tab.tokens.subscribe(after);
    for (const type of [
      'token.updated',
      'session.signedIn',
      'session.signedOut',
      'refresh.started',
      'status.changed',
    ] as const) {
      tab.tokens.on(type, thrower);
    }
    await tab.startFresh();
    expect(tab.tokens.getState().state).toBe('fresh');
    expect(after).toHaveBeenCalled();
    expect(error).toHaveBeenCalled();
    await tab.clock.advance(60_000);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    tab.connectivity.set(false);
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().status).toBe('offline');
    await tab.tokens.signOut();
    expect(tab.tokens.getState().state).toBe('signed-out');
    expect(tab.cookie?.read()).toEqual([]);
  });

  it('Facade: a logger that throws as well disturbs nothing either', async () => {
    const tab = createTab({
      logger: { error: thrower, warn: thrower, debug: thrower },
      cache: { get: thrower, set: thrower, deleteAll: thrower },
    });
    tab.tokens.subscribe(thrower);
    tab.tokens.on('token.updated', thrower);
    await tab.startFresh();
    await tab.clock.advance(60_000);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    await tab.tokens.signOut();
    expect(tab.tokens.getState().state).toBe('signed-out');
  });

  it('Facade: an inspection observer that throws disturbs nothing, as a function or as an object', async () => {
    for (const inspect of [thrower, { next: thrower }]) {
      const tab = createTab({ inspect });
      await tab.startFresh();
      expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
      await tab.clock.advance(60_000);
      expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
      await tab.tokens.signOut();
      expect(tab.tokens.getState().state).toBe('signed-out');
    }
  });

  it('Facade: a listener that returns a rejected promise is its own affair', async () => {
    const tab = createTab();
    const rejected = Promise.reject(new Error('later'));
    rejected.catch(() => {});
    tab.tokens.on('token.updated', () => void rejected);
    await tab.startFresh();
    expect(tab.tokens.getState().state).toBe('fresh');
  });
});

describe('Listeners that call back', () => {
  it('D01 getToken from inside any listener settles, with the token that the event tells of', async () => {
    const tab = createTab();
    const reads: [string, ReturnType<Tab['watch']>, string | null][] = [];
    const read = (type: string) => reads.push([type, tab.watch(tab.tokens.getToken()), tab.tokens.peek()]);
    tab.tokens.subscribe(() => read('subscribe'));
    for (const type of [
      'session.signedIn',
      'token.updated',
      'refresh.started',
      'refresh.succeeded',
      'refresh.failed',
      'status.changed',
    ] as const) {
      tab.tokens.on(type, () => read(type));
    }
    await tab.startFresh();
    for (const [type, { token }, peeked] of reads) {
      expect([type, token]).toEqual([type, tab.server.issued[0]]);
      if (type === 'token.updated' || type === 'refresh.succeeded') expect(peeked).toBe(tab.server.issued[0]);
    }
    expect(new Set(reads.map(([type]) => type))).toContain('token.updated');
    reads.length = 0;
    tab.server.script([{ do: 'status', status: 503 }]);
    await tab.clock.advance(43_000);
    expect(reads.length).toBeGreaterThan(3);
    await tab.clock.advance(10_000);
    for (const [, seen] of reads) expect(seen.token).toEqual(expect.any(String));
    expect(tab.server.requests).toHaveLength(3);
  });

  it('D01 getState inside a listener is the state that the event tells of', async () => {
    const tab = createTab();
    const seen: [string, unknown, unknown][] = [];
    tab.tokens.on('token.updated', ({ fingerprint }) => {
      seen.push(['token.updated', tab.tokens.getState().fingerprint, fingerprint]);
    });
    tab.tokens.on('status.changed', ({ status }) => {
      seen.push(['status.changed', tab.tokens.getState().status, status]);
    });
    tab.tokens.on('session.signedIn', ({ session }) => {
      seen.push(['session.signedIn', tab.tokens.getState().sessionId, session.id]);
    });
    tab.tokens.on('session.signedOut', () => {
      seen.push(['session.signedOut', tab.tokens.getState().state, 'signed-out']);
    });
    await tab.startFresh();
    tab.connectivity.set(false);
    await tab.clock.advance(50_000);
    await tab.tokens.signOut();
    expect(new Set(seen.map(([type]) => type)).size).toBe(4);
    for (const [type, state, told] of seen) expect([type, state]).toEqual([type, told]);
  });

  it('D01 getToken in session.signedOut is null, of any key; signing in there works', async () => {
    const tab = createTab();
    await tab.startFresh();
    const reads: ReturnType<Tab['watch']>[] = [];
    tab.tokens.on('session.signedOut', () => {
      reads.push(tab.watch(tab.tokens.getToken()), tab.watch(tab.tokens.getToken({ template: 'api' })));
      tab.tokens.signIn({ session: { id: 'sess_2' } });
    });
    await tab.tokens.signOut();
    await tab.clock.advance(100);
    // Asked while signed out: null, or the token of who signed in right afterwards; never that of the old session.
    for (const { token } of reads) expect([null, ...tab.server.issued.slice(1)]).toContain(token);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2' });
    expect(tab.cookie?.read()).toEqual([{ value: tab.tokens.peek() }]);
  });

  it('D01 forcing, switching and stopping from inside a listener work', async () => {
    const forcing = createTab();
    let once = false;
    forcing.tokens.on('token.updated', () => {
      if (once) return;
      once = true;
      void forcing.tokens.refresh();
    });
    await forcing.startFresh();
    await forcing.clock.advance(2_000);
    expect(forcing.tokens.peek()).toBe(forcing.server.issued[1]);

    const switching = createTab();
    switching.tokens.on('token.updated', ({ key }) => {
      if (key.organizationId === undefined) switching.tokens.setActive({ organizationId: 'org_1' });
    });
    await switching.startFresh();
    await switching.clock.advance(2_000);
    expect(switching.tokens.getState()).toMatchObject({ state: 'fresh', organizationId: 'org_1' });
    expect(switching.cookie?.read()).toEqual([{ value: switching.tokens.peek() }]);

    const stopping = createTab();
    stopping.tokens.on('token.updated', () => stopping.tokens.stop());
    await stopping.startFresh();
    await stopping.clock.advance(60_000);
    expect(stopping.clock.pending).toBe(0);
    expect(stopping.server.requests).toHaveLength(1);
  });

  it('Facade: a listener that leaves, or adds another, while being told', async () => {
    const tab = createTab();
    const late = vi.fn();
    const second = vi.fn();
    const leave = tab.tokens.on('token.updated', () => {
      leave();
      tab.tokens.on('token.updated', late);
    });
    tab.tokens.on('token.updated', second);
    await tab.startFresh();
    expect([late.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
    await tab.clock.advance(43_100);
    expect([late.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
    expect(types(tab).filter((type) => type === 'token.updated')).toHaveLength(2);
  });
});
