/** A broken version of the library, and who is expected to notice. */
import type { SceneName } from '../../adapters/testing/explore/lifecycle/exploration';

/** A world's schedule that `simulate` found and shrank: test/mutants/schedules/<id>.json. */
export type BySimulate = { readonly by: 'simulate' };

/** The search of what one tab can come to, in one of its scenes. */
export type ByExplore = { readonly by: 'explore'; readonly scene: SceneName };

/** A test of the suite: its file, and how its title begins. */
export type ByTest = { readonly by: 'test'; readonly file: string; readonly title: string };

export type Catcher = BySimulate | ByExplore | ByTest;

/** `from` occurs exactly once in the file; `to` takes its place. */
export type Change = { readonly file: string; readonly from: string; readonly to: string };

export type Mutant = Change & {
  readonly id: string;
  /** What is broken, as its users would feel it. */
  readonly title: string;
  /** The first one that catches it counts. */
  readonly caughtBy: readonly Catcher[];
};

/**
 * The text of a file with one change made.
 *
 * @throws Error where the place is not there, or not the only one: the list has to follow the code
 */
export function applyChange(text: string, { file, from, to }: Change): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file}: found ${text.split(from).length - 1} times, not once: ${from}`);
  return `${before}${to}${after}`;
}
