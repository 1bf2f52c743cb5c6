/** One answer that is wrong about the time among answers that are right. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads, busiest } from '../support/audit';
import { jwt } from '../support/jwt';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const latencyMs = 100;
const ageOf = { future: -3_600, past: 3_600, distantFuture: -86_400 * 365, distantPast: 86_400 * 365 } as const;

/** The `nth` answer (from 0) has an `iat` that is off by an hour or a year; all others are right. */
async function withOneLie(nth: number, ageSeconds: number, server: TabOptions['server'] = {}) {
  const tab = createTab({ server: { latencyMs, ...server }, clock: createVirtualClock({ settleTurns: 2 }) });
  let count = 0;
  tab.server.respondWith(() => {
    count += 1;
    return count === nth + 1 ? { do: 'mint', ageSeconds } : { do: 'mint' };
  });
  const audit = auditReads(tab, { everyMs: 250, toleranceMs: latencyMs });
  tab.tokens.start();
  return { tab, audit };
}

describe.each([0, 1, 2, 5])('the lie is answer %i', (nth) => {
  it.each(Object.entries(ageOf))(
    'R9.7 L2 an `iat` in the %s locks nobody out: the offset is right again and tokens keep coming',
    async (_, ageSeconds) => {
      const { tab, audit } = await withOneLie(nth, ageSeconds);
      await audit.run(600_000);
      expect(audit.empty).toBe(0);
      expect(audit.errors).toEqual([]);
      expect(audit.expired).toEqual([]);
      expect(Math.abs(tab.tokens.getState().clockOffsetMs)).toBeLessThanOrEqual(2_000);
      expect(tab.tokens.getState()).toMatchObject({ serving: true, status: 'ok' });
      expect(busiest(tab.server.instants, 60_000)).toBeLessThanOrEqual(5);
      // A read is served at the end as at the beginning.
      const read = tab.watch(tab.tokens.getToken());
      await tab.clock.advance(1_500);
      expect(typeof read.token).toBe('string');
    },
  );

  it.each(Object.entries(ageOf))(
    'R9.2 with a `Date` an `iat` in the %s moves the offset at no time',
    async (_, ageSeconds) => {
      const { tab, audit } = await withOneLie(nth, ageSeconds, { withDate: true });
      const offsets = new Set<number>();
      tab.tokens.subscribe(() => offsets.add(tab.tokens.getState().clockOffsetMs));
      await audit.run(300_000);
      expect([...offsets]).toEqual([0]);
      expect(audit.expired).toEqual([]);
      expect(audit.errors).toEqual([]);
    },
  );
});

describe('afterwards', () => {
  it('R9.7 a token that claims to be issued in an hour does not stay for an hour: the next good one replaces it', async () => {
    const { tab } = await withOneLie(1, ageOf.future);
    await tab.clock.advance(43_200);
    const lie = tab.server.issued[1];
    expect(tab.tokens.peek() === lie).toBe(true);
    await tab.clock.advance(120_000);
    expect(tab.tokens.peek() === lie).toBe(false);
    expect(tab.server.instants.length).toBeGreaterThanOrEqual(4);
  });

  it('R9.10 a single old token among good ones is asked for again, and never held', async () => {
    const { tab, audit } = await withOneLie(1, ageOf.past);
    await audit.run(43_100);
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.tokens.peek() === tab.server.issued[0]).toBe(true);
    await audit.run(5_000);
    expect(tab.tokens.peek() === tab.server.issued.at(-1)).toBe(true);
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
  });

  it('R9.7 L2 a server that was half a minute ahead, and a wall clock that jumps ahead later, lock nobody out', async () => {
    const tab = createTab();
    tab.server.script([
      { do: 'mint', ageSeconds: -30 },
      { do: 'mint', ageSeconds: -30 },
    ]);
    await tab.startFresh();
    await tab.clock.advance(60_000);
    tab.clock.skew(500_000);
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState()).toMatchObject({ serving: true, status: 'ok', error: null });
  });

  describe.each([
    ['half a minute, with tokens that live as long', 30, 30],
    ['an hour', 3_600, 60],
  ])('a server that was ahead by %s', (_, aheadSeconds, ttlSeconds) => {
    const wrong: Behaviour = { do: 'mint', ageSeconds: -aheadSeconds };
    /** Right until 60 s, then wrong, and then it leaves off: whatever was learned from it is wrong as well. */
    async function withServerAhead(forMs: number) {
      const tab = createTab({ server: { latencyMs, ttlSeconds }, clock: createVirtualClock({ settleTurns: 2 }) });
      await tab.startFresh();
      await tab.clock.advance(60_000);
      tab.server.respondWith(() => wrong);
      await tab.clock.advance(forMs);
      return tab;
    }

    it('R9.7 L2 locks nobody out once it is right again', async () => {
      const tab = await withServerAhead(120_000);
      for (let ask = 0; ask < 3; ask += 1) {
        tab.tokens.refresh().catch(() => {});
        await tab.clock.advance(5_000);
      }
      expect(tab.tokens.getState().clockOffsetMs).toBeGreaterThanOrEqual((aheadSeconds - 2) * 1_000);
      tab.server.respondWith({ do: 'mint' });
      const read = tab.watch(tab.tokens.refresh());
      await tab.clock.advance(120_000);
      expect(read.token).toEqual(expect.any(String));
      expect(tab.tokens.getState()).toMatchObject({ serving: true, status: 'ok', error: null });
      expect(Math.abs(tab.tokens.getState().clockOffsetMs)).toBeLessThanOrEqual(2_000);
    });
  });

  it('R9.7 a wrong clock and a wrong answer together end with the right offset', async () => {
    for (const ageSeconds of Object.values(ageOf)) {
      const { tab, audit } = await withOneLie(2, ageSeconds, { offsetMs: -300_000 });
      await audit.run(300_000);
      expect(Math.abs(tab.tokens.getState().clockOffsetMs + 300_000)).toBeLessThanOrEqual(2_000);
      expect(audit.expired).toEqual([]);
      expect(audit.empty).toBe(0);
    }
  });
});

