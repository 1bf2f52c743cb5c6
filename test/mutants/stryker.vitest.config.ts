import { defineConfig } from 'vitest/config';

/** The tests that concern machines/. `MUTATION_TESTS=a,b` takes fewer of them: quicker, and more mutants survive. */
const all = ['test/machines/**', 'test/lifecycle/**', 'test/tabs/**', 'test/testing/explore/**'];

export default defineConfig({
  test: {
    include: (process.env.MUTATION_TESTS?.split(',') ?? all).map((path) =>
      path.endsWith('.ts') ? path : `${path}/*.test.ts`.replace('**/*', '**/*'),
    ),
    testTimeout: 60_000,
    reporters: ['dot'],
  },
});
