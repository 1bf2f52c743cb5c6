/** Tokens that say little about time: opaque ones, and JWTs without `iat`. */
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads } from '../support/audit';
import { jwt } from '../support/jwt';
import { createTab, type TabOptions } from '../support/tab';

const latencyMs = 100;

/** Opaque tokens of a minute; the server remembers when each of them ends. */
function opaqueTab(options: TabOptions = {}) {
  const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), ...options });
  const ends = new Map<string, number>();
  tab.server.respondWith(() => {
    const token = `opaque-${ends.size}`;
    // Lives from the moment when the server makes it, half a round trip from now.
    ends.set(token, tab.server.now() + latencyMs / 2 + 60_000);
    return { do: 'answer', result: { token, expiresInMs: 60_000 } };
  });
  const audit = auditReads(tab, { everyMs: 250, endOf: (token) => ends.get(token) ?? 0 });
  return { tab, audit };
}

describe('opaque tokens', () => {
  it('R7.4 T5 a lifetime from the source counts from the start of the request: refreshed each 43 s', async () => {
    const { tab, audit } = opaqueTab();
    tab.tokens.start();
    await audit.run(300_000);
    expect(tab.server.instants).toEqual([0, 43_000, 86_000, 129_000, 172_000, 215_000, 258_000]);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
  });

  it.each([300_000, -300_000, 86_400_000, -86_400_000])(
    'R9.4 S4 a clock that is %i ms off does not matter, since nothing refers to it',
    async (offsetMs) => {
      const { tab, audit } = opaqueTab({ server: { offsetMs } });
      tab.tokens.start();
      await audit.run(300_000);
      expect(tab.server.instants).toEqual([0, 43_000, 86_000, 129_000, 172_000, 215_000, 258_000]);
      expect(tab.tokens.getState().clockOffsetMs).toBe(0);
      expect(audit.expired).toEqual([]);
    },
  );

  it.each([3_600_000, -3_600_000])(
    'R9.14 S4 a jump of %i ms while one is held: one mint more at most',
    async (jumpMs) => {
      const { tab, audit } = opaqueTab();
      tab.tokens.start();
      await audit.run(20_000);
      tab.clock.skew(jumpMs);
      await audit.run(280_000);
      expect(tab.server.instants.length).toBeLessThanOrEqual(8);
      expect(audit.expired).toEqual([]);
      expect(audit.errors).toEqual([]);
    },
  );

  it('R9.2 `Date` teaches the clock from opaque tokens as well', async () => {
    const { tab } = opaqueTab({ server: { offsetMs: -300_000 } });
    const { tab: dated } = opaqueTab({
      clock: tab.clock,
      source: {
        mint: async (request) => ({ ...(await tab.server.source.mint(request)), serverDate: tab.server.now() }),
      },
    });
    await dated.startFresh();
    expect(Math.abs(dated.tokens.getState().clockOffsetMs + 300_000)).toBeLessThanOrEqual(1_000);
    await dated.clock.advance(300_000);
    // The offset is up to a second high, and the first token was counted by the clock before it.
    expect(tab.server.instants.length).toBeLessThanOrEqual(8);
  });
});

describe('JWTs without `iat`', () => {
  const bare = (options: TabOptions = {}) => {
    const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), ...options });
    tab.server.respondWith(() => ({
      do: 'answer',
      result: { token: jwt({ exp: Math.floor((tab.server.now() + latencyMs / 2) / 1_000) + 60 }) },
    }));
    return { tab, audit: auditReads(tab, { everyMs: 250 }) };
  };

  it('R7.4 T5 are refreshed 17 s before `exp`; the clock is left alone', async () => {
    const { tab, audit } = bare();
    tab.tokens.start();
    await audit.run(200_000);
    expect(tab.server.instants).toEqual([0, 43_000, 86_000, 129_000, 172_000]);
    expect(tab.tokens.getState().clockOffsetMs).toBe(0);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
  });

  it('R9.2 S4 with a `Date` a clock that is five minutes behind does not stretch their life', async () => {
    const { tab } = bare({ server: { offsetMs: 300_000 } });
    const { tab: dated } = bare({
      clock: tab.clock,
      server: { offsetMs: 300_000 },
      source: {
        mint: async (request) => {
          const result = await tab.server.source.mint(request);
          return { ...result, serverDate: Math.floor(tab.server.now() / 1_000) * 1_000 };
        },
      },
    });
    const audit = auditReads(dated, { toleranceMs: latencyMs });
    dated.tokens.start();
    await audit.run(300_000);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
    expect(Math.abs(dated.tokens.getState().clockOffsetMs - 300_000)).toBeLessThanOrEqual(1_000);
    expect(tab.server.instants.length).toBeLessThanOrEqual(9);
  });
});