describe('an answer that is refused tells the time all the same', () => {
  const hour = 3_600;

  it('R9.7 S4 two old tokens are not two in a row where one of then and there came between', async () => {
    // An hour ahead: all look old, and the one between, asked for once more, is refused.
    const tab = createTab({ server: { latencyMs, offsetMs: -hour * 1_000 } });
    tab.server.script([{ do: 'mint', ageSeconds: 80 }, { do: 'mint' }, { do: 'mint', ageSeconds: 80 }]);
    const audit = auditReads(tab, { everyMs: 250, toleranceMs: latencyMs });
    tab.tokens.start();
    await audit.run(60_000);
    expect(tab.of('refresh.failed')[0]).toMatchObject({ at: 1_100, reason: 'invalid' });
    expect(audit.expired).toEqual([]);
    expect(Math.abs(tab.tokens.getState().clockOffsetMs + hour * 1_000)).toBeLessThanOrEqual(2_000);
    expect(tab.tokens.getState()).toMatchObject({ serving: true, status: 'ok' });
  });

  it('R9.3 R7.5 S4 a token without an end shows that the clock is behind: an old one after it is not taken', async () => {
    const tab = createTab({ server: { latencyMs, offsetMs: 2 * hour * 1_000 } });
    const endless = jwt({ iat: Math.floor(tab.server.now() / 1_000) });
    tab.server.script([
      { do: 'answer', result: { token: endless } },
      { do: 'mint', ageSeconds: hour },
    ]);
    const audit = auditReads(tab, { everyMs: 250, toleranceMs: latencyMs });
    tab.tokens.start();
    await audit.run(2_000);
    expect(tab.of('refresh.failed')).toMatchObject([{ at: 100, reason: 'invalid' }]);
    expect(Math.abs(tab.tokens.getState().clockOffsetMs - 2 * hour * 1_000)).toBeLessThanOrEqual(2_000);
    await audit.run(10_000);
    expect(audit.expired).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ serving: true, status: 'ok' });
  });
});

describe('a lie in `Date`', () => {
  const lying = (serverDate: number): Behaviour => ({ do: 'answer', result: { token: '', serverDate } });

  it.each([
    ['zero', 0],
    ['negative', -5],
    ['not a number', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
  ])('R9.2 a `Date` that is %s is none', async (_, serverDate) => {
    const tab = createTab();
    const { mint } = tab.server.source;
    const odd = createTab({
      source: { mint: async (request) => ({ ...(await mint(request)), serverDate }) },
      clock: tab.clock,
    });
    odd.tokens.start();
    await tab.clock.advance(90_000);
    expect(odd.tokens.getState()).toMatchObject({ state: 'fresh', clockOffsetMs: 0 });
    expect(tab.server.instants).toEqual([0, 43_000, 86_000]);
  });

  it('R9.2 the `Date` of an answer without a token teaches nothing', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([lying(tab.server.now() + 3_600_000)]);
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().clockOffsetMs).toBe(0);
  });

  it('R9.2 one wrong `Date` is put right by the next', async () => {
    const tab = createTab({ server: { withDate: true } });
    const { mint } = tab.server.source;
    let count = 0;
    const odd = createTab({
      clock: tab.clock,
      source: {
        mint: async (request) => {
          const result = await mint(request);
          count += 1;
          return count === 2 ? { ...result, serverDate: (result.serverDate ?? 0) - 3_600_000 } : result;
        },
      },
    });
    const audit = auditReads(odd, { toleranceMs: latencyMs });
    odd.tokens.start();
    await audit.run(200_000);
    expect(odd.tokens.getState().clockOffsetMs).toBe(0);
    expect(audit.errors).toEqual([]);
    expect(audit.expired).toEqual([]);
  });
});
