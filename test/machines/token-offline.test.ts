/** Without a network, on the machine alone, with its timers (§3). */
import { describe, expect, it } from 'vitest';
import { localClock } from '../../machines/server-time';
import { createMachine, facts, sinceStart } from './support';

type More = Parameters<typeof createMachine>[0];
const holding = (ageMs = 0, more: More = {}) => createMachine({ token: facts(ageMs), ...more });
const clockAt = (offsetMs: number) => ({ ...localClock, offsetMs, evidence: 'date' }) as const;
const corrected = (offsetMs: number) => ({ type: 'clock.corrected', clock: clockAt(offsetMs) }) as const;

describe('offline', () => {
  it('T21 T22 three looks at 3, 7.65 and 14.86 s, and then who waits is told', () => {
    const machine = createMachine({ online: false });
    expect(machine.context).toMatchObject({ status: 'offline', offlineChecks: 0, check: { ms: 3_000 } });
    machine.read(true);
    machine.passes(3_000);
    expect(machine.context).toMatchObject({ offlineChecks: 1, check: { since: sinceStart(3_000), ms: 4_650 } });
    machine.passes(11_856);
    expect(machine.said('reads.failed')).toEqual([]);
    machine.passes(1);
    expect(machine.state).toBe('offline-retrying.exhausted');
    expect(machine.said('reads.failed')).toStrictEqual([
      { type: 'reads.failed', readers: 'all', failure: { class: 'offline' } },
    ]);
    expect(machine.context).toMatchObject({ wanted: false, offlineChecks: 3, check: { ms: 50_000 } });
    expect(machine.actor.getSnapshot().hasTag('failing')).toBe(true);
  });

  it('T22 then everybody is told at once, and it goes on looking', () => {
    const machine = createMachine({ online: false, policy: { offlineRetries: 1 } });
    machine.passes(3_000);
    expect(machine.state).toBe('offline-retrying.exhausted');
    machine.read(true);
    machine.force();
    expect(machine.said('reads.failed')).toHaveLength(3);
    expect(machine.context).toMatchObject({ wanted: false, forcedAfter: null, readSinceMint: true });
    machine.read(false);
    expect(machine.said('reads.failed')).toHaveLength(3);
    machine.passes(50_000);
    expect(machine.context.check).toMatchObject({ since: sinceStart(53_000), ms: 50_000 });
    machine.passes(50_000);
    expect(machine.context.check).toMatchObject({ since: sinceStart(103_000) });
  });

  it.each(['read', 'force'] as const)('T22 T6 who is told at once by a %s has read all the same', (how) => {
    const machine = createMachine({ online: false, active: false, policy: { offlineRetries: 1 } });
    machine.passes(3_000);
    machine[how](true);
    expect(machine.said('reads.failed')).toHaveLength(2);
    expect(machine.context.readSinceMint).toBe(true);
  });

  it('T22 R5.2 who is told gets what the network said', async () => {
    const machine = createMachine({ policy: { offlineRetries: 1 } });
    const failure = { class: 'offline', cause: { name: 'TypeError' } } as const;
    machine.tick(10, { online: false });
    await machine.fails(failure);
    machine.read(true);
    machine.passes(3_000);
    expect(machine.said('reads.failed')).toMatchObject([{ failure }]);
    const other = createMachine({ policy: { offlineRetries: 1 } });
    await other.fails({ class: 'transient', status: 503 });
    other.tick(10, { online: false });
    other.passes(3_000);
    expect(other.said('reads.failed')[0]?.failure).toStrictEqual({ class: 'offline' });
  });

  it('T22 the budget was spent before the link flapped: it is not had again', async () => {
    const machine = createMachine({ online: false, policy: { offlineRetries: 1 } });
    machine.passes(3_000);
    machine.tick(0, { online: true });
    machine.passes(1_000);
    expect(machine.asked).toHaveLength(1);
    machine.read(true);
    machine.tick(10, { online: false });
    await machine.fails({ class: 'offline' });
    expect(machine.state).toBe('offline-retrying.exhausted');
    expect(machine.said('reads.failed')).toHaveLength(2);
  });

  it('R4.6 T25 T30 the held token serves to its end; a forced read waits for the budget', () => {
    const machine = holding(56_000, { online: false });
    expect([machine.state, machine.serving]).toEqual(['offline-retrying.waiting', true]);
    machine.force();
    machine.read(true);
    expect(machine.context).toMatchObject({ forcedAfter: 0, wanted: true });
    expect(machine.said('reads.failed')).toEqual([]);
    machine.passes(3_999);
    expect(machine.serving).toBe(true);
    machine.passes(1);
    expect(machine.serving).toBe(false);
    machine.actor.send(corrected(-2_000));
    expect(machine.serving).toBe(true);
  });

  it('T20 R5.22 back: spread by up to half a second, unless a token needs nothing', () => {
    const machine = createMachine({ online: false, policy: { jitter: 1 } });
    machine.tick(100, { online: true, roll: 0.5 });
    expect(machine.state).toBe('refreshing.spacing');
    machine.passes(249);
    expect(machine.asked).toEqual([]);
    machine.passes(1);
    expect(machine.asked).toMatchObject([{ cause: 'online' }]);
    const fresh = holding(44_000, { online: false });
    fresh.actor.send(corrected(-10_000));
    expect(fresh.state).toBe('offline-retrying.waiting');
    fresh.tick(0, { online: true });
    expect(fresh.state).toBe('fresh');
    expect(fresh.context).toMatchObject({ status: 'ok', error: null, offlineChecks: 0 });
  });

  it('T19 the network goes in a backoff: that is the error then, and no other try is counted', async () => {
    const machine = createMachine();
    await machine.fails({ class: 'transient', status: 503 });
    machine.tick(10, { online: false });
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.context).toMatchObject({ error: { class: 'offline' }, failedTries: 1 });
    expect(machine.context.failedStarts).toHaveLength(1);
    expect(machine.said('mint.failed')).toHaveLength(1);
  });

  it('T19 R5.8 the network goes in a backoff and in a probe, and with it no error of its own', async () => {
    const machine = createMachine({ policy: { retries: 0 } });
    await machine.fails({ class: 'transient', status: 503 });
    expect(machine.state).toBe('outage-fallback.probing');
    machine.tick(10, { online: false });
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.context).toMatchObject({ error: { class: 'offline' }, failedTries: 1 });
    expect(machine.said('mint.failed')).toHaveLength(1);
    machine.tick(10, { online: true });
    expect(machine.state).toMatch(/^outage-fallback/);
    expect(machine.context).toMatchObject({ status: 'degraded', cause: 'online' });
  });
});
