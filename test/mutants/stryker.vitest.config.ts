import { defineConfig } from 'vitest/config';

/** The tests that concern machines/. `MUTATION_TESTS=a,b` (or an area, see areas.mjs) takes fewer: quicker, and more survive. */
const all = ['test/machines/*', 'test/lifecycle/*', 'test/tabs/*', 'test/server/*', 'test/mutants/*'].map(
  (path) => `${path}.test.ts`,
);

export default defineConfig({
  test: {
    include: process.env.MUTATION_TESTS === undefined ? all : ['test/mutants/together.ts'],
    // Reads the sources as text, which Stryker has changed.
    exclude: ['test/mutants/mutants.test.ts'],
    testTimeout: 60_000,
    reporters: ['dot'],
  },
});
