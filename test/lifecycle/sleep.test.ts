/** The computer sleeps: the wall clock and the server go on, timers and the monotonic clock do not. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads, sleepFor } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';

const hourMs = 3_600_000;
const hidden = () => memoryPresence({ visibility: 'hidden', focus: false });
const headless = () => memoryPresence({ visibility: 'unknown', focus: 'unknown' });

/** Minted at 0 s; falls asleep at 10 s. */
async function asleepAt10(ms: number, options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  await tab.clock.advance(9_900);
  await sleepFor(tab, ms);
  return tab;
}

describe('a page that is looked at', () => {
  it('T26 R9.20 sleeps for eight hours: one mint at the wake, then 43 s as before', async () => {
    const tab = await asleepAt10(8 * hourMs);
    const audit = auditReads(tab, { toleranceMs: 100 });
    await audit.run(200_000);
    expect(tab.server.instants).toEqual([0, 10_000, 53_000, 96_000, 139_000, 182_000]);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ status: 'ok', clockOffsetMs: 0 });
    expect(tab.of('refresh.failed')).toEqual([]);
  });

  it('T26 R9.15 B05 whoever asks first after the wake, before any timer of the lifecycle, gets no token from before', async () => {
    const tab = createTab();
    await tab.startFresh();
    const seen: (string | null)[] = [];
    let read: ReturnType<typeof tab.watch> = {};
    tab.clock.setTimeout(() => {
      seen.push(tab.tokens.peek());
      read = tab.watch(tab.tokens.getToken());
    }, 1);
    await sleepFor(tab, 8 * hourMs);
    expect(seen).toEqual([null]);
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued[1]).toBe(true);
    await tab.clock.advance(10_000);
    expect(tab.server.instants).toHaveLength(2);
  });

  it('T26 a wake with timer, visibility, focus, pageshow, resume and network at once is one mint', async () => {
    const tab = await asleepAt10(8 * hourMs);
    tab.presence.emit('visible');
    tab.presence.emit('focus');
    tab.presence.emit('pageshow');
    tab.presence.emit('resume');
    tab.connectivity.set(false);
    tab.connectivity.set(true);
    const reads = [1, 2, 3].map(() => tab.watch(tab.tokens.getToken()));
    await tab.clock.advance(1_100);
    expect(tab.server.instants).toHaveLength(2);
    for (const read of reads) expect(read.token === tab.server.issued.at(-1)).toBe(true);
  });

  it('T26 a nap that ends while the token is good costs nothing', async () => {
    const tab = await asleepAt10(20_000);
    tab.presence.emit('focus');
    await tab.clock.advance(12_900);
    expect(tab.server.instants).toEqual([0]);
    // 43 s after the issue by the wall: 20 s were slept, so 23 s by the clock that stood still.
    await tab.clock.advance(2_000);
    expect(tab.server.instants).toHaveLength(2);
    expect(tab.server.instants[1]).toBeLessThanOrEqual(23_000 + 1_500);
  });

  it('T26 R9.18 a nap past the stale point: readers are served at once, and the refresh starts by the next heartbeat', async () => {
    const tab = await asleepAt10(38_000);
    const held = tab.tokens.peek();
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.settle();
    expect(read.token === held).toBe(true);
    await tab.clock.advance(1_600);
    expect(tab.server.instants).toHaveLength(2);
  });

  it('R9.20 B02 the network is not back yet at the wake: no request, no error event, and a token within a second of `online`', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.connectivity.set(false);
    await sleepFor(tab, 8 * hourMs);
    await tab.clock.advance(5_000);
    expect(tab.server.instants).toEqual([0]);
    tab.connectivity.set(true);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_000);
    expect(read.token === tab.server.issued[1]).toBe(true);
    expect(tab.server.instants).toHaveLength(2);
  });

  it('R5.6 B10 sleeps in the middle of a mint: the time-out is void, and one mint more settles it', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'hang' }]);
    await tab.clock.advance(43_000);
    await sleepFor(tab, 8 * hourMs);
    await tab.clock.advance(1_500);
    expect(tab.of('refresh.failed')).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
    expect(tab.server.instants).toHaveLength(3);
  });
});

