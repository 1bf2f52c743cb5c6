/** Each invariant is shown traces that keep it and traces that break it. */
import { expect, it } from 'vitest';
import { checkTrace } from '../../../adapters/testing/invariants';
import type { CheckOptions, InvariantId, WorldInvariant } from '../../../adapters/testing/invariants/types';
import { type HandMade, handMade } from './hand-made';

type World = Parameters<typeof handMade>[0];
type Options = { readonly world?: World; readonly options?: CheckOptions };

export function bothWays(invariant: WorldInvariant) {
  const { id } = invariant;
  return {
    /** Neither this invariant nor, unless told otherwise, any other says anything. */
    keeps: (title: string, live: (world: HandMade) => void, { world, options }: Options = {}): void => {
      it(`${id} holds where ${title}`, () => {
        const made = handMade(world);
        live(made);
        expect(checkTrace(made.trace, options)).toEqual([]);
      });
    },
    /** `live` returns nothing; `says` is what a reader of the message has to find in it. */
    breaks: (title: string, says: RegExp, live: (world: HandMade) => void, { world, options }: Options = {}): void => {
      it(`${id} is broken where ${title}`, () => {
        const made = handMade(world);
        live(made);
        const violation = invariant.check(made.trace, options);
        expect(violation?.message).toMatch(says);
        expect(violation).toMatchObject({ invariant: id, title: invariant.title });
        const shown = violation?.entries ?? [];
        expect(shown.length).toBeGreaterThan(0);
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
        expect(violation?.at).toBe(made.trace[shown.at(-1) ?? -1]?.at);
      });
    },
  };
}

export const only = (found: readonly { readonly invariant: InvariantId }[]): readonly InvariantId[] =>
  found.map(({ invariant }) => invariant);
