/** Hours of made-up trouble, the same on every run: what always holds has to hold in all of them. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { MintRequest } from '../../machines/ports';
import { auditReads, busiest, sleepFor } from '../support/audit';
import { createTab, type Tab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

/** Mulberry32: small, and good enough for choosing. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const troubles: readonly Behaviour[] = [
  { do: 'mint' },
  { do: 'mint' },
  { do: 'status', status: 503 },
  { do: 'status', status: 500, retryAfterMs: 20_000 },
  { do: 'status', status: 429, retryAfterMs: 45_000 },
  { do: 'status', status: 403 },
  { do: 'status', status: 401 },
  { do: 'drop' },
  { do: 'hang' },
  { do: 'outage' },
  { do: 'answer', result: { token: '' } },
  { do: 'mint', sid: 'sess_other' },
];
/** Without a `Date`, old tokens from the first mint on cannot be told from a clock that is ahead. */
const troublesWithDate: readonly Behaviour[] = [
  ...troubles,
  { do: 'mint', ageSeconds: 50 },
  { do: 'mint', ageSeconds: 500 },
];

/** Watches the source: what is in flight, what goes out when it must not, and how many attempts fail in a row. */
function watched() {
  const broken: string[] = [];
  /** Since the last success; the second request of T11 stands for both. */
  let failedAt: number[] = [];
  let startedLast = 0;
  let worstMinute = 0;
  let inFlight = 0;
  let quietUntil = 0;
  let slept = 0;
  let tab: Tab | undefined;
  const elapsed = (): number => (tab?.elapsed() ?? 0) + slept;

  async function mint(request: MintRequest) {
    if (!tab) throw new Error('not started');
    const startedAt = elapsed();
    inFlight += 1;
    request.signal.addEventListener('abort', () => {
      inFlight -= 1;
    });
    if (inFlight > 1) broken.push(`S5 ${inFlight} in flight at ${startedAt}`);
    if (!tab.connectivity.isOnline()) broken.push(`S10 a request while offline at ${startedAt}`);
    if (startedAt < quietUntil)
      broken.push(`S10 a request ${quietUntil - startedAt} ms before its time at ${startedAt}`);
    try {
      return await tab.server.source.mint(request);
    } catch (error) {
      const { retryAfterMs = 0 } = error as { retryAfterMs?: number };
      if (!request.signal.aborted) quietUntil = Math.max(quietUntil, elapsed() + retryAfterMs);
      throw error;
    } finally {
      if (!request.signal.aborted) inFlight -= 1;
    }
  }

  return {
    mint,
    broken,
    /** The most failed attempts in a minute of one failing. */
    get worstMinute() {
      return worstMinute;
    },
    of: (made: Tab) => {
      tab = made;
      made.tokens.on('refresh.started', () => {
        startedLast = elapsed();
      });
      made.tokens.on('refresh.succeeded', () => {
        failedAt = [];
      });
      made.tokens.on('refresh.failed', () => {
        failedAt.push(startedLast);
        worstMinute = Math.max(worstMinute, busiest(failedAt, 60_000));
      });
    },
    sleep: async (ms: number) => {
      if (!tab) return;
      slept += ms;
      await sleepFor(tab, ms);
    },
  };
}

