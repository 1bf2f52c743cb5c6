/** What it makes of being looked at, hidden, or nowhere at all. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createTab, type TabOptions } from '../support/tab';

const minuteMs = 60_000;
const hidden = () => memoryPresence({ visibility: 'hidden', focus: false });

/** A clock that tells which timers are set, and when they go off. */
function tracedClock() {
  const clock = createVirtualClock();
  const fired: { at: number; ms: number }[] = [];
  return {
    fired,
    clock: {
      ...clock,
      setTimeout: (run: () => void, ms: number) =>
        clock.setTimeout(() => {
          fired.push({ at: clock.monotonicNow(), ms });
          run();
        }, ms),
      get pending() {
        return clock.pending;
      },
    },
  };
}

/** Instants of timers of one length, in a minute in which nothing else happens. */
async function beats(ms: number, options: TabOptions = {}) {
  const { clock, fired } = tracedClock();
  const tab = createTab({ server: { ttlSeconds: 3_600 }, ...options, clock });
  tab.tokens.start();
  await clock.advance(minuteMs);
  return { tab, clock, instants: fired.filter((timer) => timer.ms === ms).map(({ at }) => at) };
}

const every = (ms: number, from: number, until: number) =>
  Array.from({ length: Math.floor((until - from) / ms) }, (_, beat) => from + (beat + 1) * ms);

describe('the heartbeat', () => {
  it('R9.18 goes each 1.5 s while the page is focused', async () => {
    const { instants } = await beats(1_500);
    expect(instants).toEqual(every(1_500, 0, minuteMs));
  });

  it.each([
    ['visible', memoryPresence({ focus: false })],
    ['hidden', hidden()],
  ])('R9.18 goes each 5 s while the page is %s', async (_, presence) => {
    const { instants } = await beats(5_000, { presence });
    expect(instants).toEqual(every(5_000, 0, minuteMs));
  });

  it('R9.18 its distances are fields of the policy', async () => {
    const { instants } = await beats(700, { policy: { focusedHeartbeatMs: 700 } });
    expect(instants).toEqual(every(700, 0, minuteMs));
  });

  it('R9.18 does not go where there is no page', async () => {
    const { tab, clock } = await beats(1_500, {
      presence: memoryPresence({ visibility: 'unknown', focus: 'unknown' }),
    });
    // One timer: the stale point.
    expect(clock.pending).toBe(1);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('R9.18 follows the focus from its next beat on', async () => {
    const { clock, fired } = tracedClock();
    const tab = createTab({ server: { ttlSeconds: 3_600 }, clock });
    tab.tokens.start();
    await clock.advance(3_000);
    tab.presence.set({ focus: false });
    await clock.advance(20_000);
    const late = fired.filter(({ at }) => at > 4_500).map(({ at, ms }) => [at, ms]);
    expect(late).toEqual([
      [9_500, 5_000],
      [14_500, 5_000],
      [19_500, 5_000],
    ]);
  });

  it('R9.18 T26 notices what a starved timer missed', async () => {
    // A platform that loses long timers, as throttled pages do.
    const clock = createVirtualClock();
    const starved = {
      ...clock,
      setTimeout: (run: () => void, ms: number) => clock.setTimeout(run, ms > 10_000 ? 300_000 : ms),
      get pending() {
        return clock.pending;
      },
    };
    const tab = createTab({ clock: starved });
    await tab.startFresh();
    await clock.advance(44_400);
    expect(tab.server.instants).toHaveLength(2);
    // By the first beat after 43 s: the mint was there at 0.1 s at the latest.
    expect(tab.server.instants[1]).toBeGreaterThanOrEqual(43_000);
    expect(tab.server.instants[1]).toBeLessThanOrEqual(44_500);
  });

  it('R9.19 causes no request and no write, in an hour', async () => {
    const writes: string[] = [];
    const tab = createTab({ server: { ttlSeconds: 7_200 } });
    const { write } = tab.cookie as { write: (typeof tab.cookie)['write'] };
    Object.assign(tab.cookie, {
      write: (...given: Parameters<typeof write>) => {
        writes.push(given[0]);
        return write(...given);
      },
    });
    await tab.startFresh();
    expect(writes).toHaveLength(1);
    let changes = 0;
    tab.tokens.subscribe(() => {
      changes += 1;
    });
    await tab.clock.advance(60 * minuteMs);
    expect(tab.server.instants).toEqual([0]);
    expect(writes).toHaveLength(1);
    expect(changes).toBe(0);
    expect(tab.events.filter(({ at }) => at > 100)).toEqual([]);
  });

  it('R9.19 starts no mint for a template that nobody reads, and none inside a Retry-After', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.tokens.getToken({ template: 'api' });
    await tab.clock.advance(100);
    tab.server.respondWith({ do: 'status', status: 429, retryAfterMs: 600_000 });
    await tab.clock.advance(500_000);
    expect(tab.server.requests.map(({ at, request }) => [at, request.key.template ?? null])).toEqual([
      [0, null],
      [100, 'api'],
      [43_000, null],
    ]);
  });
});

describe('being seen again', () => {
  it('T26 R9.20 visibilitychange and focus together, with an expired token: one mint', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    tab.server.script([{ do: 'status', status: 400 }]);
    await tab.clock.advance(70_000);
    const before = tab.server.instants.length;
    expect(tab.tokens.peek()).toBeNull();
    tab.presence.set({ visibility: 'visible', focus: true });
    await tab.clock.advance(2_000);
    expect(tab.server.instants.length - before).toBe(1);
    expect(tab.tokens.getState().state).toBe('fresh');
  });

  it('T26 with a token that is fresh: no mint, however often', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    for (let time = 0; time < 40; time += 1) {
      tab.presence.set(time % 2 ? { visibility: 'hidden', focus: false } : { visibility: 'visible', focus: true });
      await tab.clock.advance(1_000);
    }
    expect(tab.server.instants).toEqual([0]);
  });

  it.each(['visible', 'focus', 'pageshow', 'resume', 'activated'] as const)(
    'T26 `%s` past the stale point starts the refresh that a long-hidden page had left out',
    async (change) => {
      const tab = createTab({ presence: hidden(), policy: { hiddenForMs: 0 } });
      await tab.startFresh();
      await tab.clock.advance(100_000);
      expect(tab.server.instants).toEqual([0]);
      tab.presence.emit(change);
      await tab.clock.advance(1_000);
      expect(tab.server.instants).toHaveLength(2);
      expect(tab.server.requests[1]?.request.cause).toBe('wake');
    },
  );

  it.each(['hidden', 'blur', 'freeze', 'pagehide'] as const)('T26 `%s` is no wake', async (change) => {
    const tab = createTab({ presence: hidden(), policy: { hiddenForMs: 0 } });
    await tab.startFresh();
    await tab.clock.advance(100_000);
    tab.presence.emit(change);
    await tab.clock.advance(10_000);
    expect(tab.server.instants).toEqual([0]);
  });

  it('R5.22 a wake does not cut a Retry-After short', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    tab.server.script([{ do: 'status', status: 429, retryAfterMs: 120_000 }]);
    await tab.clock.advance(99_900);
    tab.presence.set({ visibility: 'visible', focus: true });
    await tab.clock.advance(63_099);
    expect(tab.server.instants).toEqual([0, 43_000]);
    await tab.clock.advance(1);
    expect(tab.server.instants).toEqual([0, 43_000, 163_100]);
  });
});

