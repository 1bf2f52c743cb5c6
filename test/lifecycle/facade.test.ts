/** What users hold in their hands: state, subscriptions, events, keys. */
import { describe, expect, it, vi } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import { decodeToken } from '../../adapters/token/decode';
import { createTab, createUnnamedTab } from '../support/tab';

const start = Date.UTC(2026, 0, 1);

describe('getState and subscribe', () => {
  it('Facade: getState is one frozen object while nothing changed, and another one once something did', async () => {
    const tab = createTab();
    await tab.startFresh();
    const state = tab.tokens.getState();
    expect(Object.isFrozen(state)).toBe(true);
    await tab.clock.advance(30_000);
    void tab.tokens.getToken();
    expect(tab.tokens.getState()).toBe(state);
    await tab.clock.advance(13_000);
    expect(tab.tokens.getState()).not.toBe(state);
  });

  it('Facade: getState says what is, in epoch ms, and never the token', async () => {
    const tab = createTab();
    expect(tab.tokens.getState()).toMatchObject({ state: 'restoring', serving: false, sessionId: null });
    await tab.startFresh();
    expect(tab.tokens.getState()).toEqual({
      state: 'fresh',
      substate: null,
      status: 'ok',
      serving: true,
      expiresAt: start + 60_000,
      staleAt: start + 43_000,
      fingerprint: decodeToken(tab.server.issued[0] ?? '').fingerprint,
      attempt: 0,
      nextAttemptAt: null,
      sessionId: 'sess_1',
      organizationId: null,
      clockOffsetMs: 0,
      outage: false,
      epoch: 0,
      error: null,
    });
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(43_000);
    expect(tab.tokens.getState()).toMatchObject({
      state: 'outage-fallback',
      substate: 'backing-off',
      status: 'degraded',
      serving: true,
      attempt: 1,
      error: { code: 'request_failed', status: 503 },
    });
    const { nextAttemptAt } = tab.tokens.getState();
    expect(nextAttemptAt).toBeGreaterThan(tab.clock.now());
    await tab.clock.advance((nextAttemptAt ?? 0) - tab.clock.now());
    expect(tab.server.requests).toHaveLength(3);
  });

  it('Facade: subscribers hear every change of getState, and nothing else', async () => {
    const tab = createTab();
    let state = tab.tokens.getState();
    let unchanged = 0;
    let heard = 0;
    tab.tokens.subscribe(() => {
      heard += 1;
      if (tab.tokens.getState() === state) unchanged += 1;
      const [before, after] = [state, tab.tokens.getState()].map((one) => JSON.stringify(one));
      if (before === after) unchanged += 1;
      state = tab.tokens.getState();
    });
    await tab.startFresh();
    expect(heard).toBeGreaterThan(1);
    const after = heard;
    for (let second = 0; second < 40; second += 1) {
      await tab.clock.advance(1_000);
      void tab.tokens.getToken();
      tab.tokens.peek();
    }
    expect(heard).toBe(after);
    await tab.clock.advance(3_000);
    expect(heard).toBeGreaterThan(after);
    expect(state).toBe(tab.tokens.getState());
    expect(unchanged).toBe(0);
  });

  it('Facade: a start that has changed nothing yet tells nobody', async () => {
    const tab = createUnnamedTab({ cache: { get: () => new Promise(() => {}), set: () => {}, deleteAll: () => {} } });
    const before = tab.tokens.getState();
    const heard = vi.fn();
    tab.tokens.subscribe(heard);
    tab.tokens.start();
    await tab.clock.advance(100);
    expect(heard).not.toHaveBeenCalled();
    expect(tab.tokens.getState()).toBe(before);
  });

  it('Facade: unsubscribing works in both shapes, twice, and for the same function subscribed twice', async () => {
    const tab = createTab();
    const [listener, reference] = [vi.fn(), vi.fn()];
    const [one, two] = [tab.tokens.subscribe(listener), tab.tokens.subscribe(listener)];
    tab.tokens.subscribe(reference);
    const counts = () => [listener.mock.calls.length, reference.mock.calls.length] as const;
    await tab.startFresh();
    const [both, first] = counts();
    expect([both, first > 0]).toEqual([2 * first, true]);
    one();
    one.unsubscribe();
    await tab.clock.advance(43_100);
    const [single, second] = counts();
    expect([single - both, second > first]).toEqual([second - first, true]);
    two.unsubscribe();
    await tab.clock.advance(50_000);
    expect(listener.mock.calls.length).toBe(single);
    expect(counts()[1]).toBeGreaterThan(second);
  });

  it('Facade: the state of a key that nobody has read is not that of the session token', async () => {
    const tab = createTab();
    await tab.startFresh();
    expect(tab.tokens.peek({ template: 'api' })).toBeNull();
    expect(tab.tokens.getState({ template: 'api' })).toMatchObject({
      serving: false,
      expiresAt: null,
      fingerprint: null,
    });
  });

  it('Facade: a key that was read has a state of its own, and its changes are heard', async () => {
    const tab = createTab();
    await tab.startFresh();
    const states: string[] = [];
    tab.tokens.subscribe(() => states.push(tab.tokens.getState({ template: 'api' }).state));
    tab.server.setTtl(30);
    void tab.tokens.getToken({ template: 'api' });
    await tab.clock.advance(100);
    const state = tab.tokens.getState({ template: 'api' });
    expect(state).toMatchObject({ state: 'fresh', expiresAt: start + 30_000, staleAt: start + 15_000 });
    expect(tab.tokens.getState({ template: 'api' })).toBe(state);
    expect(tab.tokens.getState().expiresAt).toBe(start + 60_000);
    expect(states.at(-1)).toBe('fresh');
  });
});

