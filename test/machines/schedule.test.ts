/** The arithmetic of tries: exact to the millisecond. */
import { describe, expect, it } from 'vitest';
import type { TokenFacts } from '../../machines/held-token';
import { defaultPolicy } from '../../machines/policy';
import {
  backgroundRetryMs,
  backoffMs,
  isPaused,
  jittered,
  type Pause,
  pauseLeftMs,
  recentTries,
  spreadMs,
  windowLeftMs,
} from '../../machines/schedule';
import { localClock } from '../../machines/server-time';
import { clampTimer, elapsedMs, type Instant } from '../../machines/time';

const at = (ms: number, wallMs = ms): Instant => ({ monotonicMs: ms, wallMs });
const token = (expiresAt: number, issuedAt = 0): TokenFacts => ({
  generation: 1,
  fingerprint: 'f',
  issuedAt,
  expiresAt,
  originIssuedAt: null,
  from: 'mint',
});

describe('backoff', () => {
  it('R5.19 the distances are 3 s · 1.55ⁿ, and 50 s at most', () => {
    const distances = Array.from({ length: 10 }, (_, tries) => backoffMs(defaultPolicy, tries));
    expect(distances).toEqual([3_000, 4_650, 7_207, 11_171, 17_316, 26_839, 41_601, 50_000, 50_000, 50_000]);
  });

  it('R5.19 a count below 0 is 0, a very large one is still 50 s', () => {
    expect(backoffMs(defaultPolicy, -1)).toBe(3_000);
    expect(backoffMs(defaultPolicy, 100_000)).toBe(50_000);
  });

  it('R5.21 jitter shortens by up to its share, and 0 shortens nothing', () => {
    expect(jittered(10_000, { ...defaultPolicy, jitter: 0 }, 1)).toBe(10_000);
    expect(jittered(10_000, { ...defaultPolicy, jitter: 0.3 }, 0)).toBe(10_000);
    expect(jittered(10_000, { ...defaultPolicy, jitter: 0.3 }, 0.5)).toBe(8_500);
    expect(jittered(10_000, { ...defaultPolicy, jitter: 0.3 }, 1)).toBe(7_000);
    expect(jittered(10_000, { ...defaultPolicy, jitter: 1 }, 1)).toBe(0);
  });

  it('T20 who returns waits half a second at most', () => {
    expect(spreadMs({ ...defaultPolicy, jitter: 0 }, 1)).toBe(0);
    expect(spreadMs({ ...defaultPolicy, jitter: 1 }, 1)).toBe(500);
    expect(spreadMs({ ...defaultPolicy, jitter: 0.3 }, 0.5)).toBe(75);
  });
});

describe('tries in the background', () => {
  const moment = (now: number) => ({ policy: defaultPolicy, clock: localClock, now: at(now) });

  it('R5.23 half of what is left before the cutoff, if the backoff is longer', () => {
    // 60 − 45 − 5 = 10 s are left.
    expect(backgroundRetryMs(token(60_000), moment(45_000), 50_000)).toBe(5_000);
    expect(backgroundRetryMs(token(60_000), moment(45_001), 50_000)).toBe(4_999);
  });

  it('R5.23 the backoff, if that is shorter', () => {
    expect(backgroundRetryMs(token(60_000), moment(43_100), 3_000)).toBe(3_000);
  });

  it('R5.23 never below the floor', () => {
    expect(backgroundRetryMs(token(60_000), moment(53_500), 50_000)).toBe(1_000);
    expect(backgroundRetryMs(token(60_000), moment(70_000), 50_000)).toBe(1_000);
  });

  it('R5.23 the cutoff of a short token is half its life', () => {
    // 6 s old of 8 s, cutoff 4 s: nothing left. 2 s old: 2 s left.
    expect(backgroundRetryMs(token(8_000), moment(1_000), 50_000)).toBe(1_500);
  });
});

describe('the window of failed tries', () => {
  it('S9 six failed tries wait for nothing, seven for the oldest to be 60 s old', () => {
    const starts = [0, 1_000, 2_000, 3_000, 4_000, 5_000].map((ms) => at(ms));
    expect(windowLeftMs(starts, at(6_000))).toBe(0);
    expect(windowLeftMs([...starts, at(6_000)], at(7_000))).toBe(53_000);
    expect(windowLeftMs([...starts, at(6_000)], at(59_999))).toBe(1);
    expect(windowLeftMs([...starts, at(6_000)], at(60_000))).toBe(0);
  });

  it('S9 with more than seven the latest seven count', () => {
    const starts = Array.from({ length: 9 }, (_, index) => at(index * 1_000));
    expect(windowLeftMs(starts, at(10_000))).toBe(52_000);
    expect(recentTries(starts, at(10_000))).toHaveLength(7);
  });

  it('S9 older tries are forgotten', () => {
    expect(recentTries([at(0), at(1)], at(60_000))).toEqual([at(1)]);
  });
});

describe('pauses', () => {
  const pause: Pause = { since: at(1_000), ms: 5_000, kind: 'backoff' };

  it('R5.26 a pause runs on the larger of both clocks', () => {
    expect(pauseLeftMs(pause, at(3_000))).toBe(3_000);
    // Set back by an hour: the monotonic clock goes on.
    expect(pauseLeftMs(pause, at(3_000, -3_600_000))).toBe(3_000);
    // Asleep: the wall clock went on.
    expect(pauseLeftMs(pause, at(1_000, 5_500))).toBe(500);
    expect(isPaused(pause, at(5_999))).toBe(true);
    expect(isPaused(pause, at(6_000))).toBe(false);
    expect(pauseLeftMs(null, at(0))).toBe(0);
  });

  it('R9.14 elapsed time is never negative', () => {
    expect(elapsedMs(at(1_000), at(1_000, 0))).toBe(0);
  });

  it('R9.16 timers are whole, not negative, and 2³¹−1 ms at most', () => {
    expect([0.2, -1, 2 ** 31, Number.POSITIVE_INFINITY, Number.NaN].map(clampTimer)).toEqual([
      1,
      0,
      2 ** 31 - 1,
      2 ** 31 - 1,
      2 ** 31 - 1,
    ]);
  });
});
