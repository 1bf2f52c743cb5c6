/** A client's clock that is wrong from the start, by seconds or a day, with and without a `Date` from the server. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';

const tenMinutesMs = 600_000;
const latencyMs = 100;

/** Ten minutes of reading, from the very start. */
async function tenMinutes(server: NonNullable<TabOptions['server']>) {
  const tab = createTab({ server: { latencyMs, ...server }, clock: createVirtualClock({ settleTurns: 2 }) });
  const audit = auditReads(tab, { everyMs: 200, toleranceMs: latencyMs });
  tab.tokens.start();
  await audit.run(tenMinutesMs);
  return { tab, audit, mints: tab.server.instants.length };
}

describe.each([false, true])('with Date: %s', (withDate) => {
  // Positive: the server is ahead, so the client's clock is behind.
  it.each([
    ['65 s behind', 65_000],
    ['65 s ahead', -65_000],
    ['5 min behind', 300_000],
    ['5 min ahead', -300_000],
    ['an hour behind', 3_600_000],
    ['an hour ahead', -3_600_000],
    ['a day behind', 86_400_000],
    ['a day ahead', -86_400_000],
    ['10 s behind', 10_000],
    ['10 s ahead', -10_000],
    ['30 s ahead', -30_000],
    ['50 s ahead', -50_000],
  ])(
    'R9.1 R9.13 S4 a clock %s costs at most two mints in ten minutes, and no reader a good token',
    async (_, offsetMs) => {
      const right = await tenMinutes({ withDate });
      const wrong = await tenMinutes({ withDate, offsetMs });
      expect(right.mints).toBe(14);
      expect(wrong.mints).toBeGreaterThanOrEqual(right.mints - 1);
      expect(wrong.mints).toBeLessThanOrEqual(right.mints + 2);
      expect(wrong.audit.expired).toEqual([]);
      expect(wrong.audit.errors).toEqual([]);
      expect(wrong.audit.empty).toBe(0);
      const { clockOffsetMs, state, status } = wrong.tab.tokens.getState();
      expect(Math.abs(clockOffsetMs - offsetMs)).toBeLessThanOrEqual(2_000);
      expect(state).not.toBe('outage-fallback');
      expect(status).toBe('ok');
      expect(wrong.tab.of('refresh.failed')).toEqual([]);
    },
  );

  it.each([
    [0, 0],
    [1, 100],
    [137, 40],
    [500, 300],
    [999, 100],
    [999, 1_900],
    [950, 1_000],
  ])(
    'R9.4 R9.6 a right clock stays right to the millisecond (%i ms into a second, latency %i ms)',
    async (phaseMs, latency) => {
      const clock = createVirtualClock({ start: Date.UTC(2026, 0, 1) + phaseMs, settleTurns: 2 });
      const tab = createTab({ clock, server: { withDate, latencyMs: latency } });
      tab.tokens.start();
      const offsets = new Set<number>();
      tab.tokens.subscribe(() => offsets.add(tab.tokens.getState().clockOffsetMs));
      await tab.clock.advance(tenMinutesMs);
      expect([...offsets]).toEqual([0]);
      expect(tab.of('refresh.failed')).toEqual([]);
      // Each refresh starts 43 s after the whole second in which the token before was issued.
      const issuedAt = tab
        .of('token.updated')
        .map(({ expiresAt }) => expiresAt - 60_000 - (clock.now() - tab.elapsed()));
      tab.server.instants.slice(1).forEach((at, before) => {
        expect(at - (issuedAt[before] ?? 0)).toBe(43_000);
      });
    },
  );
});

describe('the evidence', () => {
  const offsetAfter = async (server: NonNullable<TabOptions['server']>, ms = 100) => {
    const tab = createTab({ server });
    tab.tokens.start();
    await tab.clock.advance(ms);
    return tab.tokens.getState().clockOffsetMs;
  };

  it('R9.3 R9.6 R9.13 the first `iat` exposes a clock that is behind; the end of its second is taken', async () => {
    // Issued at 0.05 s in server time: iat 0, arrived at 0.1 s, so the server was at 1 s at the latest.
    expect(await offsetAfter({ offsetMs: 300_000 })).toBe(300_900);
  });

  it('R9.2 R9.6 one `Date` is enough where the clock is ahead; the end of its second is taken', async () => {
    expect(await offsetAfter({ offsetMs: -300_000, withDate: true })).toBe(-299_100);
  });

  it('R9.2 a `Date` counts for more than an `iat`: an edge that hands out old tokens does not turn the clock', async () => {
    const tab = createTab({ server: { withDate: true } });
    tab.server.respondWith({ do: 'mint', ageSeconds: 30 });
    await tab.startFresh();
    await tab.clock.advance(600_000);
    expect(tab.tokens.getState().clockOffsetMs).toBe(0);
  });

  it('R9.5 R9.8 R9.9 without a `Date`, two tokens in step show that the clock is ahead: asked once more after 1 s', async () => {
    const tab = createTab({ server: { offsetMs: -300_000 } });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_099);
    expect(tab.server.instants).toEqual([0, 1_000]);
    expect(read).toEqual({});
    expect(tab.tokens.getState().clockOffsetMs).toBe(0);
    await tab.clock.advance(1);
    expect(read.at).toBe(1_100);
    expect(read.token === tab.server.issued[1]).toBe(true);
    // The second was issued at second 1 and arrived at 1.1 s: 2 s at the latest.
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', clockOffsetMs: -299_100 });
    expect(tab.of('refresh.failed')).toEqual([]);
  });

  it('R9.8 a slow first answer does not hasten the second question: it is put 1 s after the first was sent, at least', async () => {
    const tab = createTab({ server: { offsetMs: -300_000, latencyMs: 1_500 } });
    tab.tokens.start();
    await tab.clock.advance(10_000);
    expect(tab.server.instants).toEqual([0, 1_500]);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('R9.8 nor does a floor that is lower than a second', async () => {
    const tab = createTab({ server: { offsetMs: -300_000 }, policy: { mintFloorMs: 1 } });
    tab.tokens.start();
    await tab.clock.advance(5_000);
    expect(tab.server.instants).toEqual([0, 1_000]);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('R9.8 a token that arrives with hardly anything left is served while it is asked for once more', async () => {
    // 50 s ahead: of 60 s some 10 s seem to be left.
    const tab = createTab({ server: { offsetMs: -50_000 } });
    tab.tokens.start();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued[0]).toBe(true);
    await tab.clock.advance(1_000);
    expect(tab.server.instants).toEqual([0, 1_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', clockOffsetMs: -49_100 });
  });

  it('R9.13 every key of the session learns what one of them has learned', async () => {
    const tab = createTab({ server: { offsetMs: -300_000 } });
    tab.tokens.start();
    await tab.clock.advance(2_000);
    const before = tab.server.instants.length;
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    await tab.clock.advance(5_000);
    expect(tab.server.instants.length).toBe(before + 1);
    expect(tab.tokens.getState({ template: 'api' })).toMatchObject({ state: 'fresh', clockOffsetMs: -299_100 });
  });

  it('R9.1 expiresAt and staleAt stay on the scale of the server', async () => {
    const tab = createTab({ server: { offsetMs: 300_000 } });
    const serverStart = tab.server.now();
    await tab.startFresh();
    expect(tab.tokens.getState()).toMatchObject({ expiresAt: serverStart + 60_000, staleAt: serverStart + 43_000 });
  });
});
