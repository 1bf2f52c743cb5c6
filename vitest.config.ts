import { defineConfig } from 'vitest/config';

/** For machines: .ci/run counts from it. */
const report = process.env.TEST_REPORT ?? 'node_modules/.cache/vitest/report.json';

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'] },
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'chromium',
          include: ['test/browser/**/*.test.ts'],
          // Real timers, throttling and focus: one page at a time, and nothing else beside it.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
