import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Luck that can be had again: one seed, one sequence, on any machine. Whole numbers only, since `Math.log` may differ. */
export type Random = {
  /** A whole number; both ends are included. */
  int(min: number, max: number): number;
  /** From 0 to below 1, in steps of 2⁻³⁰. */
  unit(): number;
  /** True in `share` of all cases, 0 to 1. */
  chance(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** The same, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T;
  /** A whole number whose order of magnitude is what is drawn: delays of ms are as frequent as those of hours. */
  scale(min: number, max: number): number;
  /** A sequence of its own. What is drawn from it shifts nothing here. */
  fork(): Random;
};

const unitSteps = 2 ** 30;

/** Everything else that is drawn comes from whole numbers; the smallest of them gives the first, the least, the unlikely `false`. */
function over(int: Random['int'], fork: () => Random): Random {
  const unit = (): number => int(0, unitSteps - 1) / unitSteps;
  return {
    int,
    unit,
    chance: (share) => unit() >= 1 - share,
    pick: (choices) => choices[int(0, choices.length - 1)] ?? choices[0],
    weighted: (choices) => {
      let left = unit() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, choice] of choices) {
        left -= weight;
        if (left < 0) return choice;
      }
      const last = choices.at(-1);
      if (!last) throw new RangeError('weighted() needs a choice.');
      return last[1];
    },
    scale: (min, max) => {
      const first = Math.max(1, min);
      let doublings = 0;
      while (first * 2 ** (doublings + 1) <= max) doublings += 1;
      const doubled = int(0, doublings);
      return int(doubled === 0 ? min : first * 2 ** doubled, Math.min(max, first * 2 ** (doubled + 1)));
    },
    fork,
  };
}

function fromGenerator(generator: RandomGenerator): Random {
  const int = (min: number, max: number): number => uniformInt(generator, min, Math.max(min, max));
  return over(int, () => fromGenerator(xoroshiro128plus(int(-0x80000000, 0x7fffffff))));
}

/**
 * A seeded generator (xoroshiro128+).
 *
 * @param seed any whole number of 32 bits
 * @example createRandom(1).pick(['a', 'b']);
 */
export const createRandom = (seed: number): Random => fromGenerator(xoroshiro128plus(seed | 0));

/** What `randomFromChoices` takes: whole numbers from 0 to below this. */
export const choiceSteps = 1_024;

/**
 * Luck that somebody else has drawn: numbers below `choiceSteps`, used up in order, then zeros for ever. Smaller numbers make for
 * simpler draws, so that whoever shrinks the numbers shrinks what is drawn from them.
 */
export function randomFromChoices(choices: readonly number[]): Random {
  let used = 0;
  const int = (min: number, max: number): number => {
    const choice = choices[used] ?? 0;
    used += 1;
    return min + Math.floor((choice / choiceSteps) * (Math.max(min, max) - min + 1));
  };
  const random: Random = over(int, () => random);
  return random;
}
