import type { TourStage } from './stage';

export type TourStep = {
  /** What is done, and what to look at. */
  readonly text: string;
  /** Does it, on the real page and server, and looks. Resolves with what was seen; rejects with `Unexpected` for anything else. */
  run(stage: TourStage): Promise<string>;
};

export type Chapter = {
  /** Of the change in clerk/javascript that brought the behaviour. */
  readonly pull: number;
  readonly title: string;
  /** What used to go wrong. */
  readonly before: string;
  /** Why it cannot go wrong here, with the ids of docs/lifecycle.md. */
  readonly why: string;
  readonly steps: readonly TourStep[];
};

/** What was seen is not what should have been. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** @throws Unexpected saying what was seen instead */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Unexpected(otherwise);
}
