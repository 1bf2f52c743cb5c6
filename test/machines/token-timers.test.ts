/** What is armed, on the machine alone: guards decide, but only if something wakes the machine (§3, R9.16). */
import { describe, expect, it } from 'vitest';
import type { Pause } from '../../machines/schedule';
import { localClock } from '../../machines/server-time';
import { maxTimerMs } from '../../machines/time';
import { createMachine, facts, sinceStart, startMs } from './support';

type More = Parameters<typeof createMachine>[0];
const holding = (ageMs = 0, more: More = {}) => createMachine({ token: facts(ageMs), ...more });
const corrected = (offsetMs: number) =>
  ({ type: 'clock.corrected', clock: { ...localClock, offsetMs, evidence: 'date' } }) as const;
const floor = (ms: number) => {
  const pause: Pause = { since: sinceStart(0), ms, kind: 'retry-after' };
  return { type: 'floor.raised', pause } as const;
};

/** One refresh of a token of 60 s is out, 43 s after its start, and is waited for as long as you like. */
const minting = () => {
  const machine = holding(0, { policy: { requestTimeoutMs: 120_000 } });
  machine.tick(43_000);
  expect(machine.state).toBe('refreshing.minting');
  return machine;
};

describe('the stale point', () => {
  it('T5 R9.16 of a token of thirty days: as far as a timer goes, and then the rest', () => {
    const ms = 30 * 86_400_000;
    const machine = createMachine({ token: facts(0, ms) });
    expect(machine.armed).toEqual([maxTimerMs]);
    machine.passes(maxTimerMs);
    expect(machine.armed).toEqual([ms - 17_000 - maxTimerMs]);
  });

  it('T5 R9.1 moves with a corrected clock, and so does its timer', () => {
    const machine = holding();
    expect(machine.armed).toEqual([43_000]);
    machine.actor.send(corrected(-10_000));
    expect(machine.armed).toEqual([53_000]);
    machine.actor.send(corrected(10_000));
    expect(machine.armed).toEqual([33_000]);
  });
});

describe('the cutoff and the end', () => {
  it('T30 R9.16 a clock was set back under the cutoff: armed again for what is left', () => {
    const machine = minting();
    expect(machine.armed).toEqual([12_000, 120_000]);
    machine.actor.send(corrected(-10_000));
    machine.passes(12_000);
    expect([machine.serving, machine.armed]).toEqual([true, [10_000, 108_000]]);
    machine.passes(10_000);
    expect(machine.serving).toBe(false);
  });

  it('T30 R4.10 past the cutoff there is a timer for its end: `peek` is told', () => {
    const machine = minting();
    machine.passes(12_000);
    expect([machine.serving, machine.armed]).toEqual([false, [5_000, 108_000]]);
  });

  it('T30 R9.16 a clock was set back under the end, where the mint has failed: armed again', async () => {
    const machine = holding(56_000);
    await machine.fails({ class: 'rate-limited', retryAfterMs: 60_000 });
    expect([machine.state, machine.armed]).toEqual(['outage-fallback.backing-off', [4_000, 60_000]]);
    machine.actor.send(corrected(-10_000));
    machine.passes(4_000);
    expect([machine.serving, machine.armed]).toEqual([true, [10_000, 56_000]]);
  });
});

describe('the next try', () => {
  it('T8 T12 R9.16 in stale: a pause that is longer than a timer is waited for in parts', () => {
    const machine = holding(44_000, { active: false, pause: floor(maxTimerMs + 5_000).pause });
    expect([machine.state, machine.armed]).toEqual(['stale', [11_000, maxTimerMs]]);
    machine.passes(maxTimerMs);
    expect(machine.armed).toEqual([5_000]);
  });

  it('T17 R5.8 R9.16 in a backoff that was made longer meanwhile', async () => {
    const machine = createMachine();
    await machine.fails({ class: 'transient' });
    expect(machine.armed).toEqual([3_000]);
    machine.actor.send(floor(60_000));
    machine.passes(3_000);
    expect([machine.state, machine.armed]).toEqual(['outage-fallback.backing-off', [57_000]]);
  });

  it('S9 R9.16 between two mints: a clock that was ahead for a moment lengthens nothing, and shortens nothing', async () => {
    const machine = createMachine();
    await machine.mints({}, 600_000);
    const { seen } = machine.context;
    const ahead = { ...seen, now: { ...seen.now, wallMs: startMs + 400 } };
    machine.actor.send({ type: 'clock.tick', seen: ahead });
    machine.force();
    expect(machine.state).toBe('refreshing.spacing');
    expect(machine.armed[0]).toBe(600);
    machine.passes(600);
    expect([machine.state, machine.armed[0]]).toEqual(['refreshing.spacing', 400]);
    machine.passes(400);
    expect(machine.asked).toHaveLength(2);
  });
});
