import { defineConfig } from 'vitest/config';

/** The tests that concern machines/. `MUTATION_TESTS=a,b` takes fewer of them: quicker, and more mutants survive. */
const all = ['test/machines/*', 'test/lifecycle/*', 'test/tabs/*', 'test/mutants/*'].map((path) => `${path}.test.ts`);

export default defineConfig({
  test: {
    include: process.env.MUTATION_TESTS?.split(',') ?? all,
    // Reads the sources as text, which Stryker has changed.
    exclude: ['test/mutants/mutants.test.ts'],
    testTimeout: 60_000,
    reporters: ['dot'],
  },
});
