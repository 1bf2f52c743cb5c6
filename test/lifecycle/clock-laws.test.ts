/** The estimate of server time by itself: evidence in, an estimate out. */
import { describe, expect, it } from 'vitest';
import {
  adoptOffset,
  contradictsProof,
  followWall,
  isAsBefore,
  learnFromMint,
  localClock,
  type MintSample,
  type ServerClock,
  serverNowMs,
  sharedClock,
} from '../../machines/server-time';
import type { Instant } from '../../machines/time';

const base = Date.UTC(2026, 0, 1);

/** Both clocks at `seconds`, the wall off by `wallOffMs`. */
const at = (seconds: number, wallOffMs = 0): Instant => ({
  wallMs: base + seconds * 1_000 + wallOffMs,
  monotonicMs: seconds * 1_000,
});

/** Sent 100 ms before it arrived at `seconds`; `iat` and `date` in seconds. */
const sample = (seconds: number, given: { iat?: number; date?: number; wallOffMs?: number }): MintSample => ({
  issuedAt: given.iat === undefined ? null : base + given.iat * 1_000,
  serverDate: given.date === undefined ? null : base + given.date * 1_000,
  sentAt: at(seconds - 0.1, given.wallOffMs),
  receivedAt: at(seconds, given.wallOffMs),
});

const learn = (samples: readonly MintSample[], from: ServerClock = localClock): ServerClock =>
  samples.reduce(learnFromMint, from);

/** Estimate minus true time, where the true time is the wall without its error. */
const errorMs = (clock: ServerClock, now: Instant, trueSeconds: number): number =>
  serverNowMs(clock, now) - (base + trueSeconds * 1_000);

describe('a proof', () => {
  it('R9.3 holds against a wall clock that loses a little at a time, too little to be noticed as set back', () => {
    const learned = learn([sample(0.5, { iat: 0 })]);
    let clock = learned;
    for (let beat = 1; beat <= 40; beat += 1) {
      clock = followWall(clock, at(1.5 * (beat - 1), -900 * (beat - 1)), at(1.5 * beat, -900 * beat));
    }
    // 60 s later the wall has lost 36 s; the server's clock has not.
    expect(errorMs(clock, at(60, -36_000), 60)).toBeGreaterThanOrEqual(-1_000);
    expect(errorMs(clock, at(60, -36_000), 60)).toBeLessThanOrEqual(0);
  });

  it('R9.3 is not weakened by a later answer that was issued a moment earlier', () => {
    const strong = learn([sample(10.5, { iat: 10 })]);
    const both = learnFromMint(strong, sample(10.9, { iat: 9 }));
    expect(both.proof).toEqual(strong.proof);
    // And it is renewed by one that proves more.
    const later = learnFromMint(both, sample(50.2, { iat: 50 }));
    expect(later.proof).toMatchObject({ serverMs: base + 50_000, at: at(50.2), trusted: true });
  });

  it('R9.3 runs on with the monotonic clock only, so that sleep makes it weaker and never wrong', () => {
    const learned = learn([sample(0.5, { iat: 0 })]);
    const slept = { wallMs: base + 100_000, monotonicMs: 5_000 };
    expect(serverNowMs(learned, slept)).toBe(base + 100_000);
    const backwards = { wallMs: base - 50_000, monotonicMs: 5_000 };
    expect(serverNowMs(learned, backwards)).toBe(base + 4_500);
  });

  it('R9.10 contradicts an `iat` that lies below it by more than seconds are coarse', () => {
    const learned = learn([sample(100.5, { iat: 100 })]);
    expect(contradictsProof(learned, sample(200, { iat: 198 }))).toBe(false);
    expect(contradictsProof(learned, sample(200, { iat: 197 }))).toBe(true);
    expect(contradictsProof(localClock, sample(200, { iat: 0 }))).toBe(false);
  });
});