describe('Keys', () => {
  it('Facade: template, organization and params each have a mint and a token of their own', async () => {
    const tab = createTab();
    await tab.startFresh();
    const asked = [
      { template: 'api' },
      { organizationId: 'org_1' },
      { organizationId: null },
      { template: 'api', organizationId: 'org_1' },
      { params: { audience: 'a', scope: 'read' } },
      { params: { audience: 'b' } },
    ];
    const reads = [...asked, { params: { scope: 'read', audience: 'a' } }, { params: {} }].map((options) =>
      tab.watch(tab.tokens.getToken(options)),
    );
    await tab.clock.advance(100);
    expect(tab.server.requests.slice(1).map(({ request }) => request.key)).toEqual(
      asked.map((options) => ({ sessionId: 'sess_1', ...options })),
    );
    const tokens = reads.map(({ token }) => token);
    expect(new Set(tokens.slice(0, 6)).size).toBe(6);
    // The order of params makes no key, and neither do no params.
    expect(tokens[6]).toBe(tokens[4]);
    expect(tokens[7]).toBe(tab.server.issued[0]);
    for (const [index, options] of asked.entries()) expect(tab.tokens.peek(options)).toBe(tokens[index]);
  });

  it('R4.7 a template read for the first time while restoring, or from a listener, is never null while signed in', async () => {
    const tab = createTab();
    const early = tab.watch(tab.tokens.getToken({ template: 'early' }));
    let inListener: ReturnType<typeof tab.watch> | undefined;
    tab.tokens.on('token.updated', () => {
      inListener ??= tab.watch(tab.tokens.getToken({ template: 'late' }));
    });
    await tab.startFresh();
    await tab.clock.advance(1_000);
    expect(early.token).toEqual(expect.any(String));
    expect(inListener?.token).toEqual(expect.any(String));
  });

  it('T6 a template that nobody reads again is not refreshed ahead of time; one that is read is', async () => {
    const tab = createTab();
    await tab.startFresh();
    void tab.tokens.getToken({ template: 'read' });
    void tab.tokens.getToken({ template: 'once' });
    await tab.clock.advance(10_000);
    void tab.tokens.getToken({ template: 'read' });
    await tab.clock.advance(60_000);
    const mints = (template: string) => tab.server.requests.filter(({ request }) => request.key.template === template);
    expect(mints('once')).toHaveLength(1);
    expect(mints('read')).toHaveLength(2);
    const again = tab.watch(tab.tokens.getToken({ template: 'once' }));
    await tab.clock.advance(100);
    expect(again.token).toEqual(expect.any(String));
  });
});

