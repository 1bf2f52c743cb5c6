/** T28 and T29: signing in, and switching session or organization. */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { jwt } from '../support/jwt';
import { createTab, type Tab } from '../support/tab';

const start = Date.UTC(2026, 0, 1) / 1_000;
const values = (tab: Tab) => tab.cookie?.read();
const only = (token: string | undefined | null) => [{ value: token }];

describe('Signing in', () => {
  it('T28 without a token: a new epoch, one mint, then fresh', async () => {
    const tab = createTab({ session: null });
    tab.tokens.start();
    tab.tokens.signIn({ session: { id: 'sess_2', organizationId: 'org_1' } });
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_2', organizationId: 'org_1', epoch: 1 });
    expect(tab.of('session.signedIn')).toMatchObject([
      { session: { id: 'sess_2', organizationId: 'org_1' }, epoch: 1, from: 'given' },
    ]);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(read.token).toBe(tab.server.issued[0]);
    expect(tab.tokens.getState().state).toBe('fresh');
    expect(tab.server.instants).toEqual([0]);
    expect(values(tab)).toEqual(only(tab.server.issued[0]));
  });

  it('T28 with a token: fresh in the same step, no request, and it is in cache and cookie', async () => {
    const cache = memoryCache();
    const tab = createTab({ session: null, cache });
    tab.tokens.start();
    const token = jwt({ iat: start, exp: start + 60, sid: 'sess_2' });
    tab.tokens.signIn({ session: { id: 'sess_2' }, token });
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_2', serving: true });
    expect(tab.tokens.peek()).toBe(token);
    expect(values(tab)).toEqual(only(token));
    expect(tab.of('token.updated')).toMatchObject([{ from: 'given', key: { sessionId: 'sess_2' } }]);
    await tab.clock.advance(42_999);
    expect(tab.server.requests).toHaveLength(0);
    await tab.clock.advance(1);
    expect(tab.server.requests).toHaveLength(1);
  });

  it('T28 T3 with an expired token: minted at once, and the old one is there for an outage', async () => {
    const tab = createTab({ session: null });
    tab.server.respondWith({ do: 'outage' });
    tab.tokens.start();
    const token = jwt({ iat: start - 100, exp: start - 40, sid: 'sess_2' });
    tab.tokens.signIn({ session: { id: 'sess_2' }, token });
    await tab.clock.advance(200);
    expect(tab.server.requests.map(({ request }) => request.lastToken)).toEqual([undefined, token]);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
  });

  it('T28 S7 over a session that is there: its readers are told, its mint is aborted, its token gone', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'hang' }]);
    const forced = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(1_000);
    tab.tokens.signIn({ session: { id: 'sess_2' } });
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_2', serving: false, epoch: 1 });
    expect(tab.server.requests[1]?.request.signal.aborted).toBe(true);
    await tab.clock.advance(100);
    expect(forced.error).toMatchObject({ library: 'token-lifecycle', code: 'request_failed', failure: 'aborted' });
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    expect(values(tab)).toEqual(only(tab.server.issued[1]));
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('T28 R8.15 out and in again, ten times: one mint each, the epoch only grows', async () => {
    const tab = createTab();
    await tab.startFresh();
    const epochs = [tab.tokens.getState().epoch];
    for (let round = 0; round < 10; round += 1) {
      await tab.tokens.signOut();
      epochs.push(tab.tokens.getState().epoch);
      tab.tokens.signIn({ session: { id: 'sess_1' } });
      epochs.push(tab.tokens.getState().epoch);
      await tab.clock.advance(1_000);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
      expect(values(tab)).toEqual(only(tab.server.issued.at(-1)));
    }
    expect(tab.server.requests).toHaveLength(11);
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });
});

