/** An edge or a cache in between hands out tokens that are not new. The client's clock is right, and shown to be. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads, busiest } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const latencyMs = 100;

/** Good answers until 200 s, then what the edge has. */
async function withEdge(edge: Behaviour | (() => Behaviour), options: TabOptions = {}) {
  const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), ...options });
  const audit = auditReads(tab, { everyMs: 250, toleranceMs: latencyMs });
  await tab.startFresh();
  await audit.run(200_000);
  tab.server.respondWith(edge);
  const before = tab.server.instants.length;
  return { tab, audit, atTheEdge: () => tab.server.instants.slice(before) };
}

describe.each([false, true])('with Date: %s', (withDate) => {
  const server = { withDate };

  it.each([20, 30, 40, 50, 57])(
    'S4 R9.10 tokens that are always %i s old are served for what is left of them, no longer',
    async (ageSeconds) => {
      const { tab, audit, atTheEdge } = await withEdge({ do: 'mint', ageSeconds }, { server });
      await audit.run(600_000);
      expect(audit.expired).toEqual([]);
      expect(audit.empty).toBe(0);
      expect(tab.tokens.getState().clockOffsetMs).toBe(0);
      expect(busiest(atTheEdge(), 60_000)).toBeLessThanOrEqual(8);
    },
  );

  it('S4 S9 R9.10 tokens that are always expired are given to nobody, and asked for ever less often', async () => {
    const { tab, audit, atTheEdge } = await withEdge({ do: 'mint', ageSeconds: 3_600 }, { server });
    const held = tab.tokens.peek();
    await audit.run(900_000);
    expect(audit.expired).toEqual([]);
    expect(audit.empty).toBe(0);
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.server.issued.slice(-10).includes(held ?? '')).toBe(false);
    expect(tab.tokens.getState()).toMatchObject({ status: 'degraded', clockOffsetMs: 0 });
    expect(busiest(atTheEdge(), 60_000)).toBeLessThanOrEqual(8);
    // Past its budget it looks once per 50 s.
    const last = atTheEdge().slice(-4);
    last.slice(1).forEach((at, before) => {
      expect(at - (last[before] ?? 0)).toBeGreaterThanOrEqual(50_000);
    });
    // Who asks now is told so, at once.
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read.error).toMatchObject({ code: 'request_failed', failure: 'invalid' });
  });

  it('L2 the edge is emptied: a good token is back within its longest wait', async () => {
    const { tab, audit } = await withEdge({ do: 'mint', ageSeconds: 3_600 }, { server });
    await audit.run(900_000);
    tab.server.respondWith({ do: 'mint' });
    await audit.run(51_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', serving: true });
  });

  it('S4 S9 T8 the same token again and again is served until it expires, and asked for ever less often', async () => {
    let cached: string | undefined;
    const edge = (): Behaviour => (cached === undefined ? { do: 'mint' } : { do: 'answer', result: { token: cached } });
    const { tab, audit, atTheEdge } = await withEdge(edge, { server });
    // The next refresh fills the cache.
    await audit.run(60_000);
    cached = tab.tokens.peek() ?? undefined;
    await audit.run(600_000);
    expect(audit.expired).toEqual([]);
    expect(audit.empty).toBe(0);
    expect(tab.tokens.peek()).toBeNull();
    expect(busiest(atTheEdge(), 60_000)).toBeLessThanOrEqual(8);
    expect(tab.tokens.getState().clockOffsetMs).toBe(0);
  });
});

it('R9.10 with a `Date` even the first token is known to be old: no reader gets it past its end', async () => {
  const tab = createTab({ server: { withDate: true }, clock: createVirtualClock({ settleTurns: 2 }) });
  tab.server.respondWith({ do: 'mint', ageSeconds: 120 });
  const audit = auditReads(tab, { everyMs: 250 });
  tab.tokens.start();
  await audit.run(400_000);
  expect(audit.served).toBe(0);
  expect(audit.expired).toEqual([]);
  expect(audit.errors.length).toBeGreaterThan(0);
  expect(tab.tokens.getState().clockOffsetMs).toBe(0);
  expect(busiest(tab.server.instants, 60_000)).toBeLessThanOrEqual(8);
});

it('R9.10 the first token of all comes expired out of a cache, and again: `invalid`, not a clock that is ahead', async () => {
  const tab = createTab();
  tab.tokens.start();
  const old = { do: 'mint', ageSeconds: 90 } as const;
  tab.server.script([old]);
  await tab.clock.advance(100);
  const cached = tab.server.issued[0];
  tab.server.respondWith({ do: 'answer', result: { token: cached } });
  await tab.clock.advance(1_100);
  expect(tab.server.instants).toEqual([0, 1_000]);
  expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', clockOffsetMs: 0, fingerprint: null });
  expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'invalid' }]);
  // And the good one after it is taken for what it is.
  tab.server.respondWith({ do: 'mint' });
  await tab.clock.advance(3_000);
  expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', clockOffsetMs: 0, status: 'ok' });
});