describe('two in step', () => {
  it('R9.5 two equally old answers show a clock that is ahead', () => {
    const clock = learn([sample(300, { iat: 0 }), sample(301, { iat: 1 })]);
    // True time is 300 s less; the end of the second is taken.
    expect(errorMs(clock, at(301), 1)).toBe(1_000);
  });

  it.each([
    ['the same `iat` again', 0],
    ['an earlier `iat`', -5],
    ['an `iat` that has moved on too far', 4],
    ['an `iat` that has moved on by a minute', 60],
  ])('R9.5 R9.10 %s shows nothing', (_, iat) => {
    const clock = learn([sample(300, { iat: 0 }), sample(301, { iat })]);
    expect(clock.offsetMs).toBe(0);
  });

  it('R9.5 a second of rounding and the round trips are allowed for', () => {
    const ahead = learn([sample(300, { iat: 0 }), sample(343.9, { iat: 43 })]);
    expect(ahead.offsetMs).toBe(43_000 + 1_000 - 343_900);
    const tooFar = learn([sample(300, { iat: 0 }), sample(343.9, { iat: 42 })]);
    expect(tooFar.offsetMs).toBe(0);
  });

  it('R9.7 a single `iat` in the future moves the estimate but is not trusted; two in step undo it', () => {
    const right = learn([sample(0.5, { iat: 0 })]);
    const lied = learnFromMint(right, sample(43, { iat: 3_643 }));
    expect(lied.proof?.trusted).toBe(false);
    const one = learnFromMint(lied, sample(86, { iat: 85 }));
    const two = learnFromMint(one, sample(87, { iat: 86 }));
    expect(Math.abs(two.offsetMs)).toBeLessThanOrEqual(1_000);
    expect(two.proof).toMatchObject({ serverMs: base + 86_000, trusted: true });
  });
});

describe('two in step, of before what is proven', () => {
  /** The server was half a minute ahead for two answers: a proof. Then the wall jumps ahead by ten hours. */
  const wallOffMs = 36_000_000;
  const proven = learn([sample(1, { iat: 31 }), sample(2, { iat: 32 })]);

  it('R9.7 L2 they bring a clock that is ahead back to what is proven, and no further', () => {
    const odd = learnFromMint(proven, sample(100, { iat: 90, wallOffMs }));
    expect(errorMs(odd, at(100, wallOffMs), 100)).toBeGreaterThan(36_000_000);
    const two = learnFromMint(odd, sample(150, { iat: 140, wallOffMs }));
    expect(errorMs(two, at(150, wallOffMs), 150)).toBe(31_000);
    expect(two.proof).toBe(proven.proof);
  });

  it.each([
    ['the wall jumped ahead', at(100, wallOffMs), at(150, wallOffMs)],
    ['the wall was not set', at(100), at(150)],
    ['the monotonic clock stood still', { ...at(100), monotonicMs: 3_000 }, { ...at(150), monotonicMs: 53_000 }],
  ])('R9.7 L2 where they are of just now by what was believed before, that is believed again; %s', (_, one, other) => {
    const mint = (iat: number, receivedAt: Instant) => ({ ...sample(0, { iat }), sentAt: receivedAt, receivedAt });
    const first = learnFromMint(proven, mint(100, one));
    expect(first.proof).toBe(proven.proof);
    const second = learnFromMint(first, mint(150, other));
    expect(errorMs(second, other, 150)).toBe(1_000);
  });

  it('R9.7 R9.10 what was believed before is no younger than seconds are coarse, and no older', () => {
    for (const [iat, isNew] of [
      [96.5, false],
      [97.5, false],
      [98, true],
      [101, true],
      [102.5, false],
    ] as const)
      expect([iat, isAsBefore(proven, sample(100, { iat }))]).toEqual([iat, isNew]);
    expect(isAsBefore(localClock, sample(100, { iat: 100 }))).toBe(false);
  });

  it('R9.7 L2 the same where the wall had jumped ahead before the server did, so that it never seemed to be', () => {
    const right = learn([sample(0.5, { iat: 0 })]);
    const wrong = learn([sample(50, { iat: 80, wallOffMs }), sample(51, { iat: 81, wallOffMs })], right);
    expect(errorMs(wrong, at(51, wallOffMs), 51)).toBe(31_000);
    const again = learn([sample(100, { iat: 100, wallOffMs }), sample(150, { iat: 150, wallOffMs })], wrong);
    expect(errorMs(again, at(150, wallOffMs), 150)).toBe(1_000);
  });

  it('R9.10 S4 a clock that is where it was proven to be stays there', () => {
    const edge = learn([sample(100, { iat: 50 }), sample(150, { iat: 100 })], learn([sample(0.5, { iat: 0 })]));
    expect(edge.offsetMs).toBe(0);
  });
});