describe('ready and waitFor', () => {
  it('Facade: ready settles when restoring is left', async () => {
    const tab = createUnnamedTab({ cache: { get: () => new Promise(() => {}), set: () => {}, deleteAll: () => {} } });
    const settled = vi.fn();
    void tab.tokens.ready.then(settled);
    await tab.clock.advance(60_000);
    expect(settled).not.toHaveBeenCalled();
    tab.tokens.start();
    await tab.clock.advance(10_000);
    expect(settled).not.toHaveBeenCalled();
    tab.tokens.signIn({ session: { id: 'sess_1' } });
    // The hanging cache is asked for this session's token, too.
    await tab.clock.advance(1_999);
    expect(settled).not.toHaveBeenCalled();
    await tab.clock.advance(1);
    expect(settled).toHaveBeenCalledOnce();
  });

  it('Facade: waitFor resolves with the state that fits, at once if it does already', async () => {
    const tab = createTab();
    await tab.startFresh();
    expect(await tab.tokens.waitFor(({ state }) => state === 'fresh')).toBe(tab.tokens.getState());
    const later = vi.fn();
    void tab.tokens.waitFor(({ status }) => status === 'offline').then(later);
    await tab.clock.advance(10_000);
    expect(later).not.toHaveBeenCalled();
    tab.connectivity.set(false);
    await tab.clock.advance(33_100);
    expect(later).toHaveBeenCalledWith(expect.objectContaining({ status: 'offline' }));
  });

  it('Facade: waitFor gives up by time-out, by signal, and with what its predicate throws', async () => {
    const tab = createTab();
    await tab.startFresh();
    const never = vi.fn(() => false);
    const timed = tab.tokens.waitFor(never, { timeoutMs: 1_000 }).catch((error: unknown) => error);
    const reason = new Error('gone');
    const abort = new AbortController();
    const aborted = tab.tokens.waitFor(never, { signal: abort.signal }).catch((error: unknown) => error);
    const early = tab.tokens.waitFor(never, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
    abort.abort(reason);
    await tab.clock.advance(1_000);
    expect(await timed).toMatchObject({ code: 'read_timeout', timeoutMs: 1_000 });
    expect([await aborted, await early]).toEqual([reason, reason]);
    const thrown = new Error('my own');
    await expect(
      tab.tokens.waitFor(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    const calls = never.mock.calls.length;
    tab.connectivity.set(false);
    await tab.clock.advance(60_000);
    // L4: who has left is not asked again.
    expect(never.mock.calls.length).toBe(calls);
  });
});

describe('dehydrate, hydrate, getServerState', () => {
  it('Facade: the server’s state makes the first snapshot on the client, and the real one follows', async () => {
    const server = createTab();
    await server.startFresh();
    const dehydrated = JSON.parse(JSON.stringify(server.tokens.dehydrate()));
    expect(dehydrated).toMatchObject({ v: 1, state: { state: 'fresh', sessionId: 'sess_1' } });
    const client = createTab({ hydrate: dehydrated });
    expect(client.tokens.getState()).toEqual(server.tokens.getState());
    expect(client.tokens.getServerState()).toBe(client.tokens.getState());
    const first = client.tokens.getServerState();
    client.tokens.start();
    expect(client.tokens.getState().state).toBe('restoring');
    expect(client.tokens.getServerState()).toBe(first);
    expect(client.tokens.peek()).toBeNull();
    await client.clock.advance(100);
    expect(client.tokens.getState().state).toBe('fresh');
  });

  it('S11 what is dehydrated carries no token', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(50_000);
    expect(JSON.stringify(tab.tokens.dehydrate())).not.toContain((tab.server.issued[0] ?? '').slice(0, 16));
  });
});

describe('explain and history', () => {
  it('Facade: explain says where it is, why, and what comes next, the last step first', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(60_000);
    const text = tab.tokens.explain();
    const [first, second] = text.split('\n');
    expect(first).toMatch(/^The lifecycle is outage-fallback/);
    expect(first).toContain('status degraded');
    expect(first).toContain('status 503');
    expect(first).toMatch(/Attempt \d+ is due at 2026-01-01T00:0\d:\d\d/);
    expect(second).toMatch(/^2026-01-01T00:01:00.000Z {2}session: outage-fallback.*→.*\(T30\)/);
    expect(text).toMatch(/^2026-01-01T00:00:5\d.\d{3}Z {2}session: refreshing.*→ outage-fallback.*\(T10\)/m);
    expect(text.split('\n').length).toBeGreaterThan(4);
  });

  it('Facade: history keeps the last 200 transitions, with the ids of the rules, and grows no further', async () => {
    const tab = createTab();
    await tab.startFresh();
    expect(tab.tokens.history()).toContainEqual(
      expect.objectContaining({ from: 'refreshing.minting', to: 'fresh', key: 'session', at: start + 100 }),
    );
    await tab.clock.advance(43_000 * 80);
    expect(tab.tokens.history()).toHaveLength(200);
    expect(tab.tokens.history().every(({ ids }) => ids.length > 0)).toBe(true);
    const copy = tab.tokens.history() as unknown[];
    copy.length = 0;
    expect(tab.tokens.history()).toHaveLength(200);
  });

  it('Facade: a reader’s error brings the explanation along, and not as an enumerable property', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'status', status: 403 });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    const error = read.error as { explanation?: string };
    expect(error.explanation).toContain('(T12)');
    expect(Object.keys(error)).not.toContain('explanation');
  });
});

describe('A lifecycle with nothing but a source', () => {
  it('Facade: works with the defaults of a platform that has nothing', async () => {
    const clock = createTab().clock;
    const tab = createTab({ clock });
    const tokens = createTokenLifecycle({ source: tab.server.source, session: { id: 'sess_1' }, clock }).start();
    await clock.advance(100);
    expect(await tokens.getToken()).toBe(tab.server.issued[0]);
    expect(tokens.endpoint).toBe('https://auth.test/tokens');
    tokens.stop();
    expect(clock.pending).toBe(0);
  });
});
