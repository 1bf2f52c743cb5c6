/**
 * The tests that `MUTATION_TESTS` names, as one file: a mutant costs one start of a worker then, and not one per file. In the order
 * given: most mutants die by the first tests, and the run of that mutant ends there.
 */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

for (const path of process.env.MUTATION_TESTS?.split(',') ?? []) {
  const failed = await import(resolve(path)).then(
    () => null,
    (error: unknown) => error,
  );
  // A chart that cannot even be made would leave a file without tests, and nothing that fails.
  it(`${path} can be loaded`, () => expect(failed).toBeNull());
}