describe('hidden for long', () => {
  it('R10.9 refreshes for half an hour and then stops', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    await tab.clock.advance(180 * minuteMs);
    const last = tab.server.instants.at(-1) ?? 0;
    // 41 · 43 s are 29 min 23 s; the next would be due at 30 min 6 s.
    expect(last).toBe(41 * 43_000);
    expect(tab.server.instants).toHaveLength(42);
    expect(tab.server.requests.every(({ request }) => request.presence === 'hidden')).toBe(true);
  });

  it('R10.9 a read mints, without anybody looking', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    await tab.clock.advance(60 * minuteMs);
    const before = tab.server.instants.length;
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    expect(read.token === tab.server.issued.at(-1)).toBe(true);
    expect(tab.server.instants).toHaveLength(before + 1);
  });

  it('R10.9 being seen mints once, and then each 43 s', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    await tab.clock.advance(60 * minuteMs - 100);
    const before = tab.server.instants.length;
    tab.presence.set({ visibility: 'visible', focus: true });
    await tab.clock.advance(100_000);
    expect(tab.server.instants.slice(before)).toEqual([3_600_000, 3_643_000, 3_686_000]);
    expect(tab.server.requests.at(before)?.request).toMatchObject({ cause: 'wake', presence: 'focused' });
  });

  it('R10.9 a glance in between starts the half hour anew', async () => {
    const tab = createTab({ presence: hidden() });
    await tab.startFresh();
    await tab.clock.advance(25 * minuteMs);
    tab.presence.set({ visibility: 'visible' });
    tab.presence.set({ visibility: 'hidden' });
    await tab.clock.advance(60 * minuteMs);
    const last = tab.server.instants.at(-1) ?? 0;
    expect(last).toBeGreaterThan(54 * minuteMs);
    expect(last).toBeLessThanOrEqual(55 * minuteMs + 100);
  });

  it('R10.9 a page without focus that can be seen goes on', async () => {
    const tab = createTab({ presence: memoryPresence({ focus: false }) });
    await tab.startFresh();
    await tab.clock.advance(60 * minuteMs - 101);
    expect(tab.server.instants).toHaveLength(84);
    expect(tab.server.requests.at(-1)?.request.presence).toBe('visible');
  });
});
