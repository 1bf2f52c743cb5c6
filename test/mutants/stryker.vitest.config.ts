import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The tests that concern machines/. `MUTATION_TESTS=a,b` (or an area, see areas.mjs) takes fewer: quicker, and more survive. */
const all = ['test/machines/*', 'test/lifecycle/*', 'test/tabs/*', 'test/server/*', 'test/mutants/*'].map(
  (path) => `${path}.test.ts`,
);

const include = process.env.MUTATION_TESTS?.split(',') ?? all;

/** In the order given: most mutants die by the first tests, and the run of that mutant ends there. */
class AsGiven extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => include.findIndex((path) => moduleId.endsWith(path));
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include,
    // Reads the sources as text, which Stryker has changed.
    exclude: ['test/mutants/mutants.test.ts'],
    testTimeout: 60_000,
    reporters: ['dot'],
    // One worker for all files of a mutant; the next mutant gets a new one.
    isolate: false,
    sequence: { sequencer: AsGiven },
  },
});
