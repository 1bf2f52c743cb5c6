/** Somebody sets the computer's clock while the lifecycle runs. */
import { describe, expect, it } from 'vitest';
import { memoryPresence } from '../../adapters/presence/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { auditReads } from '../support/audit';
import { createTab, type TabOptions } from '../support/tab';

const hourMs = 3_600_000;
const latencyMs = 100;

async function startTab(options: TabOptions = {}) {
  const tab = createTab({ clock: createVirtualClock({ settleTurns: 2 }), ...options });
  const audit = auditReads(tab, { everyMs: 250, toleranceMs: latencyMs });
  await tab.startFresh();
  return { tab, audit };
}

const offBy = (tab: ReturnType<typeof createTab>): number =>
  Math.abs(tab.tokens.getState().clockOffsetMs - (tab.server.now() - tab.clock.now()));

describe.each([
  ['an hour', hourMs],
  ['five minutes', 300_000],
  ['a day and a half', 36 * hourMs],
])('a jump by %s', (_, jumpMs) => {
  it.each([
    ['forward', true, 1],
    ['forward', false, 1],
    ['backward', true, -1],
    ['backward', false, -1],
  ])(
    'R9.14 R9.15 S4 %s: two mints more at most, the offset is learned (Date: %s)',
    async (_direction, withDate, sign) => {
      const { tab, audit } = await startTab({ server: { withDate } });
      await audit.run(20_000);
      tab.clock.skew(sign * jumpMs);
      await audit.run(300_000);
      // 320 s at one mint per 43 s are 8.
      expect(tab.server.instants.length).toBeLessThanOrEqual(8 + 2);
      expect(audit.expired).toEqual([]);
      expect(audit.errors).toEqual([]);
      expect(audit.empty).toBe(0);
      expect(offBy(tab)).toBeLessThanOrEqual(2_000);
      expect(tab.tokens.getState().status).toBe('ok');
      expect(tab.of('refresh.failed')).toEqual([]);
    },
  );

  it('R9.14 S4 there and back again: four mints more at most', async () => {
    const { tab, audit } = await startTab();
    await audit.run(20_000);
    tab.clock.skew(jumpMs);
    await audit.run(100_000);
    tab.clock.skew(-jumpMs);
    await audit.run(200_000);
    expect(tab.server.instants.length).toBeLessThanOrEqual(8 + 4);
    expect(audit.expired).toEqual([]);
    expect(audit.errors).toEqual([]);
    expect(offBy(tab)).toBeLessThanOrEqual(2_000);
  });
});

it('R9.14 S4 a clock that is set again every 90 s keeps neither the client out nor the server busy', async () => {
  const { tab, audit } = await startTab();
  for (let turn = 0; turn < 10; turn += 1) {
    tab.clock.skew((turn % 2 ? -1 : 1) * (turn + 1) * 600_000);
    await audit.run(90_000);
  }
  // 900 s: 21 mints by the clock, and two for each jump.
  expect(tab.server.instants.length).toBeLessThanOrEqual(21 + 20);
  expect(audit.expired).toEqual([]);
  expect(audit.errors).toEqual([]);
  expect(audit.empty).toBe(0);
});

it('R9.14 set back by an hour, the next refresh comes at 43 s all the same and no mint is wasted', async () => {
  const { tab } = await startTab();
  await tab.clock.advance(20_000 - 100);
  tab.clock.skew(-hourMs);
  await tab.clock.advance(110_000);
  expect(tab.server.instants).toEqual([0, 43_000, 86_000, 129_000]);
  expect(tab.tokens.getState().clockOffsetMs).toBe(hourMs);
});

