/**
 * Time in whole steps, and policies that are made of them.
 *
 * A machine whose clock can say anything has no end of states. So the world moves in steps (of a minute, say), and the
 * policy's durations are small multiples of a step, in the order that the defaults have. Whatever happens outside happens
 * at a whole step; the machine's own timers go off when they are due. Where instants are compared by differences with
 * whole numbers, bounds included, what can be reached at any time at all can be reached at whole steps (Henzinger, Manna,
 * Pnueli: What good are digital clocks?, 1992). What that leaves out: the five seconds within which a late timer is not
 * late yet, the second that `iat` is cut to, and jitter (off here). Tests with exact instants look at those.
 */
import { defaultPolicy, type RefreshPolicy } from '../../../../machines/policy';

/** What one exploration takes for the length of things. */
export type Scale = {
  readonly stepMs: number;
  /** How long tokens live. */
  readonly lifetimeMs: number;
  /** How long the source asks to be left alone. */
  readonly retryAfterMs: number;
  readonly policy: RefreshPolicy;
};

const policyOf = (stepMs: number, change: Partial<RefreshPolicy>): RefreshPolicy =>
  Object.freeze({
    ...defaultPolicy,
    leewayMs: stepMs,
    leadMarginMs: stepMs,
    cutoffMs: stepMs,
    requestTimeoutMs: 2 * stepMs,
    retryInitialMs: 2 * stepMs,
    retryFactor: 1,
    retryMaxMs: 2 * stepMs,
    retries: 0,
    offlineRetries: 1,
    jitter: 0,
    mintFloorMs: 2 * stepMs,
    outageProbeEvery: 2,
    retryAfterMaxMs: 3 * stepMs,
    hiddenForMs: stepMs,
    ...change,
  });

function scaleOf(stepMs: number, change: Partial<RefreshPolicy> = {}): Scale {
  return { stepMs, lifetimeMs: 4 * stepMs, retryAfterMs: 3 * stepMs, policy: policyOf(stepMs, change) };
}

/**
 * A step is a minute: S9's window is no longer than one, and every lateness is late. All waits last two steps and do not
 * grow, and every budget is as small as it can be: it takes few steps to see what follows from what.
 */
export const smallest: Scale = scaleOf(60_000);

/** Waits that grow, and budgets that last: more steps until something new happens. */
export const growing: Scale = scaleOf(60_000, {
  retryMaxMs: 4 * 60_000,
  retryFactor: 2,
  retries: 2,
  offlineRetries: 2,
});

/** A step is 8 s: eight tries would fit into S9's minute, if it were not for its window. */
export const fast: Scale = scaleOf(8_000, { mintFloorMs: 8_000, retryInitialMs: 8_000, retryMaxMs: 8_000 });
