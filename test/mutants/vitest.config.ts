import { defineConfig } from 'vitest/config';

/** For test/mutants/run.ts. A broken library may spin: threads end with the process that is stopped for it. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/mutants/catchers/*.catch.ts'],
    exclude: ['test/browser/**'],
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 20_000,
  },
});