it('R9.14 R4.10 set back by an hour where no heartbeat runs: `peek` gives the token no longer than it lives', async () => {
  const { tab } = await startTab({ presence: memoryPresence({ visibility: 'unknown', focus: 'unknown' }) });
  tab.connectivity.set(false);
  await tab.clock.advance(20_000 - 100);
  tab.clock.skew(-hourMs);
  await tab.clock.advance(39_999);
  expect(tab.tokens.peek()).not.toBeNull();
  await tab.clock.advance(1);
  expect(tab.elapsed()).toBe(60_000);
  expect(tab.tokens.peek()).toBeNull();
});

it('R9.14 R4.10 S4 an expired token does not come back to life when the clock is set back', async () => {
  const { tab } = await startTab();
  tab.connectivity.set(false);
  await tab.clock.advance(70_000 - 100);
  expect(tab.tokens.peek()).toBeNull();
  tab.clock.skew(-hourMs);
  expect(tab.tokens.peek()).toBeNull();
  const read = tab.watch(tab.tokens.getToken());
  await tab.clock.advance(10_000);
  expect(tab.tokens.peek()).toBeNull();
  expect(read.token).toBeUndefined();
});

it('R9.14 set forward by an hour, two answers a second apart put the offset right', async () => {
  const { tab } = await startTab();
  await tab.clock.advance(20_000 - 100);
  tab.clock.skew(hourMs);
  const read = tab.watch(tab.tokens.getToken());
  await tab.clock.advance(1_200);
  expect(tab.server.instants).toEqual([0, 20_000, 21_000]);
  expect(read.token === tab.server.issued[2]).toBe(true);
  expect(offBy(tab)).toBeLessThanOrEqual(1_000);
});

describe('waits are measured in elapsed time', () => {
  it('R5.26 R9.14 a clock that is set back does not lengthen a backoff', async () => {
    const { tab } = await startTab();
    tab.server.respondWith({ do: 'status', status: 503 });
    await tab.clock.advance(44_000 - 100);
    expect(tab.server.instants).toEqual([0, 43_000]);
    tab.clock.skew(-hourMs);
    await tab.clock.advance(1_999);
    expect(tab.server.instants).toEqual([0, 43_000]);
    await tab.clock.advance(1);
    expect(tab.server.instants).toEqual([0, 43_000, 46_000]);
  });

  it('R5.26 R5.27 a clock that is set back does not lengthen a Retry-After', async () => {
    const { tab } = await startTab();
    tab.server.script([{ do: 'status', status: 429, retryAfterMs: 30_000 }]);
    await tab.clock.advance(50_000 - 100);
    tab.clock.skew(-hourMs);
    await tab.clock.advance(23_099);
    expect(tab.server.instants).toEqual([0, 43_000]);
    await tab.clock.advance(1);
    expect(tab.server.instants).toEqual([0, 43_000, 73_100]);
  });

  it('R9.14 when the next try is due is told on the wall clock as it is now', async () => {
    const tab = createTab();
    tab.server.respondWith({ do: 'status', status: 503 });
    tab.tokens.start();
    await tab.clock.advance(30_000);
    const dueInMs = () => (tab.tokens.getState().nextAttemptAt ?? 0) - tab.clock.now();
    expect(dueInMs()).toBe(43_344 - 30_000);
    tab.clock.skew(-3_600_000);
    await tab.clock.advance(5_000);
    expect(dueInMs()).toBe(43_344 - 35_000);
    await tab.clock.advance(8_344);
    expect(tab.server.instants.at(-1)).toBe(43_344);
  });

  it('R5.26 learning that the clock is ahead shortens no backoff', async () => {
    // The first key learns the offset while the second backs off.
    const tab = createTab({ server: { offsetMs: -300_000 } });
    tab.server.respondWith(({ key }) => (key.template ? { do: 'status', status: 503 } : { do: 'mint' }));
    tab.tokens.start();
    await tab.clock.settle();
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(3_100);
    const templates = tab.server.requests.filter(({ request }) => request.key.template);
    expect(tab.tokens.getState().clockOffsetMs).toBe(-299_100);
    expect(templates.map(({ at }) => at)).toEqual([0, 3_000]);
    expect(read).toEqual({});
  });
});