async function world(seed: number, presence = memoryPresence()) {
  const roll = dice(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
  const source = watched();
  const clock = createVirtualClock({ settleTurns: 3 });
  const withDate = seed % 2 === 0;
  const tab = createTab({
    clock,
    presence,
    server: { withDate },
    source: { mint: source.mint },
    random: roll,
    policy: { jitter: 0.3 },
  });
  source.of(tab);
  const audit = auditReads(tab, { everyMs: 500, toleranceMs: 1_100 });
  let armed = 0;
  await tab.startFresh();
  for (let step = 0; step < 120; step += 1) {
    const choice = roll();
    if (choice < 0.5) tab.server.respondWith(pick(withDate ? troublesWithDate : troubles));
    else if (choice < 0.65) tab.connectivity.set(!tab.connectivity.isOnline());
    else if (choice < 0.72) tab.presence.set({ visibility: pick(['visible', 'hidden'] as const), focus: roll() < 0.5 });
    else if (choice < 0.8) tab.tokens.refresh().catch(() => {});
    else if (choice < 0.84) await source.sleep(Math.floor(roll() * 600_000));
    else if (choice < 0.88) {
      clock.skew(-Math.floor(roll() * 600_000));
      // A beat sees it. Slept before that, nobody could tell how much of it was sleep.
      await audit.run(6_000);
    } else tab.presence.emit(pick(['focus', 'resume', 'pageshow'] as const));
    await audit.run(Math.floor(roll() * 20_000));
    armed = Math.max(armed, clock.pending);
  }
  return { tab, audit, source, armed };
}

describe.each(Array.from({ length: 12 }, (_, seed) => seed + 1))('world %i', (seed) => {
  it('S4 S5 S9 S10 L2 nothing that always holds is broken, and health leads back to fresh', async () => {
    const { tab, audit, source, armed } = await world(seed);
    expect(source.broken).toEqual([]);
    expect(audit.expired.slice(0, 3)).toEqual([]);
    expect(audit.empty).toBe(0);
    expect(source.worstMinute).toBeLessThanOrEqual(7);
    expect(audit.served).toBeGreaterThan(0);
    // One per purpose: three for the token, the heartbeat, the wait of the server's answer, the time-out.
    expect(armed).toBeLessThanOrEqual(8);

    tab.server.respondWith({ do: 'mint' });
    tab.server.checkAnswers('active');
    tab.connectivity.set(true);
    tab.presence.set({ visibility: 'visible', focus: true });
    await tab.clock.advance(120_000);
    expect(tab.tokens.getState()).toMatchObject({ serving: true, sessionId: 'sess_1' });
    expect(['fresh', 'refreshing']).toContain(tab.tokens.getState().state);
    expect(tab.tokens.getState().error).toBeNull();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(typeof read.token).toBe('string');

    tab.tokens.stop();
    await tab.clock.advance(20_000);
    expect(tab.clock.pending).toBe(0);
  });
});

const ways: readonly (readonly [string, (tab: Tab) => void])[] = [
  ['an origin that answers 503', (tab) => tab.server.respondWith({ do: 'status', status: 503 })],
  ['a source that refuses with 403', (tab) => tab.server.respondWith({ do: 'status', status: 403 })],
  ['a 401 while the session is alive', (tab) => tab.server.respondWith({ do: 'status', status: 401 })],
  ['a Retry-After', (tab) => tab.server.respondWith({ do: 'status', status: 429, retryAfterMs: 40_000 })],
  ['an outage that an edge bridges', (tab) => tab.server.respondWith({ do: 'outage' })],
  ['answers that never come', (tab) => tab.server.respondWith({ do: 'hang' })],
  ['answers that make no sense', (tab) => tab.server.respondWith({ do: 'answer', result: 'nonsense' })],
  ['a network that is away', (tab) => tab.connectivity.set(false)],
];

describe('the way back', () => {
  it.each(ways)(
    'L2 after %s of a quarter of an hour, the state is fresh again within a minute, with nobody doing anything',
    async (_, spoil) => {
      const tab = createTab();
      await tab.startFresh();
      spoil(tab);
      await tab.clock.advance(900_000);
      tab.server.respondWith({ do: 'mint' });
      tab.connectivity.set(true);
      // The longest wait, and a request that is running when the trouble ends.
      await tab.clock.advance(60_200);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', serving: true, error: null });
      // An outage is over once a refresh has gone the normal way: the fourth at the latest.
      await tab.clock.advance(4 * 43_000);
      expect(tab.tokens.getState()).toMatchObject({ status: 'ok', outage: false });
    },
  );

  it.each(ways)('L2 the same from the very first mint on: %s', async (_, spoil) => {
    const tab = createTab();
    spoil(tab);
    tab.tokens.start();
    await tab.clock.advance(900_000);
    expect(tab.tokens.peek()).toBeNull();
    tab.server.respondWith({ do: 'mint' });
    tab.connectivity.set(true);
    // The longest wait, and a request that is running when the trouble ends.
    await tab.clock.advance(60_200);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok', error: null });
  });
});