describe('what another tab learned', () => {
  const theirs = sharedClock(-3_600_000);

  it('R9.12 is adopted by a tab that learned nothing', () => {
    expect(adoptOffset(localClock, theirs, at(0))).toEqual(theirs);
    const taught = learn([sample(300, { iat: 0 }), sample(301, { iat: 1 })]);
    expect(adoptOffset(taught, theirs, at(302))).toBe(taught);
  });

  it('R9.12 that has nothing to say changes nothing', () => {
    const learned = learn([sample(0.5, { iat: 0 })]);
    expect(adoptOffset(learned, sharedClock(undefined), at(1))).toBe(learned);
  });

  it('R9.3 S4 does not turn the server’s clock back before what was proven here', () => {
    const adopted = adoptOffset(learn([sample(100.5, { iat: 100 })]), theirs, at(130.5));
    expect(adopted.offsetMs).toBe(-500);
    expect(errorMs(adopted, at(160.5), 160)).toBe(0);
    // Asleep for 100 s of that: the monotonic clock stood still.
    expect(errorMs(adopted, { ...at(260.5), monotonicMs: 160_500 }, 260)).toBe(0);
  });

  it('R9.3 S4 is put right by the first mint that proves it wrong, so that a sleep after that counts', () => {
    const asleep = adoptOffset(learn([sample(0.5, { iat: 0 })]), theirs, at(1));
    const behind = { ...asleep, offsetMs: theirs.offsetMs };
    const learned = learnFromMint(behind, sample(60.5, { iat: 60 }));
    expect(errorMs(learned, { ...at(260.5), monotonicMs: 60_500 }, 260.5)).toBe(500);
    expect(learned.evidence).toBe('proof');
  });
});

describe('a `Date`', () => {
  it('R9.2 R9.6 is believed at once, to the end of its second, and leaves a right clock alone', () => {
    expect(learn([sample(300, { date: 0 })]).offsetMs).toBe(-299_000);
    expect(learn([sample(0.5, { date: 300 })]).offsetMs).toBe(300_500);
    for (const seconds of [10, 10.4, 10.999, 11.05]) expect(learn([sample(seconds, { date: 10 })]).offsetMs).toBe(0);
  });

  it('R9.2 R9.7 one that turns the clock back by an hour is odd; the next in step with it is believed', () => {
    const right = learn([sample(0.5, { date: 0 })]);
    const odd = learnFromMint(right, sample(43.5, { date: 43 - 3_600 }));
    expect(odd.offsetMs).toBe(0);
    const believed = learnFromMint(odd, sample(86.5, { date: 86 - 3_600 }));
    expect(believed.offsetMs).toBe(-3_600_000 + 500);
  });

  it('R9.2 an odd one followed by a good one leaves no trace', () => {
    const clock = learn([
      sample(0.5, { date: 0 }),
      sample(43.5, { date: 43 - 3_600 }),
      sample(86.5, { date: 86 }),
      sample(129.5, { date: 129 - 3_600 }),
    ]);
    expect(clock.offsetMs).toBe(0);
  });

  it('R9.2 one that is far behind the `iat` beside it, which fits what is known, is odd', () => {
    const right = learn([sample(0.5, { iat: 0 })]);
    expect(learnFromMint(right, sample(43.5, { iat: 43, date: 43 - 3_600 })).offsetMs).toBe(0);
  });
});

describe('a wall clock that is set', () => {
  it('R9.14 back: the estimate goes on', () => {
    const clock = followWall(localClock, at(10), at(12, -3_600_000));
    expect(errorMs(clock, at(12, -3_600_000), 12)).toBe(0);
  });

  it('R9.14 forward: believed, since the computer may have slept', () => {
    expect(followWall(localClock, at(10), at(12, 3_600_000))).toBe(localClock);
  });

  it('R9.14 by no more than clocks are adjusted by anyway: nothing happens', () => {
    expect(followWall(localClock, at(10), at(12, -1_000))).toBe(localClock);
    expect(followWall(localClock, at(10), at(12, -1_001)).offsetMs).toBe(1_001);
  });
});

describe('what the browser knew before', () => {
  it.each([
    [0, 0],
    [65_000, 65_000],
    [-86_400_000, -86_400_000],
    [86_400_001, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [undefined, 0],
  ])('R9.11 an offset of %s counts as %i', (stored, expected) => {
    expect(sharedClock(stored).offsetMs).toBe(expected);
  });

  it('R9.11 gives way to the first answer', () => {
    expect(learn([sample(0.5, { iat: 300 })], sharedClock(65_000)).offsetMs).toBe(300_500);
  });
});