describe('Switching', () => {
  it('T29 another organization: its own mint, and only its token reaches the cookie from then on', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    const [first] = tab.server.issued;
    expect(values(tab)).toEqual(only(first));
    tab.tokens.setActive({ organizationId: 'org_2' });
    expect(tab.tokens.getState()).toMatchObject({ organizationId: 'org_2', sessionId: 'sess_1', serving: false });
    expect(tab.tokens.peek()).toBeNull();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    const second = tab.server.issued[1];
    expect(tab.server.requests[1]?.request.key).toEqual({ sessionId: 'sess_1', organizationId: 'org_2' });
    expect(read.token).toBe(second);
    expect(values(tab)).toEqual(only(second));
    // The other organization's token is still to be had, and renewed when read; the cookie does not see it.
    expect(tab.tokens.peek({ organizationId: 'org_1' })).toBe(first);
    void tab.tokens.refresh({ organizationId: 'org_1' });
    await tab.clock.advance(1_000);
    expect(tab.tokens.peek({ organizationId: 'org_1' })).toBe(tab.server.issued[2]);
    expect(values(tab)).toEqual(only(second));
  });

  it('T29 S7 a mint for the old organization that comes back late does not reach the cookie', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    await tab.clock.advance(5_000);
    const late = tab.watch(tab.tokens.refresh());
    await tab.clock.advance(50);
    tab.tokens.setActive({ organizationId: 'org_2' });
    await tab.clock.advance(50);
    expect(late.token).toBe(tab.server.issued[1]);
    expect(values(tab)).toEqual(only(tab.server.issued[0]));
    await tab.clock.advance(50);
    expect(values(tab)).toEqual(only(tab.server.issued[2]));
    await tab.clock.advance(200_000);
    expect(values(tab)).toEqual(only(tab.tokens.peek()));
    const { org_id } = JSON.parse(atob((tab.tokens.peek() ?? '').split('.')[1] ?? '')) as { org_id: string };
    expect(org_id).toBe('org_2');
  });

  it('T29 R10.21 back to an organization whose token is held: served at once, and the cookie follows at once', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    tab.tokens.setActive({ organizationId: 'org_2' });
    await tab.clock.advance(1_000);
    expect(values(tab)).toEqual(only(tab.server.issued[1]));
    tab.tokens.setActive({ organizationId: 'org_1' });
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    await tab.clock.settle();
    expect(values(tab)).toEqual(only(tab.server.issued[0]));
    expect(tab.server.requests).toHaveLength(2);
    // Now this one is kept fresh without being read, the other is not.
    await tab.clock.advance(120_000);
    const renewed = tab.server.requests.slice(2).map(({ request }) => request.key.organizationId);
    expect(new Set(renewed)).toEqual(new Set(['org_1']));
  });

  it('T29 to the personal account and back', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    tab.tokens.setActive({ organizationId: null });
    await tab.clock.advance(100);
    expect(tab.tokens.getState().organizationId).toBeNull();
    expect(tab.server.requests[1]?.request.key).toEqual({ sessionId: 'sess_1', organizationId: null });
    expect(values(tab)).toEqual(only(tab.server.issued[1]));
  });

  it('T29 another session: a new epoch, the old keys end, the cookie changes with the new token only', async () => {
    const tab = createTab();
    await tab.startFresh();
    void tab.tokens.getToken({ template: 'api' });
    await tab.clock.advance(100);
    const before = values(tab);
    tab.tokens.setActive({ sessionId: 'sess_2' });
    expect(tab.tokens.getState()).toMatchObject({ sessionId: 'sess_2', epoch: 1, serving: false });
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.tokens.peek({ template: 'api' })).toBeNull();
    // R8.17: a switch removes nothing.
    expect(values(tab)).toEqual(before);
    await tab.clock.advance(100);
    expect(values(tab)).toEqual(only(tab.server.issued[2]));
    await tab.clock.advance(200_000);
    const keys = tab.server.requests.slice(2).map(({ request }) => request.key);
    expect(new Set(keys.map(({ sessionId }) => sessionId))).toEqual(new Set(['sess_2']));
    expect(tab.of('session.signedOut')).toEqual([]);
  });

  it('T29 with a token for the new one: served in the same step', async () => {
    const tab = createTab();
    await tab.startFresh();
    const token = jwt({ iat: start, exp: start + 60, sid: 'sess_2' });
    tab.tokens.setActive({ sessionId: 'sess_2', token });
    expect(tab.tokens.peek()).toBe(token);
    expect(values(tab)).toEqual(only(token));
    expect(tab.server.requests).toHaveLength(1);
  });

  it('T29 a session without its organization named does not inherit that of the old session', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    tab.tokens.setActive({ sessionId: 'sess_2' });
    await tab.clock.advance(100);
    expect(tab.server.requests[1]?.request.key).toEqual({ sessionId: 'sess_2' });
  });

  it('T29 to where one is already: nothing is minted, aborted or lost', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    await tab.startFresh();
    const before = tab.tokens.peek();
    tab.tokens.setActive({ organizationId: 'org_1' });
    tab.tokens.setActive({});
    await tab.clock.advance(1_000);
    expect(tab.tokens.peek()).toBe(before);
    expect(tab.server.requests).toHaveLength(1);
    expect(values(tab)).toEqual(only(before));
  });

  it('T29 the outage mark and the backoff belong to the old session, not to the new one', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'outage' });
    await tab.clock.advance(44_000);
    expect(tab.tokens.getState()).toMatchObject({ outage: true, status: 'degraded' });
    tab.server.respondWith({ do: 'mint' });
    tab.tokens.setActive({ sessionId: 'sess_2' });
    await tab.clock.advance(100);
    expect(tab.tokens.getState()).toMatchObject({ outage: false, status: 'ok', state: 'fresh', attempt: 0 });
  });

  it('T29 while offline: the new one is active at once, and minted when the network is back', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.connectivity.set(false);
    tab.tokens.setActive({ organizationId: 'org_2' });
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(2_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', organizationId: 'org_2' });
    expect(tab.server.requests).toHaveLength(1);
    tab.connectivity.set(true);
    await tab.clock.advance(1_100);
    expect(read.token).toBe(tab.server.issued[1]);
    expect(values(tab)).toEqual(only(tab.server.issued[1]));
  });
});
