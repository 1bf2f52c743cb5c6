/** Searches what one tab can come to, breadth first, for a broken law: env MUTANT names the scenes. */
import { expect, it } from 'vitest';
import { explore } from '../../../adapters/testing/explore/explore';
import { lifecycleExploration, type SceneName } from '../../../adapters/testing/explore/lifecycle/exploration';
import { tokenMachine } from '../../../machines/token/machine';

/** Far fewer than there are: what breaks a law of safety breaks it soon. Laws of progress need all of them. */
const limit = 4_000;
const scenes = (process.env.MUTANT ?? '').split(',') as SceneName[];

it.for(scenes)('no state of one tab breaks a law: %s', { timeout: 120_000 }, (scene, { task }) => {
  const options = lifecycleExploration({ scene, limit });
  const invariants = options.invariants.filter(({ id }) => !/^L/.test(id));
  const { violation, states } = explore(tokenMachine, { ...options, invariants });
  const moves = violation ? violation.file.moves.length - 1 : 0;
  Object.assign(task.meta, { law: violation?.law ?? null, moves, states });
  expect(violation ? String(violation) : '').toBe('');
});
