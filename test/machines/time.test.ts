/** What may be said about the time between two looks at the clocks. */
import { describe, expect, it } from 'vitest';
import { type Instant, instantAt, isWithin } from '../../machines/time';

/** `wallMs` where somebody set the wall clock. */
const at = (monotonicMs: number, wallMs = monotonicMs): Instant => ({ wallMs, monotonicMs });

describe('R9.14 S1 what somebody else wrote down lies between two looks', () => {
  it('where it is after the one and before the other', () => {
    const [since, now] = [at(1_000), at(5_000)];
    expect([999, 1_000, 1_001, 4_999, 5_000, 5_001].map((wallMs) => isWithin(wallMs, since, now))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('also where the clock was set back since, or before it', () => {
    const [since, now] = [at(1_000), at(5_000, -95_000)];
    expect(isWithin(3_000, since, now)).toBe(true);
    expect(isWithin(-96_000, since, now)).toBe(true);
    expect(isWithin(500, since, now)).toBe(false);
    expect(isWithin(-99_500, since, now)).toBe(false);
  });

  it('not where no time has passed: it only seems to lie ahead', () => {
    expect(isWithin(60_000, at(1_000), at(1_000))).toBe(false);
  });
});

it('R9.14 what somebody else wrote down is an instant of this page, as long ago on both clocks', () => {
  const now = at(5_000, 900_000);
  expect(instantAt(899_000, now)).toEqual({ wallMs: 899_000, monotonicMs: 4_000 });
  expect(instantAt(902_000, now)).toEqual({ wallMs: 902_000, monotonicMs: 7_000 });
});
