/** Tokens from four seconds to thirty days: replaced in time, seldom enough, and never given out past their end. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads } from '../support/audit';
import { createTab } from '../support/tab';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Nobody looks, and no heartbeat helps: the timers have to do it alone. */
const headless = () => memoryPresence({ visibility: 'unknown', focus: 'unknown' });

describe.each([
  // Half the lifetime where that is less than 17 s before the end.
  { ttlSeconds: 4, cadenceMs: 2_000, runMs: 120_000, everyMs: 50 },
  { ttlSeconds: 8, cadenceMs: 4_000, runMs: 120_000, everyMs: 100 },
  { ttlSeconds: 18, cadenceMs: 9_000, runMs: 600_000, everyMs: 250 },
  { ttlSeconds: 34, cadenceMs: 17_000, runMs: 600_000, everyMs: 250 },
  { ttlSeconds: 60, cadenceMs: 43_000, runMs: 600_000, everyMs: 250 },
  { ttlSeconds: 3_600, cadenceMs: 3_583_000, runMs: 4 * hourMs, everyMs: 15_000 },
])('a lifetime of $ttlSeconds s', ({ ttlSeconds, cadenceMs, runMs, everyMs }) => {
  const due = (untilMs: number) =>
    Array.from({ length: Math.floor((untilMs - 1) / cadenceMs) + 1 }, (_, cycle) => cycle * cadenceMs);

  it('T5 R9.15 is refreshed at exact instants, by its timers alone', async () => {
    const tab = createTab({
      server: { ttlSeconds },
      presence: headless(),
      clock: createVirtualClock({ settleTurns: 2 }),
    });
    tab.tokens.start();
    await tab.clock.advance(runMs - 1);
    expect(tab.server.instants).toEqual(due(runMs));
  });

  it('S4 is refreshed no more often by readers, who never get it past its end', async () => {
    const tab = createTab({ server: { ttlSeconds }, clock: createVirtualClock({ settleTurns: 2 }) });
    await tab.startFresh();
    const audit = auditReads(tab, { everyMs });
    await audit.run(runMs - 101);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
    expect(audit.empty).toBe(0);
    expect(audit.served).toBeGreaterThan(runMs / everyMs);
    expect(tab.server.instants).toEqual(due(runMs));
    tab.server.instants.slice(1).forEach((at, before) => {
      expect(at - (tab.server.instants[before] ?? 0)).toBeGreaterThanOrEqual((ttlSeconds * 1_000) / 2);
    });
  });
});

describe('a lifetime of thirty days', () => {
  const ttlSeconds = (30 * dayMs) / 1_000;
  const staleMs = 30 * dayMs - 17_000;

  it('R9.16 T5 is longer than a timer can be, and is refreshed 17 s before its end all the same', async () => {
    const tab = createTab({ server: { ttlSeconds }, presence: headless() });
    await tab.startFresh();
    const audit = auditReads(tab, { everyMs: 6 * hourMs });
    await audit.run(staleMs - 1 - tab.elapsed());
    expect(tab.server.instants).toEqual([0]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', serving: true });
    await tab.clock.advance(1);
    expect(tab.server.instants).toEqual([0, staleMs]);
    await audit.run(45 * dayMs);
    expect(tab.server.instants).toEqual([0, staleMs, 2 * staleMs]);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
  });

  it('R9.16 no timer is set beyond 2³¹−1 ms', async () => {
    const clock = createVirtualClock();
    const set: number[] = [];
    const tab = createTab({
      server: { ttlSeconds },
      presence: headless(),
      clock: {
        ...clock,
        setTimeout: (run, ms) => {
          set.push(ms);
          return clock.setTimeout(run, ms);
        },
        get pending() {
          return clock.pending;
        },
      },
    });
    await tab.startFresh();
    await tab.clock.advance(31 * dayMs);
    expect(Math.max(...set)).toBe(2 ** 31 - 1);
    expect(tab.server.instants).toEqual([0, staleMs]);
  });

  it('R9.16 a template that nobody reads for sixty days is not refreshed, and is minted by the next read', async () => {
    const tab = createTab({ server: { ttlSeconds }, presence: headless() });
    await tab.startFresh();
    const key = { template: 'api' };
    const mints = () => tab.server.requests.filter(({ request }) => request.key.template === 'api').length;
    tab.tokens.getToken(key);
    await tab.clock.advance(60 * dayMs);
    expect(mints()).toBe(1);
    expect(tab.tokens.peek(key)).toBeNull();
    const read = tab.watch(tab.tokens.getToken(key));
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(mints()).toBe(2);
  });
});

describe('a lifetime that changes', () => {
  it('T5 the next refresh follows the token that is held, not the one before', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.setTtl(300);
    await tab.clock.advance(43_000);
    tab.server.setTtl(20);
    await tab.clock.advance(283_000);
    await tab.clock.advance(20_000);
    // 43; 43 + 283; then every 10 s.
    expect(tab.server.instants).toEqual([0, 43_000, 326_000, 336_000, 346_000]);
  });
});