describe('jitter', () => {
  const wake = async (
    roll: number,
    how: (tab: Awaited<ReturnType<typeof asleepAt10>>) => void,
    presence = hidden(),
  ) => {
    const tab = createTab({ random: () => roll, policy: { jitter: 1 }, presence });
    await tab.startFresh();
    await sleepFor(tab, 8 * hourMs);
    const at = tab.elapsed();
    how(tab);
    await tab.clock.advance(1_000);
    expect(tab.server.instants).toHaveLength(2);
    return (tab.server.instants[1] ?? 0) - at;
  };

  it('R9.20 R5.21 pages that are seen again at one instant do not all mint at that instant, but within a second', async () => {
    const show = (tab: { presence: ReturnType<typeof hidden> }) =>
      tab.presence.set({ visibility: 'visible', focus: true });
    const delays = [await wake(0, show), await wake(0.3, show), await wake(0.9, show)];
    expect(new Set(delays).size).toBe(3);
    expect(Math.min(...delays)).toBe(0);
    expect(Math.max(...delays)).toBeLessThan(900);
  });

  it('R9.20 R5.21 computers that wake at one instant with the page in front do not all mint at that instant either', async () => {
    const delays = [
      await wake(0, () => {}, memoryPresence()),
      await wake(0.3, () => {}, memoryPresence()),
      await wake(0.9, () => {}, memoryPresence()),
    ];
    expect(new Set(delays).size).toBe(3);
    expect(Math.max(...delays)).toBeLessThan(900);
  });

  it('R5.21 T20 clients whose network returns at one instant do not all mint at that instant', async () => {
    const reconnect = async (roll: number) => {
      const tab = createTab({ random: () => roll, policy: { jitter: 1 } });
      await tab.startFresh();
      tab.connectivity.set(false);
      await tab.clock.advance(70_000);
      tab.connectivity.set(true);
      const at = tab.elapsed();
      await tab.clock.advance(1_000);
      expect(tab.tokens.getState().state).toBe('fresh');
      return (tab.server.instants[1] ?? 0) - at;
    };
    const delays = [await reconnect(0), await reconnect(0.3), await reconnect(0.9)];
    expect(new Set(delays).size).toBe(3);
    expect(Math.max(...delays)).toBeLessThan(900);
  });
});

describe.each([
  ['hidden', hidden],
  ['headless', headless],
] as const)('a context that nobody looks at (%s)', (_, presence) => {
  it('R9.21 B12 a timer that fires late on an expired token mints nothing, and neither does what follows', async () => {
    const tab = await asleepAt10(8 * hourMs, { presence: presence() });
    expect(tab.server.instants).toEqual([0]);
    await tab.clock.advance(1_200_000);
    expect(tab.server.instants).toEqual([0]);
    expect(tab.tokens.peek()).toBeNull();
  });

  it('R9.21 the next read mints once, and the refreshes go on from there', async () => {
    // Less than the 30 min after which a hidden page stops of its own accord.
    const tab = await asleepAt10(hourMs / 3, { presence: presence() });
    await tab.clock.advance(10_000);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued[1]).toBe(true);
    await tab.clock.advance(90_000);
    expect(tab.server.instants).toEqual([0, 20_000, 63_000, 106_000]);
  });

  it('R9.21 the next wake mints once', async () => {
    const tab = await asleepAt10(8 * hourMs, { presence: presence() });
    await tab.clock.advance(10_000);
    tab.presence.set({ visibility: 'visible', focus: true });
    await tab.clock.advance(1_100);
    expect(tab.server.instants).toEqual([0, 20_000]);
    expect(tab.server.requests[1]?.request).toMatchObject({ cause: 'wake', presence: 'focused' });
  });

  it('R9.21 a timer that fires late on a token with some life left mints as ever', async () => {
    const tab = await asleepAt10(45_000, { presence: presence(), clock: createVirtualClock() });
    await tab.clock.advance(5_100);
    expect(tab.server.instants).toHaveLength(2);
  });

  it('R9.21 T17 retries that are on time go on past the expiry: late is only what was slept through', async () => {
    const tab = createTab({ presence: presence() });
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(200_000);
    expect(tab.tokens.peek()).toBeNull();
    expect(tab.server.instants.filter((at) => at > 100_000).length).toBeGreaterThanOrEqual(2);
    tab.server.respondWith({ do: 'mint' });
    await tab.clock.advance(60_000);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('R9.21 a backoff that was slept through is left to the next read as well', async () => {
    const tab = createTab({ presence: presence() });
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(44_000 - 100);
    const before = tab.server.instants.length;
    await sleepFor(tab, 8 * hourMs);
    await tab.clock.advance(600_000);
    expect(tab.server.instants.length).toBe(before);
    tab.server.respondWith({ do: 'mint' });
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(tab.server.instants.length).toBe(before + 1);
  });
});
