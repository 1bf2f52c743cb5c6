/** What the platform tells may be wrong, late, or thrown: connectivity, presence and chance. */
import { describe, expect, it, vi } from 'vitest';
import { memoryConnectivity } from '../../adapters/connectivity/memory';
import { memoryPresence } from '../../adapters/presence/memory';
import type { Connectivity, Presence } from '../../machines/ports';
import { createTab, type Tab } from '../support/tab';

const thrower = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};

async function worksOn(tab: Tab) {
  await tab.startFresh();
  expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
  await tab.clock.advance(43_100);
  expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
  expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  expect(tab.of('refresh.failed')).toEqual([]);
  expect(tab.of('session.signedOut')).toEqual([]);
  const told = tab.of('adapter.failed').map(({ adapter, operation }) => `${adapter}.${operation}`);
  expect(told).toEqual([...new Set(told)]);
  tab.tokens.stop();
  await tab.clock.settle();
  expect(tab.clock.pending).toBe(0);
  return told;
}

describe('Connectivity and presence that fail', () => {
  const connectivities: readonly [string, Partial<Record<keyof Connectivity, unknown>>, readonly string[]][] = [
    ['isOnline throws', { isOnline: thrower }, ['connectivity.isOnline']],
    ['isOnline answers nothing', { isOnline: () => undefined }, []],
    ['isOnline answers a string', { isOnline: () => 'offline' }, []],
    ['subscribe throws', { subscribe: thrower }, ['connectivity.subscribe']],
    ['subscribe gives nothing to leave by', { subscribe: () => undefined }, []],
    ['leaving throws', { subscribe: () => thrower }, []],
  ];
  for (const [name, change, told] of connectivities) {
    it(`J01 ${name}: counts as online, told once, tokens go on`, async () => {
      const tab = createTab({ connectivity: { ...memoryConnectivity(), ...change } as Connectivity });
      expect(await worksOn(tab)).toEqual(expect.arrayContaining([...told]));
    });
  }

  const presences: readonly [string, Partial<Record<keyof Presence, unknown>>, readonly string[]][] = [
    ['current throws', { current: thrower }, ['presence.current']],
    ['current answers nothing', { current: () => undefined }, ['presence.current']],
    ['current answers garbage', { current: () => ({ visibility: 7, focus: 'x', frame: null }) }, []],
    ['subscribe throws', { subscribe: thrower }, ['presence.subscribe']],
    ['subscribe gives nothing to leave by', { subscribe: () => undefined }, []],
    ['leaving throws', { subscribe: () => thrower }, []],
  ];
  for (const [name, change, told] of presences) {
    it(`J01 presence: ${name}: told once, tokens go on`, async () => {
      const tab = createTab({ presence: { ...memoryPresence(), ...change } as Presence });
      expect(await worksOn(tab)).toEqual(expect.arrayContaining([...told]));
    });
  }

  it('T26 a presence that tells of changes that are none, often: not one mint comes of it', async () => {
    const tab = createTab();
    await tab.startFresh();
    for (let turn = 0; turn < 200; turn += 1) {
      tab.presence.emit(turn % 2 === 0 ? 'focus' : 'visible');
      await tab.clock.advance(50);
    }
    expect(tab.server.requests).toHaveLength(1);
  });

  it('R5.21 a chance that is out of range still makes delays in range', async () => {
    for (const random of [() => -5, () => 7, () => Number.NaN, () => 'x' as unknown as number]) {
      const tab = createTab({ random, policy: { jitter: 1 } });
      tab.server.script([{ do: 'status', status: 503 }]);
      await tab.startFresh();
      await tab.clock.advance(3_100);
      expect(tab.server.requests).toHaveLength(2);
      expect(tab.server.instants[1]).toBeGreaterThanOrEqual(1_000);
      expect(tab.tokens.getState().state).toBe('fresh');
    }
  });

  it('S10 a platform that says offline from the start: no request, nobody signed out', async () => {
    const tab = createTab();
    tab.connectivity.set(false);
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(14_860);
    expect(read.error).toMatchObject({ code: 'offline' });
    expect(tab.server.requests).toHaveLength(0);
    expect(tab.tokens.getState()).toMatchObject({ state: 'offline-retrying', sessionId: 'sess_1' });
  });
});

describe('A source that is written carelessly', () => {
  it('T10 mint throws synchronously: a failure like any other', async () => {
    const tab = createTab({ source: { mint: thrower } });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', attempt: 1 });
    await tab.clock.advance(300_000);
    expect(read.error).toMatchObject({ code: 'request_failed', failure: 'transient' });
  });

  for (const thrown of [undefined, null, 'a string', 7, Symbol('x'), {}, Object.create(null), () => {}]) {
    it(`T10 mint throws ${typeof thrown === 'symbol' ? 'a symbol' : `${typeof thrown} ${thrown === null ? 'null' : ''}`}: transient, with a typed error`, async () => {
      const tab = createTab();
      tab.server.script([{ do: 'throw', error: thrown }]);
      await tab.startFresh();
      expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'transient', error: { library: 'token-lifecycle' } }]);
      await tab.clock.advance(3_000);
      expect(tab.tokens.getState().state).toBe('fresh');
    });
  }

  it('T10 mint answers without a promise: it is taken like one', async () => {
    const donor = createTab();
    await donor.startFresh();
    const token = donor.server.issued[0] ?? '';
    const tab = createTab({ source: { mint: (() => ({ token })) as never } });
    await tab.startFresh();
    expect(tab.tokens.peek()).toBe(token);
  });

  it('R5.5 S5 a source that ignores its signal is abandoned after the time of a request', async () => {
    const mint = vi.fn(() => new Promise<never>(() => {}));
    const tab = createTab({ source: { mint } });
    tab.tokens.start();
    await tab.clock.advance(10_000);
    expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'timed-out', at: 10_000 }]);
    await tab.clock.advance(3_000);
    expect(mint).toHaveBeenCalledTimes(2);
  });

  it('T15 checkSession throws synchronously, or answers nothing: unknown, nobody is signed out', async () => {
    for (const checkSession of [thrower, () => undefined as never, async () => null as never]) {
      const tab = createTab({ source: { checkSession } });
      await tab.startFresh();
      tab.server.respondWith({ do: 'status', status: 401 });
      await tab.clock.advance(60_000);
      expect(tab.of('session.signedOut')).toEqual([]);
      tab.server.respondWith({ do: 'mint' });
      await tab.clock.advance(60_000);
      expect(tab.tokens.getState().serving).toBe(true);
    }
  });
});
