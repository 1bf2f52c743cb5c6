/** fast-check finds what is wrong, and says it in the fewest steps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import type { LifecycleOptions, TokenLifecycle } from '../../adapters/host/types';
import { scheduleArbitrary } from '../../adapters/testing/arbitraries';
import { assertInvariants } from '../../adapters/testing/simulate/assert-invariants';
import { type PlayOptions, runSchedule } from '../../adapters/testing/simulate/run-schedule';
import type { Schedule } from '../../adapters/testing/simulate/schedule';

/** Heartbeats cost most of the time, and make no difference here. */
const policy = { heartbeatMs: 60_000, focusedHeartbeatMs: 60_000 };
/** Minutes, on a machine that has other things to do. */
const timeout = 180_000;

/** What fast-check is left with, and what the invariants say of it. */
async function shortest(arbitrary: fc.Arbitrary<Schedule>, { numRuns, ...options }: PlayOptions & { numRuns: number }) {
  const property = fc.asyncProperty(arbitrary, async (schedule) => {
    const world = { policy, ...options.world };
    assertInvariants(await runSchedule(schedule, { ...options, world }));
  });
  const details = await fc.check(property, { seed: 7, numRuns });
  const schedule = details.counterexample?.[0];
  return { schedule, message: String((details.errorInstance as Error | null)?.message ?? '') };
}

/** Takes every failure for the end of the session, as clients have done. */
function signsOutOnFailure(options: LifecycleOptions): TokenLifecycle {
  const tokens = createTokenLifecycle(options);
  tokens.on('refresh.failed', ({ reason }) => {
    if (reason === 'transient') void tokens.signOut();
  });
  return tokens;
}

/** Remembers the last token for ever. */
function neverLetsGo(options: LifecycleOptions): TokenLifecycle {
  const tokens = createTokenLifecycle(options);
  let last: string | null = null;
  const getToken: TokenLifecycle['getToken'] = async (asked) => {
    const read = tokens.getToken(asked);
    if (last !== null) return last;
    last = await read;
    return last;
  };
  return new Proxy(tokens, {
    get: (target, name) => (name === 'getToken' ? getToken : Reflect.get(target, name)),
  });
}

describe('scheduleArbitrary()', () => {
  it('S1 to L4 hold for schedules that fast-check draws', { timeout }, async () => {
    const arbitrary = scheduleArbitrary({ maxTabs: 2, maxSteps: 8, setting: { ttlSeconds: 60 } });
    const { message } = await shortest(arbitrary, { numRuns: 8 });
    expect(message).toBe('');
  });

  it('S1 a client that signs out on a 5xx: one server error is all it takes', { timeout }, async () => {
    const arbitrary = scheduleArbitrary({
      faults: ['reads', 'visibility', 'server errors', 'new tabs'],
      maxSteps: 8,
      maxWaitMs: 10_000,
      restMs: 10_000,
      setting: { ttlSeconds: 10 },
    });
    const { schedule, message } = await shortest(arbitrary, {
      world: { createLifecycle: signsOutOnFailure },
      recover: false,
      numRuns: 40,
    });
    expect(message).toContain('S1: Signed out only by a user or by proof');
    expect(schedule?.steps.map((step) => step.do)).toEqual(['server']);
    expect(schedule?.setting).toMatchObject({ tabs: 1, credential: 'ambient', serverAheadMs: 0, readEveryMs: 0 });
  });

  it('S4 a client that never lets go of its token: a read when it has expired', { timeout }, async () => {
    const arbitrary = scheduleArbitrary({ faults: ['reads', 'sleep', 'visibility'], setting: { readEveryMs: 0 } });
    const { schedule, message } = await shortest(arbitrary, {
      world: { createLifecycle: neverLetsGo },
      recover: false,
      numRuns: 40,
    });
    expect(message).toContain('S4: No reader gets an expired token');
    // One read to have a token, time, and one read to get it again.
    expect(schedule?.steps.length).toBeLessThanOrEqual(3);
    expect(schedule?.steps.filter((step) => step.do === 'read')).toHaveLength(2);
  });

  it('S1 the same numbers give the same schedules', () => {
    const draw = () => fc.sample(scheduleArbitrary({ maxSteps: 5 }), { seed: 3, numRuns: 5 });
    expect(draw()).toEqual(draw());
  });

  it('S1 options that cannot work are refused', () => {
    expect(() => scheduleArbitrary({ maxTabs: 6 })).toThrow(
      'scheduleArbitrary.maxTabs must be a whole number from 1 to 5',
    );
    expect(() => scheduleArbitrary({ faults: ['storms' as 'sleep'] })).toThrow(
      'scheduleArbitrary.faults[0] must be one of',
    );
    expect(() => scheduleArbitrary({ steps: 3 } as object)).toThrow('scheduleArbitrary.steps is not an option');
  });
});
